// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/rehearse/timeline.hpp>.
#pragma once

#include <array>
#include <variant>

#include <ovrseer/rehearse/timeline.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

OVRSEER_DECL std::string timeline_time(std::chrono::nanoseconds since) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  std::array<char, 64> text{};
  const long long days = ms / 86'400'000;
  const int written = days == 0 ? 0 : std::snprintf(text.data(), text.size(), "%lldd ", days);
  std::snprintf(text.data() + written, text.size() - static_cast<std::size_t>(written), "%02d:%02d:%02d.%03d",
                static_cast<int>(ms / 3'600'000 % 24), static_cast<int>(ms / 60'000 % 60),
                static_cast<int>(ms / 1'000 % 60), static_cast<int>(ms % 1'000));
  return text.data();
}

OVRSEER_DECL void timeline_builder::take(const event& entry) {
  const std::chrono::nanoseconds time(entry.mono_ns);
  const auto* const change = std::get_if<transition_data>(&entry.data);
  tell_pending_start(change != nullptr ? &entry : nullptr);
  if (change != nullptr) return take_change(entry, *change, time);
  if (const auto* flag = std::get_if<flag_data>(&entry.data)) {
    if (entry.type != event_type::flag_reached) return;
    return say(time, entry.unit, tone::warning,
               "flag \"" + flag->flag + "\" has reached " + std::to_string(flag->count));
  }
  if (const auto* lost = std::get_if<dropped_data>(&entry.data)) {
    return say(time, entry.unit, tone::warning, lost->what + ": " + std::to_string(lost->count) + " dropped");
  }
  const auto* const own = std::get_if<supervisor_data>(&entry.data);
  if (entry.type == event_type::supervisor_stopping && own != nullptr) {
    tell_folded(time);
    is_stopping_ = true;
    say(time, {}, tone::plain, "stopping: " + own->why.what);
  } else if (entry.type == event_type::supervisor_stopped && own != nullptr) {
    tell_folded(time);
    const int code = own->exit_code.value_or(0);
    say(time, {}, code == 0 ? tone::good : tone::bad, "stopped, exit code " + std::to_string(code));
  }
}

OVRSEER_DECL void timeline_builder::remark(std::chrono::nanoseconds time, timeline_entry::tone shade,
                                           std::string text) {
  tell_pending_start(nullptr);
  say(time, {}, shade, std::move(text));
}

OVRSEER_DECL void timeline_builder::take_change(const event& entry, const transition_data& change, nanoseconds time) {
  unit_story& story = stories_[entry.unit];
  switch (entry.type) {
    case event_type::running:
      if (!story.is_folded) start_ = pending_start{time, entry.unit, entry.incarnation};
      break;
    case event_type::ready: take_ready(story, entry, change, time); break;
    case event_type::unhealthy: take_incident(story, entry, "unhealthy", change.why.what, "", time); break;
    case event_type::crashed:
      take_incident(story, entry, "crashed", change.status ? to_text(*change.status) : change.why.what,
                    change.why.what + "; " + change.why.decision, time);
      break;
    case event_type::completed:
      if (change.why.decision.starts_with("restart")) {
        take_incident(story, entry, "completed", change.status ? to_text(*change.status) : "",
                      change.why.what + "; " + change.why.decision, time);
      } else {
        say(time, entry.unit, tone::good, "completed: " + change.why.what);
      }
      break;
    case event_type::failed:
      tell_folded(entry.unit, story, time);
      say(time, entry.unit, tone::bad, "given up: " + change.why.what + " (" + change.why.rule + ")");
      break;
    case event_type::skipped:
      tell_folded(entry.unit, story, time);
      say(time, entry.unit, tone::bad, "skipped: " + change.why.what);
      break;
    case event_type::stopping:
      // A check that failed is told by the crash that it becomes.
      if (!is_stopping_ && change.why.rule == "request")
        say(time, entry.unit, tone::plain, "stopping: " + change.why.what);
      break;
    case event_type::stopped:
      if (change.status) {
        const bool is_killed = change.status->is_signaled();
        const std::string after = change.took ? " after " + to_text(*change.took) : "";
        say(time, entry.unit, is_killed ? tone::warning : tone::plain, "stopped: " + to_text(*change.status) + after);
      }
      break;
    default: break;
  }
}

OVRSEER_DECL void timeline_builder::take_ready(unit_story& story, const event& entry, const transition_data& change,
                                               nanoseconds time) {
  const nanoseconds down = story.down_since ? time - *story.down_since : nanoseconds::zero();
  const bool was_down = std::exchange(story.down_since, std::nullopt).has_value();
  const bool was_folded = std::exchange(story.is_folded, false);
  incident* const ended = std::exchange(story.current, nullptr);
  if (was_folded && ended != nullptr) {
    ++ended->recovered;
    ended->down += down;
    start_.reset();
    return;
  }
  const nanoseconds took = change.took.value_or(nanoseconds::zero());
  const bool has_just_started = start_ && start_->unit == entry.unit && took == nanoseconds::zero();
  std::string text = has_just_started ? words_of(*start_) + ", ready" : "ready after " + to_text(took);
  if (has_just_started) start_.reset();
  if (start_) tell_start();
  if (was_down) text += "; it was down for " + to_text(down);
  say(time, entry.unit, tone::good, std::move(text));
}

OVRSEER_DECL void timeline_builder::take_incident(unit_story& story, const event& entry, const char* verb,
                                                  std::string kind, const std::string& words, nanoseconds time) {
  if (!story.down_since) story.down_since = time;
  // Reasons with numbers in them could make a kind of every crash.
  std::string key = std::string(verb) + ": " + kind;
  if (story.incidents.size() >= most_kinds && !story.incidents.contains(key)) key = std::string(verb) + " otherwise";
  incident& what = story.incidents[key];
  ++what.count;
  what.last = time;
  story.current = &what;
  story.is_folded = what.count > unfolded_;
  if (story.is_folded) {
    ++what.folded;
    return;
  }
  const tone shade = entry.type == event_type::completed ? tone::plain : tone::bad;
  say(time, entry.unit, shade, std::string(verb) + ": " + (words.empty() ? kind : words));
}

OVRSEER_DECL void timeline_builder::tell_start() {
  const pending_start told = *std::exchange(start_, std::nullopt);
  say(told.time, told.unit, tone::plain, words_of(told));
}

OVRSEER_DECL void timeline_builder::tell_pending_start(const event* next) {
  if (!start_) return;
  if (next != nullptr && next->type == event_type::ready && next->unit == start_->unit) return;
  tell_start();
}

OVRSEER_DECL void timeline_builder::tell_folded(const unit_id& unit, unit_story& story, nanoseconds time) {
  for (auto& [kind, what] : story.incidents) {
    if (what.folded == 0) continue;
    std::string text = kind + ", " + std::to_string(what.folded) + (what.folded == 1 ? " time" : " times");
    text += " more, the last at " + timeline_time(what.last);
    if (what.recovered != 0) {
      const auto average = what.down / static_cast<std::int64_t>(what.recovered);
      text += "; it was down for " + to_text(average) + (what.recovered == 1 ? "" : " on the average");
    }
    say(time, unit, tone::warning, std::move(text), what.folded);
    what.folded = what.recovered = 0;
    what.down = nanoseconds::zero();
  }
  story.is_folded = false;
}

}  // namespace ovrseer
