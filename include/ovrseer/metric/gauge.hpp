// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A number that goes up and down.
#pragma once

#include <atomic>
#include <chrono>

namespace ovrseer {

/// A present value: a state, a depth, a time stamp. Lock-free and usable from any thread.
class gauge {
 public:
  gauge() noexcept = default;
  gauge(const gauge&) = delete;
  gauge& operator=(const gauge&) = delete;

  void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
  /// Sets the seconds since 1970 (UTC), the Prometheus way of giving a moment.
  void set(std::chrono::system_clock::time_point time) noexcept {
    set(std::chrono::duration<double>(time.time_since_epoch()).count());
  }
  /// Adds, also a negative amount.
  void add(double amount) noexcept { value_.fetch_add(amount, std::memory_order_relaxed); }
  /// Raises the value to `floor` where it is lower.
  void raise_to(double floor) noexcept {
    double seen = value();
    while (seen < floor && !value_.compare_exchange_weak(seen, floor, std::memory_order_relaxed)) {}
  }

  double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

}  // namespace ovrseer
