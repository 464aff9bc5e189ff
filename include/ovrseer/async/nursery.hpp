// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Concurrent children of one coroutine, none of which outlives it: the mechanism under `scope`,
// `with_deadline`, `first_of` and `when_all`. Not a template, so that it is instantiated once.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <list>
#include <optional>
#include <utility>
#include <variant>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/build.hpp>

namespace ovrseer {

/// How long those who are asked to end may take before they are cut off: the bound of the default
/// stop plan (10 s, then 2 s) and some.
inline constexpr std::chrono::seconds default_patience{15};

/// Starts children and waits for them; everything that runs children in this library does it by this.
///
/// It must be joined (`join`, `join_within` or `wind_down`) before it goes out of scope; `with_scope`
/// sees to that for you.
class nursery {
 public:
  explicit nursery(const executor& ex) : changed_(ex) {}
  nursery(const nursery&) = delete;
  nursery& operator=(const nursery&) = delete;

  /// Starts `body` as a child. It sees all cancellation types.
  void start(task<void> body);

  void cancel(cancellation_type type);

  executor get_executor() { return changed_.get_executor(); }
  std::size_t running() const noexcept { return running_; }
  std::size_t finished() const noexcept { return finished_; }
  /// The first failure of a child, if any.
  std::exception_ptr failure() const noexcept { return failure_; }
  /// Whether the waiting coroutine was cancelled meanwhile. The request has been passed to the children
  /// and is forgotten by the coroutine, which can await again; see `apart`.
  bool was_cancelled() const noexcept { return cancelled_by_ != cancellation_type::none; }
  /// The last such request; `none` where there was none.
  cancellation_type cancelled_by() const noexcept { return cancelled_by_; }

  /// Waits until at least `count` children have ended, or all have. Never throws.
  task<void> wait_finished(std::size_t count) { return wait_until(steady_time::max(), count); }

  /// Waits until all children have ended. Never throws.
  task<void> join() { return wait_finished(all); }

  /// Waits until all children have ended; asks them to end (`total`) after `limit` and cuts them off
  /// (`terminal`) when `patience` more has passed. Says whether the limit passed first. Never throws.
  task<bool> join_within(std::chrono::nanoseconds limit, std::chrono::nanoseconds patience);

  /// `join_within` with nothing left to wait for: asks at once. Never throws.
  task<void> wind_down(std::chrono::nanoseconds patience = default_patience);

 private:
  struct child_type {
    asio::cancellation_signal cancel;
    bool done = false;
  };

  static constexpr std::size_t all = static_cast<std::size_t>(-1);

  // Until so many have ended, all have, or it is `due`.
  task<void> wait_until(steady_time due, std::size_t count);

  static task<void> admit(task<void> body);

  void finish(child_type& child, std::exception_ptr failure);

  // Not from `finish`: the child's coroutine is still unwinding through its cancellation slot then.
  void sweep() {
    if (emitting_ == 0) children_.remove_if([](const child_type& child) { return child.done; });
  }

  std::list<child_type> children_;
  notifier changed_;
  std::exception_ptr failure_;
  std::size_t running_ = 0;
  std::size_t finished_ = 0;
  int emitting_ = 0;
  cancellation_type cancelled_by_ = cancellation_type::none;
};

/// What an operation left behind: nothing yet, a value, or a failure.
template <class T>
struct outcome {
  using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  std::optional<value_type> value;
  std::exception_ptr failure;
};

/// Runs `operation` and keeps how it ended in `into`; rethrows its failure as well.
template <class T>
task<void> keep_outcome(task<T> operation, outcome<T>& into) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(operation);
      into.value.emplace();
    } else {
      into.value.emplace(co_await std::move(operation));
    }
  } catch (...) {
    into.failure = std::current_exception();
    throw;
  }
}

namespace async_detail {

// Only the waits that pass a request on notice it, so that no wait is left out.
OVRSEER_DECL task<void> unthrowing(task<void> body);

}  // namespace async_detail

/// Awaits an operation that works by a nursery in a coroutine of its own, where it may forget a request to
/// cancel that it has dealt with. The caller's coroutine does not forget it: whatever comes back, its next
/// `co_await` throws, as everywhere in Asio, and a loop that is cancelled ends.
///
/// Cancellation: every type is passed to the operation.
template <class T>
task<T> apart(task<T> operation) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  outcome<T> kept;
  co_await asio::co_spawn(ex, async_detail::unthrowing(keep_outcome(std::move(operation), kept)), use_task);
  if constexpr (!std::is_void_v<T>) co_return std::move(*kept.value);
}

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/async/impl/nursery.ipp>
#endif
