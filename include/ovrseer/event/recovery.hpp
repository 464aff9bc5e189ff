// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The other end of a crash report: that it is over.
#pragma once

#include <utility>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/event/vocabulary.hpp>

namespace ovrseer {

/// A unit is well again: its incident may be closed.
struct recovery {
  recovery(unit_id which, wall_time when) : unit(std::move(which)), time(when) {}

  unit_id unit;
  wall_time time;
};

}  // namespace ovrseer
