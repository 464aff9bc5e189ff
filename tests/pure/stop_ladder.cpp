// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which step of a stop is due: one case a transition, without a process or a clock.
#include <optional>
#include <string>

#include <catch.hpp>

#include <ovrseer/process/stop.hpp>

namespace t_stop_ladder {

using namespace ovrseer;
using namespace std::chrono_literals;
using push = stop_ladder::push;

constexpr steady_time begin{};

stop_plan three_steps() {
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGINT), 1s)).then(stop_step(signal_number(SIGTERM), 5s)).then_kill(2s);
  return plan;
}

TEST_CASE("the first step is due at once and the next when its grace has passed") {
  const stop_plan plan = three_steps();
  stop_ladder ladder(plan, begin);
  CHECK(ladder.current() == std::nullopt);
  CHECK(ladder.due() == begin);
  CHECK(ladder.advance(begin) == 0);
  CHECK(ladder.current() == 0);
  CHECK(ladder.due() == begin + 1s);
  CHECK(ladder.advance(begin) == std::nullopt);
  CHECK(ladder.advance(begin + 1s - 1ns) == std::nullopt);
  CHECK(ladder.advance(begin + 1s) == 1);
  CHECK(ladder.due() == begin + 6s);
  CHECK(ladder.advance(begin + 6s) == 2);
  CHECK(ladder.due() == begin + 8s);
  CHECK_FALSE(ladder.is_spent());
  CHECK(ladder.advance(begin + 8s) == std::nullopt);
  CHECK(ladder.is_spent());
  CHECK(ladder.current() == 2);
  CHECK(ladder.advance(begin + 100s) == std::nullopt);
}

TEST_CASE("a step that comes late gets its whole grace") {
  const stop_plan plan = three_steps();
  stop_ladder ladder(plan, begin);
  ladder.advance(begin);
  CHECK(ladder.advance(begin + 90s) == 1);
  CHECK(ladder.advance(begin + 90s) == std::nullopt);
  CHECK(ladder.due() == begin + 95s);
}

TEST_CASE("a push to the next step takes it before its time") {
  const stop_plan plan = three_steps();
  stop_ladder ladder(plan, begin);
  ladder.advance(begin);
  CHECK(ladder.advance(begin + 100ms, push::next) == 1);
  CHECK(ladder.due() == begin + 5100ms);
  CHECK(ladder.advance(begin + 200ms, push::next) == 2);
  CHECK(ladder.advance(begin + 300ms, push::next) == std::nullopt);
  CHECK(ladder.is_spent());
}

TEST_CASE("force goes straight to the last step") {
  const stop_plan plan = three_steps();
  SECTION("from the first") {
    stop_ladder ladder(plan, begin);
    ladder.advance(begin);
    CHECK(ladder.advance(begin + 1ms, push::force) == 2);
    CHECK(ladder.due() == begin + 2001ms);
    CHECK_FALSE(ladder.is_spent());
  }
  SECTION("before the first") {
    stop_ladder ladder(plan, begin);
    CHECK(ladder.advance(begin, push::force) == 2);
  }
  SECTION("in the last step it changes nothing") {
    stop_ladder ladder(plan, begin);
    ladder.advance(begin, push::force);
    CHECK(ladder.advance(begin + 1ms, push::force) == std::nullopt);
    CHECK_FALSE(ladder.is_spent());
    CHECK(ladder.due() == begin + 2s);
  }
}

TEST_CASE("a grace of zero takes the next step at once") {
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(signal_number(SIGTERM), 0s)).then_kill(0s);
  stop_ladder ladder(plan, begin);
  CHECK(ladder.advance(begin) == 0);
  CHECK(ladder.advance(begin) == 1);
  CHECK(ladder.advance(begin) == std::nullopt);
  CHECK(ladder.is_spent());
}

TEST_CASE("a plan without steps is spent at once") {
  const stop_plan plan = stop_plan::empty();
  stop_ladder ladder(plan, begin);
  CHECK_FALSE(ladder.is_spent());
  CHECK(ladder.advance(begin) == std::nullopt);
  CHECK(ladder.is_spent());
  CHECK(ladder.advance(begin, push::force) == std::nullopt);
  CHECK(ladder.advance(begin, push::next) == std::nullopt);
}

TEST_CASE("a plan bounds its time and reads as what it does") {
  CHECK(stop_plan().bound() == 12s);
  CHECK(stop_plan::kill().bound() == 2s);
  CHECK(stop_plan::empty().bound() == 0s);
  CHECK(three_steps().bound() == 8s);
  CHECK(to_text(stop_plan()) == "SIGTERM to the group, 10s; SIGKILL to the tree, 2s");
  CHECK(to_text(stop_plan(signal_number(SIGINT), 1500ms)) == "SIGINT to the group, 1.5s; SIGKILL to the tree, 2s");
  CHECK(to_text(stop_plan::empty()).empty());
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(command("nginx", "-s", "quit"), 30s))
      .then(stop_step(signal_number(SIGQUIT), 0s, stop_scope::leader));
  CHECK(to_text(plan) == "run nginx -s quit, 30s; SIGQUIT to the process, 0ns");
}

}  // namespace t_stop_ladder
