// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A deliverer that tries again what may succeed later.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/async/retry.hpp>

namespace ovrseer {

/// Five attempts with full jitter, from 1 s doubling up to 5 min, for failures that are retryable alone; what the receiver
/// asks for (`retry_later`) is obeyed up to an hour.
inline retry_limits delivery_retries() {
  retry_limits limits(backoff::exponential(std::chrono::seconds(1), std::chrono::minutes(5)).jitter(1.0));
  limits.only_if([](const failed_attempt& failed) { return failed.code == condition::retryable; });
  return limits;
}

/// Hands on to `D`, again while the limits want it. The item must be the same for the receiver each time: a time-out does
/// not tell whether it got there, so that what it is known by stays (an id, an idempotency key).
template <class D>
class retried {
 public:
  explicit retried(D inner, retry_limits limits = delivery_retries())
      : inner_(std::move(inner)), limits_(std::move(limits)) {}

  /// Errors: those of the last attempt.
  /// Cancellation: every type ends the attempt that runs, or the delay.
  template <class T>
    requires deliverer<D, T>
  task<void> deliver(const T& item) {
    std::exception_ptr last;
    auto attempt_one = [this, &item] { return inner_.deliver(item); };
    try {
      co_await retry(counted(limits_, retried_), attempt_one);
    } catch (const retries_exhausted& given_up) {
      last = given_up.nested_ptr();
    }
    if (last) std::rethrow_exception(last);
  }

  std::optional<steady_time> due() const { return due_of(inner_); }
  task<void> flush(steady_time until) { return flush_of(inner_, until); }
  void add_to(delivery_status& into) const {
    into.retried += retried_;
    add_status(inner_, into);
  }

 private:
  // Counts the attempts that the limits allow.
  class counted {
   public:
    counted(retry_limits limits, std::uint64_t& count) : limits_(std::move(limits)), count_(&count) {}
    std::optional<std::chrono::nanoseconds> next_delay(const failed_attempt& failure,
                                                       std::chrono::nanoseconds elapsed) {
      const auto delay = limits_.next_delay(failure, elapsed);
      if (delay) ++*count_;
      return delay;
    }

   private:
    retry_limits limits_;
    std::uint64_t* count_;
  };

  D inner_;
  retry_limits limits_;
  std::uint64_t retried_ = 0;
};

}  // namespace ovrseer
