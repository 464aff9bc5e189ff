// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Probes and limits in virtual time: what they ask when, and what they make of checks that hang or break.
#include <ovrseer/async/cancellation.hpp>
#include <ovrseer/check/within.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "catch.hpp"
#include "check_scripts.hpp"

namespace t_check_probe {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using verdict = check_result::verdict;

TEST_CASE("a probe asks until the answer is yes") {
  scripted_check script("store");
  script.then_no(1ms, "refused").then_no(1ms, "refused").then_yes(1ms);
  const asked outcome = ask(probing(script, probe_timing().interval(100ms)));
  REQUIRE(outcome.answer.has_value());
  CHECK(outcome.answer->is_ready());
  CHECK(outcome.answer->attempts == 3);
  CHECK(outcome.answer->took == 201ms);
  CHECK(script.begins() == std::vector<std::chrono::nanoseconds>{0ms, 100ms, 200ms});
}

TEST_CASE("an attempt that hangs is abandoned at its limit and counts as a no") {
  scripted_check script("store");
  script.then_never().then_yes(1ms);
  const asked outcome = ask(probing(script, probe_timing().interval(100ms).attempt_limit(1s)));
  REQUIRE(outcome.answer.has_value());
  CHECK(outcome.answer->is_ready());
  CHECK(script.begins() == std::vector<std::chrono::nanoseconds>{0ms, 1s});
  CHECK(script.abandoned() == 1);
}

TEST_CASE("a probe ends at its deadline even in the middle of an attempt") {
  scripted_check script("store");
  script.then_no(1ms, "refused").then_never();
  const asked outcome = ask(probing(script, probe_timing().interval(1s).attempt_limit(10s).deadline(3s)));
  REQUIRE(outcome.answer.has_value());
  CHECK(outcome.answer->outcome == verdict::timed_out);
  CHECK(outcome.answer->reason == "not within 3s, the last: no answer within 2s");
  CHECK(outcome.answer->took == 3s);
  CHECK(outcome.took == 3s);
}

TEST_CASE("a check that throws is a no with what it threw") {
  scripted_check script("store");
  script.then_throw(std::make_exception_ptr(std::runtime_error("no such table")));
  const asked outcome = ask(probing(script, probe_timing().failures(1)));
  REQUIRE(outcome.answer.has_value());
  CHECK(outcome.answer->outcome == verdict::not_ready);
  CHECK(outcome.answer->reason == "no such table");
}

TEST_CASE("a probe describes its check and knows its bound") {
  const any_check check = probing(scripted_check("store"), probe_timing().deadline(5s));
  CHECK(check.describe() == "store");
  CHECK(check.bound() == 5s);
}

TEST_CASE("a probe that is cancelled abandons the attempt or the wait between two") {
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    scripted_check hanging("store");
    hanging.then_never();
    const asked in_attempt = ask(probing(hanging, probe_timing().attempt_limit(0s).deadline(0s)), 5s, type);
    CHECK_FALSE(in_attempt.answer.has_value());
    CHECK(in_attempt.code == asio::error::operation_aborted);
    CHECK(in_attempt.took == 5s);
    CHECK(hanging.abandoned() == 1);
    scripted_check refusing("store");
    refusing.then_no(0ms, "refused");
    const asked in_wait = ask(probing(refusing, probe_timing().interval(1h).deadline(0s)), 5s, type);
    CHECK_FALSE(in_wait.answer.has_value());
    CHECK(in_wait.code == asio::error::operation_aborted);
    CHECK(in_wait.took == 5s);
  }
}

TEST_CASE("a limit ends a check that does not answer") {
  scripted_check script("store");
  script.then_never();
  const asked outcome = ask(within(script, 2s));
  REQUIRE(outcome.answer.has_value());
  CHECK(outcome.answer->outcome == verdict::timed_out);
  CHECK(outcome.answer->reason == "no answer within 2s");
  CHECK(outcome.answer->took == 2s);
  CHECK(outcome.took == 2s);
  CHECK(script.abandoned() == 1);
  CHECK(within(script, 2s).bound() == 2s);
  CHECK(within(script, 2s).describe() == "store");
}

TEST_CASE("a limit lets an answer in time through") {
  scripted_check script("store");
  script.then_no(1s, "refused").then_yes(3s);
  const asked refused = ask(within(script, 2s));
  CHECK(refused.answer->reason == "refused");
  CHECK(refused.answer->took == 1s);
  const asked unlimited = ask(within(script, 0s));
  CHECK(unlimited.answer->is_ready());
  CHECK(unlimited.took == 3s);
}

TEST_CASE("always ready is ready at once") {
  const asked outcome = ask(always_ready());
  CHECK(outcome.answer->is_ready());
  CHECK(outcome.took == 0s);
  CHECK(ask(any_check()).answer->is_ready());
}

}  // namespace t_check_probe
