// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What is to become of the units of a supervisor that runs, as data.
#pragma once

#include <vector>

#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer {

/// Changes that belong together; see `supervisor::change`. A unit is in one of the lists, once.
struct unit_changes {
  std::vector<unit_id> remove;
  std::vector<unit_spec> put;       ///< added, or started in place of the unit of that name
  std::vector<unit_spec> describe;  ///< for units whose processes go on: how they are supervised from now on
  std::vector<unit_spec> flags;  ///< for units of which all goes on: the flags of these descriptions, and nothing else
};

}  // namespace ovrseer
