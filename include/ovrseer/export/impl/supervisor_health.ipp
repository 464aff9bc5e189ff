// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/export/supervisor_health.hpp>.
#pragma once

#include <string>
#include <variant>

#include <ovrseer/export/supervisor_health.hpp>

namespace ovrseer {

OVRSEER_DECL health_view health_of(const supervisor& target) {
  health_view view;
  view.is_alive = !target.events().is_closed();
  view.is_stopping = target.is_stopping();
  for (const unit_id& id : target.not_ready()) {
    const event* last = target.events().last_transition_of(id);
    const cause* why = last == nullptr ? nullptr : cause_of(*last);
    view.not_ready.push_back({id, target.state(id), why == nullptr ? std::string() : why->what});
  }
  return view;
}

}  // namespace ovrseer
