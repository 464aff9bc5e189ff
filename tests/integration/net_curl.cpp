// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The client on real sockets: against our server, a peer that misbehaves, and servers that are not ours.
#include <ovrseer/net/curl.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/when_all.hpp>
#include <ovrseer/async/with_deadline.hpp>

#include "catch.hpp"
#include "http_peer.hpp"
#include "http_run.hpp"
#include "http_serving.hpp"

namespace t_net_curl {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

/// Tells what came: the request line, the headers and the body.
task<http_response> mirror(http_request request) {
  std::string text = request.method() + " " + request.target().wire_text() + "\n";
  for (const http_header& header : request.headers()) text += header.name + ": " + header.value + "\n";
  http_response response;
  response.header("X-Mirror", "yes").body(text + "\n" + request.body(), "text/plain");
  co_return response;
}

/// A server on loopback and a client for it, on one context.
struct pair {
  explicit pair(http_handler handler = mirror, curl_options options = {})
      : server(context.get_executor(), server_endpoint::loopback(), std::move(handler)),
        client(context.get_executor(), std::move(options)) {}
  ~pair() { run_task(context, server.stop(cancellation_type::terminal)); }
  http_response send(http_request request) { return run_task(context, client.exchange(std::move(request))); }
  http_response get(const std::string& path = "/") { return send(http_request::get(server.at(path))); }

  asio::io_context context;
  serving server;
  curl_client client;
};

/// What a client says to the bytes of a peer.
attempted<http_response> ask_peer(const std::string& bytes, peer_ending how = peer_ending::close,
                                  http_limits limits = {}) {
  asio::io_context context;
  raw_peer peer(context.get_executor());
  curl_client client(context.get_executor());
  auto scenario = [&]() -> task<attempted<http_response>> {
    http_request request = http_request::get(peer.at());
    request.limits(limits);
    auto [answered, got] =
        co_await when_all(peer.answer_once(bytes, how), attempt(client.exchange(std::move(request))));
    static_cast<void>(answered);
    co_return std::move(got);
  };
  return run_task(context, scenario());
}

TEST_CASE("a response has its status and headers and body") {
  pair both;
  const http_response response = both.get("/a?b=c");
  CHECK(response.status() == 200);
  CHECK(response.headers().get("x-mirror") == "yes");
  CHECK(response.headers().get("content-type") == "text/plain");
  CHECK_THAT(response.body(), catchx::StartsWith("GET " + both.server.at("/a?b=c").wire_text() + "\n"));
}

TEST_CASE("a request is sent as it is and nothing is added that nobody asked for") {
  pair both;
  http_request request("PUT", both.server.at("/x/../y"));
  request.header("X-One", "1").header("X-Empty", "").header("Content-Length", "99").body(std::string(5000, 'b'));
  const std::string seen = both.send(request).body();
  CHECK_THAT(seen, catchx::StartsWith("PUT " + both.server.at("/x/../y").wire_text()));
  CHECK_THAT(seen, catchx::ContainsSubstring("X-One: 1\n"));
  CHECK_THAT(seen, catchx::ContainsSubstring("X-Empty: \n"));
  CHECK_THAT(seen, catchx::ContainsSubstring("Content-Length: 5000\n"));
  CHECK_THAT(seen, catchx::ContainsSubstring(std::string("User-Agent: ovrseer/") + version));
  CHECK_THAT(seen, !catchx::ContainsSubstring("Content-Type"));
  CHECK_THAT(seen, !catchx::ContainsSubstring("Expect"));
  CHECK_THAT(seen, !catchx::ContainsSubstring("Content-Length: 99"));
  CHECK_THAT(seen, catchx::EndsWith("\n" + std::string(5000, 'b')));
}

TEST_CASE("every method arrives") {
  pair both;
  for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    CHECK_THAT(both.send(http_request(method, both.server.at())).body(), catchx::StartsWith(method + " "));
  }
  const http_response head = both.send(http_request("HEAD", both.server.at()));
  CHECK(head.status() == 200);
  CHECK(head.body().empty());
  CHECK(head.headers().get("Content-Length") != "0");
  const http_response post = both.send(http_request::post(both.server.at(), "{}", "application/json"));
  CHECK_THAT(post.body(), catchx::ContainsSubstring("Content-Type: application/json\n"));
}

TEST_CASE("a body may hold any byte") {
  pair both([](http_request request) -> task<http_response> {
    http_response response;
    response.body(request.body());
    co_return response;
  });
  std::string bytes;
  for (int i = 0; i < 200000; ++i) bytes += static_cast<char>(i % 256);
  CHECK(both.send(http_request::post(both.server.at(), bytes, "application/octet-stream")).body() == bytes);
}

TEST_CASE("a local socket is reached by its path") {
  const socket_folder folder;
  asio::io_context context;
  serving server(context.get_executor(), server_endpoint::local(folder.file()), mirror);
  curl_client client(context.get_executor());
  const http_response first = run_task(context, client.exchange(http_request::get(server.at("/a"))));
  CHECK_THAT(first.body(), catchx::StartsWith("GET http://localhost/a\n"));
  const http_response second = run_task(context, client.exchange(http_request::get("unix:" + folder.file() + ":/b")));
  CHECK_THAT(second.body(), catchx::StartsWith("GET http://localhost/b\n"));
  run_task(context, server.stop());
}

TEST_CASE("connections are kept for the next exchange") {
  pair both;
  for (int i = 0; i < 3; ++i) CHECK(both.get().status() == 200);
  CHECK(both.server.statistics().connections == 1);
}

TEST_CASE("an exchange survives that the server has gone and come back") {
  asio::io_context context;
  curl_client client(context.get_executor());
  auto first = std::make_unique<serving>(context.get_executor(), server_endpoint::loopback(), mirror);
  const server_endpoint where = first->endpoint();
  CHECK(run_task(context, client.exchange(http_request::get(where.at()))).status() == 200);
  run_task(context, first->stop());
  serving second(context.get_executor(), where, mirror);
  CHECK(run_task(context, client.exchange(http_request::get(where.at()))).status() == 200);
  run_task(context, second.stop());
}

TEST_CASE("a redirect is an answer and is not followed") {
  bool was_followed = false;
  pair other([&](http_request) -> task<http_response> {
    was_followed = true;
    co_return http_response();
  });
  const std::string elsewhere = other.server.at().wire_text();
  pair both([=](http_request) -> task<http_response> {
    http_response response(302);
    response.header("Location", elsewhere);
    co_return response;
  });
  http_request request = http_request::get(both.server.at());
  request.header("Authorization", "Bearer secret");
  const http_response response = both.send(request);
  CHECK(response.status() == 302);
  CHECK(response.headers().get("location") == elsewhere);
  CHECK_FALSE(was_followed);
}

TEST_CASE("credentials of a URL are sent as Basic and never printed") {
  pair both;
  const std::string authority = both.server.at().authority();
  const http_response response = both.send(http_request::get("http://ann:p%40ss@" + authority + "/"));
  CHECK_THAT(response.body(), catchx::ContainsSubstring("Authorization: Basic YW5uOnBAc3M=\n"));
  asio::io_context context;
  curl_client client(context.get_executor());
  const auto refused =
      run_task(context, attempt(client.exchange(http_request::get("http://ann:secret@127.0.0.1:1/?t=secret"))));
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.reason().what(), !catchx::ContainsSubstring("secret"));
}

TEST_CASE("the environment names no proxy for us") {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  {
    pair both;
    CHECK(both.get().status() == 200);
  }
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  pair origin;
  pair proxied(mirror, curl_options().proxy(origin.server.at().wire_text()));
  // A proxy is asked for the absolute URL.
  auto scenario = [&]() -> task<void> {
    const http_response response = co_await proxied.client.exchange(http_request::get("http://127.0.0.1:1/far"));
    CHECK_THAT(response.body(), catchx::StartsWith("GET http://127.0.0.1:1/far\n"));
  };
  bool is_done = false;
  asio::co_spawn(proxied.context, scenario(), [&](const std::exception_ptr&) { is_done = true; });
  while (!is_done) {
    proxied.context.restart();
    proxied.context.poll();
    origin.context.restart();
    origin.context.poll();
  }
}

TEST_CASE("nobody who listens is a failure that may pass") {
  asio::io_context context;
  curl_client client(context.get_executor());
  for (const std::string where : {"http://127.0.0.1:1/", "http+unix://%2Fnowhere%2Fx.sock/"}) {
    const auto refused = run_task(context, attempt(client.exchange(http_request::get(where))));
    REQUIRE_FALSE(refused.has_value());
    CAPTURE(refused.reason().what());
    CHECK(refused.reason().code().category() == std::generic_category());
  }
  const auto refused = run_task(context, attempt(client.exchange(http_request::get("http://127.0.0.1:1/"))));
  CHECK(refused.reason().code() == std::errc::connection_refused);
  CHECK(refused.reason().code() == condition::retryable);
}

TEST_CASE("what a peer says wrongly is told apart") {
  struct row {
    std::string name;
    std::string bytes;
    peer_ending how;
    std::error_code code;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::vector<row> rows{
      {"nothing", "", peer_ending::close, errc::connection_closed},
      {"a part of the head", "HTTP/1.1 200", peer_ending::close, errc::connection_closed},
      {"a part of the body", ok + "Content-Length: 10\r\n\r\nabc", peer_ending::close, errc::connection_closed},
      {"a part of the chunks", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nab", peer_ending::close,
       errc::connection_closed},
      {"no HTTP at all", "SSH-2.0-OpenSSH_9.2p1 Debian\r\n\r\n", peer_ending::close, errc::malformed_message},
      {"a header that is no token", ok + "A B: c\r\nContent-Length: 0\r\n\r\n", peer_ending::close,
       errc::malformed_message},
      {"a header with a control byte", ok + "A: \x01\r\nContent-Length: 0\r\n\r\n", peer_ending::close,
       errc::malformed_message},
      {"a folded header", ok + "A: b\r\n c\r\nContent-Length: 0\r\n\r\n", peer_ending::close, errc::malformed_message},
      {"a head without end", ok + "A: " + std::string(100000, 'a') + "\r\n\r\n", peer_ending::close,
       errc::message_too_large},
      {"an announced body that is too large", ok + "Content-Length: 1048577\r\n\r\n", peer_ending::hold,
       errc::message_too_large},
      {"a body without end", ok + "\r\n" + std::string(1048577, 'b'), peer_ending::hold, errc::message_too_large},
      {"a reset", ok + "Content-Length: 10\r\n\r\nabc", peer_ending::reset,
       std::make_error_code(std::errc::connection_reset)},
  };
  for (const row& row : rows) {
    CAPTURE(row.name);
    const auto outcome = ask_peer(row.bytes, row.how);
    REQUIRE_FALSE(outcome.has_value());
    CAPTURE(outcome.reason().what(), outcome.reason().code().value());
    CHECK(outcome.reason().code() == row.code);
  }
  CHECK_FALSE(ask_peer(ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n").has_value());
}

TEST_CASE("what a peer says in an unusual way is understood") {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const auto told = ask_peer("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nhi");
  REQUIRE(told.has_value());
  CHECK(told->body() == "hi");
  CHECK_FALSE(told->headers().contains("Link"));
  CHECK(ask_peer(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")->body() == "hi");
  CHECK(ask_peer(ok + "\r\nuntil the end")->body() == "until the end");
  CHECK(ask_peer("HTTP/1.0 204 No Content\r\n\r\n")->status() == 204);
  CHECK(ask_peer("HTTP/1.1 599 Strange\r\nContent-Length: 0\r\n\r\n")->status() == 599);
}

TEST_CASE("a body of exactly the limit is taken") {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  http_limits four;
  four.body = 4_B;
  CHECK(ask_peer(ok + "Content-Length: 4\r\n\r\n1234", peer_ending::close, four)->body() == "1234");
  CHECK(ask_peer(ok + "\r\n1234", peer_ending::close, four)->body() == "1234");
  CHECK_FALSE(ask_peer(ok + "\r\n12345", peer_ending::close, four).has_value());
  http_limits none;
  none.body = 0_B;
  CHECK(ask_peer(ok + "Content-Length: 0\r\n\r\n", peer_ending::close, none).has_value());
  CHECK_FALSE(ask_peer(ok + "Content-Length: 1\r\n\r\n1", peer_ending::close, none).has_value());
}

task<http_response> never(http_request) {
  co_await sleep_for(1h);
  co_return http_response();
}

TEST_CASE("a deadline abandons the exchange and the client goes on") {
  pair both([](http_request request) -> task<http_response> {
    if (request.target().path() == "/never") return never(std::move(request));
    return mirror(std::move(request));
  });
  auto limited = [&]() -> task<http_response> {
    http_request request = http_request::get(both.server.at("/never"));
    http_response response = co_await with_deadline(both.client.exchange(std::move(request)), 5ms);
    co_return response;
  };
  const auto outcome = run_task(both.context, attempt(limited()));
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.reason().code() == errc::timed_out);
  CHECK(both.get().status() == 200);
}

TEST_CASE("without a deadline the limit of the options holds") {
  pair both(never, curl_options().exchange_limit(5ms));
  const auto outcome = run_task(both.context, attempt(both.client.exchange(http_request::get(both.server.at()))));
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.reason().code() == errc::timed_out);
  CHECK(outcome.reason().code() == condition::retryable);
}

TEST_CASE("many exchanges run at once over no more connections than allowed") {
  std::size_t at_once = 0;
  std::size_t most = 0;
  pair both(
      [&](http_request request) -> task<http_response> {
        ++at_once;
        most = std::max(most, at_once);
        co_await sleep_for(1ms);
        --at_once;
        http_response response;
        response.body(request.target().path());
        co_return response;
      },
      curl_options().connections_per_host(4));
  std::vector<std::string> bodies(40);
  auto fetch = [&](std::size_t i) -> task<void> {
    const std::string path = "/" + std::to_string(i);
    const http_response response = co_await both.client.exchange(http_request::get(both.server.at(path)));
    bodies[i] = response.body();
  };
  std::vector<task<void>> all;
  for (std::size_t i = 0; i < bodies.size(); ++i) all.push_back(fetch(i));
  run_task(both.context, when_all(std::move(all)));
  for (std::size_t i = 0; i < bodies.size(); ++i) CHECK(bodies[i] == "/" + std::to_string(i));
  CHECK(most >= 2);
  CHECK(most <= 4);
  CHECK(both.server.statistics().connections <= 4);
}

TEST_CASE("an exchange outlives the handle of its client") {
  asio::io_context context;
  serving server(context.get_executor(), server_endpoint::loopback(), mirror);
  auto client = std::make_unique<curl_client>(context.get_executor());
  task<http_response> exchange = client->exchange(http_request::get(server.at()));
  client.reset();
  CHECK(run_task(context, std::move(exchange)).status() == 200);
  run_task(context, server.stop());
}

TEST_CASE("a context that is destroyed takes its exchanges along") {
  const std::size_t before = open_descriptors();
  {
    asio::io_context context;
    raw_peer peer(context.get_executor());
    curl_client client(context.get_executor());
    bool has_ended = false;
    asio::co_spawn(context, client.exchange(http_request::get(peer.at())),
                   [&](const std::exception_ptr&, const http_response&) { has_ended = true; });
    for (int i = 0; i < 5; ++i) context.poll_one();
    CHECK_FALSE(has_ended);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("no socket of the client is inherited by a child") {
  pair both([](http_request) -> task<http_response> {
    std::size_t sockets = 0;
    for (int fd = 3; fd < 1000; ++fd) {
      sockaddr_storage name{};
      socklen_t size = sizeof name;
      if (::getpeername(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0 || name.ss_family != AF_INET) continue;
      ++sockets;
      CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(sockets == 2);  // both ends of this exchange
    co_return http_response();
  });
  CHECK(both.get().status() == 200);
}

TEST_CASE("cancelled after any number of steps the client leaves nothing behind") {
  const std::size_t before = open_descriptors();
  for (const bool over_local_socket : {false, true}) {
    for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
      bool was_complete = false;
      for (int steps = 1; !was_complete; ++steps) {
        CAPTURE(steps, static_cast<int>(type), over_local_socket);
        const socket_folder folder;
        asio::io_context context;
        const server_endpoint where =
            over_local_socket ? server_endpoint::local(folder.file()) : server_endpoint::loopback();
        serving server(context.get_executor(), where, mirror);
        curl_client client(context.get_executor());
        asio::cancellation_signal stop;
        std::exception_ptr failure;
        bool has_ended = false;
        auto ended = [&](const std::exception_ptr& why, const http_response&) {
          failure = why;
          has_ended = true;
        };
        context.poll_one();  // starts the server
        http_request request = http_request::post(server.at(), std::string(100000, 'x'), "text/plain");
        asio::co_spawn(context, client.exchange(std::move(request)), asio::bind_cancellation_slot(stop.slot(), ended));
        for (int done = 0; done < steps && !has_ended; ++done) context.run_one();
        was_complete = has_ended && !failure;
        stop.emit(type);
        while (!has_ended) context.run_one();
        if (failure) CHECK_THROWS_AS(std::rethrow_exception(failure), std::system_error);
        run_task(context, server.stop(cancellation_type::terminal));
        REQUIRE(server.open_connections() == 0);
        REQUIRE(steps < 2000);
      }
    }
  }
  CHECK(open_descriptors() == before);
}

}  // namespace t_net_curl
