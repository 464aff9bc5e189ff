// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/incident_update.hpp>.
#pragma once

#include <string_view>

#include <ovrseer/event/crash_report_json.hpp>
#include <ovrseer/event/incident_update.hpp>
#include <ovrseer/event/iso8601.hpp>

namespace ovrseer {

namespace event_detail {
inline constexpr std::string_view recovery_kind = "recovery";  // beside those of `crash_kind`
}

OVRSEER_DECL ordered_json to_json(const incident_update& update) {
  if (const auto* report = std::get_if<crash_report>(&update.what)) return to_json(*report);
  const recovery& over = std::get<recovery>(update.what);
  return {{"v", crash_report_format_version},
          {"time", to_iso8601(over.time)},
          {"kind", event_detail::recovery_kind},
          {"namespace", over.unit.name_space},
          {"unit", over.unit.name}};
}

OVRSEER_DECL incident_update incident_update_from_json(const ordered_json& json) {
  const json_members in(json, "incident");
  if (in.text("kind") != event_detail::recovery_kind) return incident_update(crash_report_from_json(json));
  if (in.number<int>("v") != crash_report_format_version) json_members::fail("v");
  return incident_update(recovery(unit_id(in.text("namespace"), in.text("unit")), in.time("time")));
}

}  // namespace ovrseer
