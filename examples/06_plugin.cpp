// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A plugin: an object with the hooks that it likes to have. This one keeps a diary of a stack, and takes its time
// over every crash; the supervisor never waits for it.
#include <iostream>

#include <ovrseer/ovrseer.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

struct diary {
  steady_time began;

  std::ostream& entry() const { return std::cout << "after " << to_text(now - began) << ": "; }

  void on_event(const event& what) { now = began + std::chrono::nanoseconds(what.mono_ns); }
  void on_ready(const event& what) { entry() << what.unit.name << " is ready\n"; }
  void on_transition(const event& what, const transition_data& change) {
    if (what.type == event_type::backing_off)
      entry() << what.unit.name << " starts again in " << to_text(*change.delay) << '\n';
  }
  void on_line(const unit_id& unit, const line& what) { std::cout << "  " << unit.name << " | " << what.text << '\n'; }
  task<void> on_crash(const crash_report& report) {
    co_await sleep_for(3s);  // as somebody who asks a service far away
    std::cout << "report: " << report.message << '\n';
  }
  void on_stopped(const event&) { entry() << "the end\n"; }

  steady_time now = began;
};

int main() {
  simulated_world world;
  world.os().program("api", process_script().wait(2s).say("listening on 8080").wait(20s).say("out of memory").exit(1));

  supervisor stack(world.get_executor());
  unit_spec api("api", command("api", "--port", "8080"));
  api.ready_when(log_line(pattern<"listening on \\d+">()));
  api.restart(restart_rules().delays(backoff::constant(2s)).max_retries(1));
  stack.add(std::move(api));

  const auto counts = std::make_shared<plugin_counts>();
  asio::co_spawn(world.context(), attach(stack, diary{}, plugin_options().count_in(counts)),
                 [](const std::exception_ptr&) {});
  const int code = world.run(stack.run());
  world.run_for(1min);  // the diary comes to its end
  std::cout << "exit code " << code << ", hooks called: " << counts->called << ", failed: " << counts->failed << '\n';
}
