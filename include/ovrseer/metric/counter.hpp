// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A number that only grows. Cheap enough for hot paths: adding an integer is one atomic addition.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/metric/detail/exemplar_slots.hpp>
#include <ovrseer/metric/exemplar.hpp>

namespace ovrseer {

/// Counts events or sums amounts that never fall: restarts, bytes, seconds of work.
///
/// Lock-free and usable from any thread. Integers are added exactly (modulo 2^64); fractions are summed
/// apart, as a `double`.
class counter {
 public:
  counter() noexcept = default;
  counter(const counter&) = delete;
  counter& operator=(const counter&) = delete;

  void add() noexcept { whole_.fetch_add(1, std::memory_order_relaxed); }

  /// Adds; a negative amount is ignored.
  template <std::integral N>
  void add(N amount) noexcept {
    if constexpr (std::is_signed_v<N>) {
      if (amount < 0) return;
    }
    whole_.fetch_add(static_cast<std::uint64_t>(amount), std::memory_order_relaxed);
  }
  /// Adds; a negative amount and NaN are ignored.
  void add(double amount) noexcept {
    if (amount > 0) fraction_.fetch_add(amount, std::memory_order_relaxed);
  }

  /// Adds a duration in seconds.
  void add(std::chrono::nanoseconds amount) noexcept { add(std::chrono::duration<double>(amount).count()); }

  /// The same, and keeps `latest` as the exemplar, with the amount as its value; not where nothing is added, nor one that
  /// is not `is_showable`. Takes a mutex that only exemplars of this counter and their readers take.
  template <class Amount>
    requires std::is_arithmetic_v<Amount> || std::is_convertible_v<Amount, std::chrono::nanoseconds>
  void add(Amount amount, exemplar latest) {
    double value = 0;
    if constexpr (std::is_arithmetic_v<Amount>) {
      value = static_cast<double>(amount);
    } else {
      value = std::chrono::duration<double>(std::chrono::nanoseconds(amount)).count();
    }
    if (!(value > 0)) return;
    add(amount);
    exemplars_.keep(0, value, std::move(latest));
  }

  double value() const noexcept {
    return static_cast<double>(whole_.load(std::memory_order_relaxed)) + fraction_.load(std::memory_order_relaxed);
  }
  /// The latest one, if there is one.
  std::vector<exemplar> exemplars() const { return exemplars_.all(); }

 private:
  std::atomic<std::uint64_t> whole_{0};
  std::atomic<double> fraction_{0};
  metric_detail::exemplar_slots exemplars_;
};

}  // namespace ovrseer
