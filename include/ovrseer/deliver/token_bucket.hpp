// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How much may go out: so many at once, and then so many in a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <ovrseer/async/clock.hpp>

namespace ovrseer {

/// How often something may happen: `burst` times at once, and `count` times in each `period` after that. In any stretch of
/// time of length t it happens at most burst + count * t / period times.
struct rate_limit {
  rate_limit() = default;
  rate_limit(std::uint32_t how_often, std::chrono::nanoseconds in_each) : count(how_often), period(in_each) {}
  rate_limit(std::uint32_t how_often, std::chrono::nanoseconds in_each, std::uint32_t at_once)
      : count(how_often), period(in_each), burst(at_once) {}

  std::uint32_t count = 1;  ///< zero is taken as one
  std::chrono::nanoseconds period = std::chrono::seconds(1);
  std::uint32_t burst = 1;  ///< zero is taken as one
};

/// Holds a rate. Pure: the time comes from the caller, and never runs backwards.
///
/// Source: the generic cell rate algorithm, ITU-T I.371: one moment is all that it remembers.
class token_bucket {
 public:
  explicit token_bucket(rate_limit of) noexcept
      : interval_(of.period / std::max(of.count, 1U) + std::chrono::nanoseconds(1)),  // rounded up: never too fast
        slack_(interval_ * (std::max(of.burst, 1U) - 1)) {}

  /// Without a token at `now`: for who begins anew and cannot know what went out before, so that the rate holds over both.
  static token_bucket drained(rate_limit of, steady_time now) noexcept {
    token_bucket made(of);
    made.full_at_ = now + made.slack_ + made.interval_;
    return made;
  }

  /// Takes a token if there is one.
  bool take(steady_time now) noexcept {
    if (now < ready_at()) return false;
    full_at_ = std::max(full_at_, now) + interval_;
    return true;
  }
  /// When the next token is there.
  steady_time ready_at() const noexcept { return full_at_ == steady_time::min() ? full_at_ : full_at_ - slack_; }
  /// Whether nothing of the past matters any more.
  bool is_full(steady_time now) const noexcept { return full_at_ <= now; }

 private:
  std::chrono::nanoseconds interval_;
  std::chrono::nanoseconds slack_;
  steady_time full_at_ = steady_time::min();  // when all tokens are back
};

}  // namespace ovrseer
