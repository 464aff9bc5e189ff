// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How our operations read Asio's cancellation: which type applies, how an entry point lets all of
// them in, and how clean-up code gets to await again.
#pragma once

#include <system_error>

#include <ovrseer/asio.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer {

using asio::cancellation_type;

/// Of several requested types the gentlest: total before partial before terminal. `none` stays none.
constexpr cancellation_type gentlest(cancellation_type types) noexcept {
  using enum asio::cancellation_type;
  if ((types & total) != none) return total;
  if ((types & partial) != none) return partial;
  return types & terminal;
}

/// True where an exception is the cancellation of an operation, ours or Asio's.
inline bool is_cancellation(const std::system_error& failure) noexcept {
  return failure.code() == asio::error::operation_aborted || failure.code() == condition::cancelled;
}

namespace detail {

/// What a cancelled operation throws, so that Asio's own code sees what it expects.
[[noreturn]] inline void throw_cancelled() {
  throw std::system_error(asio::error::make_error_code(asio::error::operation_aborted));
}

/// Awaited first by every entry point: from here on all three types reach the coroutine, and what was
/// requested so far is forgotten. Clean-up code awaits it too, because a cancelled coroutine can await
/// nothing else.
inline auto admit_all_cancellation() {
  return asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
}

}  // namespace detail

}  // namespace ovrseer
