// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A distribution in fixed buckets, so that quantiles can be computed where many processes come together.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/error.hpp>
#include <ovrseer/metric/detail/exemplar_slots.hpp>
#include <ovrseer/metric/exemplar.hpp>
#include <ovrseer/metric/snapshot.hpp>

namespace ovrseer {

/// Bounds for durations in seconds, from 5 ms to 10 s: the customary ones.
inline std::vector<double> default_buckets() { return {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}; }

/// `count` bounds: `first`, `first * factor`, `first * factor²` and so on.
inline std::vector<double> exponential_buckets(double first, double factor, std::size_t count) {
  std::vector<double> bounds;
  for (double bound = first; bounds.size() < count; bound *= factor) bounds.push_back(bound);
  return bounds;
}

/// Counts observations into fixed buckets and sums them. Lock-free and usable from any thread.
///
/// A snapshot taken while others observe has a count that is the sum of its buckets; its sum may be an
/// observation ahead or behind.
class histogram {
 public:
  /// `bounds` are inclusive upper bounds; an infinite last one may be left out.
  ///
  /// Errors: `std::errc::invalid_argument` unless they are ascending, distinct and no NaN.
  explicit histogram(std::vector<double> bounds = default_buckets()) : bounds_(checked(std::move(bounds))) {
    counts_ = std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1);
  }
  histogram(const histogram&) = delete;
  histogram& operator=(const histogram&) = delete;

  /// Counts `value`; NaN is ignored.
  void observe(double value) noexcept {
    if (std::isnan(value)) return;
    counts_[bucket_of(value)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }
  /// Counts a duration in seconds.
  void observe(std::chrono::nanoseconds duration) noexcept { observe(std::chrono::duration<double>(duration).count()); }

  /// The same, and keeps `latest` as the exemplar of the bucket, with what was observed as its value; not one that is not
  /// `is_showable`. Takes a mutex that only exemplars of this histogram and their readers take.
  void observe(double value, exemplar latest) {
    if (std::isnan(value)) return;
    observe(value);
    exemplars_.keep(bucket_of(value), value, std::move(latest));
  }
  void observe(std::chrono::nanoseconds duration, exemplar latest) {
    observe(std::chrono::duration<double>(duration).count(), std::move(latest));
  }

  histogram_value value() const {
    histogram_value seen{bounds_, {}, sum_.load(std::memory_order_relaxed)};
    for (std::size_t i = 0; i <= bounds_.size(); ++i) {
      seen.counts.push_back(counts_[i].load(std::memory_order_relaxed));
    }
    return seen;
  }
  /// How many were observed.
  std::uint64_t count() const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i <= bounds_.size(); ++i) sum += counts_[i].load(std::memory_order_relaxed);
    return sum;
  }
  /// The latest one of each bucket that has one, ascending by value.
  std::vector<exemplar> exemplars() const { return exemplars_.all(); }
  const std::vector<double>& bounds() const noexcept { return bounds_; }

  /// The bounds as a histogram keeps them, without a last infinity; throws as the constructor does.
  static std::vector<double> checked(std::vector<double> bounds) {
    if (!bounds.empty() && std::isinf(bounds.back()) && bounds.back() > 0) bounds.pop_back();
    double previous = -HUGE_VAL;
    for (const double bound : bounds) {
      if (!std::isfinite(bound) || bound <= previous) {
        throw error(std::make_error_code(std::errc::invalid_argument), "histogram",
                    "bounds must be finite and ascending, but has " + std::to_string(bound));
      }
      previous = bound;
    }
    return bounds;
  }

 private:
  std::size_t bucket_of(double value) const noexcept {
    return static_cast<std::size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin());
  }

  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
  metric_detail::exemplar_slots exemplars_;
};

}  // namespace ovrseer
