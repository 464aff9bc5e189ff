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
#include <vector>

#include <ovrseer/event/journal.hpp>
#include <ovrseer/process/redactor_for.hpp>
#include <ovrseer/redact/redactor.hpp>
#include <ovrseer/supervise/detail/redacted_lines.hpp>
#include <ovrseer/supervise/unit.hpp>

namespace ovrseer::supervise_detail {

inline constexpr std::size_t longest_flag_line = 1024;

/// Redacted before it is cut: the half of a token tells nobody that it is one.
inline std::string redacted_flag_line(const ring& log, const line& matched, const redactor& rules) {
  std::vector<std::string> found;
  if (log.begin_seq() <= matched.seq && matched.seq < log.end_seq()) {
    found = redacted_lines(log, matched.seq, matched.seq + 1, rules);
  }
  std::string text = found.empty() ? rules.redact(matched.text) : std::move(found.front());
  if (text.size() > longest_flag_line) text.resize(longest_flag_line);
  return text;
}

/// What a flag that acts asks for.
struct flag_wish {
  const flag_reaction& what;
  std::string why;        ///< in words, secrets hidden
  std::uint64_t seq = 0;  ///< of the event that tells of the flag
};

/// Calls `act(unit&, const flag_wish&)` for flags that act. `watched` and `events` must outlive the unit's feed.
template <class Act>
void watch_flags(unit& watched, journal& events, Act act) {
  struct told {
    wall_time when{};
    std::uint64_t seq = 0;
  };
  const auto known = std::make_shared<std::unordered_map<const flag_spec*, told>>();
  watched.feed().flags().on_match([known, act, &watched, &events](const flag_match& match) {
    const bool is_target = match.is_target();
    told& last = (*known)[&match.flag];
    const bool is_due = is_target || match.count == 1 || match.where.time - last.when >= std::chrono::seconds(1);
    const unit_spec::reactions* const reactions = watched.spec().reactions_to(match.flag.name());
    if (!is_due && reactions == nullptr) return;
    flag_data data;
    data.flag = match.flag.name();
    data.count = match.count;
    data.target = match.flag.target();
    data.line = redacted_flag_line(watched.feed().lines(), match.where, redactor_for(watched.spec().what()));
    if (is_due) {
      last.when = match.where.time;
      const event* cause = events.last_transition_of(watched.id());
      const std::uint64_t cause_seq = cause == nullptr ? 0 : cause->seq;
      const std::uint32_t incarnation = watched.machine().incarnation();
      if (is_target)
        events.append(watched.id(), incarnation, event_type::flag_reached, severity::warning, cause_seq, data);
      last.seq = events.append(watched.id(), incarnation, event_type::flag_matched, severity::info, cause_seq, data);
    }
    if (reactions == nullptr) return;
    const std::string name = "the flag \"" + data.flag + "\" ";
    if (is_target)
      act(watched, flag_wish{reactions->on_target, name + "has reached " + std::to_string(match.count), last.seq});
    const flag_reaction& wish = reactions->on_match;
    if (is_due || wish.what() == flag_reaction::action::restart || wish.what() == flag_reaction::action::stop) {
      act(watched, flag_wish{wish, name + "matched \"" + data.line + "\"", last.seq});
    }
  });
}

}  // namespace ovrseer::supervise_detail
