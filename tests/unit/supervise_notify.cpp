// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Units that speak the notify protocol under a supervisor, scripted and real.
#include <chrono>
#include <csignal>
#include <string>

#include <catch.hpp>

#include <ovrseer/check/heartbeat.hpp>
#include <ovrseer/check/notify.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/supervisor.hpp>

#include "supervised.hpp"

namespace t_supervise_notify {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

TEST_CASE("a dependency is ready for others when it notifies so") {
  simulated_world world;
  world.os().program("db", process_script().wait(30s).notify("READY=1").on(SIGTERM, signal_reaction::exits(0)));
  world.os().program("api", process_script().on(SIGTERM, signal_reaction::exits(0)));
  supervisor stack(world.get_executor());
  unit_spec db("db", command("db"));
  db.as(role::dependency).notifies().ready_when(notified().limit(1min));
  stack.add(std::move(db));
  stack.add(unit_spec("api", command("api")));
  unit_state before = unit_state::created;
  world.at(29s, [&] { before = stack.state("api"); });
  world.at(31s, [&] { CHECK(stack.is_ready()); });
  world.at(1min, [&] { stack.request_stop("done"); });
  CHECK(world.run(stack.run()) == 0);
  CHECK(before == unit_state::waiting);
}

TEST_CASE("a unit that does not notify in time is started again and says so then") {
  simulated_world world;
  world.os().program("api", [](const command&, std::uint32_t nth) {
    process_script script;
    script.on(SIGTERM, signal_reaction::exits(0));
    if (nth == 2) script.notify("READY=1");
    return script;
  });
  supervisor stack(world.get_executor());
  unit_spec api("api", command("api"));
  api.notifies(5s).ready_when(notified().limit(10s)).restart(restart_rules().delays(backoff::constant(1s)));
  stack.add(std::move(api));
  world.at(1min, [&] {
    CHECK(stack.is_ready());
    stack.request_stop("done");
  });
  world.run(stack.run());
  CHECK(world.os().starts("api") == 2);
}

TEST_CASE("a real unit notifies over its socket") {
  supervised s;
  unit_spec job = child_unit("job", "env", "NOTIFY_SOCKET", "env", "WATCHDOG_USEC", "notify", "READY=1", "wait");
  job.notifies(3s).ready_when(notified());
  s.add(std::move(job));
  const auto story = [&]() -> task<void> {
    const event ready = co_await s.next("job", event_type::ready);
    CHECK(ready.seq != 0);
    const std::string address = co_await s.line("job", "NOTIFY_SOCKET=@ovrseer-notify/");
    const std::string watchdog = co_await s.line("job", "WATCHDOG_USEC=3000000");
    s.it.request_stop("done");
  };
  CHECK(s.run(story) == 0);
  CHECK(s.failures.empty());
}

}  // namespace t_supervise_notify
