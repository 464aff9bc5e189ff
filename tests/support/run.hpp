// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Runs a coroutine of a test to its end, in real or in virtual time, and hands back its value or failure.
#pragma once

#include <chrono>
#include <concepts>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <ovrseer/async/nursery.hpp>

namespace ovrseer::test {

#if !defined(OVRSEER_TEST_HANG_SECONDS)
#define OVRSEER_TEST_HANG_SECONDS 60
#endif

/// How long a test may hang before it fails. No test waits for it to pass.
inline constexpr std::chrono::seconds hang_limit{OVRSEER_TEST_HANG_SECONDS};

/// A coroutine of a test under way, with a cancellation signal and a place for its outcome.
template <class T = void>
class started {
 public:
  /// Begins as `co_spawn` does it for every user: only `terminal` comes through until the operation admits more.
  started(const executor& ex, task<T> operation) {
    asio::co_spawn(ex, keep_outcome(std::move(operation), kept_),
                   asio::bind_cancellation_slot(signal_.slot(), [this](const std::exception_ptr& failure) {
                     if (failure) kept_.failure = failure;  // also of one that was cancelled before it began
                     done_ = true;
                   }));
  }
  started(asio::io_context& context, task<T> operation) : started(context.get_executor(), std::move(operation)) {}
  started(const started&) = delete;
  started& operator=(const started&) = delete;

  void cancel(cancellation_type type) { signal_.emit(type); }
  bool is_done() const noexcept { return done_; }
  bool has_failed() const noexcept { return kept_.failure != nullptr; }
  std::exception_ptr failure() const noexcept { return kept_.failure; }
  /// Whether it ended by its cancellation.
  bool was_aborted() const {
    if (!kept_.failure) return false;
    try {
      std::rethrow_exception(kept_.failure);
    } catch (const std::system_error& failure) {
      return is_cancellation(failure);
    } catch (...) {
      return false;
    }
  }
  /// The value; rethrows the failure.
  T get() {
    if (!done_) throw std::runtime_error("the coroutine has not ended");
    if (kept_.failure) std::rethrow_exception(kept_.failure);
    if constexpr (!std::is_void_v<T>) return std::move(*kept_.value);
  }

 private:
  asio::cancellation_signal signal_;
  outcome<T> kept_;
  bool done_ = false;
};

/// Runs what is ready now, and what that makes ready.
inline void settle(asio::io_context& context) {
  context.restart();
  while (context.poll() != 0) context.restart();
}

/// Runs the context until it runs dry, or throws once the hang limit has passed.
inline void run_dry(asio::io_context& context) {
  context.restart();
  context.run_for(hang_limit);
  if (!context.stopped()) throw std::runtime_error("the context does not run dry");
}

/// Runs `operation` and all that it leaves behind; yields its value or throws its failure.
template <class T>
T run(asio::io_context& context, task<T> operation) {
  started<T> under_way(context, std::move(operation));
  run_dry(context);
  return under_way.get();
}

/// The same in virtual time.
template <class T>
T run(asio::io_context& context, virtual_clock& time, task<T> operation) {
  started<T> under_way(context, std::move(operation));
  time.run();
  return under_way.get();
}

/// Runs the context until `operation` has ended; what else is under way there stays.
template <class T>
T complete(asio::io_context& context, task<T> operation) {
  started<T> under_way(context, std::move(operation));
  const auto until = std::chrono::steady_clock::now() + hang_limit;
  context.restart();
  while (!under_way.is_done()) {
    if (context.run_one_until(until) == 0) throw std::runtime_error("the coroutine hangs");
  }
  return under_way.get();
}

/// Calls a coroutine lambda and keeps it alive meanwhile, so that it may capture by reference.
template <class Make>
  requires std::invocable<Make&>
auto run(asio::io_context& context, Make make) {
  return run(context, make());
}
template <class Make>
  requires std::invocable<Make&>
auto complete(asio::io_context& context, Make make) {
  return complete(context, make());
}
template <class Make>
  requires std::invocable<Make&>
auto run(asio::io_context& context, virtual_clock& time, Make make) {
  return run(context, time, make());
}

}  // namespace ovrseer::test
