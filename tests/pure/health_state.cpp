// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Counting the answers of a health watch: thresholds at their edge, and the interval that relaxes.
#include <chrono>
#include <string>

#include <catch.hpp>

#include <ovrseer/check/health.hpp>

namespace t_health_state {

using namespace ovrseer;
using namespace std::chrono_literals;
using enum health_state::change;

struct says_yes {
  task<check_result> operator()(check_target) const { co_return check_result{}; }
};

health_watch watch() { return health_watch(says_yes()); }

check_result good() { return {}; }
check_result bad(std::string reason = "refused") {
  check_result made;
  made.outcome = check_result::verdict::not_ready;
  made.reason = std::move(reason);
  return made;
}

TEST_CASE("health is lost with the bad answer that makes the number full") {
  health_state state(watch().failures(3));
  CHECK(state.take(bad()) == none);
  CHECK(state.take(bad()) == none);
  CHECK(state.is_healthy());
  CHECK(state.take(bad("late")) == lost);
  CHECK_FALSE(state.is_healthy());
  CHECK(state.reason() == "3 times in a row, the last: late");
  CHECK(state.take(bad()) == none);
}

TEST_CASE("a good answer in between begins the count anew") {
  health_state state(watch().failures(2));
  CHECK(state.take(bad()) == none);
  CHECK(state.take(good()) == none);
  CHECK(state.take(bad()) == none);
  CHECK(state.take(bad()) == lost);
}

TEST_CASE("health returns with as many good answers as are asked for") {
  health_state state(watch().failures(1).successes(2));
  CHECK(state.take(bad()) == lost);
  CHECK(state.take(good()) == none);
  CHECK(state.take(bad()) == none);
  CHECK(state.take(good()) == none);
  CHECK(state.take(good()) == returned);
  CHECK(state.is_healthy());
}

TEST_CASE("zero of a threshold counts as one") {
  health_state state(watch().failures(0).successes(0));
  CHECK(state.take(bad()) == lost);
  CHECK(state.take(good()) == returned);
}

TEST_CASE("the interval doubles while all is well and is short again after a bad answer") {
  health_state state(watch().interval(10s).relax_to(1min));
  CHECK(state.interval() == 10s);
  state.take(good());
  CHECK(state.interval() == 20s);
  for (int i = 0; i < 5; ++i) state.take(good());
  CHECK(state.interval() == 1min);
  state.take(bad());
  CHECK(state.interval() == 10s);
}

TEST_CASE("the interval does not relax before health has returned") {
  health_state state(watch().interval(10s).relax_to(1min).failures(1).successes(2));
  state.take(bad());
  state.take(good());
  CHECK(state.interval() == 10s);
  state.take(good());
  CHECK(state.interval() == 10s);
}

TEST_CASE("without a longer one the interval stays and the first question comes after one interval") {
  const health_watch how = watch().interval(10s);
  health_state state(how);
  state.take(good());
  CHECK(state.interval() == 10s);
  CHECK(how.initial_delay() == 10s);
  CHECK(health_watch(how).initial_delay(0s).initial_delay() == 0s);
}

TEST_CASE("a watch keeps what it was told and has the documented defaults for the rest") {
  const health_watch standard = watch();
  CHECK(standard.interval() == 10s);
  CHECK(standard.initial_delay() == 10s);
  CHECK(standard.longest_interval() == 10s);
  CHECK(standard.attempt_limit() == 1s);
  CHECK(standard.failures() == 3);
  CHECK(standard.successes() == 1);
  CHECK(standard.otherwise() == health_watch::action::nothing);
  const health_watch told =
      watch().initial_delay(2s).interval(3s).relax_to(9s).attempt_limit(4s).failures(5).successes(6).otherwise(
          health_watch::action::stop);
  CHECK(told.initial_delay() == 2s);
  CHECK(told.interval() == 3s);
  CHECK(told.longest_interval() == 9s);
  CHECK(told.attempt_limit() == 4s);
  CHECK(told.failures() == 5);
  CHECK(told.successes() == 6);
  CHECK(told.otherwise() == health_watch::action::stop);
  CHECK(watch().failures(0).failures() == 1);
  CHECK(watch().successes(0).successes() == 1);
  CHECK(watch().interval(5s).relax_to(1s).longest_interval() == 5s);
}

TEST_CASE("the first bad answer speaks for itself and more are counted") {
  health_state state(watch().failures(2));
  CHECK(state.bad() == 0);
  state.take(bad("refused"));
  CHECK(state.bad() == 1);
  CHECK(state.reason() == "refused");
  state.take(bad("late"));
  CHECK(state.bad() == 2);
  CHECK(state.reason() == "2 times in a row, the last: late");
  state.take(good());
  CHECK(state.bad() == 0);
}

TEST_CASE("good answers are counted from the first after health is lost") {
  health_state state(watch().failures(1).successes(1));
  CHECK(state.take(good()) == none);
  CHECK(state.take(bad()) == lost);
  CHECK(state.take(good()) == returned);
  CHECK(state.take(good()) == none);
  health_state again(watch().failures(1).successes(2));
  CHECK(again.take(bad()) == lost);
  CHECK(again.take(good()) == none);
  CHECK(again.take(good()) == returned);
  CHECK(again.take(bad()) == lost);
  CHECK(again.take(good()) == none);
  CHECK_FALSE(again.is_healthy());
}

}  // namespace t_health_state
