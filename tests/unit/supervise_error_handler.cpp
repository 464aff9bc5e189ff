// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What has no caller to throw to goes to the error handler, and a handler that throws ends nothing.
#include <catch.hpp>

#include <stdexcept>
#include <vector>

#include <asio/io_context.hpp>

#include <ovrseer/supervise/supervisor.hpp>

namespace t_supervise_error_handler {

using namespace ovrseer;

TEST_CASE("the handler gets operation and unit and severity and message") {
  asio::io_context context;
  supervisor it(context.get_executor());
  std::vector<failure_notice> seen;
  it.on_error([&seen](const failure_notice& notice) { seen.push_back(notice); });
  it.report_failure({"stop", "api", severity::warning, "it survives"});
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].operation == "stop");
  CHECK(seen[0].unit == unit_id("api"));
  CHECK(seen[0].level == severity::warning);
  CHECK(seen[0].message == "it survives");
}

TEST_CASE("what a handler throws is dropped") {
  asio::io_context context;
  supervisor it(context.get_executor());
  it.on_error([](const failure_notice&) { throw std::runtime_error("no"); });
  CHECK_NOTHROW(it.report_failure({"stop", "api", severity::warning, "it survives"}));
}

}  // namespace t_supervise_error_handler
