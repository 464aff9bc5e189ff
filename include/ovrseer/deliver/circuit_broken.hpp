// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A deliverer that leaves a receiver alone which fails.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/async/retry.hpp>
#include <ovrseer/deliver/circuit_breaker.hpp>

namespace ovrseer {

/// Hands on to `D` as long as a circuit breaker lets it; else it throws `retry_later` with `errc::circuit_open`.
///
/// What the receiver refuses for the item's sake (`errc::rejected`, `errc::message_too_large`) and what was cancelled says
/// nothing of the receiver.
template <class D>
class circuit_broken {
 public:
  explicit circuit_broken(D inner, breaker_options options = {}) : inner_(std::move(inner)), breaker_(options) {}

  /// Errors: `errc::circuit_open` without an attempt, with the time until the next; else those of `D`.
  /// Cancellation: every type is passed to `D`.
  template <class T>
    requires deliverer<D, T>
  task<void> deliver(const T& item) {
    const executor ex = co_await asio::this_coro::executor;
    const clock_service& clock = clock_of(ex);
    if (!breaker_.may_try(clock.now())) refuse(clock.now());
    pending_note note(breaker_, clock);
    std::exception_ptr failure;
    try {
      co_await inner_.deliver(item);
    } catch (...) {
      failure = std::current_exception();
    }
    note.end_as(meaning_of(failure));
    if (failure) std::rethrow_exception(failure);
  }

  std::optional<steady_time> due() const { return due_of(inner_); }
  task<void> flush(steady_time until) { return flush_of(inner_, until); }
  void add_to(delivery_status& into) const {
    into.add_breaker(breaker_.state(), breaker_.openings());
    add_status(inner_, into);
  }

  const circuit_breaker& breaker() const noexcept { return breaker_; }

 private:
  // A try that ends in no other way, because its coroutine is destroyed, says nothing; but a probe must come to an end.
  class pending_note {
   public:
    pending_note(circuit_breaker& breaker, const clock_service& clock) noexcept : breaker_(breaker), clock_(clock) {}
    pending_note(const pending_note&) = delete;
    pending_note& operator=(const pending_note&) = delete;
    ~pending_note() { breaker_.note(ended_, clock_.now()); }
    void end_as(circuit_breaker::result ended) noexcept { ended_ = ended; }

   private:
    circuit_breaker& breaker_;
    const clock_service& clock_;
    circuit_breaker::result ended_ = circuit_breaker::result::neither;
  };

  static circuit_breaker::result meaning_of(const std::exception_ptr& failure) {
    if (!failure) return circuit_breaker::result::success;
    const caught why(failure);
    const bool is_items_fault = why.code() == errc::rejected || why.code() == errc::message_too_large;
    return is_items_fault || why.is_cancellation() ? circuit_breaker::result::neither
                                                   : circuit_breaker::result::failure;
  }

  [[noreturn]] void refuse(steady_time now) const {
    const auto left = breaker_.open_until() > now ? breaker_.open_until() - now : std::chrono::nanoseconds::zero();
    throw retry_later(make_error_code(errc::circuit_open), "deliver", {}, left);
  }

  D inner_;
  circuit_breaker breaker_;
};

}  // namespace ovrseer
