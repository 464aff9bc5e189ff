// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A whole supervisor cancelled at every suspension point with every type; see support/cancel.hpp.
#include <csignal>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

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

struct kept_supervisor {
  explicit kept_supervisor(const executor& ex) : it(ex) {}
  supervisor it;
};

// What somebody asks of a supervisor that runs: main and other, which each take a second to be ready and one to end,
// and spare, which waits to be asked.
supervisor* asked = nullptr;

void run_a_stack(stage& at) {
  auto os = std::make_unique<scripted_os>(1);
  for (const char* name : {"main", "other", "spare"}) {
    os->program(name, process_script().wait(1s).say("up").wait(30s).on(SIGTERM, signal_reaction::exits(0, 1s)).exit(0));
  }
  use_os(at.context(), std::move(os));
  asked = &at.keep<kept_supervisor>(at.ex()).it;
  asked->on_error([](const failure_notice&) {});
  const auto unit = [](const char* name) {
    unit_spec made(name, command(name));
    made.ready_when(log_line(*pattern<>::compile("up")));
    return made.restart(restart_rules(restart_rules::when::never));
  };
  asked->add(unit("main"));
  asked->add(unit("other"));
  asked->add(unit("spare").on_demand());
  asio::co_spawn(at.ex(), asked->run(), [](const std::exception_ptr&, int) {});
  while (!asked->is_ready()) {
    if (!at.step()) throw std::runtime_error("the stack does not come up");
  }
  test::settle(at.context());  // the first handler to come is that of who asks
}
const std::vector<unit_id> both{"other", "spare"};

task<void> ask_for_a_start(stage&) { co_await asked->start("spare"); }
task<void> ask_for_a_stop(stage&) { co_await asked->stop("other"); }
task<void> ask_for_a_restart(stage&) { co_await asked->restart("other"); }
task<void> ask_for_starts(stage&) { co_await asked->start(both); }
task<void> ask_for_stops(stage&) { co_await asked->stop(both); }
task<void> ask_for_restarts(stage&) { co_await asked->restart(both); }
task<void> ask_for_a_removal(stage&) { co_await asked->remove("other"); }
task<void> ask_for_a_change(stage&) {
  unit_changes wanted;
  wanted.put.push_back(asked->spec("other"));
  co_await asked->change(std::move(wanted));
}
void run_a_stack_that_is_not_ready(stage& at) {
  run_a_stack(at);
  asio::co_spawn(at.ex(), asked->restart("other"), [](const std::exception_ptr&, unit_state) {});
  test::settle(at.context());
  if (asked->is_ready()) throw std::runtime_error("the stack stays ready");
}
task<void> ask_whether_ready(stage&) { co_await asked->wait_ready(); }

TEST_CASE("who asks something of a supervisor and is cancelled anywhere waits no longer") {
  const auto abandons = [](const char* name, task<void> (*ask)(stage&)) {
    cancel_everywhere({name, ask, all_abort, time_kind::simulated, run_a_stack});
  };
  abandons("supervisor::start", ask_for_a_start);
  abandons("supervisor::stop", ask_for_a_stop);
  abandons("supervisor::restart", ask_for_a_restart);
  abandons("supervisor::start, of several", ask_for_starts);
  abandons("supervisor::stop, of several", ask_for_stops);
  abandons("supervisor::restart, of several", ask_for_restarts);
  abandons("supervisor::remove", ask_for_a_removal);
  abandons("supervisor::change", ask_for_a_change);
  cancel_everywhere(
      {"supervisor::wait_ready", ask_whether_ready, all_abort, time_kind::simulated, run_a_stack_that_is_not_ready});
}

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
