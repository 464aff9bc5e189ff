// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How long to wait before the next attempt: a value with pure functions, for `retry` and for restarts.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace ovrseer {

/// A curve of delays with a cap and jitter. Pure: the random number comes from the caller.
class backoff {
 public:
  using duration = std::chrono::nanoseconds;
  enum class curve : std::uint8_t { constant, exponential, decorrelated };

  /// The same delay before every attempt.
  static backoff constant(duration delay) { return {curve::constant, delay, delay, 1.0}; }
  /// `first`, then each time `factor` times as long, at most `cap`.
  static backoff exponential(duration first, duration cap, double factor = 2.0) {
    return {curve::exponential, first, cap, factor};
  }
  /// Uniformly between `first` and three times the previous delay, at most `cap`: spreads a crowd of
  /// retriers best. Source: M. Brooker, "Exponential Backoff And Jitter", 2015.
  static backoff decorrelated(duration first, duration cap) { return {curve::decorrelated, first, cap, 3.0}; }

  /// Shortens every delay by up to this share of it, at random; 0 (the default) keeps it exact, 1 is
  /// "full jitter". Without effect on `decorrelated`, which is random by itself.
  backoff& jitter(double share) {
    jitter_ = std::clamp(share, 0.0, 1.0);
    return *this;
  }

  /// The delay before attempt `number + 1`, where `number` attempts (from 1) have failed.
  /// `previous` is the delay before the last attempt (zero before the first), `random` in [0, 1).
  duration delay_after(std::uint32_t number, duration previous, double random) const {
    const auto first = static_cast<double>(first_.count());
    const auto cap = static_cast<double>(cap_.count());
    double delay = first;
    switch (curve_) {
      case curve::constant: break;
      case curve::exponential:
        delay = std::min(cap, first * std::pow(factor_, static_cast<double>(std::max(number, 1U) - 1)));
        break;
      case curve::decorrelated: {
        const double high = std::max(first, static_cast<double>(previous.count()) * factor_);
        return duration(static_cast<duration::rep>(std::min(cap, first + (high - first) * random)));
      }
    }
    return duration(static_cast<duration::rep>(delay * (1.0 - jitter_ * random)));
  }

  /// The longest delay that `delay_after(number, …)` can yield: what a plan has to reckon with.
  duration longest_after(std::uint32_t number) const {
    if (curve_ == curve::decorrelated) {
      duration longest = duration::zero();
      for (std::uint32_t n = 1; n <= number && longest < cap_; ++n) longest = delay_after(n, longest, 1.0);
      return std::min(longest, cap_);
    }
    return delay_after(number, duration::zero(), 0.0);
  }

  curve shape() const noexcept { return curve_; }
  duration first() const noexcept { return first_; }
  duration cap() const noexcept { return cap_; }

 private:
  backoff(curve shape, duration first, duration cap, double factor)
      : curve_(shape), first_(first), cap_(std::max(first, cap)), factor_(factor) {}

  curve curve_;
  duration first_;
  duration cap_;
  double factor_;
  double jitter_ = 0;
};

}  // namespace ovrseer
