// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A snapshot and the graph as JSON, for APIs, tools and people.
#pragma once

#include <chrono>

#include <nlohmann/json.hpp>

#include <ovrseer/build.hpp>
#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/event/json.hpp>
#include <ovrseer/supervise/graph_text.hpp>
#include <ovrseer/supervise/snapshot.hpp>

namespace ovrseer {

/// One unit; times in whole milliseconds. `pid` and `last_exit` are there only where they apply.
inline nlohmann::ordered_json to_json(const unit_snapshot& unit) {
  nlohmann::ordered_json json{
      {"namespace", unit.id.name_space}, {"unit", unit.id.name}, {"role", to_text(unit.role)},
      {"state", to_text(unit.state)},    {"why", unit.why},      {"incarnation", unit.incarnation},
      {"restarts", unit.restarts}};
  if (unit.pid) {
    json["pid"] = *unit.pid;
    json["uptime_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(unit.uptime).count();
  }
  if (unit.last_status) json["last_exit"] = to_json(*unit.last_status);
  json["depends_on"] = nlohmann::ordered_json::array();
  for (const unit_id& id : unit.depends_on) json["depends_on"].push_back(to_text(id));
  json["lines"] = unit.lines;
  json["missed_lines"] = unit.missed_lines;
  json["below_level"] = unit.below_level;
  return json;
}

/// The whole supervisor. `v` is the version of the format.
inline nlohmann::ordered_json to_json(const supervisor_snapshot& shot) {
  nlohmann::ordered_json json{{"v", 1},
                              {"boot_id", shot.boot_id},
                              {"time", to_iso8601(shot.time)},
                              {"last_seq", shot.last_seq},
                              {"ready", shot.is_ready},
                              {"stopping", shot.is_stopping}};
  json["units"] = nlohmann::ordered_json::array();
  for (const unit_snapshot& unit : shot.units) json["units"].push_back(to_json(unit));
  return json;
}

/// One unit of the graph. `group` is there only where it is in one.
OVRSEER_DECL nlohmann::ordered_json to_json(const graph_view::node& unit);
/// One edge of the graph; its words are those of a configuration.
OVRSEER_DECL nlohmann::ordered_json to_json(const graph_view::edge& edge);
/// The whole graph: `units`, `edges` and `groups`.
OVRSEER_DECL nlohmann::ordered_json to_json(const graph_view& graph);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/json.ipp>
#endif
