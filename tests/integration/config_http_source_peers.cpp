// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Documents from peers of every kind through libcurl: what is no good document never takes the place of a good one.
#include <catch.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/config/flag_document.hpp>
#include <ovrseer/config/http_source.hpp>
#include <ovrseer/config/json.hpp>
#include <ovrseer/config/polled_document.hpp>
#include <ovrseer/net/curl.hpp>

#include "http_peer.hpp"
#include "http_serving.hpp"
#include "leaks.hpp"
#include "run.hpp"

namespace t_config_http_source_peers {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

const std::string good = R"({"version": 1, "flags": [{"name": "a", "pattern": "b"}]})";

std::string answer(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct follower {
  asio::io_context context;
  polled_document<std::vector<shared_flag>> versions;

  result<std::vector<shared_flag>, std::string> read(const std::string& text) {
    const auto document = read_json(source_text("flags.json", text));
    if (!document) return failure(to_text(document.reason()));
    auto flags = read_flags(*document);
    if (!flags) return failure(to_text(flags.reason()));
    return *std::move(flags);
  }
  poll_news note(attempted<std::optional<fetched_document>> said) {
    if (!said) return versions.fail(said.reason().what(), retry_later::asked_by(said.reason().exception()));
    return versions.take(*std::move(said), [this](const std::string& text) { return read(text); });
  }
  /// What is asked of a peer that says these bytes; yields what it was asked.
  poll_news ask(const std::string& bytes, peer_ending how = peer_ending::close, std::string* seen = nullptr) {
    raw_peer peer(context.get_executor());
    std::exception_ptr lost;
    asio::co_spawn(context, peer.answer_once(bytes, how), [&](const std::exception_ptr& why) { lost = why; });
    http_document what(peer.at("/flags"));
    what.largest(byte_size(4096));
    http_source source(what, curl_client(context.get_executor()));
    auto said = run(context, attempt(with_deadline(source.fetch(versions.tag()), 300ms)));
    if (seen != nullptr) *seen = peer.seen();
    return note(std::move(said));
  }
};

TEST_CASE("only a good document takes the place of a good one") {
  const no_leaks nothing_left;
  follower f;
  std::string seen;
  CHECK(f.ask(answer("200 OK", "ETag: \"1\"\r\n", good), peer_ending::close, &seen) == poll_news::swapped);
  CHECK(seen.find("If-None-Match") == std::string::npos);
  CHECK(f.ask("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n", peer_ending::close, &seen) == poll_news::none);
  CHECK(seen.find("If-None-Match: \"1\"\r\n") != std::string::npos);
  CHECK(f.ask(answer("500 Internal Server Error", "", good)) == poll_news::unreachable);
  CHECK(f.ask(answer("404 Not Found", "", good)) == poll_news::unreachable);
  CHECK(f.ask(answer("302 Found", "Location: http://127.0.0.1:1/\r\n", good)) == poll_news::unreachable);
  CHECK(f.ask(answer("503 Service Unavailable", "Retry-After: 120\r\n", "")) == poll_news::unreachable);
  CHECK(f.versions.next_delay(0) == 120s);
  CHECK(f.ask("no HTTP at all\r\n\r\n") == poll_news::unreachable);
  CHECK(f.ask("", peer_ending::reset) == poll_news::unreachable);
  CHECK(f.ask("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + good) == poll_news::unreachable);  // cut
  CHECK(f.ask("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + good, peer_ending::hold) == poll_news::unreachable);
  CHECK(f.versions.last_failure().find("timed out") != std::string::npos);
  CHECK(f.ask(answer("200 OK", "", std::string(4097, ' '))) == poll_news::unreachable);
  CHECK(f.versions.last_failure().find("too large") != std::string::npos);
  CHECK(f.versions.tag() == "\"1\"");
  CHECK(f.versions.counts() == poll_counts{1, 1, 0, 9});
  CHECK(f.ask(answer("200 OK", "ETag: \"2\"\r\n", "<html>")) == poll_news::refused);
  CHECK(f.ask(answer("200 OK", "", "")) == poll_news::refused);
  CHECK(f.ask(answer("200 OK", "", std::string("\0\xff", 2))) == poll_news::refused);
  CHECK(f.versions.good()->size() == 1);
  CHECK(f.ask(answer("200 OK", "ETag: \"3\"\r\n", R"({"version": 1, "flags": []})")) == poll_news::swapped);
  CHECK(f.versions.good()->empty());
}

TEST_CASE("a question is abandoned wherever it is") {
  const no_leaks nothing_left;
  // Before the connection is taken, after the head, within the body.
  for (const char* bytes : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}) {
    for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
      asio::io_context context;
      raw_peer peer(context.get_executor());
      std::exception_ptr lost;
      const auto done = [&](const std::exception_ptr& why) { lost = why; };
      asio::co_spawn(context, peer.answer_once(bytes, peer_ending::hold), done);
      http_source source(http_document(peer.at()), curl_client(context.get_executor()));
      const auto story = [&]() -> task<void> {
        nursery asking(context.get_executor());
        outcome<std::optional<fetched_document>> kept;
        asking.start(keep_outcome(source.fetch({}), kept));
        while (peer.seen().find("\r\n\r\n") == std::string::npos) co_await sleep_for(1ms);
        asking.cancel(type);
        co_await asking.join();
        CHECK(kept.failure);
        CHECK_FALSE(kept.value);
      };
      run(context, story);
    }
  }
}

TEST_CASE("a server that knows its tags sends a document once") {
  const no_leaks nothing_left;
  follower f;
  int sent = 0;
  serving server(f.context.get_executor(), server_endpoint::loopback(),
                 [&](http_request request) -> task<http_response> {
                   http_response made(304);
                   if (request.headers().get("If-None-Match") != "\"v1\"") {
                     ++sent;
                     made.status(200).body(good, "application/json").header("ETag", "\"v1\"");
                   }
                   co_return made;
                 });
  http_source source(http_document(server.at("/flags")), curl_client(f.context.get_executor()));
  for (int i = 0; i < 4; ++i) {
    auto said = complete(f.context, attempt(source.fetch(f.versions.tag())));
    CHECK(f.note(std::move(said)) == (i == 0 ? poll_news::swapped : poll_news::none));
  }
  CHECK(sent == 1);
  complete(f.context, server.stop());
}

}  // namespace t_config_http_source_peers
