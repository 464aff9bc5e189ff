// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Watching something that runs: a check that is asked at intervals for as long as it runs, thresholds, and what
// follows when it is of no use any more.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>

namespace ovrseer {

/// Describes how the health of a unit is watched once it is ready. All setters return the watch, so that they chain:
///
///     health_watch(tcp("127.0.0.1", 5432)).interval(10s).failures(3).otherwise(health_watch::action::restart)
///
/// A unit for which a watch has failed often enough is unhealthy: those that depend on it being ready wait, and the
/// action of the watch is taken. It is ready again after enough good answers.
class health_watch {
 public:
  enum class action : std::uint8_t {
    nothing,  ///< readiness: it is unhealthy until it answers well again
    restart,  ///< liveness: it is stopped, and its restart policy decides as after a crash
    stop,     ///< it is stopped and stays so
  };

  /// The check makes one attempt each time it is asked: without `probing` around it.
  explicit health_watch(any_check check) : check_(std::move(check)) {}

  /// Before the first question, from the time when the unit has become ready. Default: one interval.
  health_watch& initial_delay(std::chrono::nanoseconds delay);
  /// From the start of one question to the next; questions never overlap. Default 10 s.
  health_watch& interval(std::chrono::nanoseconds between);
  /// While all is well the interval doubles up to this, and after a bad answer it is the short one again. Default:
  /// it does not grow.
  health_watch& relax_to(std::chrono::nanoseconds longest);
  /// For one answer, after which it counts as bad. Zero means no limit. Default 1 s.
  health_watch& attempt_limit(std::chrono::nanoseconds limit);
  /// Unhealthy after so many bad answers in a row. Default 3; zero counts as 1.
  health_watch& failures(std::uint32_t count);
  /// Healthy again after so many good answers in a row. Default 1; zero counts as 1.
  health_watch& successes(std::uint32_t count);
  /// What to do when it is unhealthy. Default nothing.
  health_watch& otherwise(action what);

  const any_check& check() const noexcept { return check_; }
  std::chrono::nanoseconds initial_delay() const { return initial_delay_.value_or(interval_); }
  std::chrono::nanoseconds interval() const noexcept { return interval_; }
  std::chrono::nanoseconds longest_interval() const { return std::max(longest_, interval_); }
  std::chrono::nanoseconds attempt_limit() const noexcept { return attempt_limit_; }
  std::uint32_t failures() const noexcept { return failures_; }
  std::uint32_t successes() const noexcept { return successes_; }
  action otherwise() const noexcept { return action_; }

 private:
  any_check check_;
  std::optional<std::chrono::nanoseconds> initial_delay_;
  std::chrono::nanoseconds interval_ = std::chrono::seconds(10);
  std::chrono::nanoseconds longest_{};
  std::chrono::nanoseconds attempt_limit_ = std::chrono::seconds(1);
  std::uint32_t failures_ = 3;
  std::uint32_t successes_ = 1;
  action action_ = action::nothing;
};

constexpr std::string_view to_text(health_watch::action value) noexcept {
  constexpr std::string_view names[] = {"nothing", "restart", "stop"};
  return names[static_cast<std::size_t>(value)];
}

/// Counts the answers of one watch. Pure. It begins healthy.
class health_state {
 public:
  enum class change : std::uint8_t { none, lost, returned };

  explicit health_state(const health_watch& watch);

  /// Takes an answer in; says whether the verdict changes with it.
  change take(const check_result& answer);

  bool is_healthy() const noexcept { return is_healthy_; }
  /// Until the next question.
  std::chrono::nanoseconds interval() const noexcept { return interval_; }
  /// Bad answers in a row.
  std::uint32_t bad() const noexcept { return bad_; }
  /// "3 times in a row, the last: connect 127.0.0.1:5432: connection refused".
  std::string reason() const {
    return bad_ == 1 ? reason_ : std::to_string(bad_) + " times in a row, the last: " + reason_;
  }

 private:
  std::uint32_t failures_;
  std::uint32_t successes_;
  std::chrono::nanoseconds shortest_;
  std::chrono::nanoseconds longest_;
  std::chrono::nanoseconds interval_;
  std::uint32_t good_ = 0;
  std::uint32_t bad_ = 0;
  bool is_healthy_ = true;
  std::string reason_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/health.ipp>
#endif
