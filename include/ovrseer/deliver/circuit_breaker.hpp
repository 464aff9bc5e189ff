// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// When a receiver is not worth another try for now: it is left alone, and then asked once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/delivery_status.hpp>

namespace ovrseer {

/// When a circuit breaker opens, and for how long.
struct breaker_options {
  breaker_options() = default;

  std::size_t window = 20;                                      ///< the results that are looked at; at least 1
  std::size_t least = 5;                                        ///< results without which nothing is concluded
  double failed_share = 0.5;                                    ///< of the results: that many failures open it
  std::chrono::nanoseconds rest = std::chrono::seconds(30);     ///< how long it stays open; doubled each time in a row
  std::chrono::nanoseconds longest = std::chrono::minutes(10);  ///< and at most
};

/// Decides whether a try is made. Pure: the time comes from the caller.
///
/// Closed, all tries are made. When too many of the last ones have failed it opens and none is made; after its rest it is
/// half open: one probe is made, which closes it or opens it for twice as long.
class circuit_breaker {
 public:
  explicit circuit_breaker(breaker_options options = {}) noexcept : options_(options), rest_(options.rest) {}

  /// Whether a try may be made now. In the half open state the first who asks has the probe, and must `note` its end.
  bool may_try(steady_time now) noexcept {
    if (state_ == breaker_state::open && now >= until_) state_ = breaker_state::half_open;
    if (state_ == breaker_state::closed) return true;
    if (state_ == breaker_state::open || is_probing_) return false;
    is_probing_ = true;
    return true;
  }

  /// How a try ended. `neither` is for one that says nothing of the receiver: it was cancelled, or the item was at fault.
  enum class result : std::uint8_t { success, failure, neither };

  void note(result ended, steady_time now) {
    const bool was_probe = is_probing_ && state_ == breaker_state::half_open;
    is_probing_ = is_probing_ && !was_probe;
    if (ended == result::neither) return;
    if (was_probe) {
      if (ended == result::success) return close();
      rest_ = std::min(rest_ * 2, std::max(options_.longest, options_.rest));
      return open(now);
    }
    if (state_ != breaker_state::closed) return;  // of a try that was begun before
    results_.push_back(ended == result::failure);
    if (results_.size() > std::max<std::size_t>(options_.window, 1)) results_.pop_front();
    const auto failed = static_cast<double>(std::count(results_.begin(), results_.end(), true));
    const bool is_enough = results_.size() >= options_.least;
    if (is_enough && failed > 0 && failed >= options_.failed_share * static_cast<double>(results_.size())) open(now);
  }

  /// As it was last asked or told.
  breaker_state state() const noexcept { return state_; }
  /// When an open one lets a probe through.
  steady_time open_until() const noexcept { return until_; }
  /// How often it has opened.
  std::uint64_t openings() const noexcept { return openings_; }

 private:
  void open(steady_time now) {
    state_ = breaker_state::open;
    until_ = now + rest_;
    ++openings_;
    results_.clear();
  }
  void close() noexcept {
    state_ = breaker_state::closed;
    rest_ = options_.rest;
    results_.clear();
  }

  breaker_options options_;
  breaker_state state_ = breaker_state::closed;
  std::deque<bool> results_;  // whether each failed, oldest first
  std::chrono::nanoseconds rest_;
  steady_time until_{};
  bool is_probing_ = false;
  std::uint64_t openings_ = 0;
};

}  // namespace ovrseer
