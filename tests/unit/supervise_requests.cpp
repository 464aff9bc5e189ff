// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Requests that come at awkward moments in the life of a unit: what its state machine makes of them.
#include <catch.hpp>

#include <ovrseer/supervise/unit_machine.hpp>

namespace t_supervise_requests {

using namespace ovrseer;
using namespace std::chrono_literals;
using input = unit_input::kind;
using enum unit_state;

struct bench {
  explicit bench(unit_spec what = unit_spec("db", command("db"))) : spec(std::move(what)), machine(spec) {}
  bench(const bench&) = delete;
  bench& operator=(const bench&) = delete;

  std::vector<unit_state> give(input what, std::optional<exit_status> status = {}) {
    last = machine.on({what, "because", status}, steady_time(), 0.0);
    std::vector<unit_state> states;
    for (const unit_transition& change : last.transitions) states.push_back(change.to);
    return states;
  }
  /// The kind of the report among the actions of the last step.
  std::optional<crash_kind> report() const {
    for (const unit_action& each : last.actions) {
      if (each.what == unit_action::kind::report) return each.report;
    }
    return std::nullopt;
  }

  unit_spec spec;
  unit_machine machine;
  unit_step last;
};

using states = std::vector<unit_state>;

TEST_CASE("a stop while the unit is being spawned is carried out once it runs") {
  bench b;
  b.give(input::start);
  b.give(input::dependencies_met);
  CHECK(b.give(input::stop).empty());
  CHECK(b.give(input::spawned) == states{running, stopping});
  REQUIRE(b.last.actions.size() == 2);  // the check that never began, and the stop
  CHECK(b.last.actions.back().what == unit_action::kind::begin_stop);
  CHECK(b.give(input::stop_done, exit_status::exited(0)) == states{stopped});
  // It is forgotten then: the next start runs.
  b.give(input::start);
  b.give(input::dependencies_met);
  CHECK(b.give(input::spawned) == states{running, ready});
}

TEST_CASE("a stop while a spawn fails leaves the unit at rest") {
  bench b;
  b.give(input::start);
  b.give(input::dependencies_met);
  b.give(input::stop);
  CHECK(b.give(input::spawn_failed) == states{crashed, stopped});
  CHECK(b.machine.is_settled());
}

TEST_CASE("a dependency that is given up has a kind of report of its own") {
  const auto kind_of_last = [](role as) {
    unit_spec spec("db", command("db"));
    spec.as(as).restart(restart_rules(restart_rules::when::never));
    bench b(std::move(spec));
    b.give(input::start);
    b.give(input::dependencies_met);
    b.give(input::spawned);
    b.give(input::exited, exit_status::exited(1));
    return b.report();
  };
  CHECK(kind_of_last(role::dependency) == crash_kind::dependency_failed);
  CHECK(kind_of_last(role::main) == crash_kind::crash);
  CHECK(kind_of_last(role::cleanup) == crash_kind::cleanup_failed);
}

TEST_CASE("a dependency that is restarted has only crashed") {
  unit_spec spec("db", command("db"));
  spec.as(role::dependency);
  bench b(std::move(spec));
  b.give(input::start);
  b.give(input::dependencies_met);
  b.give(input::spawned);
  b.give(input::exited, exit_status::exited(1));
  CHECK(b.report() == crash_kind::crash);
}

}  // namespace t_supervise_requests
