// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A whole supervisor cancelled at every suspension point with every type; see support/cancel.hpp.
#include <stdexcept>
#include <string>

#include <cancel.hpp>
#include <run_child.hpp>

#include <ovrseer/check/log_line.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace t_supervisor_cancellation {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::cancel_everywhere;
using test::child_command;
using test::ending;
using test::promise;
using test::stage;
using test::time_kind;

constexpr std::array<promise, 3> all_finish{promise::finishes, promise::finishes, promise::finishes};

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

}  // namespace t_supervisor_cancellation
