// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a rehearsal may be told: how long, which seed, what goes wrong, and who looks on.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/rehearse/fault.hpp>
#include <ovrseer/rehearse/timeline.hpp>
#include <ovrseer/sim/process_behavior.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

/// How a configuration is rehearsed.
struct rehearsal_options {
  /// How long the stack runs before it is told to stop, in virtual time.
  std::chrono::nanoseconds duration = std::chrono::hours(1);
  /// All chance comes from it: the same seed gives the same run.
  std::uint64_t seed = 1;
  /// What goes wrong on purpose. A unit that is not there is `errc::unknown_unit`.
  std::vector<rehearsal_fault> faults;
  /// How units behave, in the place of what the configuration says of them.
  std::map<unit_id, process_behavior> behaviors;
  /// The whole script of a unit's process, chosen at each start (`nth` from 1), in the place of any behaviour. It
  /// must do by itself what the checks of the unit wait for; crashes and hangs at a time come to it all the same.
  std::map<unit_id, scripted_os::casting> scripts;
  /// The share of the time, from 0 to 1, in which each service must be ready, counted as `rehearsed_unit` does; one
  /// that is less is a problem. Unset: any.
  std::optional<double> least_availability;
  /// The calendar time at which it begins. Default: the first of January 2030.
  wall_time epoch = wall_time(std::chrono::seconds(1'893'456'000));

  /// Whether the result has every event. Thirty days may have millions, so only where they are asked for.
  enum class events : std::uint8_t { dropped, kept };
  events history = events::dropped;
  /// How many crashes of one kind the timeline tells one by one for each unit, before it only counts them.
  std::size_t unfolded = 3;
  /// Entries of the timeline at most; more are counted.
  std::size_t max_timeline = 10'000;

  /// Called with every event, as it happens.
  std::function<void(const event&)> on_event;
  /// Called with every entry of the timeline, as soon as it is known.
  std::function<void(const timeline_entry&)> on_entry;
  /// Called before anything runs: to have people interfere, by `world.at`. Both live until the rehearsal has ended.
  std::function<void(supervisor&, simulated_world&)> prepare;
};

}  // namespace ovrseer
