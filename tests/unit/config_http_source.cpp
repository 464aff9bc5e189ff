// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Documents behind a URL: what is asked, and what each answer means.
#include <catch.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/retry.hpp>
#include <ovrseer/config/http_source.hpp>

#include "run.hpp"

namespace t_config_http_source {

using namespace ovrseer;
using namespace std::chrono_literals;

const http_document document(*url::parse("http://flags/web.yml"));

std::error_code refusal(const http_response& answer, const std::string& tag = {}) {
  try {
    static_cast<void>(document.accept(answer, tag, wall_time()));
  } catch (const retry_later& why) {
    return why.code();
  }
  return {};
}
http_response with_tag(const std::string& tag) {
  return std::move(http_response(200).body("text").header("ETag", tag));
}

TEST_CASE("who has a version asks for another") {
  const http_request first = document.request({});
  CHECK(first.method() == "GET");
  CHECK(first.target().wire_text() == "http://flags/web.yml");
  CHECK_FALSE(first.headers().contains("If-None-Match"));
  CHECK(first.headers().contains("Accept"));
  CHECK(first.limits().body == byte_size(1U << 20U));
  CHECK(document.request("W/\"7\"").headers().get("If-None-Match") == "W/\"7\"");
  http_document own = document;
  own.header("X-A", "b").header("Accept", "text/yaml").credentials(http_credentials::bearer("t")).largest(byte_size(5));
  const http_request asked = own.request({});
  CHECK(asked.headers().get("X-A") == "b");
  CHECK(asked.headers().count("Accept") == 1);
  CHECK(asked.headers().get("Authorization") == "Bearer t");
  CHECK(asked.limits().body == byte_size(5));
}

TEST_CASE("a two hundred has the document with its tag") {
  const auto got = document.accept(with_tag("\"7\""), {}, wall_time());
  REQUIRE(got);
  CHECK(got->text == "text");
  CHECK(got->tag == "\"7\"");
  CHECK(document.accept(http_response(200).body("text"), "\"6\"", wall_time())->tag.empty());
  CHECK(document.accept(with_tag(std::string(1025, 'x')), {}, wall_time())->tag.empty());
}

TEST_CASE("a three hundred four says that nothing has changed where a version was named") {
  CHECK_FALSE(document.accept(http_response(304), "\"7\"", wall_time()));
  CHECK(refusal(http_response(304)) == errc::rejected);
}

TEST_CASE("every other status is a failure") {
  for (const int status : {204, 206, 400}) CHECK(refusal(http_response(status)) == errc::rejected);
  for (const int status : {301, 302, 307, 404, 410}) CHECK(refusal(http_response(status)) == errc::misdirected);
  for (const int status : {401, 403}) CHECK(refusal(http_response(status)) == errc::not_permitted);
  for (const int status : {500, 503}) CHECK(refusal(http_response(status)) == errc::unavailable);
  CHECK(refusal(http_response(429)) == errc::throttled);
}

TEST_CASE("when to come again is kept and what is secret is not said") {
  const http_document secret(*url::parse("http://me:hunter2@flags/x"));
  try {
    static_cast<void>(secret.accept(std::move(http_response(503).header("Retry-After", "90")), {}, wall_time()));
    FAIL("nothing was thrown");
  } catch (const retry_later& why) {
    CHECK(why.after() == 90s);
    CHECK(std::string(why.what()).find("hunter2") == std::string::npos);
    CHECK(std::string(why.what()).find("503") != std::string::npos);
  }
  CHECK(http_source(secret, null_http_client()).describe().find("hunter2") == std::string::npos);
}

TEST_CASE("a source asks its client each time and can be abandoned") {
  asio::io_context context;
  virtual_clock time(context);
  scripted_http_client client;
  client.then(with_tag("\"7\"")).then(http_response(304)).then_fail(make_error_code(errc::connection_closed));
  client.then([](const http_request&) -> task<http_response> {
    co_await sleep_for(1h);
    co_return http_response(200);
  });
  any_document_source source = http_source(document, client);
  CHECK(test::run(context, time, source.fetch({}))->text == "text");
  CHECK_FALSE(test::run(context, time, source.fetch("\"7\"")));
  CHECK(client.requests().at(1).headers().get("If-None-Match") == "\"7\"");
  const auto failed = test::run(context, time, attempt(source.fetch("\"7\"")));
  REQUIRE_FALSE(failed);
  CHECK(failed.reason().code() == errc::connection_closed);
  test::started<std::optional<fetched_document>> asking(context, source.fetch({}));
  test::settle(context);
  CHECK_FALSE(asking.is_done());
  asking.cancel(cancellation_type::terminal);
  test::settle(context);
  CHECK(asking.was_aborted());
}

}  // namespace t_config_http_source
