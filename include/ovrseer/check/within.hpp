// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The smallest checks: one that is always ready, and a limit of time around any other.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// Ready as soon as it is asked: the check that costs nothing.
class always_ready {
 public:
  task<check_result> operator()(check_target) const { return say_ready(); }
  std::string describe() const { return "always ready"; }
  /// The least there is: zero would mean "without bound".
  std::chrono::nanoseconds bound() const { return std::chrono::nanoseconds(1); }
  void tell_needs(check_needs&) const {}

 private:
  static task<check_result> say_ready() { co_return check_result{}; }
};

/// Another check, asked once and given up after a limit.
class limited_check {
 public:
  limited_check(any_check check, std::chrono::nanoseconds limit) : check_(std::move(check)), limit_(limit) {}

  /// Cancellation: every type abandons the check.
  task<check_result> operator()(check_target target) const { return run(check_, limit_, target); }
  std::string describe() const { return check_.describe(); }
  std::chrono::nanoseconds bound() const { return limit_; }
  void tell_needs(check_needs& into) const { check_.tell_needs(into); }

 private:
  static task<check_result> run(any_check check, std::chrono::nanoseconds limit, check_target target) {
    const executor ex = co_await asio::this_coro::executor;
    const steady_time began = clock_of(ex).now();
    check_result answer = co_await ask_once(std::move(check), target, limit);
    answer.took = clock_of(ex).now() - began;
    co_return answer;
  }

  any_check check_;
  std::chrono::nanoseconds limit_;
};

/// `check`, whose answer counts only when it comes within `limit`; zero means no limit.
inline limited_check within(any_check check, std::chrono::nanoseconds limit) { return {std::move(check), limit}; }

}  // namespace ovrseer
