// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One entry of the journal: what happened to whom, when, and because of what.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/process/exit_status.hpp>

namespace ovrseer {

/// Why a unit changed: what happened, which rule applied, what was decided.
struct cause {
  std::string what;      ///< "exited with code 1 after 3.2s"
  std::string rule;      ///< "restartPolicy on-failure"
  std::string decision;  ///< "restart 2 of 3 in 1.4s"

  friend bool operator==(const cause&, const cause&) = default;
};

/// "exited with code 1 after 3.2s (restartPolicy on-failure: restart 2 of 3 in 1.4s)"; empty where it says nothing.
inline std::string to_text(const cause& why) {
  std::string rule = why.rule;
  if (!why.decision.empty()) rule += (rule.empty() ? "" : ": ") + why.decision;
  if (rule.empty()) return why.what;
  return why.what.empty() ? rule : why.what + " (" + rule + ")";
}

/// What a change of state carries. All but the cause is set only where it applies.
struct transition_data {
  unit_state from = unit_state::created;
  cause why;
  std::optional<std::int32_t> pid;                 ///< running
  std::optional<exit_status> status;               ///< stopped, completed, crashed, failed
  std::optional<std::chrono::nanoseconds> uptime;  ///< the same
  std::optional<std::chrono::nanoseconds> delay;   ///< backing_off: until the next start
  std::optional<std::chrono::nanoseconds> took;    ///< ready: since the spawn; stopped: the stop itself
  std::uint32_t restarts = 0;                      ///< automatic restarts since the last time it was stable
};

/// flag_matched and flag_reached.
struct flag_data {
  std::string flag;
  std::uint64_t count = 0;
  std::optional<std::uint64_t> target;
  std::string line;  ///< redacted, and cut at 1 KiB
};

/// check_failed.
struct check_data {
  std::string check;
  std::string reason;
};

/// dropped: what was lost, where, and how many.
struct dropped_data {
  std::string what;
  std::uint64_t count = 0;
};

/// supervisor_stopping and supervisor_stopped.
struct supervisor_data {
  cause why;
  std::optional<int> exit_code;
};

using event_data = std::variant<std::monostate, transition_data, flag_data, check_data, dropped_data, supervisor_data>;

/// An event. The boot id, the same for all events of one supervisor's life, is the journal's.
struct event {
  std::uint64_t seq = 0;  ///< from 1, without gaps
  wall_time time{};
  std::int64_t mono_ns = 0;       ///< nanoseconds since the journal began
  unit_id unit;                   ///< empty name: the supervisor itself
  std::uint32_t incarnation = 0;  ///< counts the unit's starts, from 1; 0 before the first
  event_type type = event_type::created;
  ovrseer::severity severity = ovrseer::severity::info;
  std::uint64_t cause_seq = 0;  ///< the event that led to this one; 0 where nothing did
  event_data data;
};

/// Why it happened; null for an event that has no cause in words.
inline const cause* cause_of(const event& entry) {
  if (const auto* change = std::get_if<transition_data>(&entry.data)) return &change->why;
  if (const auto* own = std::get_if<supervisor_data>(&entry.data)) return &own->why;
  return nullptr;
}

}  // namespace ovrseer
