// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the units were at a past moment, from the events alone: time travel for a journal. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/process/exit_status.hpp>

namespace ovrseer {

/// One unit as the events tell it.
struct replayed_unit {
  unit_id id;
  unit_state state = unit_state::created;
  std::uint32_t incarnation = 0;
  std::uint32_t restarts = 0;  ///< automatic and requested, in its whole life
  /// Of the last process that has ended; none since a new one was spawned, or where the event that told it is missing.
  std::optional<exit_status> last_status;
  std::optional<std::int32_t> pid;  ///< while it lives; none where the event that told it is missing
  std::int64_t spawned_ns = 0;      ///< `mono_ns` of the last spawn that worked; means nothing before it
  wall_time since{};                ///< of its last change of state, or since when it is known
  std::int64_t since_ns = 0;        ///< the same as `mono_ns`
  std::uint64_t since_seq = 0;      ///< the event of that change
  cause why;                        ///< of that change; empty before the first
  bool is_outdated = false;         ///< events are missing since that change: it may be in another state by now
  bool is_whole = true;             ///< every event of its life was seen; else `restarts` are those that were seen

  friend bool operator==(const replayed_unit&, const replayed_unit&) = default;
};

/// What the supervisor itself does.
enum class supervisor_phase : std::uint8_t {
  unknown,     ///< the events that would tell are missing
  configured,  ///< has not started yet
  running,
  stopping,
  stopped,
};

constexpr std::string_view to_text(supervisor_phase phase) noexcept {
  constexpr std::string_view names[] = {"unknown", "configured", "running", "stopping", "stopped"};
  return names[static_cast<std::size_t>(phase)];
}

/// A whole supervisor as the events of one life tell it.
struct replayed_stack {
  std::string boot_id;         ///< as it was given
  std::uint64_t last_seq = 0;  ///< the newest event in it; 0: none
  wall_time time{};            ///< of that event
  std::int64_t mono_ns = 0;    ///< the same
  supervisor_phase phase = supervisor_phase::configured;
  bool is_phase_outdated = false;  ///< events are missing since it came to this phase
  cause why;                       ///< it stops; empty before
  std::optional<int> exit_code;    ///< once it has stopped
  std::uint64_t missing = 0;       ///< events up to `last_seq` that were not to be had
  std::map<unit_id, replayed_unit> units;

  /// Null where there is no such unit.
  const replayed_unit* find(const unit_id& id) const;

  friend bool operator==(const replayed_stack&, const replayed_stack&) = default;
};

/// Rebuilds the state of all units event by event; after event n it is that of the supervisor when n was written.
///
/// Takes the events of one life in their order. Numbers that are left out are events that are missing: units keep
/// what was known of them and are marked until their next change, so that nothing is told as certain that is not.
/// One thing is earlier in the live supervisor than in its journal: while a unit is `stopping`, its process may have
/// ended already.
///
/// Cost: a look-up by name an event, and a walk over all units where events are missing.
class journal_replay {
 public:
  explicit journal_replay(std::string boot_id = {}) { stack_.boot_id = std::move(boot_id); }

  /// Takes the next event. One that was taken before changes nothing.
  void apply(const event& entry);

  /// The events up to `last` are not to be had.
  void skip(std::uint64_t last);

  const replayed_stack& state() const noexcept { return stack_; }

 private:
  void change(const event& entry, unit_state to);

  /// Where events are missing, only the same incarnation has the same process; what ended meanwhile is not known.
  static void forget(replayed_unit& unit, std::uint32_t incarnation);

  /// The last exit status after a change to `to`.
  static void note_end(std::optional<exit_status>& last, unit_state to, const transition_data& data);

  void add(const event& entry);

  // One that nobody has seen being added is known from here on.
  replayed_unit& unit_of(const event& entry);
  static void stamp(replayed_unit& unit, const event& entry);

  void enter(supervisor_phase phase);
  void stop(const event& entry);

  replayed_stack stack_;
};

/// How far a replay goes.
class replay_until {
 public:
  /// All events.
  static replay_until end() noexcept { return {}; }
  /// Up to and including event `seq`.
  static replay_until seq(std::uint64_t last) noexcept;
  /// Up to the first event that is later than `moment`, itself not included. Where the wall clock was set back, that
  /// is the first of several answers.
  static replay_until time(wall_time moment) noexcept;

  /// Whether `entry` still belongs to it.
  bool admits(const event& entry) const noexcept { return entry.seq <= last_ && entry.time <= moment_; }

 private:
  replay_until() = default;

  std::uint64_t last_ = std::numeric_limits<std::uint64_t>::max();
  wall_time moment_ = wall_time::max();
};

/// The state after a run of events of one life, in their order. `Events` is a range of `event`.
template <class Events>
replayed_stack replay(const Events& events, replay_until until = replay_until::end(), std::string boot_id = {}) {
  journal_replay made(std::move(boot_id));
  for (const event& entry : events) {
    if (!until.admits(entry)) break;
    made.apply(entry);
  }
  return made.state();
}

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/replay.ipp>
#endif
