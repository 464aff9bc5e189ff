// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The events of a run as a person tells them: what is new, one by one; what comes again and again, counted.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/event/event.hpp>

namespace ovrseer {

/// One line of a timeline.
struct timeline_entry {
  enum class tone : std::uint8_t { plain, good, warning, bad };

  std::chrono::nanoseconds time{};  ///< since the beginning
  unit_id unit;                     ///< empty name: the supervisor itself
  tone shade = tone::plain;
  std::string text;         ///< "crashed: exited with code 1 after 5m; restart 1 of 3 in 1s"
  std::uint64_t count = 1;  ///< how many crashes it stands for
};

/// "00:05:00.000" since the beginning, "29d 23:59:58.120" from the second day on.
OVRSEER_DECL std::string timeline_time(std::chrono::nanoseconds since);

/// Makes a timeline of events as they come. Keeps a few numbers for each unit and each way in which it crashes,
/// whatever comes.
class timeline_builder {
 public:
  using sink = std::function<void(timeline_entry)>;

  /// `unfolded` crashes of one kind are told one by one for each unit; those after them are counted, and told when
  /// the story of the unit takes another turn, or everything stops.
  timeline_builder(sink out, std::size_t unfolded) : out_(std::move(out)), unfolded_(unfolded) {}

  void take(const event& entry);

  /// Something that is no event.
  void remark(std::chrono::nanoseconds time, timeline_entry::tone shade, std::string text);

 private:
  using nanoseconds = std::chrono::nanoseconds;
  using tone = timeline_entry::tone;

  /// One way in which a unit crashes.
  struct incident {
    std::uint64_t count = 0;
    std::uint64_t folded = 0;  // those that were not told
    std::uint64_t recovered = 0;
    nanoseconds last{};
    nanoseconds down{};  // of all that were folded together
  };
  struct unit_story {
    std::map<std::string, incident> incidents;
    incident* current = nullptr;  // the last, until the unit is ready again
    bool is_folded = false;       // whether it was not told
    std::optional<nanoseconds> down_since;
  };
  struct pending_start {
    nanoseconds time;
    unit_id unit;
    std::uint32_t incarnation;
  };

  static constexpr std::size_t most_kinds = 64;

  void say(nanoseconds time, const unit_id& unit, tone shade, std::string text, std::uint64_t count = 1) {
    out_({time, unit, shade, std::move(text), count});
  }

  void take_change(const event& entry, const transition_data& change, nanoseconds time);

  void take_ready(unit_story& story, const event& entry, const transition_data& change, nanoseconds time);

  void take_incident(unit_story& story, const event& entry, const char* verb, std::string kind,
                     const std::string& words, nanoseconds time);

  // ---- what is told later

  static std::string words_of(const pending_start& start) {
    return start.incarnation > 1 ? "started again (" + std::to_string(start.incarnation) + ")" : "started";
  }
  void tell_start();
  // A start that makes ready at once is one line with it.
  void tell_pending_start(const event* next);

  void tell_folded(nanoseconds time) {
    for (auto& [unit, story] : stories_) tell_folded(unit, story, time);
  }
  void tell_folded(const unit_id& unit, unit_story& story, nanoseconds time);

  sink out_;
  std::size_t unfolded_;
  std::map<unit_id, unit_story> stories_;
  std::optional<pending_start> start_;
  bool is_stopping_ = false;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/rehearse/impl/timeline.ipp>
#endif
