// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/flag_overlay.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/config/flag_overlay.hpp>

namespace ovrseer::config_detail {

/// What carries the flags of a unit, with what tells for whom they are.
inline unit_spec carrier_of(const unit_spec& unit) {
  unit_spec made(unit.id(), command(""));
  made.flags_of(unit);
  return made;
}

inline bool has_same_reactions(const unit_spec& a, const unit_spec& b, const std::string& flag) {
  const unit_spec::reactions* const one = a.reactions_to(flag);
  const unit_spec::reactions* const other = b.reactions_to(flag);
  if (one == nullptr || other == nullptr) return one == other;
  return is_same(one->on_match, other->on_match) && is_same(one->on_target, other->on_target);
}

inline bool has_same_flags(const unit_spec& a, const unit_spec& b) {
  return a.flags() == b.flags() &&
         std::ranges::all_of(a.flags(), [&](const flag_spec& each) { return has_same_reactions(a, b, each.name()); });
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL void flag_overlay::lay_over(unit_changes& what) {
  for (const unit_id& id : what.remove) units_.erase(id);
  for (unit_spec& each : what.put) lay_over(each);
  for (unit_spec& each : what.describe) lay_over(each);
  for (unit_spec& each : what.flags) lay_over(each);
}

OVRSEER_DECL void flag_overlay::lay_over(unit_spec& own) {
  unit_spec made = over(own);
  units_.insert_or_assign(own.id(), flags_of_unit{config_detail::carrier_of(own), config_detail::carrier_of(made)});
  own = std::move(made);
}

OVRSEER_DECL void flag_overlay::renew(const unit_spec& present, unit_changes& into) {
  auto known = units_.find(present.id());
  if (known == units_.end() || !config_detail::has_same_flags(known->second.made, present)) {
    const unit_spec own = config_detail::carrier_of(present);
    known = units_.insert_or_assign(present.id(), flags_of_unit{own, own}).first;
  }
  unit_spec made = over(known->second.own);
  if (config_detail::has_same_flags(made, present)) return;
  known->second.made = made;
  into.flags.push_back(std::move(made));
}

OVRSEER_DECL unit_spec flag_overlay::over(unit_spec own) const {
  for (const std::vector<shared_flag>& layer : layers_) {
    for (const shared_flag& each : layer) {
      if (each.is_for(own)) own.flag(each.what, each.on_match, each.on_target);
    }
  }
  return own;
}

}  // namespace ovrseer
