// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/health.hpp>.
#pragma once

#include <ovrseer/check/health.hpp>

namespace ovrseer {

OVRSEER_DECL health_watch& health_watch::initial_delay(std::chrono::nanoseconds delay) {
  initial_delay_ = delay;
  return *this;
}

OVRSEER_DECL health_watch& health_watch::interval(std::chrono::nanoseconds between) {
  interval_ = between;
  return *this;
}

OVRSEER_DECL health_watch& health_watch::relax_to(std::chrono::nanoseconds longest) {
  longest_ = longest;
  return *this;
}

OVRSEER_DECL health_watch& health_watch::attempt_limit(std::chrono::nanoseconds limit) {
  attempt_limit_ = limit;
  return *this;
}

OVRSEER_DECL health_watch& health_watch::failures(std::uint32_t count) {
  failures_ = std::max(count, 1U);
  return *this;
}

OVRSEER_DECL health_watch& health_watch::successes(std::uint32_t count) {
  successes_ = std::max(count, 1U);
  return *this;
}

OVRSEER_DECL health_watch& health_watch::otherwise(action what) {
  action_ = what;
  return *this;
}

OVRSEER_DECL health_state::health_state(const health_watch& watch)
    : failures_(watch.failures()),
      successes_(watch.successes()),
      shortest_(watch.interval()),
      longest_(watch.longest_interval()),
      interval_(watch.interval()) {}

OVRSEER_DECL health_state::change health_state::take(const check_result& answer) {
  if (answer.is_ready()) {
    bad_ = 0;
    if (is_healthy_) {
      interval_ = std::min(interval_ * 2, longest_);
      return change::none;
    }
    if (++good_ < successes_) return change::none;
    is_healthy_ = true;
    return change::returned;
  }
  good_ = 0;
  interval_ = shortest_;
  reason_ = answer.reason;
  if (++bad_ < failures_ || !is_healthy_) return change::none;
  is_healthy_ = false;
  return change::lost;
}

}  // namespace ovrseer
