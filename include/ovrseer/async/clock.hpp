// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Time as a service of the execution context, so that a test or a simulation replaces it without any
// operation noticing.
#pragma once

#include <chrono>
#include <map>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/build.hpp>

namespace ovrseer {

/// A point of monotonic time; the origin has no meaning.
using steady_time = std::chrono::steady_clock::time_point;
/// A point of calendar time (UTC).
using wall_time = std::chrono::system_clock::time_point;

/// The time of one execution context: the machine's, or a virtual one that only moves when told.
///
/// Reached through `clock_of(executor)`. Not thread-safe when virtual.
class clock_service : public asio::execution_context::service {
 public:
  using key_type = clock_service;
  static inline asio::execution_context::id id;

  explicit clock_service(asio::execution_context& context) : service(context) {}

  steady_time now() const { return is_virtual_ ? virtual_now_ : std::chrono::steady_clock::now(); }
  /// So long after now; `steady_time::max()` where that lies beyond all time.
  steady_time after(std::chrono::nanoseconds duration) const;
  wall_time wall_now() const;
  bool is_virtual() const noexcept { return is_virtual_; }

  /// Makes the time virtual: it stands still until `advance_to`. Sleeps begun before keep real time.
  void make_virtual(wall_time epoch);

  /// The earliest moment that somebody sleeps to; `steady_time::max()` when nobody does.
  steady_time next_due() const { return sleepers_.empty() ? steady_time::max() : sleepers_.begin()->first; }

  /// Moves virtual time forward and wakes all who are due, in the order of their times.
  void advance_to(steady_time time);

  /// A registered virtual sleep; leaves the register when it goes out of scope.
  class sleeper {
   public:
    sleeper(clock_service& clock, steady_time due, asio::steady_timer& timer)
        : clock_(clock), timer_(timer), at_(clock.sleepers_.emplace(due, &timer)), due_(due) {}
    sleeper(const sleeper&) = delete;
    sleeper& operator=(const sleeper&) = delete;
    ~sleeper();
    bool is_due() const { return clock_.virtual_now_ >= due_; }

   private:
    clock_service& clock_;
    asio::steady_timer& timer_;
    std::multimap<steady_time, asio::steady_timer*>::iterator at_;
    steady_time due_;
  };

 private:
  void shutdown() override {}

  bool is_virtual_ = false;
  steady_time virtual_now_{};
  wall_time virtual_epoch_{};
  std::multimap<steady_time, asio::steady_timer*> sleepers_;
};

/// The clock of the context that `ex` belongs to.
inline clock_service& clock_of(const executor& ex) {
  return asio::use_service<clock_service>(asio::query(ex, asio::execution::context));
}

/// Sleeps until `due`; returns at once when it has passed.
///
/// Cancellation: every type abandons the sleep with `asio::error::operation_aborted`.
OVRSEER_DECL task<void> sleep_until(steady_time due);

/// Sleeps for `duration`; zero or less only yields to others.
///
/// Cancellation: every type abandons the sleep with `asio::error::operation_aborted`.
OVRSEER_DECL task<void> sleep_for(std::chrono::nanoseconds duration);

/// The monotonic time of the current coroutine's context.
OVRSEER_DECL task<steady_time> now();

/// Turns an `io_context` to virtual time and runs it: whenever nothing is ready, time jumps to the
/// next sleeper. Thirty days pass in the time that their work takes.
///
/// For contexts whose work is sleeps, queues and computation. Real descriptors and processes are not
/// waited for: `run` returns when nothing is ready and nobody sleeps.
class virtual_clock {
 public:
  explicit virtual_clock(asio::io_context& context, wall_time epoch = {})
      : context_(context), clock_(clock_of(context.get_executor())) {
    clock_.make_virtual(epoch);
  }

  steady_time now() const { return clock_.now(); }

  /// Runs one handler, or lets time jump to the next sleeper; false when nothing is left to happen.
  bool step();
  /// Runs all that is ready, or lets time jump to the next sleeper; false when nothing is left to happen.
  bool turn();

  /// Lets time jump to the next sleeper; false when nobody sleeps.
  bool jump();

  /// Runs until nothing is ready and nobody sleeps.
  void run() { run_until(steady_time::max()); }
  /// Runs what happens up to and including `end`; the clock stands at `end` afterwards.
  void run_until(steady_time end);
  void run_for(std::chrono::nanoseconds duration) { run_until(now() + duration); }

 private:
  asio::io_context& context_;
  clock_service& clock_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/async/impl/clock.ipp>
#endif
