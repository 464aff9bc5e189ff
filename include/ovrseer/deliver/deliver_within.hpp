// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One delivery, whatever its policy does: it ends by its limit, and its failure is a value.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// How long one delivery may take.
struct delivery_limits {
  delivery_limits() = default;
  explicit delivery_limits(std::chrono::nanoseconds longest) : limit(longest) {}

  std::chrono::nanoseconds limit = std::chrono::seconds(30);  ///< zero means none
  /// How long a delivery past its limit may take to end before it is cut off.
  std::chrono::nanoseconds patience = std::chrono::seconds(1);
};

namespace deliver_detail {

// A policy may throw before it returns a task.
template <class Make>
task<void> call(Make& make_operation, std::exception_ptr& failure) {
  try {
    co_await make_operation();
  } catch (...) {
    failure = std::current_exception();
  }
}

}  // namespace deliver_detail

/// How a delivery ended.
struct delivery_end {
  delivery_end() = default;

  std::optional<caught> failure;  ///< nothing where the item was delivered
  bool was_cancelled = false;     ///< from outside; the caller ends too

  bool is_delivered() const noexcept { return !failure.has_value(); }
};

/// Awaits what `make_operation()` returns, a `task<void>`, and yields how that ended; throws nothing.
///
/// One that its limit has ended comes back as `errc::timed_out`.
/// Cancellation: every type is passed to the operation; a cancelled coroutine throws at its next `co_await`.
template <class Make>
task<delivery_end> end_within(Make make_operation, delivery_limits limits) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  std::exception_ptr failure;
  nursery delivery(ex);
  delivery.start(deliver_detail::call(make_operation, failure));
  bool expired = false;
  if (limits.limit > std::chrono::nanoseconds::zero()) {
    expired = co_await delivery.join_within(limits.limit, limits.patience);
  } else {
    co_await delivery.join();
  }
  delivery_end ended;
  ended.was_cancelled = delivery.was_cancelled();
  if (!failure) co_return std::move(ended);
  ended.failure.emplace(failure);
  if (expired && !ended.was_cancelled && ended.failure->is_cancellation()) {
    const error late(errc::timed_out, "deliver", "after " + to_text(limits.limit));
    ended.failure.emplace(std::make_exception_ptr(late));
  }
  co_return std::move(ended);
}

/// The same for the delivery of `item`, which outlives the call.
template <class D, class T>
  requires deliverer<D, T>
task<delivery_end> deliver_within(D& policy, const T& item, delivery_limits limits) {
  auto operation = [&policy, &item] { return policy.deliver(item); };
  return end_within(std::move(operation), limits);
}

}  // namespace ovrseer
