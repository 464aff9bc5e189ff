// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A race of operations that leaves nobody running.
#pragma once

#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

#include <ovrseer/async/nursery.hpp>

namespace ovrseer {

namespace async_detail {

template <std::size_t Index, class T>
task<void> race(task<T> operation, outcome<T>& into, std::optional<std::size_t>& first) {
  try {
    co_await keep_outcome(std::move(operation), into);
  } catch (...) {  // kept in `into`
  }
  if (!first) first = Index;
}

template <class... Ts>
using race_result = std::variant<typename outcome<Ts>::value_type...>;

template <class... Ts>
task<race_result<Ts...>> race_all(task<Ts>... operations) {
  const executor ex = co_await asio::this_coro::executor;
  std::tuple<outcome<Ts>...> outcomes;
  std::optional<std::size_t> first;
  nursery children(ex);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (children.start(async_detail::race<I>(std::move(operations), std::get<I>(outcomes), first)), ...);
  }(std::index_sequence_for<Ts...>());
  co_await children.wait_finished(1);
  co_await children.wind_down();
  std::optional<race_result<Ts...>> won;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto take = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
      if (first != N) return;
      auto& winner = std::get<N>(outcomes);
      if (winner.failure) std::rethrow_exception(winner.failure);
      won.emplace(std::in_place_index<N>, std::move(*winner.value));
    };
    (take(std::integral_constant<std::size_t, I>()), ...);
  }(std::index_sequence_for<Ts...>());
  co_return std::move(*won);
}

}  // namespace async_detail

/// Runs the operations together until the first ends, whether with a value or a failure; the others
/// are cancelled (`total`, then `terminal` after `default_patience`) and have ended when it returns.
/// What a loser still delivers in the same turn is dropped: limit the time of a `pop` by `with_deadline`.
///
/// Yields a variant whose index says who won; `void` stands as `std::monostate`.
/// Errors: what the first to end throws.
/// Cancellation: every type is passed to all; the first failure comes back; see `apart`.
template <class... Ts>
task<std::variant<typename outcome<Ts>::value_type...>> first_of(task<Ts>... operations) {
  return apart(async_detail::race_all(std::move(operations)...));
}

}  // namespace ovrseer
