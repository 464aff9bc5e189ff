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

}  // namespace t_health_state
