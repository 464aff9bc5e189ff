// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/replay_difference.hpp>.
#pragma once

#include <algorithm>
#include <utility>

#include <ovrseer/event/event.hpp>
#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/event/replay_difference.hpp>

namespace ovrseer {

OVRSEER_DECL replay_difference difference(replayed_stack before, replayed_stack after) {
  replay_difference made{std::move(before), std::move(after), {}};
  for (const auto& [id, unit] : made.before.units) {
    const replayed_unit* const later = made.after.find(id);
    if (later == nullptr) {
      made.units.push_back({id, unit, std::nullopt});
    } else if (*later != unit) {
      made.units.push_back({id, unit, *later});
    }
  }
  for (const auto& [id, unit] : made.after.units) {
    if (made.before.find(id) == nullptr) made.units.push_back({id, std::nullopt, unit});
  }
  std::ranges::sort(made.units, {}, &unit_difference::id);
  return made;
}

}  // namespace ovrseer

namespace ovrseer::event_detail {

OVRSEER_DECL std::string since_in_words(const replayed_unit& unit) {
  std::string text = "since " + to_iso8601(unit.since);
  const std::string why = to_text(unit.why);
  if (!why.empty()) text += ": " + why;
  if (unit.is_outdated) text += " (events after that are missing)";
  return text;
}

OVRSEER_DECL std::string process_in_words(std::optional<std::int32_t> before, std::optional<std::int32_t> after) {
  if (before == after) return {};
  if (!after) return "process " + std::to_string(*before) + " has gone";
  const std::string now = std::to_string(*after);
  return "process " + (before ? std::to_string(*before) + " -> " + now : now);
}

OVRSEER_DECL std::string change_in_words(const replayed_unit& before, const replayed_unit& after) {
  const std::string now(to_text(after.state));
  std::string text;
  if (before.state != after.state) {
    text = std::string(to_text(before.state)) + " -> " + now;
  } else {
    text = (before.since_seq == after.since_seq ? "still " : "again ") + now;
  }
  if (before.incarnation != after.incarnation) {
    put_part(text, "incarnation " + std::to_string(before.incarnation) + " -> " + std::to_string(after.incarnation));
  }
  if (after.restarts > before.restarts) {
    put_part(text, restarts_in_words(after.restarts - before.restarts) + (after.is_whole ? "" : " at least"));
  }
  put_part(text, process_in_words(before.pid, after.pid));
  if (after.last_status && before.last_status != after.last_status) {
    put_part(text, "last end: " + to_text(*after.last_status));
  }
  return text + ", " + since_in_words(after);
}

}  // namespace ovrseer::event_detail

namespace ovrseer {

OVRSEER_DECL std::string to_text(const replayed_unit& unit) {
  std::string text(to_text(unit.state));
  event_detail::put_part(text, event_detail::process_in_words(std::nullopt, unit.pid));
  if (unit.incarnation != 0) event_detail::put_part(text, "incarnation " + std::to_string(unit.incarnation));
  if (unit.restarts != 0) {
    event_detail::put_part(text, event_detail::restarts_in_words(unit.restarts) + (unit.is_whole ? "" : " at least"));
  }
  if (unit.last_status) event_detail::put_part(text, "last end: " + to_text(*unit.last_status));
  return text + ", " + event_detail::since_in_words(unit);
}

OVRSEER_DECL std::string to_text(const unit_difference& what) {
  const std::string name = to_text(what.id) + ": ";
  if (!what.before) return name + "added; " + to_text(*what.after);
  if (!what.after) return name + "removed; it was " + std::string(to_text(what.before->state));
  return name + event_detail::change_in_words(*what.before, *what.after);
}

OVRSEER_DECL std::string to_text(const replay_difference& what) {
  std::string text;
  if (!what.is_same_life()) text = "another life: " + what.before.boot_id + " -> " + what.after.boot_id + "\n";
  if (what.before.phase != what.after.phase) {
    text += "the supervisor: " + std::string(to_text(what.before.phase)) + " -> " +
            std::string(to_text(what.after.phase)) + "\n";
  }
  for (const unit_difference& each : what.units) text += to_text(each) + "\n";
  return text;
}

}  // namespace ovrseer
