// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Asking again until the answer counts: when the next attempt is due and what the answers come to, as a pure
// decision, and the short coroutine that asks.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>

namespace ovrseer {

/// When a check is asked, and how often it must say the same. All setters return the timing, so that they chain.
class probe_timing {
 public:
  probe_timing() = default;

  /// Before the first attempt. Default none.
  probe_timing& initial_delay(std::chrono::nanoseconds delay);
  /// From the start of one attempt to the start of the next, which begins at once where the attempt took
  /// longer; attempts never overlap. Default 250 ms.
  probe_timing& interval(std::chrono::nanoseconds between);
  /// For one attempt, after which it counts as failed. Zero means no limit. Default 1 s.
  probe_timing& attempt_limit(std::chrono::nanoseconds limit);
  /// Ready after so many good answers in a row. Default 1; zero counts as 1.
  probe_timing& successes(std::uint32_t count);
  /// Not ready after so many bad answers in a row. Zero means that only the deadline decides. Default zero.
  probe_timing& failures(std::uint32_t count);
  /// For all attempts together, the initial delay included. Zero means no limit. Default 60 s.
  probe_timing& deadline(std::chrono::nanoseconds limit);

  std::chrono::nanoseconds initial_delay() const noexcept { return initial_delay_; }
  std::chrono::nanoseconds interval() const noexcept { return interval_; }
  std::chrono::nanoseconds attempt_limit() const noexcept { return attempt_limit_; }
  std::uint32_t successes() const noexcept { return successes_; }
  std::uint32_t failures() const noexcept { return failures_; }
  std::chrono::nanoseconds deadline() const noexcept { return deadline_; }

  /// The longest time until a verdict; zero where there is no such bound.
  std::chrono::nanoseconds bound() const noexcept;

 private:
  std::chrono::nanoseconds initial_delay_{};
  std::chrono::nanoseconds interval_ = std::chrono::milliseconds(250);
  std::chrono::nanoseconds attempt_limit_ = std::chrono::seconds(1);
  std::chrono::nanoseconds deadline_ = std::chrono::seconds(60);
  std::uint32_t successes_ = 1;
  std::uint32_t failures_ = 0;
};

/// The next attempt of a probe.
struct probe_attempt {
  steady_time at{};                  ///< when it begins
  std::chrono::nanoseconds limit{};  ///< how long it may take; zero means no limit
};

/// What to do next: another attempt, or nothing, because this is the verdict.
using probe_step = std::variant<probe_attempt, check_result>;

/// Counts answers exactly and decides. Pure: tell it what was answered and what time it is.
class probe_state {
 public:
  probe_state(const probe_timing& timing, steady_time now)
      : timing_(timing), began_(now), next_(now + timing.initial_delay()) {}

  /// The first step.
  probe_step start() const { return attempt_at(next_); }

  /// The step after an attempt that was answered at `now`.
  probe_step resume(const check_result& answer, steady_time now);

 private:
  bool has_deadline() const noexcept { return timing_.deadline() != std::chrono::nanoseconds::zero(); }

  probe_step attempt_at(steady_time at) const;

  check_result verdict(check_result::verdict outcome, std::string reason, steady_time now) const;

  std::string failed_reason() const;
  std::string late_reason() const;

  probe_timing timing_;
  steady_time began_;
  steady_time next_;
  std::string last_reason_;
  std::uint32_t attempts_ = 0;
  std::uint32_t good_ = 0;
  std::uint32_t bad_ = 0;
};

/// Asks once; what the check throws, and that it does not answer in time, are answers too. `limit` zero means
/// no limit. Cancellation goes on.
OVRSEER_DECL task<check_result> ask_once(any_check check, check_target target, std::chrono::nanoseconds limit);

/// A check that is asked again and again by a timing.
class probe {
 public:
  probe(any_check check, probe_timing timing) : check_(std::move(check)), timing_(timing) {}

  /// Cancellation: every type abandons the attempt, or the wait between two.
  task<check_result> operator()(check_target target) const { return run(check_, timing_, target); }

  std::string describe() const { return check_.describe(); }
  std::chrono::nanoseconds bound() const { return timing_.bound(); }
  void tell_needs(check_needs& into) const { check_.tell_needs(into); }

 private:
  static task<check_result> run(any_check check, probe_timing timing, check_target target);

  any_check check_;
  probe_timing timing_;
};

/// `check`, asked by `timing`.
inline probe probing(any_check check, probe_timing timing = {}) { return {std::move(check), timing}; }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/probe.ipp>
#endif
