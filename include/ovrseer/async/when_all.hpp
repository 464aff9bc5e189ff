// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Operations that run together and are all needed.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include <ovrseer/async/nursery.hpp>

namespace ovrseer {

namespace async_detail {

/// Waits for all, or winds down at the first failure and rethrows it.
inline task<void> join_all_or_fail(nursery& children, std::size_t count) {
  for (std::size_t done = 0; done < count && !children.failure(); done = children.finished()) {
    co_await children.wait_finished(done + 1);
  }
  co_await children.wind_down();
  if (children.failure()) std::rethrow_exception(children.failure());
}

template <class... Ts>
task<std::tuple<typename outcome<Ts>::value_type...>> run_all(task<Ts>... operations) {
  const executor ex = co_await asio::this_coro::executor;
  std::tuple<outcome<Ts>...> outcomes;
  nursery children(ex);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (children.start(keep_outcome(std::move(operations), std::get<I>(outcomes))), ...);
  }(std::index_sequence_for<Ts...>());
  co_await join_all_or_fail(children, sizeof...(Ts));
  auto values = std::apply([](auto&... each) { return std::make_tuple(std::move(*each.value)...); }, outcomes);
  co_return values;
}

inline task<void> run_each(std::vector<task<void>> operations) {
  const executor ex = co_await asio::this_coro::executor;
  nursery children(ex);
  for (task<void>& operation : operations) children.start(std::move(operation));
  co_await join_all_or_fail(children, operations.size());
}

}  // namespace async_detail

/// Runs the operations together until all have ended; yields a tuple, `void` as `std::monostate`.
///
/// Errors: the first failure, after the others were cancelled (`total`, then `terminal` after
/// `default_patience`) and have ended.
/// Cancellation: every type is passed to all; the first failure comes back; see `apart`.
template <class... Ts>
task<std::tuple<typename outcome<Ts>::value_type...>> when_all(task<Ts>... operations) {
  return apart(async_detail::run_all(std::move(operations)...));
}

/// The same for a number of operations known at run time; without a result.
inline task<void> when_all(std::vector<task<void>> operations) {
  return apart(async_detail::run_each(std::move(operations)));
}

}  // namespace ovrseer
