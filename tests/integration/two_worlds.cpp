// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The same stories with real processes and in the simulated world: the same events in the same order.
#include <chrono>
#include <csignal>
#include <string>

#include <catch.hpp>
#include <otp_stories.hpp>

namespace t_two_worlds {

using namespace ovrseer;
using namespace ovrseer::test;

void compare(const story& told) {
  const outcome_of_story real = tell_with_processes(told);
  const outcome_of_story simulated = tell_in_simulation(told);
  CHECK(real.events == simulated.events);
  CHECK(real.code == simulated.code);
}

TEST_CASE("both worlds agree on one_for_one") { compare(three_and_a_kill(strategy::one_for_one())); }
TEST_CASE("both worlds agree on one_for_all") { compare(three_and_a_kill(strategy::one_for_all())); }
TEST_CASE("both worlds agree on rest_for_one") { compare(three_and_a_kill(strategy::rest_for_one())); }
TEST_CASE("both worlds agree on intensity") { compare(too_intense()); }
TEST_CASE("both worlds agree on escalation") { compare(escalation()); }
TEST_CASE("both worlds agree on any_significant") { compare(significant_child(group_spec::shutdown::any_significant)); }
TEST_CASE("both worlds agree on all_significant") { compare(significant_child(group_spec::shutdown::all_significant)); }
TEST_CASE("both worlds agree on a temporary bystander") { compare(temporary_bystander()); }

TEST_CASE("both worlds agree on a dependency that dies and comes back") {
  compare(story(
      [](supervisor& it) {
        unit_spec db = permanent("db");
        // So late that the other has stopped before: what happens at the same time has no order.
        restart_rules late = db.restart();
        db.restart(late.delays(backoff::constant(std::chrono::milliseconds(500))));
        it.add(db.as(role::dependency));
        dependency_edge edge{"db"};
        edge.on_loss = edge_action::restart;
        it.add(permanent("api").depends_on(std::vector<dependency_edge>{edge}));
      },
      [](world_under_test& world) -> task<void> {
        co_await world.next("api", event_type::ready);
        world.strike("db", SIGKILL);
        co_await world.next("api", event_type::ready, 2);
        world.it().request_stop("enough");
      }));
}

TEST_CASE("both worlds agree on a dependency that is given up") {
  compare(story(
      [](supervisor& it) {
        unit_spec db(unit_id("db"), child_command("sleep", "50", "exit", "3"));
        db.restart(restart_rules().delays(backoff::constant(std::chrono::nanoseconds::zero())).max_retries(2));
        it.add(permanent("keeper"));
        it.add(db.as(role::dependency).ready_when(says("never")).depends_on("keeper"));
        unit_spec api = service("api");
        it.add(std::move(api));
      },
      [](world_under_test& world) -> task<void> { co_await world.next("keeper", event_type::ready); }));
}

TEST_CASE("both worlds agree on a child that ignores SIGTERM and cleanup after it") {
  compare(story(
      [](supervisor& it) {
        unit_spec stubborn(unit_id("stubborn"), child_command("ignore", "TERM", "print", "up", "wait"));
        stubborn.ready_when(says("up")).depends_on(std::vector<dependency_edge>{});
        stop_plan plan = stop_plan::empty();
        plan.then(stop_step(signal_number(SIGTERM), std::chrono::milliseconds(100), stop_scope::group));
        it.add(stubborn.stop_by(plan.then_kill()));
        it.add(child_unit("sweep", "exit", "0").as(role::cleanup));
      },
      [](world_under_test& world) -> task<void> {
        co_await world.next("stubborn", event_type::ready);
        world.it().request_stop("enough");
      }));
}

}  // namespace t_two_worlds
