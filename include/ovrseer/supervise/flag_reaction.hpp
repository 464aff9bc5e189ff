// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the supervisor does when a flag matches a line of a unit: a description.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <ovrseer/event/vocabulary.hpp>

namespace ovrseer {

/// What follows a match beside its count and its event.
///
///     unit.flag(flag_spec("oom", pattern<"out of memory">{}), flag_reaction::restart())
class flag_reaction {
 public:
  enum class action : std::uint8_t {
    nothing,
    report,   ///< a crash report of the unit, which goes on; at most one a second for each flag
    restart,  ///< the unit is stopped, and its restart rules decide as after a crash
    stop,     ///< the unit is stopped and stays so until somebody starts it
    run,      ///< another unit is started, one that tells somebody or repairs something
  };

  flag_reaction() = default;
  static flag_reaction report() { return flag_reaction(action::report); }
  static flag_reaction restart() { return flag_reaction(action::restart); }
  static flag_reaction stop() { return flag_reaction(action::stop); }
  /// Make that unit `on_demand`. While it runs, a further match changes nothing.
  static flag_reaction run(unit_id unit) {
    flag_reaction made(action::run);
    made.unit_ = std::move(unit);
    return made;
  }

  action what() const noexcept { return action_; }
  /// Of `run`.
  const unit_id& unit() const noexcept { return unit_; }

 private:
  explicit flag_reaction(action what) : action_(what) {}

  action action_ = action::nothing;
  unit_id unit_;
};

}  // namespace ovrseer
