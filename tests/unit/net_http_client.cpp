// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The clients without a network: none, by script, and erased.
#include <ovrseer/net/http_client.hpp>

#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <ovrseer/async/attempt.hpp>

#include "catch.hpp"
#include "http_run.hpp"

namespace t_net_http_client {

using namespace ovrseer;
using ovrseer::test::run_task;

task<http_response> get(any_http_client client, std::string where) {
  http_request request = http_request::get(where);
  http_response response = co_await client.exchange(std::move(request));
  co_return response;
}

TEST_CASE("without a client every exchange says so") {
  asio::io_context context;
  const auto outcome = run_task(context, attempt(get(any_http_client(), "http://ann:pw@h/x")));
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.reason().code() == errc::no_http_client);
  CHECK_THAT(outcome.reason().what(), catchx::ContainsSubstring("http://***@h/x"));
  CHECK_THAT(outcome.reason().what(), !catchx::ContainsSubstring("pw"));
}

TEST_CASE("a script answers in order and keeps what was asked") {
  asio::io_context context;
  scripted_http_client script;
  script.then(http_response(503)).then_fail(make_error_code(errc::connection_closed)).then(http_response(200));
  const any_http_client client(script);
  CHECK(run_task(context, get(client, "http://h/1")).status() == 503);
  const auto failed = run_task(context, attempt(get(client, "http://h/2")));
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.reason().code() == condition::retryable);
  CHECK(script.left() == 1);
  CHECK(run_task(context, get(client, "http://h/3")).status() == 200);
  CHECK(run_task(context, get(client, "http://h/4")).status() == 404);
  REQUIRE(script.requests().size() == 4);
  CHECK(script.requests()[1].target().path() == "/2");
}

TEST_CASE("a script may answer by what it is asked") {
  asio::io_context context;
  scripted_http_client script;
  script.otherwise([](const http_request& request) {
    return [](std::string path) -> task<http_response> {
      http_response echo;
      echo.body(std::move(path));
      co_return echo;
    }(request.target().path());
  });
  CHECK(run_task(context, get(any_http_client(script), "http://h/echo")).body() == "/echo");
}

TEST_CASE("a stand-in answers in the place of every client of its context") {
  asio::io_context context;
  asio::io_context other;
  scripted_http_client forbidden;
  scripted_http_client stand_in;
  stand_in.then(http_response(204));
  use_http(context, any_http_client(stand_in));
  CHECK(run_task(context, get(any_http_client(forbidden), "http://h/1")).status() == 204);
  CHECK(run_task(context, get(any_http_client(), "http://h/2")).status() == 404);
  CHECK(forbidden.requests().empty());
  CHECK(run_task(other, get(any_http_client(forbidden), "http://h/3")).status() == 404);
  CHECK(forbidden.requests().size() == 1);
  CHECK(stand_in.requests().size() == 2);
}

TEST_CASE("an exchange outlives the handles of its client") {
  asio::io_context context;
  std::optional<task<http_response>> exchange;
  {
    scripted_http_client script;
    script.then(http_response(204));
    any_http_client client(std::move(script));
    exchange.emplace(client.exchange(http_request::get("http://h")));
  }
  CHECK(run_task(context, std::move(*exchange)).status() == 204);
}

}  // namespace t_net_http_client
