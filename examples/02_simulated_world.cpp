// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A test of one's own stack in the simulated world: a database that is slow to start and an api that crashes
// every few hours, thirty days of them in well under a second, the same again from the same seed.
#include <iostream>

#include <ovrseer/ovrseer.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

int main() {
  simulated_world world(42);
  world.os().program(
      "db", process_script().wait(40s).say("ready to accept connections").on(SIGTERM, signal_reaction::exits(0, 3s)));
  world.os().program("api", [&world](const command&, std::uint32_t) {
    std::uniform_int_distribution<int> hours(1, 12);
    return process_script().say("up").wait(std::chrono::hours(hours(world.random()))).exit(1);
  });

  supervisor stack(world.get_executor());
  unit_spec db("db", command("db", "--data", "/srv/db"));
  db.as(role::dependency).ready_when(log_line(pattern<"ready to accept">()));
  stack.add(std::move(db));
  unit_spec api("api", command("api"));
  api.restart(restart_rules().delays(backoff::exponential(1s, 30s)).stable_after(10min));
  stack.add(std::move(api));

  world.at(24h * 30, [&] { stack.request_stop("thirty days have passed"); });
  world.at(1min, [&] { std::cout << "after a minute: " << (stack.is_ready() ? "all ready" : "not ready") << '\n'; });
  const int code = world.run(stack.run());

  std::cout << "days: " << world.elapsed() / 24h << ", exit code: " << code << '\n'
            << "starts of db: " << world.os().starts("db") << ", of api: " << world.os().starts("api") << '\n'
            << "crash reports: " << stack.reports().store().end_seq() - 1 << '\n';
}
