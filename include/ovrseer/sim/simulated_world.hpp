// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A whole world for tests of supervisors: a context whose time is virtual and whose processes are scripts.
// Thirty days pass in seconds, and one seed gives the same run again.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>

#include <ovrseer/asio.hpp>

#include <asio/io_context.hpp>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/sim/scripted_os.hpp>

namespace ovrseer {

/// Owns a context in which nothing is real. Make it before whatever lives in it.
///
///     simulated_world world(42);
///     world.os().program("db", process_script().wait(2s).say("ready"));
///     supervisor stack(world.get_executor());
///     stack.add(unit_spec("db", command("db")));
///     world.at(5min, [&] { stack.request_stop("that is enough"); });
///     const int code = world.run(stack.run());
///
/// What reaches for the world beside the clock and the operating-system service is not simulated: log files and
/// reports are written, an HTTP client of the network connects. Not thread-safe.
class simulated_world {
 public:
  /// `epoch` is the calendar time at which it begins. Default: the first of January 2030.
  explicit simulated_world(std::uint64_t seed = 1, wall_time epoch = wall_time(std::chrono::seconds(1'893'456'000)))
      : seed_(seed), time_(context_, epoch), random_(seed ^ 0x9E3779B97F4A7C15U) {
    auto os = std::make_unique<scripted_os>(seed);
    os_ = os.get();
    use_os(context_, std::move(os));
  }
  simulated_world(const simulated_world&) = delete;
  simulated_world& operator=(const simulated_world&) = delete;

  asio::io_context& context() noexcept { return context_; }
  executor get_executor() { return context_.get_executor(); }
  scripted_os& os() noexcept { return *os_; }
  std::uint64_t seed() const noexcept { return seed_; }
  /// Random numbers for the story that is told; those of the operating system are others.
  std::mt19937_64& random() noexcept { return random_; }

  /// How long the world has been running.
  std::chrono::nanoseconds elapsed() const { return time_.now().time_since_epoch(); }

  /// Does something so long after the beginning of the world.
  void at(std::chrono::nanoseconds when, std::function<void()> what) {
    asio::co_spawn(context_, act_at(steady_time(when), std::move(what)), [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
  }

  /// Runs an operation to its end; time passes as it needs.
  ///
  /// Errors: what the operation throws; `errc::invalid_state` when nothing is left that could ever end it.
  template <class T>
  T run(task<T> operation) {
    outcome<T> kept;
    bool is_done = false;
    asio::co_spawn(context_, keep_outcome(std::move(operation), kept),
                   [&is_done](const std::exception_ptr&) { is_done = true; });
    while (!is_done && time_.turn()) continue;
    if (!is_done) throw error(errc::invalid_state, "simulate", "the operation waits for what never comes");
    if (kept.failure) std::rethrow_exception(kept.failure);
    if constexpr (!std::is_void_v<T>) return std::move(*kept.value);
  }

  /// Lets time pass, and everything happen that is due.
  void run_for(std::chrono::nanoseconds duration) { time_.run_for(duration); }

  /// Runs one handler, or lets time pass until somebody wakes; false when nothing is left to happen.
  bool step() { return time_.step(); }

 private:
  static task<void> act_at(steady_time due, std::function<void()> what) {
    co_await sleep_until(due);
    what();
  }

  std::uint64_t seed_;
  asio::io_context context_;
  virtual_clock time_;
  std::mt19937_64 random_;
  scripted_os* os_ = nullptr;
};

}  // namespace ovrseer
