// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/restart_policy.hpp>.
#pragma once

#include <ovrseer/supervise/restart_policy.hpp>

namespace ovrseer {

OVRSEER_DECL restart_rules& restart_rules::restart(when what) {
  when_ = what;
  return *this;
}

OVRSEER_DECL restart_rules& restart_rules::codes(std::vector<int> only) {
  codes_ = std::move(only);
  return *this;
}

OVRSEER_DECL restart_rules& restart_rules::signals(std::vector<signal_number> only) {
  signals_ = std::move(only);
  return *this;
}

OVRSEER_DECL restart_rules& restart_rules::success_codes(std::vector<int> codes) {
  success_codes_ = std::move(codes);
  return *this;
}

OVRSEER_DECL restart_rules& restart_rules::permanent_codes(std::vector<int> codes) {
  permanent_codes_ = std::move(codes);
  return *this;
}

OVRSEER_DECL restart_rules& restart_rules::max_retries(std::uint32_t count) {
  max_retries_ = count;
  return *this;
}

OVRSEER_DECL restart_rules& restart_rules::delays(backoff curve) {
  delays_ = curve;
  return *this;
}

OVRSEER_DECL restart_rules& restart_rules::stable_after(std::chrono::nanoseconds duration) {
  stable_after_ = duration;
  return *this;
}

OVRSEER_DECL restart_rules& restart_rules::max_restarts(std::uint32_t count) {
  max_restarts_ = count;
  return *this;
}

OVRSEER_DECL restart_rules& restart_rules::breaker(std::chrono::nanoseconds open_for,
                                                   std::chrono::nanoseconds longest) {
  open_for_ = open_for;
  open_longest_ = std::max(open_for, longest);
  return *this;
}

OVRSEER_DECL restart_rules& restart_rules::intensity(std::uint32_t restarts, std::chrono::nanoseconds period) {
  intensity_ = restarts;
  period_ = period;
  return *this;
}

OVRSEER_DECL std::chrono::nanoseconds restart_rules::open_for(std::uint32_t nth) const noexcept {
  std::chrono::nanoseconds rest = open_for_;
  while (--nth != 0 && rest < open_longest_) rest *= 2;
  return std::min(rest, open_longest_);
}

OVRSEER_DECL bool restart_rules::wants_restart(const exit_status& status) const {
  if (is_permanent(status)) return false;
  switch (when_) {
    case when::never: return false;
    case when::always:
    case when::unless_stopped: return true;
    case when::on_failure: break;
  }
  if (is_success(status)) return false;
  if (codes_.empty() && signals_.empty()) return true;
  if (status.is_exited()) return std::ranges::count(codes_, status.code()) != 0;
  if (status.is_signaled()) return std::ranges::count(signals_, status.signal()) != 0;
  return true;
}

OVRSEER_DECL restart_decision restart_history::decide(const restart_rules& rules, const exit_status& status,
                                                      std::chrono::nanoseconds ready_for, steady_time now,
                                                      double random) {
  if (rules.stable_after() <= ready_for && ready_for != std::chrono::nanoseconds::zero()) reset();
  using verdict = restart_decision::verdict;
  if (rules.is_permanent(status)) return {verdict::permanent, {}, in_row_};
  if (!rules.wants_restart(status)) return {};
  if (rules.max_restarts() != 0 && total_ >= rules.max_restarts()) return {verdict::life_over, {}, in_row_};
  if (rules.intensity() != 0) std::erase_if(times_, [&](steady_time time) { return time < now - rules.period(); });
  const bool is_exhausted = rules.max_retries() != 0 && in_row_ >= rules.max_retries();
  const bool is_too_intense = rules.intensity() != 0 && times_.size() >= rules.intensity();
  if (is_exhausted || is_too_intense) {
    if (!rules.has_breaker()) return {is_exhausted ? verdict::retries_exhausted : verdict::too_intense, {}, in_row_};
    count(rules, now);
    return {verdict::restart, rules.open_for(++openings_), in_row_, true};
  }
  count(rules, now);
  previous_ = rules.delays().delay_after(in_row_, previous_, random);
  return {verdict::restart, previous_, in_row_};
}

OVRSEER_DECL restart_decision restart_history::replace(const restart_rules& rules, const restart_decision& own,
                                                       restart_decision other, steady_time now) {
  using verdict = restart_decision::verdict;
  if (other.what == verdict::restart && own.what != verdict::restart) count(rules, now);
  other.number = in_row_;
  return other;
}

OVRSEER_DECL void restart_history::reset() {
  in_row_ = 0;
  openings_ = 0;
  previous_ = {};
}

OVRSEER_DECL void restart_history::count(const restart_rules& rules, steady_time now) {
  ++in_row_;
  ++total_;
  if (rules.intensity() != 0) times_.push_back(now);
}

}  // namespace ovrseer
