// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The words that the supervisor, its journal and all readers of the journal share, as plain data.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ovrseer {

/// The name of a unit, unique in its namespace.
struct unit_id {
  std::string name_space = "default";
  std::string name;

  unit_id() = default;
  unit_id(std::string unit_name) : name(std::move(unit_name)) {}
  unit_id(const char* unit_name) : name(unit_name) {}
  unit_id(std::string space, std::string unit_name) : name_space(std::move(space)), name(std::move(unit_name)) {}

  friend auto operator<=>(const unit_id&, const unit_id&) = default;
  friend bool operator==(const unit_id&, const unit_id&) = default;
};

/// "api", or "space/api" outside of the default namespace.
inline std::string to_text(const unit_id& id) {
  return id.name_space == "default" ? id.name : id.name_space + "/" + id.name;
}

/// Whether `name` may name a unit: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}`.
constexpr bool is_valid_unit_name(std::string_view name) noexcept {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (name.empty() || name.size() > 63 || !is_word(name.front())) return false;
  for (const char c : name) {
    if (!is_word(c) && c != '.' && c != '-') return false;
  }
  return true;
}

/// What a unit is for.
enum class role : std::uint8_t {
  dependency,  ///< must be ready before the mains, stops after them
  main,        ///< what the stack is for; the supervisor ends when all mains have ended
  cleanup,     ///< runs once when the stack stops, after the mains
};

/// Where a unit is. Every change is one event of the same name.
enum class unit_state : std::uint8_t {
  created,      ///< known, not asked to run
  waiting,      ///< asked to run, a dependency is missing
  starting,     ///< being spawned
  running,      ///< alive, not ready yet
  ready,        ///< alive, and its ready check has passed (or it has none)
  unhealthy,    ///< alive, was ready, and a health check fails
  paused,       ///< alive, stopped by SIGSTOP
  stopping,     ///< its stop plan runs
  stopped,      ///< ended because it was asked to
  completed,    ///< ended by itself with success
  crashed,      ///< ended by itself without success, or its ready check failed; what follows is decided next
  backing_off,  ///< waits for its next start
  failed,       ///< given up
  skipped,      ///< never started, because something it needs cannot be had
};

enum class severity : std::uint8_t { debug, info, warning, error, critical };

/// The closed list of event types: one for each state, then what is not a state.
enum class event_type : std::uint8_t {
  created,
  waiting,
  starting,
  running,
  ready,
  unhealthy,
  paused,
  stopping,
  stopped,
  completed,
  crashed,
  backing_off,
  failed,
  skipped,
  unit_added,
  unit_removed,
  restarted,
  flag_matched,
  flag_reached,
  check_failed,
  dropped,
  supervisor_started,
  supervisor_stopping,
  supervisor_stopped,
};

namespace event_detail {

inline constexpr std::array<std::string_view, 3> role_names{"dependency", "main", "cleanup"};
inline constexpr std::array<std::string_view, 5> severity_names{"debug", "info", "warning", "error", "critical"};
inline constexpr std::array<std::string_view, 24> type_names{"created",
                                                             "waiting",
                                                             "starting",
                                                             "running",
                                                             "ready",
                                                             "unhealthy",
                                                             "paused",
                                                             "stopping",
                                                             "stopped",
                                                             "completed",
                                                             "crashed",
                                                             "backing_off",
                                                             "failed",
                                                             "skipped",
                                                             "unit_added",
                                                             "unit_removed",
                                                             "restarted",
                                                             "flag_matched",
                                                             "flag_reached",
                                                             "check_failed",
                                                             "dropped",
                                                             "supervisor_started",
                                                             "supervisor_stopping",
                                                             "supervisor_stopped"};

template <class Enum, std::size_t N>
constexpr std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view text) noexcept {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace event_detail

constexpr std::string_view to_text(role value) noexcept {
  return event_detail::role_names[static_cast<std::size_t>(value)];
}
constexpr std::string_view to_text(unit_state value) noexcept {
  return event_detail::type_names[static_cast<std::size_t>(value)];
}
constexpr std::string_view to_text(severity value) noexcept {
  return event_detail::severity_names[static_cast<std::size_t>(value)];
}
constexpr std::string_view to_text(event_type value) noexcept {
  return event_detail::type_names[static_cast<std::size_t>(value)];
}
constexpr std::optional<event_type> parse_event_type(std::string_view text) noexcept {
  return event_detail::named<event_type>(event_detail::type_names, text);
}
constexpr std::optional<severity> parse_severity(std::string_view text) noexcept {
  return event_detail::named<severity>(event_detail::severity_names, text);
}

/// The type of the event that says a unit has come to `state`.
constexpr event_type type_of(unit_state state) noexcept { return static_cast<event_type>(state); }
/// The state that an event of `type` reports, if it reports one.
constexpr std::optional<unit_state> state_of(event_type type) noexcept {
  if (type > event_type::skipped) return std::nullopt;
  return static_cast<unit_state>(type);
}

/// Whether a process exists in this state.
constexpr bool is_alive(unit_state state) noexcept {
  return state == unit_state::running || state == unit_state::ready || state == unit_state::unhealthy ||
         state == unit_state::paused || state == unit_state::stopping;
}
/// Whether the unit rests: nothing will change unless somebody asks.
constexpr bool is_at_rest(unit_state state) noexcept {
  return state == unit_state::created || state == unit_state::stopped || state == unit_state::completed ||
         state == unit_state::failed || state == unit_state::skipped;
}

}  // namespace ovrseer
