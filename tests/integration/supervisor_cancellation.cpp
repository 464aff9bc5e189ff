// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A whole supervisor cancelled at every suspension point with every type; see support/cancel.hpp.
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <cancel.hpp>
#include <run_child.hpp>

#include <ovrseer/check/log_line.hpp>
#include <ovrseer/export/unit_metrics.hpp>
#include <ovrseer/sim/scripted_os.hpp>
#include <ovrseer/supervise/plugin.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace t_supervisor_cancellation {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::all_abort;
using test::all_finish;
using test::cancel_everywhere;
using test::child_command;
using test::ending;
using test::progress;
using test::stage;
using test::time_kind;

/// A store that a main waits for, and a cleanup: every phase of a run in a few handlers.
void furnish(supervisor& target) {
  unit_spec store(unit_id("store"), child_command("trap", "TERM", "0", "print", "ready", "wait"));
  store.as(role::dependency).ready_when(log_line(*pattern<>::compile("ready")));
  store.stop_by(stop_plan(signal_number(SIGTERM), 50ms));
  target.add(std::move(store));
  unit_spec main(unit_id("main"), child_command("sleep", "20", "exit", "0"));
  main.of_kind(unit_spec::kind::one_shot);
  main.stop_by(stop_plan(signal_number(SIGTERM), 50ms));
  target.add(std::move(main));
  unit_spec sweep(unit_id("sweep"), child_command("exit", "0"));
  sweep.as(role::cleanup);
  target.add(std::move(sweep));
}

task<void> run_to_the_end(stage& at) {
  supervisor target(at.ex());
  furnish(target);
  const int code = co_await target.run();
  const bool may_be_forced = at.planned_end == ending::terminal;
  if (code != 0 && !(may_be_forced && code == 130)) throw std::runtime_error("exit code " + std::to_string(code));
  for (const unit_id& id : target.units()) {
    if (!is_at_rest(target.state(id))) throw std::runtime_error(to_text(id) + " goes on");
  }
}
TEST_CASE("a supervisor that is cancelled anywhere stops everything") {
  cancel_everywhere({"supervisor::run", run_to_the_end, all_finish, time_kind::real});
}

// Nothing of it ends by itself.
task<void> run_for_ever(stage& at) {
  supervisor target(at.ex());
  unit_spec main(unit_id("main"), child_command("trap", "TERM", "0", "print", "ready", "wait"));
  main.ready_when(log_line(*pattern<>::compile("ready")));
  target.add(std::move(main));
  const int code = co_await target.run();
  if (code != 0 && code != 130) throw std::runtime_error("exit code " + std::to_string(code));
}
TEST_CASE("a supervisor of services ends when it is cancelled") {
  cancel_everywhere(
      {"supervisor::run, of services", run_for_ever, all_finish, time_kind::real, nullptr, progress::when_pushed});
}

// Lets a unit start at once and hears nothing.
struct careless_host final : unit_host {
  void on_transition(unit&, unit_transition, std::uint64_t) override {}
  void on_restarted(unit&) override {}
  void on_waiting(unit& which) override { which.tell({unit_input::kind::dependencies_met, "nothing to wait for"}); }
  bool may_start(unit&) override { return true; }
  void on_report(unit&, const unit_action&) override {}
  void on_check_failed(unit&, check_data) override {}
  void on_proven(unit&) override {}
  void on_failure(failure_notice notice) override { FAIL_CHECK(notice.message); }
  void on_handled(unit& which) override {
    if (which.machine().is_settled() && which.is_idle()) which.close();
  }
};

task<void> drive_one(stage& at) {
  unit_spec what(unit_id("one"), child_command("sleep", "20", "exit", "0"));
  what.of_kind(unit_spec::kind::one_shot);
  unit& target = at.keep<unit>(at.ex(), std::move(what), at.keep<careless_host>());
  target.tell({unit_input::kind::start, "test"});
  co_await target.drive();
  if (!target.is_over()) throw std::runtime_error("goes on");
}
TEST_CASE("a unit whose driver is cancelled ends what runs") {
  cancel_everywhere({"unit::drive", drive_one, all_finish, time_kind::real});
}

// What reads a supervisor from outside, beside one that comes to its end whatever becomes of its readers.
void script_a_main(stage& at) {
  auto os = std::make_unique<scripted_os>(1);
  os->program("main", process_script().say("hello").wait(2s).exit(0));
  use_os(at.context(), std::move(os));
}
struct kept_supervisor {
  explicit kept_supervisor(const executor& ex) : it(ex) {}
  supervisor it;
};
supervisor& run_beside(stage& at) {
  supervisor& target = at.keep<kept_supervisor>(at.ex()).it;
  target.on_error([](const failure_notice&) {});
  target.add(unit_spec(unit_id("main"), command("main")));
  asio::co_spawn(at.ex(), target.run(), [](const std::exception_ptr&, int) {});
  return target;
}

struct slow_listener {
  stage* at;
  task<void> on_line(const unit_id&, const line&) {
    const stage::frame here(*at);
    co_await sleep_for(1s);
  }
  void on_started(const event&) {}
};
task<void> tell_a_plugin(stage& at) {
  slow_listener listener{&at};
  task<void> telling = attach(run_beside(at), std::move(listener));
  co_await std::move(telling);
}
TEST_CASE("a plugin that is cancelled anywhere is told no more") {
  cancel_everywhere({"attach, a plugin", tell_a_plugin, all_abort, time_kind::simulated, script_a_main});
}

task<void> measure_units(stage& at) {
  auto& shown = at.keep<unit_metrics>(at.keep<registry>(), 500ms);
  co_await shown.run(run_beside(at));
}
TEST_CASE("metrics of units end when they are cancelled anywhere") {
  cancel_everywhere({"unit_metrics::run", measure_units, all_abort, time_kind::simulated, script_a_main});
}

}  // namespace t_supervisor_cancellation
