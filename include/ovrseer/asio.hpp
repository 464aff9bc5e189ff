// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The only file that includes Asio's coroutine core and knows the differences of its versions
// (1.22.1 to the newest); everything else of ours says `ovrseer::task` and `ovrseer::use_task`.
#pragma once

// Asio before 1.26 does not see clang's coroutines by itself. This must come before its first include;
// where Asio was included earlier, the CMake target's definition has done the same.
#if defined(__clang__) && !defined(ASIO_HAS_CO_AWAIT)
#define ASIO_HAS_CO_AWAIT 1
#endif

#include <asio/version.hpp>

#if ASIO_VERSION < 102201
#error "ovrseer needs Asio 1.22.1 or newer"
#endif

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/cancellation_state.hpp>
#include <asio/co_spawn.hpp>
#include <asio/dispatch.hpp>
#include <asio/error.hpp>
#include <asio/execution_context.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#if ASIO_VERSION >= 102300
#include <asio/as_tuple.hpp>
#include <asio/deferred.hpp>
#else
#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/deferred.hpp>
#endif

#include <asio/experimental/parallel_group.hpp>

#if !defined(ASIO_HAS_CO_AWAIT)
#error "Asio was included before ovrseer without coroutine support: define ASIO_HAS_CO_AWAIT=1 for the whole program"
#endif

namespace ovrseer {

/// What every operation returns. Await it, or hand it to `asio::co_spawn` with any completion token.
template <class T = void>
using task = asio::awaitable<T>;

/// The executor that operations run on.
using executor = asio::any_io_executor;

/// Completion token: the asynchronous operation as an awaitable that throws on failure.
inline constexpr auto use_task = asio::use_awaitable;

namespace detail {

#if ASIO_VERSION >= 102300
using asio::as_tuple;
using asio::deferred;
#else
using asio::experimental::as_tuple;
using asio::experimental::deferred;
#endif

}  // namespace detail

/// Completion token: as `use_task`, but the error code comes as the first element of a tuple.
inline const auto use_task_tuple = detail::as_tuple(asio::use_awaitable);

}  // namespace ovrseer
