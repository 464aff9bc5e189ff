// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One record of a journal on disk: an event as a line of JSON, or a note that events are missing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <ovrseer/event/event.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/event/json.hpp>

namespace ovrseer {

/// What a `dropped` event on disk says where events of the journal itself are missing: `count` of them, the first of
/// which would have had the number of this one. The next event has the number behind the last.
inline constexpr std::string_view dropped_events = "journal events";
/// The same of events that are in the file, but whose fsync failed: a power loss may have taken them. It takes no
/// number of its own.
inline constexpr std::string_view doubtful_events = "journal events in doubt";

namespace event_detail {

/// A note in place of events, stamped as the event beside which it stands.
inline event note_of(std::string_view what, journal_gap events, wall_time time, std::int64_t mono_ns) {
  event note;
  note.seq = events.first_missing;
  note.time = time;
  note.mono_ns = mono_ns;
  note.type = event_type::dropped;
  note.severity = severity::warning;
  note.data = dropped_data{std::string(what), events.count};
  return note;
}

}  // namespace event_detail

/// The events that this one stands for; nothing where it is one of the journal's own.
inline std::optional<journal_gap> noted_gap(const event& entry, std::string_view what = dropped_events) {
  const auto* const data = std::get_if<dropped_data>(&entry.data);
  if (entry.type != event_type::dropped || data == nullptr || data->what != what || !entry.unit.name.empty()) {
    return std::nullopt;
  }
  return journal_gap{entry.seq, data->count};
}

/// An event as it stands in the file: a line of JSON with its newline, so that a person can read the file too.
inline std::string to_record(const event& entry, std::string_view boot_id) {
  return to_json_text(to_json(entry, boot_id)) + '\n';
}

}  // namespace ovrseer
