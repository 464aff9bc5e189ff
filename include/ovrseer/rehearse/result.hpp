// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a rehearsal came to, as plain data, in words and as JSON.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <ovrseer/build.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/event/json_members.hpp>
#include <ovrseer/process/exit_status.hpp>
#include <ovrseer/rehearse/timeline.hpp>

namespace ovrseer {

/// How one unit fared. Downtime is the time from its first ready state to the stop of everything in which it was
/// neither ready nor completed; restarts while it waits for others count.
struct rehearsed_unit {
  unit_id id;
  ovrseer::role role = role::main;
  unit_state state = unit_state::created;  ///< at the end
  std::optional<exit_status> last_status;
  std::optional<std::chrono::nanoseconds> ready_after;  ///< since the beginning; of a one-shot unit its completion
  std::uint32_t starts = 0;
  std::uint32_t crashes = 0;
  std::uint32_t restarts = 0;
  std::chrono::nanoseconds uptime{};
  std::chrono::nanoseconds downtime{};
  std::chrono::nanoseconds longest_downtime{};
  /// uptime / (uptime + downtime), from 0 to 1; nothing where it never was ready, and for units that are to end.
  std::optional<double> availability;
};

/// What a rehearsal came to.
struct rehearsal_result {
  std::uint64_t seed = 0;
  std::chrono::nanoseconds ran{};                       ///< until the stop began, in virtual time
  std::optional<std::chrono::nanoseconds> ready_after;  ///< when all was ready for the first time
  std::chrono::nanoseconds stop_took{};
  std::chrono::nanoseconds stop_bound{};  ///< what `make_plan` says
  int exit_code = 0;                      ///< of `supervisor::run`
  std::uint64_t event_count = 0;
  /// The share of the time since all was ready in which all was ready, from 0 to 1; nothing where it never was.
  std::optional<double> availability;
  std::vector<rehearsed_unit> units;  ///< in the order of the configuration

  std::vector<timeline_entry> timeline;
  std::uint64_t dropped_entries = 0;  ///< of the timeline, beyond `max_timeline`
  std::vector<event> events;          ///< where they were asked for
  std::string boot_id;                ///< of the events

  std::vector<std::string> problems;  ///< of the configuration: never ready, given up, skipped, a stop that failed
  std::vector<std::string> broken;    ///< promises of the supervisor that did not hold: faults of ours, with the seed
  std::vector<std::string> remarks;   ///< what is worth knowing and no reason to fail

  /// The verdict: nothing is in `problems` and nothing in `broken`. Crashes that were recovered from are no problem.
  bool is_ok() const noexcept { return problems.empty() && broken.empty(); }
};

/// "99.987 %", three digits behind the point and rounded down, so that 100 % means always.
OVRSEER_DECL std::string availability_text(const std::optional<double>& share);

/// The verdict for people: a line with what it is, then the reasons, the numbers and a table of the units. Ends with
/// a newline.
OVRSEER_DECL std::string to_text(const rehearsal_result& result);

/// `{"v": 1, "ok", "seed", "ran_ns", "ready_after_ns", "stop_took_ns", "stop_bound_ns", "exit_code", "event_count",
/// "availability", "problems", "broken", "remarks", "units"}`: the verdict without events and timeline.
OVRSEER_DECL ordered_json to_json(const rehearsal_result& result);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/rehearse/impl/result.ipp>
#endif
