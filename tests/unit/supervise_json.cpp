// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A snapshot as JSON: its members, and which are there only where they apply.
#include <catch.hpp>

#include <ovrseer/supervise/json.hpp>

namespace t_supervise_json {

using namespace ovrseer;
using namespace std::chrono_literals;

unit_snapshot running_unit() {
  unit_snapshot unit;
  unit.id = unit_id("shop", "api");
  unit.role = role::main;
  unit.state = unit_state::ready;
  unit.incarnation = 3;
  unit.restarts = 2;
  unit.pid = 4711;
  unit.uptime = 1500ms;
  unit.why = "the ready check passed";
  unit.depends_on = {"db", unit_id("shop", "cache")};
  unit.lines = 10;
  unit.missed_lines = 1;
  unit.below_level = 2;
  return unit;
}

TEST_CASE("a running unit has a pid and an uptime in milliseconds") {
  CHECK(to_json(running_unit()).dump() ==
        R"({"namespace":"shop","unit":"api","role":"main","state":"ready","why":"the ready check passed",)"
        R"("incarnation":3,"restarts":2,"pid":4711,"uptime_ms":1500,"depends_on":["db","shop/cache"],)"
        R"("lines":10,"missed_lines":1,"below_level":2})");
}

TEST_CASE("a unit that has ended has its last exit and no pid") {
  unit_snapshot unit = running_unit();
  unit.state = unit_state::failed;
  unit.pid.reset();
  unit.last_status = exit_status::exited(3);
  const nlohmann::ordered_json json = to_json(unit);
  CHECK_FALSE(json.contains("pid"));
  CHECK_FALSE(json.contains("uptime_ms"));
  CHECK(json["last_exit"]["code"] == 3);
}

TEST_CASE("a supervisor has its boot and its units in order") {
  supervisor_snapshot shot;
  shot.boot_id = "boot";
  shot.last_seq = 42;
  shot.is_ready = true;
  shot.units.push_back(running_unit());
  const nlohmann::ordered_json json = to_json(shot);
  CHECK(json["v"] == 1);
  CHECK(json["boot_id"] == "boot");
  CHECK(json["time"] == "1970-01-01T00:00:00.000Z");
  CHECK(json["last_seq"] == 42);
  CHECK(json["ready"] == true);
  CHECK(json["stopping"] == false);
  CHECK(json["units"][0]["unit"] == "api");
}

}  // namespace t_supervise_json
