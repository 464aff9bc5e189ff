// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What is told of an incident, from its first crash to its recovery; with its JSON.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include <ovrseer/build.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/json_members.hpp>
#include <ovrseer/event/recovery.hpp>

namespace ovrseer {

/// What a receiver that keeps the incidents of units is told: a crash, which opens one or joins it, or the recovery.
struct incident_update {
  template <class T>
    requires std::is_same_v<T, crash_report> || std::is_same_v<T, recovery>
  explicit incident_update(T of) : what(std::move(of)) {}

  const unit_id& unit() const noexcept {
    const auto* report = std::get_if<crash_report>(&what);
    return report != nullptr ? report->unit : std::get_if<recovery>(&what)->unit;
  }

  std::variant<crash_report, recovery> what;
};

/// A crash as `to_json(const crash_report&)` has it; a recovery says so under `kind`.
OVRSEER_DECL ordered_json to_json(const incident_update& update);

/// Reads what `to_json` wrote, of crash reports too.
///
/// Errors: as `crash_report_from_json`.
OVRSEER_DECL incident_update incident_update_from_json(const ordered_json& json);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/incident_update.ipp>
#endif
