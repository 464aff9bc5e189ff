// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The HTTP check over a client by script: which answers are ready.
#include <ovrseer/async/cancellation.hpp>
#include <ovrseer/check/http.hpp>
#include <ovrseer/error.hpp>

#include <chrono>
#include <string>
#include <utility>

#include "catch.hpp"
#include "check_scripts.hpp"

namespace t_check_http {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

check_result answer_to(http_response response, const std::function<void(http_check&)>& set = {}) {
  scripted_http_client client;
  client.then(std::move(response));
  http_check check = http(client, "http://h/health");
  if (set) set(check);
  const asked outcome = ask(check);
  REQUIRE(outcome.answer.has_value());
  return *outcome.answer;
}

TEST_CASE("two hundred to three hundred ninety nine are ready") {
  for (const int status : {200, 204, 302, 399}) CHECK(answer_to(http_response(status)).is_ready());
  for (const int status : {199, 400, 404, 503}) CHECK_FALSE(answer_to(http_response(status)).is_ready());
  CHECK(answer_to(http_response(503)).reason == "answered 503 Service Unavailable, expected 200 to 399");
}

TEST_CASE("another range of statuses may be asked for") {
  const auto only = [](http_check& check) { check.expect_status(418); };
  CHECK(answer_to(http_response(418), only).is_ready());
  CHECK(answer_to(http_response(200), only).reason == "answered 200 OK, expected 418");
  const auto range = [](http_check& check) { check.expect_status(200, 204); };
  CHECK(answer_to(http_response(204), range).is_ready());
  CHECK_FALSE(answer_to(http_response(205), range).is_ready());
}

TEST_CASE("a body may have to match") {
  const auto up = [](http_check& check) { check.expect_body(*pattern<>::compile("status\": *\"up")); };
  http_response good;
  good.body("{\"status\": \"up\"}");
  CHECK(answer_to(good, up).is_ready());
  http_response bad;
  bad.body("{\"status\": \"down\"}");
  CHECK_THAT(answer_to(bad, up).reason, catchx::StartsWith("answered 200, but the body has no match of /status"));
}

TEST_CASE("a failure of the client is an answer with its reason") {
  scripted_http_client client;
  client.then_fail(std::make_error_code(std::errc::connection_refused));
  const asked outcome = ask(http(client, "http://ann:pw@h/health?token=t"));
  REQUIRE(outcome.answer.has_value());
  CHECK_FALSE(outcome.answer->is_ready());
  CHECK_THAT(outcome.answer->reason, catchx::ContainsSubstring("Connection refused"));
  CHECK_THAT(outcome.answer->reason, !catchx::ContainsSubstring("pw"));
  CHECK_THAT(ask(http(any_http_client(), "http://h")).answer->reason, catchx::ContainsSubstring("no HTTP client"));
}

TEST_CASE("headers are sent") {
  scripted_http_client client;
  http_check check = http(client, "http://h/health");
  check.header("Authorization", "Bearer x").header("Accept", "text/plain");
  ask(check);
  REQUIRE(client.requests().size() == 1);
  CHECK(client.requests()[0].method() == "GET");
  CHECK(client.requests()[0].headers().get("authorization") == "Bearer x");
  CHECK_THROWS_AS(check.header("X", "a\r\nb"), error);
}

TEST_CASE("an HTTP check that is cancelled abandons the exchange") {
  scripted_http_client client;
  client.then([](const http_request&) -> task<http_response> {
    co_await sleep_for(1h);
    co_return http_response();
  });
  const asked outcome = ask(http(client, "http://h"), 1s, cancellation_type::terminal);
  CHECK_FALSE(outcome.answer.has_value());
  CHECK(outcome.took == 1s);
}

TEST_CASE("an HTTP check describes itself without secrets") {
  CHECK(any_check(http(any_http_client(), "http://ann:pw@h:8080/health?token=t")).describe() ==
        "HTTP http://***@h:8080/health?***");
}

}  // namespace t_check_http
