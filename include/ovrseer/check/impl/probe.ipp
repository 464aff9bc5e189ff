// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/probe.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

OVRSEER_DECL probe_timing& probe_timing::initial_delay(std::chrono::nanoseconds delay) {
  initial_delay_ = delay;
  return *this;
}

OVRSEER_DECL probe_timing& probe_timing::interval(std::chrono::nanoseconds between) {
  interval_ = between;
  return *this;
}

OVRSEER_DECL probe_timing& probe_timing::attempt_limit(std::chrono::nanoseconds limit) {
  attempt_limit_ = limit;
  return *this;
}

OVRSEER_DECL probe_timing& probe_timing::successes(std::uint32_t count) {
  successes_ = std::max(count, 1U);
  return *this;
}

OVRSEER_DECL probe_timing& probe_timing::failures(std::uint32_t count) {
  failures_ = count;
  return *this;
}

OVRSEER_DECL probe_timing& probe_timing::deadline(std::chrono::nanoseconds limit) {
  deadline_ = limit;
  return *this;
}

OVRSEER_DECL std::chrono::nanoseconds probe_timing::bound() const noexcept {
  constexpr auto none = std::chrono::nanoseconds::zero();
  if (deadline_ != none) return deadline_;
  // Good and bad answers in turn may go on for ever where one good answer is not enough.
  if (failures_ == 0 || successes_ != 1 || attempt_limit_ == none) return none;
  return initial_delay_ + (failures_ - 1) * std::max(interval_, attempt_limit_) + attempt_limit_;
}

OVRSEER_DECL probe_step probe_state::resume(const check_result& answer, steady_time now) {
  ++attempts_;
  if (answer.is_ready()) {
    bad_ = 0;
    if (++good_ >= timing_.successes()) return verdict(check_result::verdict::ready, "", now);
  } else {
    good_ = 0;
    last_reason_ = answer.reason;
    if (++bad_ == timing_.failures()) return verdict(check_result::verdict::not_ready, failed_reason(), now);
  }
  next_ = std::max(next_ + timing_.interval(), now);
  return attempt_at(next_);
}

OVRSEER_DECL probe_step probe_state::attempt_at(steady_time at) const {
  probe_attempt next{at, timing_.attempt_limit()};
  if (!has_deadline()) return next;
  // Nothing can be learned any more before the deadline: it is said now, not then.
  const std::chrono::nanoseconds left = began_ + timing_.deadline() - at;
  if (left <= std::chrono::nanoseconds::zero()) return verdict(check_result::verdict::timed_out, late_reason(), at);
  next.limit = next.limit == std::chrono::nanoseconds::zero() ? left : std::min(next.limit, left);
  return next;
}

OVRSEER_DECL check_result probe_state::verdict(check_result::verdict outcome, std::string reason,
                                               steady_time now) const {
  check_result made;
  made.outcome = outcome;
  made.reason = std::move(reason);
  made.took = std::min(now, has_deadline() ? began_ + timing_.deadline() : now) - began_;
  made.attempts = attempts_;
  return made;
}

OVRSEER_DECL std::string probe_state::failed_reason() const {
  if (timing_.failures() == 1) return last_reason_;
  return std::to_string(bad_) + " times in a row, the last: " + last_reason_;
}

OVRSEER_DECL std::string probe_state::late_reason() const {
  const std::string limit = "not within " + to_text(timing_.deadline());
  if (attempts_ == 0) return limit + ": the initial delay is longer";
  return last_reason_.empty() ? limit : limit + ", the last: " + last_reason_;
}

OVRSEER_DECL task<check_result> ask_once(any_check check, check_target target, std::chrono::nanoseconds limit) {
  task<check_result> asking = check(target);
  if (limit != std::chrono::nanoseconds::zero()) {
    // A check only abandons: there is nothing to be patient for.
    asking = with_deadline(std::move(asking), limit, std::chrono::nanoseconds::zero());
  }
  attempted<check_result> said = co_await attempt(std::move(asking));
  if (said) co_return *std::move(said);
  if (said.reason().is_cancellation()) said.reason().rethrow();
  check_result failed;
  const bool is_late = limit != std::chrono::nanoseconds::zero() && said.reason().code() == errc::timed_out;
  failed.outcome = is_late ? check_result::verdict::timed_out : check_result::verdict::not_ready;
  failed.reason = is_late ? "no answer within " + to_text(limit) : said.reason().what();
  co_return failed;
}

OVRSEER_DECL task<check_result> probe::run(any_check check, probe_timing timing, check_target target) {
  const executor ex = co_await asio::this_coro::executor;
  probe_state state(timing, clock_of(ex).now());
  probe_step step = state.start();
  while (const auto* next = std::get_if<probe_attempt>(&step)) {
    const probe_attempt due = *next;
    if (due.at > clock_of(ex).now()) co_await sleep_until(due.at);
    const check_result answer = co_await ask_once(check, target, due.limit);
    step = state.resume(answer, clock_of(ex).now());
  }
  co_return std::get<check_result>(std::move(step));
}

}  // namespace ovrseer
