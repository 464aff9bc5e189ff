// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The state machine of a unit, one case a transition: what happened, what it became, what is to be done.
#include <stdexcept>

#include <catch.hpp>

#include <ovrseer/supervise/unit_machine.hpp>

namespace t_unit_machine {

using namespace ovrseer;
using namespace std::chrono_literals;
using input = unit_input::kind;
using action = unit_action::kind;
using enum unit_state;

struct scripted_check {
  task<check_result> operator()(check_target) const { co_return check_result{}; }
};

unit_spec service_spec() {
  unit_spec spec("api", command("api"));
  spec.restart(restart_rules().delays(backoff::constant(1s)).max_retries(1));
  return spec;
}
unit_spec checked_spec() {
  unit_spec spec = service_spec();
  spec.ready_when(scripted_check());
  return spec;
}

/// A machine with a clock of its own, and the words of what came of the last input.
struct bench {
  explicit bench(unit_spec what) : spec(std::move(what)), machine(spec) {}
  bench(const bench&) = delete;

  unit_step give(input what, std::string detail = "because", std::optional<exit_status> status = {}) {
    last = machine.on({what, std::move(detail), status}, now, 0.0);
    return last;
  }
  bench& run_to_ready() {
    give(input::start);
    give(input::dependencies_met);
    give(input::spawned);
    if (spec.ready_when()) give(input::check_passed);
    return *this;
  }
  std::vector<unit_state> states() const {
    std::vector<unit_state> all;
    for (const unit_transition& change : last.transitions) all.push_back(change.to);
    return all;
  }
  std::vector<action> actions() const {
    std::vector<action> all;
    for (const unit_action& each : last.actions) all.push_back(each.what);
    return all;
  }

  unit_spec spec;
  unit_machine machine;
  unit_step last;
  steady_time now{};
};

using states = std::vector<unit_state>;
using actions = std::vector<action>;

TEST_CASE("a start waits for dependencies and then spawns") {
  bench b(service_spec());
  CHECK(b.machine.state() == created);
  b.give(input::start);
  CHECK(b.states() == states{waiting});
  CHECK(b.actions() == actions{action::watch_dependencies});
  b.give(input::dependencies_met);
  CHECK(b.states() == states{starting});
  CHECK(b.actions() == actions{action::spawn});
  CHECK(b.machine.incarnation() == 1);
}

TEST_CASE("without a ready check a service is ready as soon as it is spawned") {
  bench b(service_spec());
  b.give(input::start);
  b.give(input::dependencies_met);
  b.give(input::spawned);
  CHECK(b.states() == states{running, ready});
  CHECK(b.machine.was_ever_ready());
}

TEST_CASE("a one-shot unit without a check is never ready but runs") {
  unit_spec spec = service_spec();
  spec.of_kind(unit_spec::kind::one_shot);
  bench b(std::move(spec));
  b.give(input::start);
  b.give(input::dependencies_met);
  b.give(input::spawned);
  CHECK(b.states() == states{running});
}

TEST_CASE("with a check it runs until the check passes") {
  bench b(checked_spec());
  b.give(input::start);
  b.give(input::dependencies_met);
  b.give(input::spawned);
  CHECK(b.states() == states{running});
  CHECK(b.actions() == actions{action::begin_check});
  b.now += 3s;
  b.give(input::check_passed);
  CHECK(b.states() == states{ready});
  CHECK(b.last.transitions.front().data.took == 3s);
}

TEST_CASE("a dependency that cannot be had skips the unit") {
  bench b(service_spec());
  b.give(input::start);
  b.give(input::dependency_unavailable, "db is failed");
  CHECK(b.states() == states{skipped});
  CHECK(b.machine.is_settled());
  CHECK(b.machine.failure() == "db is failed");
}

TEST_CASE("a crash is decided and reported and swept before the delay begins") {
  bench b(service_spec());
  b.run_to_ready();
  b.now += 5s;
  b.give(input::exited, "", exit_status::exited(3));
  CHECK(b.states() == states{crashed});
  CHECK(b.actions() == actions{action::report, action::sweep});
  const transition_data& data = b.last.transitions.front().data;
  CHECK(data.why.what == "exited with code 3 after 5s");
  CHECK(data.why.rule == "restartPolicy on-failure");
  CHECK(data.why.decision == "restart 1 of 1 in 1s");
  CHECK(data.uptime == 5s);
  CHECK_FALSE(b.machine.is_settled());
  b.give(input::swept);
  CHECK(b.states() == states{backing_off});
  CHECK(b.actions() == actions{action::begin_delay});
  CHECK(b.last.actions.front().delay == 1s);
  b.give(input::delay_passed);
  CHECK(b.states() == states{waiting});
  b.give(input::dependencies_met);
  CHECK(b.states() == states{starting});
  CHECK(b.last.restarted);
  CHECK(b.machine.incarnation() == 2);
  CHECK(b.machine.restarts() == 1);
}

TEST_CASE("after the last retry it is given up and the report says so") {
  bench b(service_spec());
  b.run_to_ready();
  b.give(input::exited, "", exit_status::exited(3));
  b.give(input::swept);
  b.give(input::delay_passed);
  b.give(input::dependencies_met);
  b.give(input::spawned);
  b.give(input::exited, "", exit_status::exited(3));
  CHECK(b.last.actions.front().report == crash_kind::retries_exhausted);
  CHECK(b.last.transitions.front().data.why.decision == "given up");
  b.give(input::swept);
  CHECK(b.states() == states{failed});
  CHECK(b.machine.is_settled());
  CHECK(b.machine.last_status() == exit_status::exited(3));
}

TEST_CASE("a unit that must not be restarted fails at its first crash and is reported as a crash") {
  unit_spec spec = service_spec();
  spec.restart(restart_rules(restart_rules::when::never));
  bench b(std::move(spec));
  b.run_to_ready();
  b.give(input::exited, "", exit_status::signaled(signal_number(SIGSEGV)));
  CHECK(b.last.actions.front().report == crash_kind::crash);
  b.give(input::swept);
  CHECK(b.states() == states{failed});
}

TEST_CASE("an end with success completes and rests once it is swept") {
  bench b(service_spec());
  b.run_to_ready();
  b.give(input::exited, "", exit_status::exited(0));
  CHECK(b.states() == states{completed});
  CHECK(b.actions() == actions{action::sweep});
  CHECK_FALSE(b.machine.is_settled());
  b.give(input::swept);
  CHECK(b.states().empty());
  CHECK(b.machine.is_settled());
}

TEST_CASE("always restarts after success and a stop during the sweep prevents it") {
  unit_spec spec = service_spec();
  spec.restart(restart_rules(restart_rules::when::always).delays(backoff::constant(1s)));
  bench b(std::move(spec));
  b.run_to_ready();
  b.give(input::exited, "", exit_status::exited(0));
  SECTION("restart") {
    b.give(input::swept);
    CHECK(b.states() == states{backing_off});
  }
  SECTION("stop") {
    b.give(input::stop);
    b.give(input::swept);
    CHECK(b.states().empty());
    CHECK(b.machine.state() == completed);
    CHECK(b.machine.is_settled());
  }
}

TEST_CASE("a spawn that fails is a crash with a restart and no process to sweep") {
  bench b(service_spec());
  b.give(input::start);
  b.give(input::dependencies_met);
  b.give(input::spawn_failed, "could not be started: exec");
  CHECK(b.states() == states{crashed, backing_off});
  CHECK(b.actions() == actions{action::report, action::begin_delay});
  CHECK(b.last.actions.front().report == crash_kind::spawn_failed);
  CHECK_FALSE(b.last.transitions.front().data.status.has_value());
}

TEST_CASE("a failed ready check stops the process and then counts as a crash") {
  bench b(checked_spec());
  b.give(input::start);
  b.give(input::dependencies_met);
  b.give(input::spawned);
  b.give(input::check_failed, "not ready: timed out");
  CHECK(b.states() == states{stopping});
  CHECK(b.actions() == actions{action::end_check, action::begin_stop});
  b.give(input::stop_done, "exited with code 0", exit_status::exited(0));
  CHECK(b.states() == states{crashed, backing_off});
  CHECK(b.last.actions.front().report == crash_kind::ready_check_failed);
  CHECK(b.last.transitions.front().data.why.what == "not ready: timed out");
  CHECK(b.last.transitions.front().data.status == exit_status::exited(0));
}

TEST_CASE("a stop carries out the plan and even SIGKILL at its end is a stop and no crash") {
  bench b(service_spec());
  b.run_to_ready();
  b.give(input::stop);
  CHECK(b.states() == states{stopping});
  CHECK(b.actions() == actions{action::begin_stop});
  b.give(input::exited, "", exit_status::signaled(signal_number(SIGKILL)));
  CHECK(b.states().empty());
  b.give(input::stop_done, "killed", exit_status::signaled(signal_number(SIGKILL)));
  CHECK(b.states() == states{stopped});
  CHECK(b.machine.is_settled());
}

TEST_CASE("a stop while it checks ends the check") {
  bench b(checked_spec());
  b.give(input::start);
  b.give(input::dependencies_met);
  b.give(input::spawned);
  b.give(input::stop);
  CHECK(b.actions() == actions{action::end_check, action::begin_stop});
  b.give(input::check_passed);
  CHECK(b.states().empty());
}

TEST_CASE("a stop while it waits or backs off takes effect at once") {
  bench b(service_spec());
  b.give(input::start);
  b.give(input::stop);
  CHECK(b.states() == states{stopped});
  b.give(input::dependencies_met);
  CHECK(b.states().empty());
  b.run_to_ready();
  b.give(input::exited, "", exit_status::exited(1));
  b.give(input::swept);
  b.give(input::stop);
  CHECK(b.states() == states{stopped});
  CHECK(b.actions() == actions{action::end_delay});
  b.give(input::delay_passed);
  CHECK(b.states().empty());
}

TEST_CASE("a restart stops and starts again and counts as a restart") {
  bench b(service_spec());
  b.run_to_ready();
  b.give(input::restart);
  CHECK(b.states() == states{stopping});
  b.give(input::stop_done, "", exit_status::exited(0));
  CHECK(b.states() == states{stopped, waiting});
  b.give(input::dependencies_met);
  CHECK(b.last.restarted);
}

TEST_CASE("of a stop and a restart during a stop the later one wins") {
  bench b(service_spec());
  b.run_to_ready();
  b.give(input::stop);
  SECTION("restart during a stop") {
    b.give(input::restart);
    b.give(input::stop_done, "", exit_status::exited(0));
    CHECK(b.states() == states{stopped, waiting});
  }
  SECTION("stop after that restart") {
    b.give(input::restart);
    b.give(input::stop);
    b.give(input::stop_done, "", exit_status::exited(0));
    CHECK(b.states() == states{stopped});
  }
  SECTION("start during a stop") {
    b.give(input::start);
    b.give(input::stop_done, "", exit_status::exited(0));
    CHECK(b.states() == states{stopped, waiting});
  }
}

TEST_CASE("a stop while a crash is swept ends in stopped and does not restart") {
  bench b(service_spec());
  b.run_to_ready();
  b.give(input::exited, "", exit_status::exited(1));
  b.give(input::stop);
  b.give(input::swept);
  CHECK(b.states() == states{stopped});
}

TEST_CASE("a process that survives its plan is failed and critical") {
  bench b(service_spec());
  b.run_to_ready();
  b.give(input::stop);
  b.give(input::stop_done, "it survives its stop plan");
  CHECK(b.states() == states{failed});
  CHECK(b.last.transitions.front().level == severity::critical);
}

TEST_CASE("a start of a unit that runs or is on its way changes nothing") {
  bench b(service_spec());
  b.run_to_ready();
  b.give(input::start);
  CHECK(b.states().empty());
  CHECK(b.actions().empty());
}

TEST_CASE("being ready long enough makes the row of restarts begin anew") {
  bench b(service_spec());
  for (int round = 0; round < 5; ++round) {
    b.run_to_ready();
    b.now += 30s;
    b.give(input::exited, "", exit_status::exited(1));
    CHECK(b.last.transitions.front().data.why.decision == "restart 1 of 1 in 1s");
    b.give(input::swept);
    b.give(input::delay_passed);
    b.give(input::dependencies_met);
    b.give(input::spawned);
  }
  CHECK(b.machine.restarts() == 5);
}

TEST_CASE("a cleanup unit over its time is stopped and reported as a failed cleanup") {
  unit_spec spec("sweep", command("sweep"));
  spec.as(role::cleanup).of_kind(unit_spec::kind::one_shot).restart(restart_rules(restart_rules::when::never));
  bench b(std::move(spec));
  b.give(input::start);
  b.give(input::dependencies_met);
  b.give(input::spawned);
  b.give(input::time_limit_passed, "not finished within 5s");
  CHECK(b.states() == states{stopping});
  b.give(input::stop_done, "", exit_status::signaled(signal_number(SIGKILL)));
  CHECK(b.states() == states{crashed, failed});
  CHECK(b.last.actions.front().report == crash_kind::cleanup_failed);
}

TEST_CASE("every change says where it came from") {
  bench b(checked_spec());
  unit_state before = created;
  for (const input what : {input::start, input::dependencies_met, input::spawned, input::check_passed, input::stop}) {
    b.give(what);
    for (const unit_transition& change : b.last.transitions) {
      CHECK(change.data.from == before);
      CHECK_FALSE(change.data.why.what.empty());
      before = change.to;
    }
  }
}

TEST_CASE("a restart policy of one's own has the last word and its reason stands in the cause") {
  unit_spec spec = service_spec();
  spec.decide_by([](const restart_question& question) {
    restart_decision made = question.standard;
    if (question.status == exit_status::exited(75)) {
      made.what = restart_decision::verdict::restart;
      made.delay = 42s;
      made.reason = "it asks to be tried later";
    }
    return made;
  });
  bench it(spec);
  for (int i = 0; i < 3; ++i) {  // the rules would give it up after one
    it.run_to_ready().give(input::exited, "", exit_status::exited(75));
    CHECK(it.last.transitions.back().data.why.rule == "restartPolicy on-failure (it asks to be tried later)");
    it.give(input::swept);
    REQUIRE(it.machine.state() == backing_off);
    CHECK(it.last.actions.back().delay == 42s);
    it.give(input::delay_passed);
  }
}

TEST_CASE("a restart policy that throws has no say") {
  unit_spec spec = service_spec();
  spec.decide_by([](const restart_question&) -> restart_decision { throw std::runtime_error("no idea"); });
  bench it(spec);
  it.run_to_ready().give(input::exited, "", exit_status::exited(1));
  CHECK(it.last.transitions.back().data.why.rule == "restartPolicy on-failure (the restart policy failed: no idea)");
  it.give(input::swept);
  CHECK(it.machine.state() == backing_off);
}

TEST_CASE("a unit that its group gives up while it rests before its next start has failed") {
  bench it(service_spec());
  it.run_to_ready().give(input::exited, "", exit_status::exited(1));
  it.give(input::swept);
  it.give(input::group_gave_up, "group web: more than 1 restarts in 5s");
  CHECK(it.states() == std::vector{failed});
  CHECK(it.actions() == std::vector{action::end_delay});
  CHECK(it.machine.is_given_up());
  CHECK(it.machine.is_settled());
}

TEST_CASE("a watched unit is asked from ready on and not while it is paused") {
  unit_spec spec = service_spec();
  spec.watch(health_watch(scripted_check()));
  bench it(spec);
  it.run_to_ready();
  CHECK(it.actions() == std::vector{action::begin_watch});
  it.give(input::pause);
  CHECK(it.actions() == std::vector{action::end_watch, action::pause});
  it.give(input::resume);
  CHECK(it.actions() == std::vector{action::resume, action::begin_watch});
  CHECK(it.machine.state() == ready);
  CHECK_FALSE(it.last.transitions.back().data.took);
  it.give(input::pause);
  it.give(input::stop);
  CHECK(it.actions() == std::vector{action::resume, action::begin_stop});
}

TEST_CASE("a unit that is paused while it starts is checked anew when it goes on") {
  bench it(checked_spec());
  it.give(input::start);
  it.give(input::dependencies_met);
  it.give(input::spawned);
  it.give(input::pause);
  CHECK(it.actions() == std::vector{action::end_check, action::pause});
  it.give(input::check_passed);
  CHECK(it.machine.state() == paused);
  it.give(input::resume);
  CHECK(it.actions() == std::vector{action::resume, action::begin_check});
  CHECK(it.machine.state() == running);
}

TEST_CASE("a start that comes after a stop while it is being spawned has the last word") {
  const input last = GENERATE(input::start, input::restart);
  bench it(service_spec());
  it.give(input::start);
  it.give(input::dependencies_met);
  it.give(input::stop);
  it.give(last);
  CHECK(it.states().empty());
  SECTION("it stays up") {
    it.give(input::spawned);
    CHECK(it.states() == states{running, ready});
    it.give(input::exited, "", exit_status::exited(1));
    CHECK(it.states() == states{crashed});
  }
  SECTION("a spawn that fails is tried again") {
    it.give(input::spawn_failed);
    CHECK(it.states() == states{crashed, backing_off});
  }
  SECTION("and a stop after that again") {
    it.give(input::stop);
    it.give(input::spawned);
    CHECK(it.states() == states{running, stopping});
  }
}

TEST_CASE("a start that comes while what is left is swept is not forgotten") {
  unit_spec spec = service_spec();
  spec.restart(restart_rules(restart_rules::when::never));
  const int code = GENERATE(0, 1);
  const bool is_stopped_before = GENERATE(false, true);
  bench it(std::move(spec));
  it.run_to_ready().give(input::exited, "", exit_status::exited(code));
  if (is_stopped_before) it.give(input::stop);
  it.give(input::start);
  CHECK(it.states().empty());
  it.give(input::swept);
  CHECK(it.states() == states{waiting});
  CHECK(it.actions() == actions{action::watch_dependencies});
}

TEST_CASE("a start during the sweep does not shorten the delay of a restart that is decided") {
  bench it(service_spec());
  it.run_to_ready().give(input::exited, "", exit_status::exited(1));
  it.give(input::start);
  it.give(input::swept);
  CHECK(it.states() == states{backing_off});
}

TEST_CASE("a restart that is asked for during the sweep begins the row anew") {
  bench it(service_spec());
  it.run_to_ready().give(input::exited, "", exit_status::exited(1));
  it.give(input::restart);
  it.give(input::swept);
  it.give(input::dependencies_met);
  it.give(input::spawned);
  it.give(input::exited, "", exit_status::exited(1));
  CHECK(it.last.transitions.front().data.why.decision == "restart 1 of 1 in 1s");
}

TEST_CASE("a start after a stop is no restart whatever was on its way before") {
  bench it(service_spec());
  it.run_to_ready().give(input::exited, "", exit_status::exited(1));
  it.give(input::swept);
  it.give(input::delay_passed);
  CHECK(it.machine.is_restarting());
  SECTION("it was stopped while it waited") {
    it.give(input::stop);
    CHECK(it.states() == states{stopped});
  }
  SECTION("it was skipped") {
    it.give(input::dependency_unavailable);
    CHECK(it.states() == states{skipped});
  }
  CHECK_FALSE(it.machine.is_restarting());
  it.give(input::start);
  it.give(input::dependencies_met);
  CHECK_FALSE(it.last.restarted);
  CHECK(it.machine.restarts() == 0);
  CHECK(it.machine.incarnation() == 2);
}

TEST_CASE("a restart of what is on its way changes nothing") {
  bench it(service_spec());
  it.give(input::start);
  it.give(input::restart);
  CHECK_FALSE(it.machine.is_restarting());
  it.give(input::dependencies_met);
  it.give(input::restart);
  CHECK_FALSE(it.machine.is_restarting());
  it.give(input::spawned);
  it.give(input::stop);
  it.give(input::stop_done, "", exit_status::exited(0));
  it.give(input::start);
  it.give(input::dependencies_met);
  CHECK_FALSE(it.last.restarted);
}

TEST_CASE("a restart policy that throws anything at all has no say") {
  unit_spec spec = service_spec();
  spec.decide_by([](const restart_question&) -> restart_decision { throw 42; });
  bench it(spec);
  it.run_to_ready().give(input::exited, "", exit_status::exited(1));
  CHECK(it.last.transitions.back().data.why.rule == "restartPolicy on-failure (the restart policy failed)");
  it.give(input::swept);
  CHECK(it.machine.state() == backing_off);
}

/// Watched from the moment when it is ready; one retry, and stable after 30 s.
unit_spec watched_spec() {
  unit_spec spec = service_spec();
  spec.watch(health_watch(scripted_check()));
  return spec;
}
/// Ends it, and lets it come up again where that was decided; says what was decided.
std::string crash_of(bench& b) {
  b.give(input::exited, "", exit_status::exited(1));
  std::string decision = b.last.transitions.back().data.why.decision;
  b.give(input::swept);
  b.give(input::delay_passed);
  b.give(input::dependencies_met);
  b.give(input::spawned);
  return decision;
}

TEST_CASE("a watched unit is stable only from the time when its health is proven") {
  bench it(watched_spec());
  it.run_to_ready();
  CHECK(crash_of(it) == "restart 1 of 1 in 1s");
  SECTION("never proven") {
    it.now += 1h;
    CHECK(crash_of(it) == "given up");
  }
  SECTION("proven long enough ago") {
    it.give(input::health_proven);
    it.now += 30s;
    CHECK(crash_of(it) == "restart 1 of 1 in 1s");
  }
  SECTION("proven not long enough ago") {
    it.now += 1h;
    it.give(input::health_proven);
    it.now += 30s - 1ns;
    CHECK(crash_of(it) == "given up");
  }
  SECTION("proven again changes nothing") {
    it.give(input::health_proven);
    it.now += 20s;
    it.give(input::health_proven);
    it.now += 10s;
    CHECK(crash_of(it) == "restart 1 of 1 in 1s");
  }
  SECTION("health that returns without having been lost proves nothing") {
    it.give(input::health_returned);
    it.now += 1h;
    CHECK(crash_of(it) == "given up");
  }
}

TEST_CASE("what is proven while it is not ready says nothing") {
  bench it(watched_spec());
  it.run_to_ready();
  crash_of(it);
  it.give(input::health_lost);
  it.give(input::health_proven);
  it.now += 1h;
  CHECK(crash_of(it) == "given up");
}

TEST_CASE("a unit that becomes unhealthy was stable if it was ready long enough") {
  bench it(watched_spec());
  it.run_to_ready();
  crash_of(it);
  SECTION("exactly long enough") {
    it.give(input::health_proven);
    it.now += 30s;
    it.give(input::health_lost);
    CHECK(crash_of(it) == "restart 1 of 1 in 1s");
  }
  SECTION("not long enough") {
    it.give(input::health_proven);
    it.now += 30s - 1ns;
    it.give(input::health_lost);
    it.now += 1h;  // being unhealthy does not count
    CHECK(crash_of(it) == "given up");
  }
  SECTION("never proven") {
    it.now += 1h;
    it.give(input::health_lost);
    CHECK(crash_of(it) == "given up");
  }
  SECTION("after its return it counts from there") {
    it.give(input::health_proven);
    it.give(input::health_lost);
    it.now += 1h;
    it.give(input::health_returned);
    it.now += 30s - 1ns;
    CHECK(crash_of(it) == "given up");
  }
  SECTION("after its return it is stable in its time") {
    it.give(input::health_lost);
    it.give(input::health_returned);
    it.now += 30s;
    CHECK(crash_of(it) == "restart 1 of 1 in 1s");
  }
}

TEST_CASE("an incarnation that was never ready is not stable however long the one before was") {
  bench it(checked_spec());
  it.run_to_ready();
  it.now += 1h;
  CHECK(crash_of(it) == "restart 1 of 1 in 1s");
  it.now += 1h;
  SECTION("it ends") { CHECK(crash_of(it) == "given up"); }
}

TEST_CASE("a spawn that fails is not stable however long the incarnation before was") {
  bench it(service_spec());
  it.run_to_ready();
  it.now += 1h;
  it.give(input::exited, "", exit_status::exited(1));
  it.give(input::swept);
  it.give(input::delay_passed);
  it.give(input::dependencies_met);
  it.now += 1h;
  it.give(input::spawn_failed);
  CHECK(it.last.transitions.front().data.why.decision == "given up");
}

TEST_CASE("with stable after zero what was never ready is given up all the same") {
  unit_spec spec = service_spec();
  spec.restart(restart_rules().delays(backoff::constant(1s)).max_retries(1).stable_after(0s));
  bench it(std::move(spec));
  it.give(input::start);
  it.give(input::dependencies_met);
  it.give(input::spawn_failed);
  it.give(input::delay_passed);
  it.give(input::dependencies_met);
  it.give(input::spawn_failed);
  CHECK(it.machine.state() == failed);
}

TEST_CASE("a stop that was asked for during the spawn counts once") {
  const bool can_spawn = GENERATE(true, false);
  bench it(service_spec());
  it.give(input::start);
  it.give(input::dependencies_met);
  it.give(input::stop);
  it.give(can_spawn ? input::spawned : input::spawn_failed);
  if (can_spawn) it.give(input::stop_done, "", exit_status::exited(0));
  CHECK(it.machine.state() == stopped);
  it.run_to_ready();
  CHECK(it.machine.state() == ready);
  it.give(input::exited, "", exit_status::exited(1));
  it.give(input::swept);
  it.give(input::delay_passed);
  it.give(input::dependencies_met);
  it.give(input::spawn_failed);
  CHECK(it.machine.state() == failed);  // and not stopped
}

TEST_CASE("a start after a stop during the sweep stands against the restart that was decided before") {
  bench it(service_spec());
  it.run_to_ready().give(input::exited, "", exit_status::exited(1));
  it.give(input::stop);
  it.give(input::start);
  it.give(input::swept);
  CHECK(it.states() == states{waiting});
}

TEST_CASE("a crash is reported as what it is whatever the end before was") {
  bench it(checked_spec());
  it.give(input::start);
  it.give(input::dependencies_met);
  it.give(input::spawned);
  it.give(input::check_failed);
  it.give(input::stop_done, "", exit_status::exited(0));
  CHECK(it.last.actions.front().report == crash_kind::ready_check_failed);
  it.give(input::restart);
  it.give(input::dependencies_met);
  it.give(input::spawned);
  it.give(input::exited, "", exit_status::exited(1));
  CHECK(it.last.actions.at(1).report == crash_kind::crash);
  CHECK(it.machine.failure_kind() == crash_kind::crash);
}

TEST_CASE("a request to restart begins the row anew") {
  bench it(service_spec());
  it.run_to_ready();
  crash_of(it);
  it.give(input::restart);
  it.give(input::stop_done, "", exit_status::exited(0));
  it.give(input::dependencies_met);
  it.give(input::spawned);
  CHECK(crash_of(it) == "restart 1 of 1 in 1s");
}

TEST_CASE("whoever survives a stop has failed but is not given up whatever was before") {
  bench it(service_spec());
  it.run_to_ready();
  crash_of(it);
  it.give(input::exited, "", exit_status::exited(1));
  it.give(input::swept);
  CHECK(it.machine.is_given_up());
  it.run_to_ready();
  CHECK_FALSE(it.machine.is_given_up());
  it.give(input::stop);
  it.give(input::stop_done, "it survives its stop plan");
  CHECK(it.machine.state() == failed);
  CHECK_FALSE(it.machine.is_given_up());
}

TEST_CASE("each verdict stands in the cause with its rule and is reported as what it is") {
  struct row {
    restart_rules rules;
    cause expected;
    crash_kind report;
  };
  const restart_rules base = restart_rules().delays(backoff::constant(1s)).max_retries(9);
  const std::string first = "exited with code 1 after 0ns";
  const row rows[] = {
      {restart_rules(base).max_retries(1),
       {first, "restartPolicy on-failure, maxRetries 1", "given up"},
       crash_kind::retries_exhausted},
      {restart_rules(base).max_restarts(1),
       {first, "restartPolicy on-failure, maxRestarts 1", "given up"},
       crash_kind::retries_exhausted},
      {restart_rules(base).intensity(1, 1min), {first, "intensity 1 in 1m", "given up"}, crash_kind::retries_exhausted},
      {restart_rules(base).max_retries(1).breaker(20s),
       {first, "restartPolicy on-failure, breaker", "open; a trial in 20s"},
       crash_kind::crash},
      {restart_rules(base).max_retries(0), {first, "restartPolicy on-failure", "restart 2 in 1s"}, crash_kind::crash},
      {base, {first, "restartPolicy on-failure", "restart 2 of 9 in 1s"}, crash_kind::crash},
  };
  for (const row& each : rows) {
    unit_spec spec = service_spec();
    spec.restart(each.rules);
    bench it(std::move(spec));
    it.run_to_ready();
    crash_of(it);
    it.give(input::exited, "", exit_status::exited(1));
    CHECK(it.last.transitions.front().data.why == each.expected);
    CHECK(it.last.actions.front().report == each.report);
    it.give(input::swept);
    CHECK(it.machine.is_given_up() == (each.expected.decision == "given up"));
  }
}

TEST_CASE("after a permanent code it is given up and the rule says so") {
  unit_spec spec = service_spec();
  spec.restart(restart_rules().permanent_codes({1}));
  bench it(std::move(spec));
  it.run_to_ready().give(input::exited, "", exit_status::exited(1));
  CHECK(it.last.transitions.front().data.why ==
        cause{"exited with code 1 after 0ns", "restartPolicy on-failure, permanentCodes", "given up"});
  CHECK(it.last.actions.front().report == crash_kind::crash);
}

TEST_CASE("a dependency that is given up and a cleanup that fails are reported as such") {
  unit_spec spec = service_spec();
  spec.as(role::dependency);
  bench it(spec);
  it.run_to_ready().give(input::exited, "", exit_status::exited(1));
  CHECK(it.last.actions.front().report == crash_kind::crash);
  CHECK(it.last.actions.front().message == "api exited with code 1 after 0ns; restart 1 of 1 in 1s");
  it.give(input::swept);
  it.give(input::delay_passed);
  it.give(input::dependencies_met);
  it.give(input::spawn_failed, "could not be started");
  CHECK(it.last.actions.front().report == crash_kind::dependency_failed);
}

TEST_CASE("a restart policy of one's own is told all that there is to know") {
  std::vector<restart_question> asked;
  unit_spec spec = service_spec();
  spec.restart(restart_rules().delays(backoff::constant(4s).jitter(0.5)).max_retries(2).stable_after(1h));
  spec.decide_by([&asked](const restart_question& question) {
    asked.push_back(question);
    return question.standard;
  });
  unit_machine machine(spec);
  const auto give = [&](input what, steady_time now, std::optional<exit_status> status = {}) {
    machine.on({what, "because", status}, now, 0.25);
  };
  const steady_time begin{};
  give(input::start, begin);
  give(input::dependencies_met, begin + 1s);
  give(input::spawned, begin + 2s);
  give(input::exited, begin + 9s, exit_status::exited(5));
  give(input::swept, begin + 9s);
  give(input::delay_passed, begin + 20s);
  give(input::dependencies_met, begin + 20s);
  give(input::spawn_failed, begin + 21s);
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].status == exit_status::exited(5));
  CHECK(asked[0].what == "exited with code 5 after 7s");
  CHECK(asked[0].uptime == 7s);
  CHECK(asked[0].ready_for == 7s);
  CHECK(asked[0].in_row == 1);
  CHECK(asked[0].restarts == 0);
  CHECK(asked[0].now == begin + 9s);
  CHECK(asked[0].random == 0.25);
  CHECK(asked[0].standard.what == restart_decision::verdict::restart);
  CHECK(asked[0].standard.delay == 3500ms);
  CHECK(asked[1].status == exit_status::lost());
  CHECK(asked[1].what == "because");
  CHECK(asked[1].uptime == 0s);
  CHECK(asked[1].ready_for == 0s);
  CHECK(asked[1].in_row == 2);
  CHECK(asked[1].restarts == 1);
  CHECK(asked[1].now == begin + 21s);
}

TEST_CASE("the report of a flag names the event that led to it and that of a crash none") {
  bench b(service_spec());
  b.run_to_ready();
  unit_input flagged{input::flagged, "the flag \"a\" matched"};
  flagged.cause_seq = 17;
  b.last = b.machine.on(flagged, b.now, 0.0);
  REQUIRE(b.actions() == actions{action::report});
  CHECK(b.last.actions.front().cause_seq == 17);
  CHECK(b.states().empty());
  b.give(input::exited, "it ended", exit_status::exited(1));
  REQUIRE(b.last.actions.front().what == action::report);
  CHECK(b.last.actions.front().cause_seq == 0);
}

}  // namespace t_unit_machine
