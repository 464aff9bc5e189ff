// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/group.hpp>.
#pragma once

#include <ovrseer/supervise/group.hpp>

namespace ovrseer {

OVRSEER_DECL give_up& give_up::exit_code(int code) {
  exit_code_ = code;
  return *this;
}

OVRSEER_DECL give_up& give_up::run(unit_id unit) {
  run_ = std::move(unit);
  return *this;
}

OVRSEER_DECL group_spec& group_spec::within(std::string group) {
  parent_ = std::move(group);
  return *this;
}

OVRSEER_DECL group_spec& group_spec::by(strategy how) {
  if (how.name() == strategy::rest_for_one().name()) order_ = order::declared;
  strategy_ = std::move(how);
  return *this;
}

OVRSEER_DECL group_spec& group_spec::start_order(order how) {
  order_ = how;
  return *this;
}

OVRSEER_DECL group_spec& group_spec::intensity(std::uint32_t restarts, std::chrono::nanoseconds period) {
  intensity_ = restarts;
  period_ = period;
  return *this;
}

OVRSEER_DECL group_spec& group_spec::auto_shutdown(shutdown when) {
  shutdown_ = when;
  return *this;
}

OVRSEER_DECL group_spec& group_spec::stay_down() {
  stays_down_ = true;
  return *this;
}

OVRSEER_DECL group_spec& group_spec::significant() {
  significant_ = true;
  return *this;
}

OVRSEER_DECL group_spec& group_spec::when_given_up(give_up what) {
  give_up_ = std::move(what);
  return *this;
}

}  // namespace ovrseer
