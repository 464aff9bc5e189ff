// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The condition variable of one strand: what all our queues wait on.
#pragma once

#include <system_error>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/cancellation.hpp>

namespace ovrseer {

/// Wakes coroutines that wait for a change. Nothing is remembered: a waiter tests its own predicate
/// before it waits and again when it wakes. Not thread-safe: one strand.
class notifier {
 public:
  explicit notifier(const executor& ex) : timer_(ex, asio::steady_timer::time_point::max()) {}

  void notify_one() { timer_.cancel_one(); }
  void notify_all() { timer_.cancel(); }

  /// Waits for the next notification.
  ///
  /// Cancellation: every type abandons the wait with `asio::error::operation_aborted`.
  task<void> wait() {
    co_await timer_.async_wait(use_task_tuple);
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != cancellation_type::none) detail::throw_cancelled();
  }

  /// As `wait`, but a cancellation only ends it; the caller reads the cancellation state itself.
  task<void> wait_quietly() { co_await timer_.async_wait(use_task_tuple); }

  executor get_executor() { return timer_.get_executor(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace ovrseer
