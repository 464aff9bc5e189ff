// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/replay_json.hpp>.
#pragma once

#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/event/json.hpp>
#include <ovrseer/event/replay_json.hpp>

namespace ovrseer {

OVRSEER_DECL ordered_json to_json(const replayed_unit& unit) {
  ordered_json json{{"namespace", unit.id.name_space}, {"unit", unit.id.name},
                    {"state", to_text(unit.state)},    {"incarnation", unit.incarnation},
                    {"restarts", unit.restarts},       {"since", to_iso8601(unit.since)},
                    {"since_seq", unit.since_seq},     {"cause", event_detail::cause_to_json(unit.why)},
                    {"outdated", unit.is_outdated},    {"whole", unit.is_whole}};
  if (unit.pid) json["pid"] = *unit.pid;
  if (unit.last_status) json["last_exit"] = to_json(*unit.last_status);
  return json;
}

}  // namespace ovrseer

namespace ovrseer::event_detail {

OVRSEER_DECL ordered_json place_to_json(const replayed_stack& stack) {
  return {{"boot_id", stack.boot_id},
          {"last_seq", stack.last_seq},
          {"time", to_iso8601(stack.time)},
          {"phase", to_text(stack.phase)},
          {"phase_outdated", stack.is_phase_outdated},
          {"missing", stack.missing}};
}

}  // namespace ovrseer::event_detail

namespace ovrseer {

OVRSEER_DECL ordered_json to_json(const replayed_stack& stack) {
  ordered_json json{{"v", 1}};
  json.update(event_detail::place_to_json(stack));
  if (stack.exit_code) json["exit_code"] = *stack.exit_code;
  json["units"] = ordered_json::array();
  for (const auto& [id, unit] : stack.units) json["units"].push_back(to_json(unit));
  return json;
}

OVRSEER_DECL ordered_json to_json(const replay_difference& what) {
  ordered_json json{{"v", 1}};
  json["before"] = event_detail::place_to_json(what.before);
  json["after"] = event_detail::place_to_json(what.after);
  json["units"] = ordered_json::array();
  for (const unit_difference& each : what.units) {
    ordered_json one{{"namespace", each.id.name_space}, {"unit", each.id.name}};
    one["before"] = each.before ? to_json(*each.before) : ordered_json();
    one["after"] = each.after ? to_json(*each.after) : ordered_json();
    one["words"] = to_text(each);
    json["units"].push_back(std::move(one));
  }
  return json;
}

}  // namespace ovrseer
