// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What lies between two moments of a journal: which units came, went and changed, as data and in words. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/replay.hpp>

namespace ovrseer {

/// One unit that is not the same at both moments: without a `before` it was added, without an `after` removed.
struct unit_difference {
  unit_id id;
  std::optional<replayed_unit> before;
  std::optional<replayed_unit> after;
};

/// From one state to another.
struct replay_difference {
  replayed_stack before;
  replayed_stack after;
  std::vector<unit_difference> units;  ///< those that differ, by name

  /// Whether both are of the same life; else units and numbers of one mean nothing for the other's.
  bool is_same_life() const { return before.boot_id == after.boot_id; }
  bool is_empty() const { return is_same_life() && before.phase == after.phase && units.empty(); }
};

/// What changed from `before` to `after`. A unit that went somewhere and came back has changed as well.
OVRSEER_DECL replay_difference difference(replayed_stack before, replayed_stack after);

namespace event_detail {

inline std::string restarts_in_words(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " restart" : " restarts");
}

OVRSEER_DECL std::string since_in_words(const replayed_unit& unit);

/// "process 12 -> 15", "process 12 has gone", "process 15"; empty where it is the same.
OVRSEER_DECL std::string process_in_words(std::optional<std::int32_t> before, std::optional<std::int32_t> after);

inline void put_part(std::string& text, const std::string& part) {
  if (!part.empty()) text.append(", ").append(part);
}

OVRSEER_DECL std::string change_in_words(const replayed_unit& before, const replayed_unit& after);

}  // namespace event_detail

/// "ready, process 4711, incarnation 2, 1 restart, since 2024-01-31T09:30:00.250Z: the ready check passed (…)".
OVRSEER_DECL std::string to_text(const replayed_unit& unit);

/// One line, without its newline: "api: ready -> crashed, process 12 has gone, last end: …, since …: …".
OVRSEER_DECL std::string to_text(const unit_difference& what);

/// A line for each unit that differs, and one before them where the supervisor itself or its life does.
OVRSEER_DECL std::string to_text(const replay_difference& what);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/replay_difference.ipp>
#endif
