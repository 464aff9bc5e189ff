// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Matches of flags as events: the first at once, then at most one a second for each flag, so that a flag on
// a flood of lines does not drive everything else out of the journal. The count in them is exact.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <ovrseer/event/journal.hpp>
#include <ovrseer/redact/redactor.hpp>
#include <ovrseer/supervise/unit.hpp>

namespace ovrseer::supervise_detail {

inline constexpr std::size_t longest_flag_line = 1024;

/// `unit` and `events` must outlive the unit's feed.
inline void watch_flags(unit& watched, journal& events) {
  const auto told = std::make_shared<std::unordered_map<const flag_spec*, wall_time>>();
  watched.feed().flags().on_match([told, &watched, &events](const flag_match& match) {
    const bool is_target = match.is_target();
    wall_time& last = (*told)[&match.flag];
    if (!is_target && match.count != 1 && match.where.time - last < std::chrono::seconds(1)) return;
    last = match.where.time;
    flag_data data;
    data.flag = match.flag.name();
    data.count = match.count;
    data.target = match.flag.target();
    data.line = redactor().redact(match.where.text.substr(0, longest_flag_line));
    const event* cause = events.last_transition_of(watched.id());
    const std::uint64_t cause_seq = cause == nullptr ? 0 : cause->seq;
    const std::uint32_t incarnation = watched.machine().incarnation();
    if (is_target)
      events.append(watched.id(), incarnation, event_type::flag_reached, severity::warning, cause_seq, data);
    events.append(watched.id(), incarnation, event_type::flag_matched, severity::info, cause_seq, std::move(data));
  });
}

}  // namespace ovrseer::supervise_detail
