// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Updates of incidents as JSON and back.
#include <ovrseer/event/incident_update.hpp>

#include <chrono>
#include <type_traits>
#include <variant>

#include <catch.hpp>

#include <ovrseer/error.hpp>
#include <ovrseer/event/crash_report_json.hpp>

namespace t_incident_update {

using namespace ovrseer;
using namespace std::chrono_literals;

// A report becomes an update where that is said, and not on the way to a policy that outlives it.
static_assert(!std::is_convertible_v<crash_report, incident_update>);
static_assert(!std::is_constructible_v<incident_update, unit_id>);

TEST_CASE("an update of an incident is written and read back") {
  crash_report report;
  report.id = "1";
  report.unit = unit_id("shop", "api");
  report.message = "exited with code 1";
  const incident_update crash = incident_update_from_json(to_json(incident_update(report)));
  CHECK(to_json(crash) == to_json(report));
  CHECK(crash.unit() == report.unit);

  const incident_update over(recovery(report.unit, wall_time(1500ms)));
  const incident_update read = incident_update_from_json(to_json(over));
  REQUIRE(std::holds_alternative<recovery>(read.what));
  CHECK(read.unit() == report.unit);
  CHECK(std::get<recovery>(read.what).time == wall_time(1500ms));
}

TEST_CASE("what is no update of an incident is not read as one") {
  ordered_json json = to_json(incident_update(recovery("api", wall_time())));
  json["v"] = 2;
  CHECK_THROWS_AS(incident_update_from_json(json), error);
  CHECK_THROWS_AS(incident_update_from_json(ordered_json::array()), error);
  json["v"] = 1;
  json.erase("unit");
  CHECK_THROWS_AS(incident_update_from_json(json), error);
}

}  // namespace t_incident_update
