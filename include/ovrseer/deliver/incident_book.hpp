// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a receiver that keeps incidents is to be told, and when: the decision alone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/deliver/token_bucket.hpp>
#include <ovrseer/event/incident_update.hpp>

namespace ovrseer {

/// When an incident opens, is told of again, and is over.
struct incident_rules {
  incident_rules() = default;

  /// Whether a crash opens an incident. One that does not is told to nobody; empty: every crash does.
  std::function<bool(const crash_report&)> opens;
  /// So long a unit must be well before its incident is over. A loop of crashes is one incident if this is longer than a unit
  /// lives in it.
  std::chrono::nanoseconds settled_after = std::chrono::seconds(30);
  /// How long the crashes of an open incident are only counted, unless one is graver than what was told.
  std::chrono::nanoseconds repeat_after = std::chrono::minutes(10);
  rate_limit each{6, std::chrono::minutes(1), 6};  ///< updates of one unit; more are told later, and as one
};

/// How a unit stands, by an event of the journal.
struct unit_standing {
  enum class health : std::uint8_t { well, unwell };
  unit_standing(unit_id which, std::uint64_t seq, wall_time when, health found)
      : unit(std::move(which)), event_seq(seq), time(when), is(found) {}

  unit_id unit;
  std::uint64_t event_seq;
  wall_time time;
  health is;
};

/// Keeps the incident of each unit and says what its receiver must hear next. Pure: the time comes from the caller, and never
/// runs backwards. It holds the last report of each unit at most, however long the receiver does not answer.
class incident_book {
 public:
  explicit incident_book(incident_rules rules = {}) : rules_(std::move(rules)) {}

  /// Reports and standings may come in any order: the journal's numbers say what was first.
  void note(const crash_report& report);
  void note(const unit_standing& standing, steady_time now);

  /// The units with something that is due by `until`, the longest due first. `steady_time::max()`: all that was not told, with
  /// the recoveries of units that are well but have not settled yet, whatever the rate is.
  std::vector<unit_id> due_by(steady_time until) const;
  /// What the receiver must hear next of a unit, its crash before its recovery; nothing where nothing is due by `until`.
  std::optional<incident_update> next(const unit_id& unit, steady_time until) const;
  /// When the first unit has something to say.
  std::optional<steady_time> due() const;

  /// The receiver has been told `next`.
  void told(const incident_update& update, steady_time now);
  /// It could not be told, and may be later: it is due again in a minute.
  void failed(const incident_update& update, steady_time now);

  /// Crashes that were counted in another's update.
  std::uint64_t folded() const noexcept { return folded_; }
  /// Units with something that was not told.
  std::size_t waiting() const noexcept;

 private:
  struct incident {
    explicit incident(rate_limit rate) : bucket(rate) {}

    std::optional<severity> told;       // the gravest that was, of an incident that is open
    steady_time repeat_at{};            // when what was counted since may be told
    std::optional<crash_report> crash;  // not told yet; of several the gravest, of those the last
    std::uint64_t count = 0;            // of crashes that it stands for
    std::uint64_t crash_seq = 0;        // the last one's
    std::uint64_t standing_seq = 0;
    std::optional<wall_time> well;  // since when
    steady_time settled_at{};
    steady_time again_at = steady_time::min();  // after a failure
    token_bucket bucket;
  };

  static std::optional<steady_time> due_of(const incident& one);
  incident& incident_of(const unit_id& unit) { return units_.try_emplace(unit, rules_.each).first->second; }

  incident_rules rules_;
  std::map<unit_id, incident> units_;
  std::uint64_t folded_ = 0;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/deliver/impl/incident_book.ipp>
#endif
