// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The one way to limit the time of an operation; none of ours takes a timeout of its own.
#pragma once

#include <chrono>
#include <utility>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

namespace async_detail {

template <class T>
task<T> limited(task<T> operation, std::chrono::nanoseconds limit, std::chrono::nanoseconds patience) {
  const executor ex = co_await asio::this_coro::executor;
  outcome<T> kept;
  nursery child(ex);
  child.start(keep_outcome(std::move(operation), kept));
  const bool expired = co_await child.join_within(limit, patience);
  if (kept.failure) {
    if (!expired || child.was_cancelled()) std::rethrow_exception(kept.failure);
    try {
      std::rethrow_exception(kept.failure);
    } catch (const std::system_error& failure) {
      if (!is_cancellation(failure)) throw;
    }
    throw error(errc::timed_out, "with_deadline", "after " + to_text(limit));
  }
  if constexpr (!std::is_void_v<T>) co_return std::move(*kept.value);
}

}  // namespace async_detail

/// Awaits `operation`, but asks it to end once `limit` has passed.
///
/// The operation is first asked with `total`, so that one that owns a child stops it by its plan, and
/// cut off with `terminal` after `patience`. It has ended when this returns, which may therefore be
/// later than the limit. A value that it still delivers is returned.
///
/// Errors: `errc::timed_out` where the limit ended it; else whatever the operation throws.
/// Cancellation: every type is passed to the operation, whose failure comes back; see `apart`.
template <class T>
task<T> with_deadline(task<T> operation, std::chrono::nanoseconds limit,
                      std::chrono::nanoseconds patience = default_patience) {
  return apart(async_detail::limited(std::move(operation), limit, patience));
}

}  // namespace ovrseer
