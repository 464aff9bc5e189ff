// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a set of units would do, without doing it: orders, and how long a start and a stop take at worst.
#pragma once

#include <chrono>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer {

/// One unit of a plan.
struct planned_unit {
  unit_id id;
  ovrseer::role role = role::main;
  std::vector<unit_id> depends_on;
  std::vector<unit_id> dependents;
  std::chrono::nanoseconds ready_bound{};  ///< of its ready check; zero: none, or it has no bound
  bool has_ready_bound = true;             ///< false: its ready check may wait for ever
  std::chrono::nanoseconds stop_bound{};
};

/// The plan of a set of units.
struct supervisor_plan {
  std::vector<std::vector<unit_id>> start_layers;  ///< each layer starts together, when those before are ready
  std::vector<std::vector<unit_id>> stop_layers;   ///< mains, then cleanup one by one, then dependencies
  std::vector<planned_unit> units;
  /// The longest time until all is ready, restarts not counted; meaningless where a check has no bound.
  std::chrono::nanoseconds start_bound{};
  bool has_start_bound = true;
  /// The longest time that a stop takes.
  std::chrono::nanoseconds stop_bound{};
};

namespace supervise_detail {

OVRSEER_DECL bool have_priorities(const std::vector<const unit_spec*>& units);

}  // namespace supervise_detail

/// Makes the plan. Pure. A group stands behind the one that it is in.
///
/// Errors: `errc::unknown_dependency`, `errc::dependency_cycle`, and those of `group_tree`.
OVRSEER_DECL supervisor_plan make_plan(const std::vector<unit_spec>& specs, const std::vector<group_spec>& groups = {});

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/plan.ipp>
#endif
