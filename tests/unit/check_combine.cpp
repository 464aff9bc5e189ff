// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Several checks together, in virtual time: who decides, and that nobody is left asking.
#include <ovrseer/check/combine.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <ovrseer/check/within.hpp>

#include "catch.hpp"
#include "check_scripts.hpp"

namespace t_check_combine {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using verdict = check_result::verdict;

scripted_check yes(const std::string& name, std::chrono::nanoseconds after) {
  return scripted_check(name).then_yes(after);
}
scripted_check no(const std::string& name, std::chrono::nanoseconds after) {
  return scripted_check(name).then_no(after, "refused");
}
scripted_check never(const std::string& name) { return scripted_check(name).then_never(); }

TEST_CASE("all of several are asked together and take as long as the slowest") {
  const asked outcome = ask(all_of(yes("a", 3s), yes("b", 1s), yes("c", 2s)));
  REQUIRE(outcome.answer.has_value());
  CHECK(outcome.answer->is_ready());
  CHECK(outcome.answer->took == 3s);
  CHECK(outcome.took == 3s);
}

TEST_CASE("the first that is not ready decides for all and the others are abandoned") {
  scripted_check slow = never("slow");
  const asked outcome = ask(all_of(slow, yes("quick", 1s), no("store", 2s)));
  REQUIRE(outcome.answer.has_value());
  CHECK(outcome.answer->outcome == verdict::not_ready);
  CHECK(outcome.answer->reason == "store: refused");
  CHECK(outcome.took == 2s);
  CHECK(slow.abandoned() == 1);
}

TEST_CASE("the first that is ready wins and the others are abandoned") {
  scripted_check slow = never("slow");
  const asked outcome = ask(any_of(no("store", 1s), slow, yes("quick", 2s)));
  REQUIRE(outcome.answer.has_value());
  CHECK(outcome.answer->is_ready());
  CHECK(outcome.answer->reason.empty());
  CHECK(outcome.took == 2s);
  CHECK(slow.abandoned() == 1);
}

TEST_CASE("when none is ready the reasons of all are told") {
  const asked outcome = ask(any_of(no("a", 2s), within(never("b"), 1s)));
  CHECK(outcome.answer->outcome == verdict::not_ready);
  CHECK(outcome.answer->reason == "a: refused; b: no answer within 1s");
  CHECK(outcome.took == 2s);
}

TEST_CASE("a check that throws is a no among others") {
  scripted_check broken("broken");
  broken.then_throw(std::make_exception_ptr(std::runtime_error("no such table")));
  CHECK(ask(any_of(broken, yes("b", 1s))).answer->is_ready());
  CHECK(ask(all_of(broken, yes("b", 1s))).answer->reason == "broken: no such table");
}

TEST_CASE("a check that answers at once decides before the next is asked") {
  scripted_check second = never("second");
  CHECK(ask(any_of(always_ready(), second)).answer->is_ready());
  CHECK(second.begins().empty());
  CHECK_FALSE(ask(all_of(no("first", 0s), second)).answer->is_ready());
  CHECK(second.begins().empty());
}

TEST_CASE("combinations nest") {
  scripted_check slow = never("slow");
  const any_check nested = all_of(any_of(slow, yes("a", 1s)), any_of(no("b", 1s), all_of(yes("c", 2s), yes("d", 3s))));
  const asked outcome = ask(nested);
  CHECK(outcome.answer->is_ready());
  CHECK(outcome.took == 3s);
  CHECK(slow.abandoned() == 1);
  CHECK(nested.describe() == "all of (any of (slow, a), any of (b, all of (c, d)))");
  // An inner one that decides at once ends an outer one that has just begun to ask.
  CHECK(ask(any_of(all_of(always_ready(), always_ready()), slow)).answer->is_ready());
  CHECK_FALSE(ask(all_of(yes("a", 1s), any_of(all_of(no("b", 0s), slow)))).answer->is_ready());
}

TEST_CASE("probes inside keep their own timing") {
  scripted_check store("store");
  store.then_no(1ms, "refused").then_no(1ms, "refused").then_yes(1ms);
  const any_check both =
      all_of(probing(store, probe_timing().interval(10s)), probing(yes("api", 5s), probe_timing().attempt_limit(6s)));
  const asked outcome = ask(both);
  CHECK(outcome.answer->is_ready());
  CHECK(outcome.answer->attempts == 4);
  CHECK(store.begins() == std::vector<std::chrono::nanoseconds>{0s, 10s, 20s});
}

TEST_CASE("cancelled together all are abandoned") {
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    for (const quorum needed : {quorum::all, quorum::any}) {
      scripted_check a = never("a");
      scripted_check b = never("b");
      const asked outcome = ask(combined_check(needed, {a, b}), 5s, type);
      CHECK_FALSE(outcome.answer.has_value());
      CHECK(outcome.code == asio::error::operation_aborted);
      CHECK(outcome.took == 5s);
      CHECK(a.abandoned() == 1);
      CHECK(b.abandoned() == 1);
    }
  }
}

TEST_CASE("the bound of several is the longest and none where one has none") {
  scripted_check bounded("a");
  bounded.bound(5s);
  CHECK(all_of(bounded, always_ready()).bound() == 5s);
  CHECK(any_of(bounded, within(never("b"), 7s)).bound() == 7s);
  CHECK(all_of(bounded, scripted_check("c")).bound() == 0s);
  CHECK(all_of(bounded, any_check()).bound() == 5s);
}

TEST_CASE("without checks all are ready and none is") {
  CHECK(ask(all_of(std::vector<any_check>{})).answer->is_ready());
  CHECK_FALSE(ask(any_of(std::vector<any_check>{})).answer->is_ready());
}

}  // namespace t_check_combine
