// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Shared flags laid over those that units have themselves. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/flag_document.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/supervise/unit_changes.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer {

/// Several layers of shared flags, and what the units look for without them. Of one name the highest layer wins, and
/// all win over the unit.
///
/// Change a copy, do what it says, and keep the copy once that is done: then it always knows how the units are.
class flag_overlay {
 public:
  explicit flag_overlay(std::size_t layers) : layers_(layers) {}

  /// Replaces one layer, 0 the lowest.
  void set(std::size_t layer, std::vector<shared_flag> flags) { layers_.at(layer) = std::move(flags); }
  const std::vector<shared_flag>& layer(std::size_t number) const { return layers_.at(number); }

  /// Lays the flags over all units that are described whole, for `supervisor::change`.
  void lay_over(unit_changes& what);
  /// Adds what has to change of a unit that is as `present` says, where that is anything. One that somebody else has
  /// described since is taken as it is.
  void renew(const unit_spec& present, unit_changes& into);

 private:
  struct flags_of_unit {
    unit_spec own;   // of both the flags alone count
    unit_spec made;  // what they came to
  };

  void lay_over(unit_spec& own);
  unit_spec over(unit_spec own) const;

  std::vector<std::vector<shared_flag>> layers_;
  std::map<unit_id, flags_of_unit> units_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/flag_overlay.ipp>
#endif
