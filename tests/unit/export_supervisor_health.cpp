// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a supervisor says of its health from its beginning to its end.
#include <ovrseer/export/supervisor_health.hpp>

#include <chrono>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/check/log_line.hpp>
#include <ovrseer/sim/simulated_world.hpp>

namespace t_export_supervisor_health {

using namespace ovrseer;
using namespace std::chrono_literals;

TEST_CASE("who is not ready is named with its state and its reason until all is ready") {
  simulated_world world;
  world.os().program("db", process_script().wait(10s).say("serving").on(SIGTERM, signal_reaction::exits(0, 1s)));
  world.os().program("api", process_script());
  supervisor stack(world.get_executor());
  unit_spec db("db", command("db"));
  db.as(role::dependency).ready_when(log_line(pattern<"serving">()));
  stack.add(std::move(db));
  stack.add(unit_spec("api", command("api")));

  std::vector<health_view> seen;
  const auto look = [&] { seen.push_back(health_of(stack)); };
  world.at(5s, look);
  world.at(20s, look);
  world.at(30s, [&] { stack.request_stop("enough"); });
  world.at(30500ms, look);
  world.run(stack.run());
  look();

  REQUIRE(seen.size() == 4);
  CHECK(seen[0].is_alive);
  REQUIRE(seen[0].not_ready.size() == 2);
  CHECK(seen[0].not_ready[0].unit == unit_id("db"));
  CHECK(seen[0].not_ready[0].state == unit_state::running);
  CHECK(seen[0].not_ready[0].why == "spawned");
  CHECK(seen[0].not_ready[1].state == unit_state::waiting);
  CHECK(seen[1].is_ready());
  CHECK(seen[2].is_alive);
  CHECK(seen[2].is_stopping);
  CHECK_FALSE(seen[3].is_alive);
}

}  // namespace t_export_supervisor_health
