// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// All of ovrseer that needs only Asio, fmt and nlohmann_json, in one file: made by tools/single_header.py
// from include/ovrseer/. Do not edit; do not merge by hand: make it again.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <compare>
#include <concepts>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// ---- ovrseer/asio.hpp

// The only file that includes Asio's coroutine core and knows the differences of its versions
// (1.22.1 to the newest); everything else of ours says `ovrseer::task` and `ovrseer::use_task`.

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

// ---- ovrseer/error.hpp

// What is broken, said once and the same way everywhere: one category, the codes of every folder,
// four conditions that policies branch on, and the exception that carries step and context.


namespace ovrseer {

/// Every failure that the library itself names. What the operating system names keeps its errno in
/// `std::generic_category()`. The comment of each says: cause, and what to do.
enum class errc {
  // async/
  timed_out = 1,    ///< with_deadline: the operation did not end within its limit; retryable
  cancelled,        ///< the operation was cancelled from outside; final
  closed,           ///< the mailbox, broadcast or scope it waits on was closed; final
  overrun,          ///< a broadcast reader that chose to fail fell behind; read faster or choose otherwise
  exhausted,        ///< retry: no attempt left, or no time; see the history

  // process/
  spawn_failed = 100,  ///< a child could not be started; `error::step()` says where, the cause is nested
  no_process,          ///< the handle is empty, or the process has already been reaped
  stdin_closed,        ///< the child closed its standard input, or has none to write to
  guard_lost,          ///< the guard process died: orphans are no longer prevented

  // disk/
  corrupt = 200,  ///< a record's checksum does not hold; the log before it is intact
  record_too_large,
  short_write,    ///< the system took fewer bytes than given and then none; retryable

  // check/ and net/
  not_ready = 300,      ///< a check was used as an operation and did not pass
  malformed_message,    ///< what came from the peer is not HTTP, or not within the limits
  message_too_large,
  connection_closed,    ///< the peer ended the connection before the message was complete; retryable
  no_http_client,       ///< a check needs an `http_client` and none was given

  // supervise/
  unknown_unit = 400,
  duplicate_unit,
  dependency_cycle,     ///< the context names the path
  unknown_dependency,
  limit_reached,        ///< units, reports or buffers would pass the limit that was set
  invalid_state,        ///< the request does not fit the unit's or the supervisor's state

  // config/
  invalid_configuration = 500,  ///< the diagnostics say file, line, column and cure
};

/// What a policy wants to know of a failure, whatever its code.
enum class condition {
  retryable = 1,  ///< the same call may succeed later
  fatal,          ///< no later call will succeed either
  cancelled,      ///< somebody asked for the end
  timed_out,      ///< a limit passed
};

namespace detail {

inline std::string_view message_of(errc code) noexcept {
  switch (code) {
    case errc::timed_out: return "timed out";
    case errc::cancelled: return "cancelled";
    case errc::closed: return "closed";
    case errc::overrun: return "the reader fell behind and lost entries";
    case errc::exhausted: return "no attempt left";
    case errc::spawn_failed: return "the process could not be started";
    case errc::no_process: return "no such process";
    case errc::stdin_closed: return "the standard input of the process is closed";
    case errc::guard_lost: return "the guard process died";
    case errc::corrupt: return "a record is corrupt";
    case errc::record_too_large: return "the record is too large";
    case errc::short_write: return "the file took only a part of the data";
    case errc::not_ready: return "not ready";
    case errc::malformed_message: return "malformed message";
    case errc::message_too_large: return "the message is too large";
    case errc::connection_closed: return "the peer closed the connection";
    case errc::no_http_client: return "no HTTP client was given";
    case errc::unknown_unit: return "no such unit";
    case errc::duplicate_unit: return "a unit of this name exists";
    case errc::dependency_cycle: return "the dependencies form a cycle";
    case errc::unknown_dependency: return "a dependency names no unit";
    case errc::limit_reached: return "a limit is reached";
    case errc::invalid_state: return "not possible in this state";
    case errc::invalid_configuration: return "the configuration is not valid";
  }
  return "unknown error";
}

constexpr bool is_retryable(errc code) noexcept {
  return code == errc::timed_out || code == errc::short_write || code == errc::connection_closed ||
         code == errc::not_ready;
}

class category_type final : public std::error_category {
 public:
  const char* name() const noexcept override { return "ovrseer"; }
  std::string message(int value) const override {
    return std::string(message_of(static_cast<errc>(value)));
  }
};

class condition_category_type final : public std::error_category {
 public:
  const char* name() const noexcept override { return "ovrseer.condition"; }
  std::string message(int value) const override {
    switch (static_cast<condition>(value)) {
      case condition::retryable: return "may succeed later";
      case condition::fatal: return "will not succeed later";
      case condition::cancelled: return "was cancelled";
      case condition::timed_out: return "timed out";
    }
    return "unknown condition";
  }
  bool equivalent(const std::error_code& code, int value) const noexcept override {
    const bool ours = std::string_view(code.category().name()) == "ovrseer";
    const auto own = static_cast<errc>(code.value());
    const bool is_cancelled = ours ? own == errc::cancelled : code == std::errc::operation_canceled;
    const bool is_timed_out = ours ? own == errc::timed_out : code == std::errc::timed_out;
    const bool may_succeed = ours ? is_retryable(own) : is_transient(code);
    switch (static_cast<condition>(value)) {
      case condition::retryable: return may_succeed;
      case condition::fatal: return static_cast<bool>(code) && !may_succeed && !is_cancelled;
      case condition::cancelled: return is_cancelled;
      case condition::timed_out: return is_timed_out;
    }
    return false;
  }

 private:
  // The transient failures of POSIX: a resource is short now, or a peer is away for now.
  static bool is_transient(const std::error_code& code) noexcept {
    return code == std::errc::resource_unavailable_try_again || code == std::errc::interrupted ||
           code == std::errc::timed_out || code == std::errc::connection_refused ||
           code == std::errc::connection_reset || code == std::errc::connection_aborted ||
           code == std::errc::host_unreachable || code == std::errc::network_unreachable ||
           code == std::errc::broken_pipe || code == std::errc::not_enough_memory ||
           code == std::errc::no_space_on_device || code == std::errc::too_many_files_open ||
           code == std::errc::too_many_files_open_in_system || code == std::errc::device_or_resource_busy;
  }
};

}  // namespace detail

/// The category of `errc`.
inline const std::error_category& error_category() noexcept {
  static const detail::category_type instance;
  return instance;
}

inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

inline std::error_condition make_error_condition(condition value) noexcept {
  static const detail::condition_category_type instance;
  return {static_cast<int>(value), instance};
}

/// The code of the operating system's `errno` value.
inline std::error_code errno_code(int value) noexcept { return {value, std::generic_category()}; }

/// A failure with the step that failed and the context that a person needs to mend it.
///
/// `what()` reads "step: context: message of the code", leaving out what is empty.
class error : public std::system_error {
 public:
  error(std::error_code code, std::string step, std::string context = {})
      : std::system_error(code, join(step, context)), step_(std::move(step)), context_(std::move(context)) {}

  /// The step that failed, in the words of the operation ("exec", "chdir", "fsync"); may be empty.
  const std::string& step() const noexcept { return step_; }
  /// What it was about: a path, a name, an address; may be empty.
  const std::string& context() const noexcept { return context_; }

 private:
  static std::string join(const std::string& step, const std::string& context) {
    if (step.empty()) return context;
    return context.empty() ? step : step + ": " + context;
  }

  std::string step_;
  std::string context_;
};

}  // namespace ovrseer

template <>
struct std::is_error_code_enum<ovrseer::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<ovrseer::condition> : std::true_type {};

// ---- ovrseer/result.hpp

// A value or the reason why there is none, for callers that must expect both (C++20 has no std::expected).


namespace ovrseer {

/// Wraps a failure on its way into a `result`: `return failure(reason);`
template <class E>
struct failure {
  constexpr explicit failure(E why) : reason(std::move(why)) {}
  E reason;
};

/// Holds a `T`, or an `E` that says why not.
///
/// `value()` without a value and `reason()` with one are programming errors: they throw
/// `std::bad_variant_access`.
template <class T, class E>
class [[nodiscard]] result {
 public:
  using value_type = T;
  using error_type = E;

  constexpr result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  template <class Other>
    requires std::is_convertible_v<Other, E>
  constexpr result(failure<Other> why) : state_(std::in_place_index<1>, std::move(why.reason)) {}

  constexpr bool has_value() const noexcept { return state_.index() == 0; }
  constexpr explicit operator bool() const noexcept { return has_value(); }

  constexpr T& value() & { return std::get<0>(state_); }
  constexpr const T& value() const& { return std::get<0>(state_); }
  constexpr T&& value() && { return std::get<0>(std::move(state_)); }
  constexpr T& operator*() & { return value(); }
  constexpr const T& operator*() const& { return value(); }
  constexpr T&& operator*() && { return std::move(*this).value(); }
  constexpr T* operator->() { return &value(); }
  constexpr const T* operator->() const { return &value(); }

  constexpr const E& reason() const& { return std::get<1>(state_); }
  constexpr E&& reason() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, E> state_;
};

}  // namespace ovrseer

// ---- ovrseer/units.hpp

// Quantities that are not plain numbers: sizes in bytes, and how a duration is written for people.


namespace ovrseer {

/// A size in bytes. Written with the literals `64_KiB`, `1_MiB`, or `byte_size(n)`.
class byte_size {
 public:
  constexpr byte_size() noexcept = default;
  constexpr explicit byte_size(std::uint64_t bytes) noexcept : bytes_(bytes) {}

  constexpr std::uint64_t count() const noexcept { return bytes_; }
  friend constexpr auto operator<=>(byte_size, byte_size) noexcept = default;

 private:
  std::uint64_t bytes_ = 0;
};

inline namespace literals {
constexpr byte_size operator""_B(unsigned long long n) noexcept { return byte_size(n); }
constexpr byte_size operator""_KiB(unsigned long long n) noexcept { return byte_size(n << 10U); }
constexpr byte_size operator""_MiB(unsigned long long n) noexcept { return byte_size(n << 20U); }
constexpr byte_size operator""_GiB(unsigned long long n) noexcept { return byte_size(n << 30U); }
}  // namespace literals

namespace detail {

/// `value / unit` with at most one decimal, and none when it is zero or the number is large.
inline std::string scaled(std::uint64_t value, std::uint64_t unit, const char* suffix) {
  const std::uint64_t tenths = (value * 10 + unit / 2) / unit;
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0 && tenths < 1000) text.append(".").append(std::to_string(tenths % 10));
  return text.append(suffix);
}

}  // namespace detail

/// "512 B", "1.5 KiB", "64 MiB".
inline std::string to_text(byte_size size) {
  static constexpr std::array<const char*, 5> suffixes{" B", " KiB", " MiB", " GiB", " TiB"};
  std::size_t power = 0;
  while (power + 1 < suffixes.size() && (size.count() >> (10U * (power + 1))) != 0) ++power;
  return detail::scaled(size.count(), std::uint64_t{1} << (10U * power), suffixes[power]);
}

/// "250µs", "12ms", "1.5s", "2m 5s", "3h 20m", "2d 4h": two units at most, for people.
inline std::string to_text(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  if (duration < nanoseconds::zero()) return "-" + to_text(-duration);
  const auto ns = static_cast<std::uint64_t>(duration.count());
  if (duration < 1us) return std::to_string(ns) + "ns";
  if (duration < 1ms) return detail::scaled(ns, 1'000, "µs");
  if (duration < 1s) return detail::scaled(ns, 1'000'000, "ms");
  if (duration < 1min) return detail::scaled(ns, 1'000'000'000, "s");
  const auto two = [](std::uint64_t large, const char* a, std::uint64_t small, const char* b) {
    std::string text = std::to_string(large) + a;
    if (small != 0) text.append(" ").append(std::to_string(small)).append(b);
    return text;
  };
  const std::uint64_t s = ns / 1'000'000'000;
  if (duration < 1h) return two(s / 60, "m", s % 60, "s");
  if (duration < 24h) return two(s / 3600, "h", s % 3600 / 60, "m");
  return two(s / 86400, "d", s % 86400 / 3600, "h");
}

}  // namespace ovrseer

// ---- ovrseer/version.hpp

// The one place that knows the version; CMake and the Conan recipe read it from here.

#define OVRSEER_VERSION_MAJOR 0
#define OVRSEER_VERSION_MINOR 1
#define OVRSEER_VERSION_PATCH 0

namespace ovrseer {

/// The version of the headers in use, as "major.minor.patch".
inline constexpr const char* version = "0.1.0";

}  // namespace ovrseer

// ---- ovrseer/async/cancellation.hpp

// How our operations read Asio's cancellation: which type applies, how an entry point lets all of
// them in, and how clean-up code gets to await again.



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

// ---- ovrseer/async/clock.hpp

// Time as a service of the execution context, so that a test or a simulation replaces it without any
// operation noticing.



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
  wall_time wall_now() const {
    if (!is_virtual_) return std::chrono::system_clock::now();
    return virtual_epoch_ + std::chrono::duration_cast<wall_time::duration>(virtual_now_.time_since_epoch());
  }
  bool is_virtual() const noexcept { return is_virtual_; }

  /// Makes the time virtual: it stands still until `advance_to`. Sleeps begun before keep real time.
  void make_virtual(wall_time epoch) {
    is_virtual_ = true;
    virtual_epoch_ = epoch;
  }

  /// The earliest moment that somebody sleeps to; `steady_time::max()` when nobody does.
  steady_time next_due() const { return sleepers_.empty() ? steady_time::max() : sleepers_.begin()->first; }

  /// Moves virtual time forward and wakes all who are due, in the order of their times.
  void advance_to(steady_time time) {
    if (time > virtual_now_) virtual_now_ = time;
    while (!sleepers_.empty() && sleepers_.begin()->first <= virtual_now_) {
      asio::steady_timer* timer = sleepers_.begin()->second;
      sleepers_.erase(sleepers_.begin());
      timer->cancel();
    }
  }

  /// A registered virtual sleep; leaves the register when it goes out of scope.
  class sleeper {
   public:
    sleeper(clock_service& clock, steady_time due, asio::steady_timer& timer)
        : clock_(clock), timer_(timer), at_(clock.sleepers_.emplace(due, &timer)), due_(due) {}
    sleeper(const sleeper&) = delete;
    sleeper& operator=(const sleeper&) = delete;
    ~sleeper() {
      const auto [first, last] = clock_.sleepers_.equal_range(due_);
      for (auto it = first; it != last; ++it) {
        if (it->second != &timer_) continue;
        clock_.sleepers_.erase(it);
        return;
      }
    }
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
inline task<void> sleep_until(steady_time due) {
  const executor ex = co_await asio::this_coro::executor;
  clock_service& clock = clock_of(ex);
  asio::steady_timer timer(ex, clock.is_virtual() ? steady_time::max() : due);
  if (!clock.is_virtual()) {
    co_await timer.async_wait(use_task);
    co_return;
  }
  if (clock.now() >= due) {
    co_await asio::post(ex, use_task);
    co_return;
  }
  const clock_service::sleeper sleeping(clock, due, timer);
  auto [code] = co_await timer.async_wait(use_task_tuple);
  if (!sleeping.is_due()) throw std::system_error(code);
}

/// Sleeps for `duration`; zero or less only yields to others.
///
/// Cancellation: every type abandons the sleep with `asio::error::operation_aborted`.
inline task<void> sleep_for(std::chrono::nanoseconds duration) {
  const executor ex = co_await asio::this_coro::executor;
  const auto now = clock_of(ex).now();
  constexpr auto forever = steady_time::max();
  co_await sleep_until(duration >= forever - now ? forever : now + duration);
}

/// The monotonic time of the current coroutine's context.
inline task<steady_time> now() {
  const executor ex = co_await asio::this_coro::executor;
  co_return clock_of(ex).now();
}

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

  /// Runs until nothing is ready and nobody sleeps.
  void run() { run_until(steady_time::max()); }
  /// Runs what happens up to and including `end`; the clock stands at `end` afterwards.
  void run_until(steady_time end) {
    for (;;) {
      context_.restart();
      while (context_.poll() != 0) context_.restart();
      const steady_time due = clock_.next_due();
      if (due > end || due == steady_time::max()) break;
      clock_.advance_to(due);
    }
    if (end != steady_time::max()) clock_.advance_to(end);
  }
  void run_for(std::chrono::nanoseconds duration) { run_until(now() + duration); }

 private:
  asio::io_context& context_;
  clock_service& clock_;
};

}  // namespace ovrseer

// ---- ovrseer/async/notifier.hpp

// The condition variable of one strand: what all our queues wait on.



namespace ovrseer {

/// Wakes coroutines that wait for a change. Nothing is remembered: a waiter tests its own predicate
/// before it waits and again when it wakes. Not thread-safe: one strand.
class notifier {
 public:
  explicit notifier(const executor& ex) : timer_(ex, asio::steady_timer::time_point::max()) {}

  void notify_one() { timer_.cancel_one(); }
  void notify_all() { timer_.cancel(); }

  /// Waits for the next notification.
  ///
  /// Cancellation: every type abandons the wait with `asio::error::operation_aborted`.
  task<void> wait() {
    co_await timer_.async_wait(use_task_tuple);
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != cancellation_type::none) detail::throw_cancelled();
  }

  /// As `wait`, but a cancellation only ends it; the caller reads the cancellation state itself.
  task<void> wait_quietly() { co_await timer_.async_wait(use_task_tuple); }

  executor get_executor() { return timer_.get_executor(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace ovrseer

// ---- ovrseer/async/detail/nursery.hpp

// Concurrent children of one coroutine, none of which outlives it: the mechanism under `scope`,
// `with_deadline`, `first_of` and `when_all`. Not a template, so that it is instantiated once.



namespace ovrseer {

/// How long those who are asked to end may take before they are cut off: the bound of the default
/// stop plan (10 s, then 2 s) and some.
inline constexpr std::chrono::seconds default_patience{15};

namespace async_detail {

class nursery {
 public:
  explicit nursery(const executor& ex) : changed_(ex) {}
  nursery(const nursery&) = delete;
  nursery& operator=(const nursery&) = delete;

  /// Starts `body` as a child. It sees all cancellation types.
  void start(task<void> body) {
    sweep();
    const auto child = children_.emplace(children_.end());
    ++running_;
    auto finished = [this, child](std::exception_ptr failure) { finish(*child, std::move(failure)); };
    asio::co_spawn(changed_.get_executor(), admit(std::move(body)),
                   asio::bind_cancellation_slot(child->cancel.slot(), std::move(finished)));
  }

  void cancel(cancellation_type type) {
    ++emitting_;
    for (child_type& child : children_) {
      if (!child.done) child.cancel.emit(type);
    }
    --emitting_;
  }

  std::size_t running() const noexcept { return running_; }
  std::size_t finished() const noexcept { return finished_; }
  /// The first failure of a child, if any.
  std::exception_ptr failure() const noexcept { return failure_; }
  /// Whether the waiting coroutine was cancelled meanwhile. The request has been passed to the children
  /// and is forgotten by the coroutine, which can await again.
  bool was_cancelled() const noexcept { return cancelled_; }

  /// Waits until at least `count` children have ended, or all have. Never throws.
  task<void> wait_finished(std::size_t count) {
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    while (finished_ < count && running_ != 0) {
      const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
      if (const cancellation_type type = state.cancelled(); type != cancellation_type::none) {
        co_await detail::admit_all_cancellation();
        cancelled_ = true;
        cancel(gentlest(type));
      } else {
        co_await changed_.wait_quietly();
      }
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    sweep();
  }

  /// Waits until all children have ended. Never throws.
  task<void> join() { co_await wait_finished(static_cast<std::size_t>(-1)); }

  /// Waits until all children have ended; asks them to end (`total`) after `limit` and cuts them off
  /// (`terminal`) when `patience` more has passed. Says whether the limit passed first. Never throws.
  task<bool> join_within(std::chrono::nanoseconds limit, std::chrono::nanoseconds patience) {
    bool expired = false;
    if (running_ == 0) co_return expired;
    nursery timekeeper(changed_.get_executor());
    timekeeper.start(enforce(*this, limit, patience, expired));
    co_await join();
    timekeeper.cancel(cancellation_type::terminal);
    co_await timekeeper.join();
    cancelled_ = cancelled_ || timekeeper.was_cancelled();
    co_return expired;
  }

  /// `join_within` with nothing left to wait for: asks at once. Never throws.
  task<void> wind_down(std::chrono::nanoseconds patience = default_patience) {
    cancel(cancellation_type::total);
    co_await join_within(patience, std::chrono::nanoseconds::zero());
  }

 private:
  struct child_type {
    asio::cancellation_signal cancel;
    bool done = false;
  };

  static task<void> admit(task<void> body) {
    co_await detail::admit_all_cancellation();
    co_await std::move(body);
  }

  static task<void> enforce(nursery& target, std::chrono::nanoseconds limit, std::chrono::nanoseconds patience,
                            bool& expired) {
    co_await sleep_for(limit);
    expired = true;
    target.cancel(cancellation_type::total);
    co_await sleep_for(patience);
    target.cancel(cancellation_type::terminal);
  }

  void finish(child_type& child, std::exception_ptr failure) {
    child.done = true;
    --running_;
    ++finished_;
    if (failure && !failure_) failure_ = std::move(failure);
    changed_.notify_all();
  }

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
  bool cancelled_ = false;
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

}  // namespace async_detail
}  // namespace ovrseer

// ---- ovrseer/async/attempt.hpp

// Failures as values, for callers that want no exception, and for policies that must not throw.



namespace ovrseer {

/// A caught exception, with the code and the words that most callers want of it.
class caught {
 public:
  explicit caught(std::exception_ptr exception) : exception_(std::move(exception)) {}

  /// The code of a `std::system_error`; for any other exception an empty one.
  std::error_code code() const {
    try {
      std::rethrow_exception(exception_);
    } catch (const std::system_error& failure) {
      return failure.code();
    } catch (...) {
      return {};
    }
  }

  /// What the exception says, followed by what it was nested on.
  std::string what() const { return describe(exception_); }
  const std::exception_ptr& exception() const noexcept { return exception_; }
  [[noreturn]] void rethrow() const { std::rethrow_exception(exception_); }

 private:
  static std::string describe(const std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& failure) {
      std::string text = failure.what();
      const auto* nested = dynamic_cast<const std::nested_exception*>(&failure);
      if (nested != nullptr && nested->nested_ptr()) text.append(": ").append(describe(nested->nested_ptr()));
      return text;
    } catch (...) {
      return "an exception of unknown type";
    }
  }

  std::exception_ptr exception_;
};

/// What `attempt` yields of an operation with result `T`; `std::monostate` stands for `void`.
template <class T = void>
using attempted = result<typename async_detail::outcome<T>::value_type, caught>;

/// Awaits `operation` and yields its value or what it threw; throws nothing itself.
///
/// Cancellation: every type is passed to the operation. A cancelled coroutine still throws at its next
/// `co_await`, as everywhere in Asio.
template <class T>
task<attempted<T>> attempt(task<T> operation) {
  async_detail::outcome<T> outcome;
  try {
    co_await async_detail::keep_outcome(std::move(operation), outcome);
  } catch (...) {  // kept in `outcome`
  }
  if (outcome.failure) co_return attempted<T>(failure(caught(outcome.failure)));
  co_return attempted<T>(std::move(*outcome.value));
}

}  // namespace ovrseer

// ---- ovrseer/async/backoff.hpp

// How long to wait before the next attempt: a value with pure functions, for `retry` and for restarts.


namespace ovrseer {

/// A curve of delays with a cap and jitter. Pure: the random number comes from the caller.
class backoff {
 public:
  using duration = std::chrono::nanoseconds;
  enum class curve : std::uint8_t { constant, exponential, decorrelated };

  /// The same delay before every attempt.
  static backoff constant(duration delay) { return {curve::constant, delay, delay, 1.0}; }
  /// `first`, then each time `factor` times as long, at most `cap`.
  static backoff exponential(duration first, duration cap, double factor = 2.0) {
    return {curve::exponential, first, cap, factor};
  }
  /// Uniformly between `first` and three times the previous delay, at most `cap`: spreads a crowd of
  /// retriers best. Source: M. Brooker, "Exponential Backoff And Jitter", 2015.
  static backoff decorrelated(duration first, duration cap) { return {curve::decorrelated, first, cap, 3.0}; }

  /// Shortens every delay by up to this share of it, at random; 0 (the default) keeps it exact, 1 is
  /// "full jitter". Without effect on `decorrelated`, which is random by itself.
  backoff& jitter(double share) {
    jitter_ = std::clamp(share, 0.0, 1.0);
    return *this;
  }

  /// The delay before attempt `number + 1`, where `number` attempts (from 1) have failed.
  /// `previous` is the delay before the last attempt (zero before the first), `random` in [0, 1).
  duration delay_after(std::uint32_t number, duration previous, double random) const {
    const auto first = static_cast<double>(first_.count());
    const auto cap = static_cast<double>(cap_.count());
    double delay = first;
    switch (curve_) {
      case curve::constant: break;
      case curve::exponential:
        delay = std::min(cap, first * std::pow(factor_, static_cast<double>(std::max(number, 1U) - 1)));
        break;
      case curve::decorrelated: {
        const double high = std::max(first, static_cast<double>(previous.count()) * factor_);
        return duration(static_cast<duration::rep>(std::min(cap, first + (high - first) * random)));
      }
    }
    return duration(static_cast<duration::rep>(delay * (1.0 - jitter_ * random)));
  }

  /// The longest delay that `delay_after(number, …)` can yield: what a plan has to reckon with.
  duration longest_after(std::uint32_t number) const {
    if (curve_ == curve::decorrelated) {
      duration longest = duration::zero();
      for (std::uint32_t n = 1; n <= number && longest < cap_; ++n) longest = delay_after(n, longest, 1.0);
      return std::min(longest, cap_);
    }
    return delay_after(number, duration::zero(), 0.0);
  }

  curve shape() const noexcept { return curve_; }
  duration first() const noexcept { return first_; }
  duration cap() const noexcept { return cap_; }

 private:
  backoff(curve shape, duration first, duration cap, double factor)
      : curve_(shape), first_(first), cap_(std::max(first, cap)), factor_(factor) {}

  curve curve_;
  duration first_;
  duration cap_;
  double factor_;
  double jitter_ = 0;
};

}  // namespace ovrseer

// ---- ovrseer/async/broadcast.hpp

// One bounded sequence, many readers, each at its own pace and with its own answer to falling behind.



namespace ovrseer {

/// A bounded store of numbered entries: those with numbers in [begin_seq, end_seq) can be read.
template <class S>
concept sequence_store = requires(const S store, std::uint64_t seq) {
  typename S::value_type;
  { store.begin_seq() } -> std::same_as<std::uint64_t>;
  { store.end_seq() } -> std::same_as<std::uint64_t>;
  { store.read(seq) } -> std::convertible_to<typename S::value_type>;
};

/// The plain store: the last `capacity` entries.
template <class T>
class bounded_history {
 public:
  using value_type = T;

  explicit bounded_history(std::size_t capacity, std::uint64_t first_seq = 1)
      : capacity_(capacity == 0 ? 1 : capacity), begin_(first_seq) {}

  std::uint64_t begin_seq() const noexcept { return begin_; }
  std::uint64_t end_seq() const noexcept { return begin_ + entries_.size(); }
  const T& read(std::uint64_t seq) const { return entries_[static_cast<std::size_t>(seq - begin_)]; }
  /// Whether the next `push` drops the oldest entry.
  bool is_full() const noexcept { return entries_.size() == capacity_; }
  std::size_t capacity() const noexcept { return capacity_; }

  void push(T value) {
    if (is_full()) {
      entries_.pop_front();
      ++begin_;
    }
    entries_.push_back(std::move(value));
  }

 private:
  std::deque<T> entries_;
  std::size_t capacity_;
  std::uint64_t begin_;
};

/// What becomes of a reader for which the store drops an entry that it has not read.
enum class on_overrun : std::uint8_t {
  wait,         ///< the writer waits for it (as far as the writer asks `room`)
  drop_oldest,  ///< it goes on with the oldest entry that is left, and `missed` counts
  fail,         ///< its next `next` throws `errc::overrun`
};

/// Readers over a store. The writer changes the store through `store()` and then calls `published`.
///
/// One strand. Readers may outlive the broadcast's writer and are ended by `close`; the broadcast itself
/// must outlive its readers' calls, which `std::shared_ptr` sharing of the state ensures.
template <sequence_store Store>
class broadcast {
  struct state {
    state(const executor& ex, Store initial) : entries(std::move(initial)), readable(ex), writable(ex) {}
    Store entries;
    notifier readable;
    notifier writable;
    std::vector<std::uint64_t*> waiting;  // positions of the readers that chose to be waited for
    bool closed = false;
  };

 public:
  using value_type = typename Store::value_type;

  template <class... Args>
  explicit broadcast(const executor& ex, Args&&... args)
      : state_(std::make_shared<state>(ex, Store(std::forward<Args>(args)...))) {}
  broadcast(const broadcast&) = delete;
  broadcast& operator=(const broadcast&) = delete;
  ~broadcast() { close(); }

  /// One reader; move-only.
  class reader {
   public:
    reader(reader&& other) noexcept = default;
    reader& operator=(reader&& other) noexcept = default;
    ~reader() { leave(); }

    /// The next entry; nothing once the broadcast is closed and all is read.
    ///
    /// Errors: `errc::overrun` for a reader that chose to fail.
    /// Cancellation: every type abandons the wait; no entry is lost.
    task<std::optional<value_type>> next() {
      const std::shared_ptr<state> shared = state_;
      for (;;) {
        if (auto value = try_next()) co_return value;
        if (shared->closed) co_return std::nullopt;
        co_await shared->readable.wait();
      }
    }

    /// The next entry if there is one now.
    std::optional<value_type> try_next() {
      const Store& entries = state_->entries;
      if (*position_ < entries.begin_seq()) {
        if (policy_ == on_overrun::fail) throw error(errc::overrun, "next");
        missed_ += entries.begin_seq() - *position_;
        *position_ = entries.begin_seq();
      }
      if (*position_ == entries.end_seq()) return std::nullopt;
      std::optional<value_type> value(entries.read((*position_)++));
      if (policy_ == on_overrun::wait) state_->writable.notify_all();
      return value;
    }

    /// Entries that were dropped before this reader came to them.
    std::uint64_t missed() const noexcept { return missed_; }
    /// The number of the entry that comes next.
    std::uint64_t position() const noexcept { return *position_; }

   private:
    friend class broadcast;
    reader(std::shared_ptr<state> shared, on_overrun policy, std::uint64_t from)
        : state_(std::move(shared)), position_(std::make_unique<std::uint64_t>(from)), policy_(policy) {
      if (policy_ == on_overrun::wait) state_->waiting.push_back(position_.get());
    }
    void leave() {
      if (!state_ || !position_ || policy_ != on_overrun::wait) return;
      std::erase(state_->waiting, position_.get());
      state_->writable.notify_all();
    }

    std::shared_ptr<state> state_;
    std::unique_ptr<std::uint64_t> position_;
    std::uint64_t missed_ = 0;
    on_overrun policy_;
  };

  /// A reader that begins with the next entry to come.
  reader subscribe(on_overrun policy) { return reader(state_, policy, state_->entries.end_seq()); }
  /// A reader that begins with entry `from`; entries that are gone by then count as missed.
  reader subscribe_from(std::uint64_t from, on_overrun policy) {
    return reader(state_, policy, std::min(from, state_->entries.end_seq()));
  }

  Store& store() noexcept { return state_->entries; }
  const Store& store() const noexcept { return state_->entries; }

  /// Wakes the readers after the store has changed.
  void published() { state_->readable.notify_all(); }

  /// Appends and wakes the readers; for stores with a `push`.
  template <class T>
  void push(T&& value) {
    state_->entries.push(std::forward<T>(value));
    published();
  }

  /// Whether dropping the oldest entry now would rob a reader that chose `wait`.
  bool must_wait() const noexcept {
    const std::uint64_t oldest = state_->entries.begin_seq();
    for (const std::uint64_t* position : state_->waiting) {
      if (*position <= oldest && oldest != state_->entries.end_seq()) return true;
    }
    return false;
  }

  /// Waits until no reader that chose `wait` would be robbed by dropping the oldest entry.
  ///
  /// Cancellation: every type abandons the wait.
  task<void> room() {
    const std::shared_ptr<state> shared = state_;
    while (must_wait() && !shared->closed) co_await shared->writable.wait();
  }

  /// Nothing more comes: readers get what is left, then the end.
  void close() {
    state_->closed = true;
    state_->readable.notify_all();
    state_->writable.notify_all();
  }
  bool is_closed() const noexcept { return state_->closed; }

 private:
  std::shared_ptr<state> state_;
};

}  // namespace ovrseer

// ---- ovrseer/async/first_of.hpp

// A race of operations that leaves nobody running.



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

}  // namespace async_detail

/// Runs the operations together until the first ends, whether with a value or a failure; the others
/// are cancelled (`total`, then `terminal` after `default_patience`) and have ended when it returns.
///
/// Yields a variant whose index says who won; `void` stands as `std::monostate`.
/// Errors: what the first to end throws.
/// Cancellation: every type is passed to all; the first failure comes back.
template <class... Ts>
task<std::variant<typename async_detail::outcome<Ts>::value_type...>> first_of(task<Ts>... operations) {
  using result_type = std::variant<typename async_detail::outcome<Ts>::value_type...>;
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  std::tuple<async_detail::outcome<Ts>...> outcomes;
  std::optional<std::size_t> first;
  async_detail::nursery children(ex);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (children.start(async_detail::race<I>(std::move(operations), std::get<I>(outcomes), first)), ...);
  }(std::index_sequence_for<Ts...>());
  co_await children.wait_finished(1);
  co_await children.wind_down();
  std::optional<result_type> won;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto take = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
      if (first != N) return;
      auto& outcome = std::get<N>(outcomes);
      if (outcome.failure) std::rethrow_exception(outcome.failure);
      won.emplace(std::in_place_index<N>, std::move(*outcome.value));
    };
    (take(std::integral_constant<std::size_t, I>()), ...);
  }(std::index_sequence_for<Ts...>());
  co_return std::move(*won);
}

}  // namespace ovrseer

// ---- ovrseer/async/mailbox.hpp

// A bounded queue between coroutines of one strand that loses nothing, also under cancellation.



namespace ovrseer {

/// Many producers, many consumers, one strand. From another thread, `asio::post` to the strand first.
template <class T>
class mailbox {
 public:
  /// `capacity` is the number of entries that wait at most.
  explicit mailbox(const executor& ex, std::size_t capacity = std::numeric_limits<std::size_t>::max())
      : readable_(ex), writable_(ex), capacity_(capacity) {}

  /// Appends unless it is full or closed; says whether it did.
  bool try_push(T value) {
    if (closed_ || entries_.size() >= capacity_) return false;
    entries_.push_back(std::move(value));
    readable_.notify_one();
    return true;
  }

  /// Appends, and waits for room first. Throws `errc::closed`.
  ///
  /// Cancellation: every type abandons; the value was then not appended.
  task<void> push(T value) {
    while (!closed_ && entries_.size() >= capacity_) co_await writable_.wait();
    if (closed_) throw error(errc::closed, "push");
    try_push(std::move(value));
  }

  std::optional<T> try_pop() {
    if (entries_.empty()) return std::nullopt;
    std::optional<T> value(std::move(entries_.front()));
    entries_.pop_front();
    writable_.notify_one();
    return value;
  }

  /// The next entry; nothing once it is closed and empty.
  ///
  /// Cancellation: every type abandons; no entry is lost.
  task<std::optional<T>> pop() {
    while (entries_.empty() && !closed_) co_await readable_.wait();
    // A consumer that was woken and then cancelled must pass the wake-up on.
    if (entries_.size() > 1) readable_.notify_one();
    co_return try_pop();
  }

  /// No more entries come; those that wait are still popped.
  void close() {
    closed_ = true;
    readable_.notify_all();
    writable_.notify_all();
  }

  std::size_t size() const noexcept { return entries_.size(); }
  bool is_closed() const noexcept { return closed_; }

 private:
  std::deque<T> entries_;
  notifier readable_;
  notifier writable_;
  std::size_t capacity_;
  bool closed_ = false;
};

}  // namespace ovrseer

// ---- ovrseer/async/on_worker.hpp

// One thread for what must block: a policy that lives there, and calls that come back to the strand.



namespace ovrseer {

/// Owns one thread and an object of type `P` that only this thread touches.
///
/// The destructor never blocks: an idle thread ends at once; one that is inside a call ends when the
/// call returns, and `P` is destroyed there.
template <class P>
class on_worker {
 public:
  /// Makes `P` on the worker's thread from copies of the arguments, before the first call runs.
  template <class... Args>
  explicit on_worker(Args... args) : shared_(std::make_shared<shared>()) {
    shared_->jobs.push_back([raw = shared_.get(), args...] { raw->policy = std::make_unique<P>(args...); });
    std::thread([keep = shared_] { keep->run(); }).detach();
  }
  on_worker(const on_worker&) = delete;
  on_worker& operator=(const on_worker&) = delete;
  ~on_worker() { shared_->stop(); }

  /// Runs `work(P&)` on the thread, after the calls before it, and yields what it returns or throws.
  ///
  /// Errors: what `work` or the constructor of `P` throws.
  /// Cancellation: every type abandons the call; the thread still finishes it, and its result is dropped.
  template <class Work>
  task<std::invoke_result_t<Work, P&>> run(Work work) {
    using value_type = std::invoke_result_t<Work, P&>;
    const executor ex = co_await asio::this_coro::executor;
    const auto done = std::make_shared<completion<value_type>>(ex);
    auto job = [raw = shared_.get(), done, work = std::move(work),
                alive = asio::make_work_guard(ex)]() mutable {
      raw->perform(*done, work);
      asio::post(alive.get_executor(), [done] {
        done->is_done = true;
        done->changed.notify_all();
      });
    };
    shared_->post(std::move(job));
    while (!done->is_done) co_await done->changed.wait();
    if (done->outcome.failure) std::rethrow_exception(done->outcome.failure);
    if constexpr (!std::is_void_v<value_type>) co_return std::move(*done->outcome.value);
  }

  /// Calls that wait for the thread, the one that runs not counted.
  std::size_t backlog() const { return shared_->backlog(); }

 private:
  template <class T>
  struct completion {
    explicit completion(const executor& ex) : changed(ex) {}
    async_detail::outcome<T> outcome;
    notifier changed;
    bool is_done = false;
  };

  struct shared {
    void post(std::function<void()> job) {
      const std::lock_guard lock(mutex);
      jobs.push_back(std::move(job));
      wake.notify_one();
    }
    void stop() {
      const std::lock_guard lock(mutex);
      stopped = true;
      jobs.clear();
      wake.notify_one();
    }
    std::size_t backlog() {
      const std::lock_guard lock(mutex);
      return jobs.size();
    }
    void run() {
      std::unique_lock lock(mutex);
      for (;;) {
        wake.wait(lock, [this] { return stopped || !jobs.empty(); });
        if (stopped) break;
        const std::function<void()> job = std::move(jobs.front());
        jobs.pop_front();
        lock.unlock();
        try {
          job();
        } catch (...) {  // only the constructor of P gets here; the calls that follow report it
          construction_failure = std::current_exception();
        }
        lock.lock();
      }
      lock.unlock();
      policy.reset();
    }
    template <class T, class Work>
    void perform(completion<T>& done, Work& work) {
      try {
        if (construction_failure) std::rethrow_exception(construction_failure);
        if constexpr (std::is_void_v<T>) {
          work(*policy);
          done.outcome.value.emplace();
        } else {
          done.outcome.value.emplace(work(*policy));
        }
      } catch (...) {
        done.outcome.failure = std::current_exception();
      }
    }

    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> jobs;
    bool stopped = false;
    std::unique_ptr<P> policy;
    std::exception_ptr construction_failure;
  };

  std::shared_ptr<shared> shared_;
};

}  // namespace ovrseer

// ---- ovrseer/async/retry.hpp

// Doing it again: which failures are worth another attempt, after what delay, and when to give up.



namespace ovrseer {

/// One failed attempt, for the history.
struct failed_attempt {
  std::uint32_t number = 0;               ///< from 1
  std::chrono::nanoseconds started{};     ///< after the begin of the first attempt
  std::chrono::nanoseconds took{};
  std::error_code code;                   ///< empty where the failure was no `std::system_error`
  std::string what;
};

/// Decides after each failure: the delay before the next attempt, or nothing to give up.
/// `elapsed` is the time since the first attempt began.
template <class P>
concept retry_policy = requires(P policy, const failed_attempt& failure, std::chrono::nanoseconds elapsed) {
  { policy.next_delay(failure, elapsed) } -> std::same_as<std::optional<std::chrono::nanoseconds>>;
};

/// The ready-made retry policy: a backoff, bounded by attempts and by time.
///
/// Defaults: 5 attempts, no limit of time, every failure is worth another attempt.
class retry_limits {
 public:
  explicit retry_limits(backoff delays) : delays_(delays) {}

  /// At most `count` attempts in all; zero means no limit.
  retry_limits& attempts(std::uint32_t count) {
    attempts_ = count;
    return *this;
  }
  /// No attempt begins later than `limit` after the first began; zero means no limit.
  retry_limits& within(std::chrono::nanoseconds limit) {
    within_ = limit;
    return *this;
  }
  /// Only failures for which `worth` holds are tried again, such as
  /// `[](const failed_attempt& f) { return f.code == condition::retryable; }`.
  retry_limits& only_if(std::function<bool(const failed_attempt&)> worth) {
    worth_ = std::move(worth);
    return *this;
  }
  /// Numbers in [0, 1) for the jitter; by default from a generator seeded by the system.
  retry_limits& random(std::function<double()> source) {
    random_ = std::move(source);
    return *this;
  }

  std::optional<std::chrono::nanoseconds> next_delay(const failed_attempt& failure,
                                                     std::chrono::nanoseconds elapsed) {
    if (attempts_ != 0 && failure.number >= attempts_) return std::nullopt;
    if (worth_ && !worth_(failure)) return std::nullopt;
    previous_ = delays_.delay_after(failure.number, previous_, random_());
    if (within_ != std::chrono::nanoseconds::zero() && elapsed + previous_ > within_) return std::nullopt;
    return previous_;
  }

 private:
  static double system_random() {
    thread_local std::minstd_rand generator{std::random_device{}()};
    return std::generate_canonical<double, 32>(generator);
  }

  backoff delays_;
  std::uint32_t attempts_ = 5;
  std::chrono::nanoseconds within_{};
  std::chrono::nanoseconds previous_{};
  std::function<bool(const failed_attempt&)> worth_;
  std::function<double()> random_ = system_random;
};

/// Thrown when a retry gives up: the code of the last failure's kind is `errc::exhausted`, the last
/// failure itself is nested.
class retries_exhausted : public error, public std::nested_exception {
 public:
  explicit retries_exhausted(std::vector<failed_attempt> history, const std::exception_ptr& last)
      : error(errc::exhausted, "retry", summary(history)), nested_exception(nest(last)), history_(std::move(history)) {}

  const std::vector<failed_attempt>& history() const noexcept { return history_; }

 private:
  static std::string summary(const std::vector<failed_attempt>& history) {
    return std::to_string(history.size()) + " attempts, the last: " + history.back().what;
  }
  static std::nested_exception nest(const std::exception_ptr& last) {
    try {
      std::rethrow_exception(last);
    } catch (...) {
      return {};
    }
  }

  std::vector<failed_attempt> history_;
};

namespace async_detail {

template <class Make>
auto make_attempt(Make& make_operation, std::uint32_t number) {
  if constexpr (std::invocable<Make&, std::uint32_t>) {
    return make_operation(number);
  } else {
    return make_operation();
  }
}

template <class T>
struct task_value;
template <class T, class E>
struct task_value<asio::awaitable<T, E>> {
  using type = T;
};
template <class Make>
using attempt_value = typename task_value<decltype(make_attempt(std::declval<Make&>(), 1U))>::type;

inline bool is_cancelled(const caught& failure) {
  const std::error_code code = failure.code();
  return code == asio::error::operation_aborted || code == condition::cancelled;
}

}  // namespace async_detail

/// Awaits what `make_operation()` (or `make_operation(number)`, from 1) returns, again after a delay
/// while the policy wants another attempt. Yields the first value.
///
/// Errors: `retries_exhausted` (`errc::exhausted`) with the history. A cancelled attempt is not retried.
/// Cancellation: every type ends the attempt that runs, or the delay, and comes back.
template <retry_policy Policy, class Make>
task<async_detail::attempt_value<Make>> retry(Policy policy, Make make_operation) {
  using value_type = async_detail::attempt_value<Make>;
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  const steady_time begin = clock_of(ex).now();
  std::vector<failed_attempt> history;
  for (std::uint32_t number = 1;; ++number) {
    const steady_time started = clock_of(ex).now();
    attempted<value_type> outcome = co_await attempt(async_detail::make_attempt(make_operation, number));
    if (outcome) {
      if constexpr (std::is_void_v<value_type>) {
        co_return;
      } else {
        co_return *std::move(outcome);
      }
    }
    const caught& why = outcome.reason();
    if (async_detail::is_cancelled(why)) why.rethrow();
    const steady_time ended = clock_of(ex).now();
    history.push_back({number, started - begin, ended - started, why.code(), why.what()});
    const std::optional<std::chrono::nanoseconds> delay = policy.next_delay(history.back(), ended - begin);
    if (!delay) throw retries_exhausted(std::move(history), why.exception());
    co_await sleep_for(*delay);
  }
}

/// The same with a plain backoff and `retry_limits`' defaults.
template <class Make>
task<async_detail::attempt_value<Make>> retry(backoff delays, Make make_operation) {
  return retry(retry_limits(delays), std::move(make_operation));
}

}  // namespace ovrseer

// ---- ovrseer/async/scope.hpp

// A place for concurrent children that none of them outlives.



namespace ovrseer {

/// Starts children that end with it. Only `with_scope` makes one.
class scope {
 public:
  /// Starts a child now. Its failure cancels the body and all other children, and ends the scope with it.
  void start(task<void> child) { children_.start(std::move(child)); }

  /// Asks everybody in the scope, the body included, to end.
  void cancel(cancellation_type type = cancellation_type::total) { children_.cancel(type); }

  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;

 private:
  template <class Body>
  friend task<void> with_scope(Body body);

  explicit scope(const executor& ex) : children_(ex) {}

  task<void> run() {
    for (std::size_t done = 0; children_.running() != 0 && !children_.failure(); done = children_.finished()) {
      co_await children_.wait_finished(done + 1);
    }
    co_await children_.wind_down();
    if (children_.failure()) std::rethrow_exception(children_.failure());
  }

  async_detail::nursery children_;
};

/// Runs `body(scope&)`, a function that returns `task<void>`, then waits until every child that it
/// started has ended.
///
/// Errors: the first failure of the body or of a child, after all others were cancelled (`total`, then
/// `terminal` after `default_patience`) and have ended.
/// Cancellation: every type is passed to the body and to all children; the first failure comes back.
template <class Body>
task<void> with_scope(Body body) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  scope children(ex);
  children.start(body(children));
  co_await children.run();
}

}  // namespace ovrseer

// ---- ovrseer/async/signals.hpp

// The signals that a program takes from its user: stop, stop at once, read the configuration again.


#include <asio/signal_set.hpp>


namespace ovrseer {

/// What the user wants.
enum class user_request : std::uint8_t {
  stop,    ///< the first SIGINT or SIGTERM
  force,   ///< every further one
  reload,  ///< SIGHUP
};

/// Which request a signal is, given how many stops came before: pure.
constexpr user_request request_of(int signal, unsigned stops_before) noexcept {
  if (signal == SIGHUP) return user_request::reload;
  return stops_before == 0 ? user_request::stop : user_request::force;
}

/// Takes SIGINT, SIGTERM and SIGHUP for the program while it lives. A library never does this unasked.
class program_signals {
 public:
  explicit program_signals(const executor& ex) : signals_(ex, SIGINT, SIGTERM, SIGHUP) {}

  /// The next request.
  ///
  /// Cancellation: every type abandons the wait.
  task<user_request> next() {
    const int signal = co_await signals_.async_wait(use_task);
    last_ = signal;
    const user_request request = request_of(signal, stops_);
    if (request != user_request::reload) ++stops_;
    co_return request;
  }

  /// The number of the last signal; 0 before the first.
  int last_signal() const noexcept { return last_; }

 private:
  asio::signal_set signals_;
  unsigned stops_ = 0;
  int last_ = 0;
};

}  // namespace ovrseer

// ---- ovrseer/async/when_all.hpp

// Operations that run together and are all needed.



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

}  // namespace async_detail

/// Runs the operations together until all have ended; yields a tuple, `void` as `std::monostate`.
///
/// Errors: the first failure, after the others were cancelled (`total`, then `terminal` after
/// `default_patience`) and have ended.
/// Cancellation: every type is passed to all; the first failure comes back.
template <class... Ts>
task<std::tuple<typename async_detail::outcome<Ts>::value_type...>> when_all(task<Ts>... operations) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  std::tuple<async_detail::outcome<Ts>...> outcomes;
  async_detail::nursery children(ex);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (children.start(async_detail::keep_outcome(std::move(operations), std::get<I>(outcomes))), ...);
  }(std::index_sequence_for<Ts...>());
  co_await async_detail::join_all_or_fail(children, sizeof...(Ts));
  auto values = std::apply([](auto&... outcome) { return std::make_tuple(std::move(*outcome.value)...); }, outcomes);
  co_return values;
}

/// The same for a number of operations known at run time; without a result.
inline task<void> when_all(std::vector<task<void>> operations) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  async_detail::nursery children(ex);
  for (task<void>& operation : operations) children.start(std::move(operation));
  co_await async_detail::join_all_or_fail(children, operations.size());
}

}  // namespace ovrseer

// ---- ovrseer/async/with_deadline.hpp

// The one way to limit the time of an operation; none of ours takes a timeout of its own.



namespace ovrseer {

/// Awaits `operation`, but asks it to end once `limit` has passed.
///
/// The operation is first asked with `total`, so that one that owns a child stops it by its plan, and
/// cut off with `terminal` after `patience`. It has ended when this returns, which may therefore be
/// later than the limit. A value that it still delivers is returned.
///
/// Errors: `errc::timed_out` where the limit ended it; else whatever the operation throws.
/// Cancellation: every type is passed to the operation, whose failure comes back.
template <class T>
task<T> with_deadline(task<T> operation, std::chrono::nanoseconds limit,
                      std::chrono::nanoseconds patience = default_patience) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  async_detail::outcome<T> outcome;
  async_detail::nursery child(ex);
  child.start(async_detail::keep_outcome(std::move(operation), outcome));
  const bool expired = co_await child.join_within(limit, patience);
  if (outcome.failure) {
    if (!expired || child.was_cancelled()) std::rethrow_exception(outcome.failure);
    try {
      std::rethrow_exception(outcome.failure);
    } catch (const std::system_error& failure) {
      if (!is_cancellation(failure)) throw;
    }
    throw error(errc::timed_out, "with_deadline", "after " + to_text(limit));
  }
  if constexpr (!std::is_void_v<T>) co_return std::move(*outcome.value);
}

}  // namespace ovrseer

// ---- ovrseer/process/signal.hpp

// Signals as a type, with the names that people write in configurations.


namespace ovrseer {

/// The number of a signal, as `signal_number(SIGTERM)`.
class signal_number {
 public:
  constexpr explicit signal_number(int number) noexcept : number_(number) {}
  constexpr int value() const noexcept { return number_; }
  friend constexpr auto operator<=>(signal_number, signal_number) noexcept = default;

 private:
  int number_;
};

namespace process_detail {

inline constexpr std::array<std::pair<std::string_view, int>, 31> signal_names{{
    {"HUP", SIGHUP},   {"INT", SIGINT},     {"QUIT", SIGQUIT}, {"ILL", SIGILL},       {"TRAP", SIGTRAP}, {"ABRT", SIGABRT},
    {"BUS", SIGBUS},   {"FPE", SIGFPE},     {"KILL", SIGKILL}, {"USR1", SIGUSR1},     {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},
    {"PIPE", SIGPIPE}, {"ALRM", SIGALRM},   {"TERM", SIGTERM}, {"STKFLT", SIGSTKFLT}, {"CHLD", SIGCHLD}, {"CONT", SIGCONT},
    {"STOP", SIGSTOP}, {"TSTP", SIGTSTP},   {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},     {"URG", SIGURG},   {"XCPU", SIGXCPU},
    {"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"WINCH", SIGWINCH}, {"IO", SIGIO},     {"PWR", SIGPWR},
    {"SYS", SIGSYS},
}};

}  // namespace process_detail

/// "SIGTERM"; "SIGRTMIN+3" for the real-time signals; "signal 99" for what has no name.
inline std::string to_text(signal_number signal) {
  for (const auto& [name, number] : process_detail::signal_names) {
    if (number == signal.value()) return "SIG" + std::string(name);
  }
  if (signal.value() >= SIGRTMIN && signal.value() <= SIGRTMAX) {
    return "SIGRTMIN+" + std::to_string(signal.value() - SIGRTMIN);
  }
  return "signal " + std::to_string(signal.value());
}

/// Reads "SIGTERM", "TERM", "sigterm" or a number from 1 to 64; nothing for anything else.
inline std::optional<signal_number> parse_signal(std::string_view text) {
  int number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc() && end == text.data() + text.size()) {
    if (number < 1 || number > 64) return std::nullopt;
    return signal_number(number);
  }
  std::string upper;
  for (const char c : text) upper.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  std::string_view wanted = upper;
  if (wanted.starts_with("SIG")) wanted.remove_prefix(3);
  for (const auto& [name, value] : process_detail::signal_names) {
    if (name == wanted) return signal_number(value);
  }
  return std::nullopt;
}

}  // namespace ovrseer

// ---- ovrseer/process/command.hpp

// What to run and in which surroundings: a description, built synchronously, that `spawn` carries out.


#include <sys/resource.h>
#include <sys/types.h>


namespace ovrseer {

/// Where the child's standard input comes from.
class stdin_source {
 public:
  struct nothing {};                              ///< `/dev/null`
  struct inherited {};                            ///< the supervisor's own
  struct text { std::string content; };           ///< written by us, then closed
  struct file { std::filesystem::path path; };    ///< opened for reading
  struct writer {};                               ///< a pipe; `process::write_stdin` and `close_stdin`
  using kind = std::variant<nothing, inherited, text, file, writer>;

  stdin_source() : value_(nothing{}) {}
  explicit stdin_source(kind value) : value_(std::move(value)) {}
  const kind& value() const noexcept { return value_; }

 private:
  kind value_;
};

/// Where one output stream of the child goes.
class output_target {
 public:
  struct piped {};      ///< a pipe of its own, read by us
  struct inherited {};  ///< the supervisor's own stream
  struct discarded {};  ///< `/dev/null`
  struct merged {};     ///< standard error only: wherever standard output goes
  struct file {
    std::filesystem::path path;
    enum class mode : std::uint8_t { append, truncate } open = mode::append;
  };
  using kind = std::variant<piped, inherited, discarded, merged, file>;

  output_target() : value_(piped{}) {}
  explicit output_target(kind value) : value_(std::move(value)) {}
  const kind& value() const noexcept { return value_; }
  bool is_piped() const noexcept { return std::holds_alternative<piped>(value_); }

 private:
  kind value_;
};

/// A limit of `setrlimit(2)`; `RLIM_INFINITY` means none. The hard limit follows where it would be lower.
struct resource_limit {
  int resource = 0;  ///< `RLIMIT_NOFILE` and its like
  rlim_t soft = RLIM_INFINITY;
  std::optional<rlim_t> hard;  ///< unset: the soft one, or the present one if that is higher
};

/// Describes a child process. All setters return the command, so that they chain.
///
/// Defaults: environment inherited, standard input from `/dev/null`, standard output and error on pipes
/// of their own, a process group of its own, killed when its handle or the supervisor dies.
class command {
 public:
  enum class group : std::uint8_t {
    own,        ///< leads a new process group, so that a stop reaches its children
    session,    ///< leads a new session (and group), without a controlling terminal
    inherited,  ///< stays in the supervisor's group: Ctrl-C in a terminal reaches it too
  };
  enum class fate : std::uint8_t { kill, keep };

  /// Runs `program` (a path, or a name that is looked up in the child's `PATH`) with arguments.
  template <class... Args>
    requires(std::is_convertible_v<Args, std::string> && ...)
  explicit command(std::string program, Args&&... arguments) : program_(std::move(program)) {
    (arguments_.emplace_back(std::forward<Args>(arguments)), ...);
  }
  /// Runs `line` by `/bin/sh -c`.
  static command shell(std::string line) {
    command made("/bin/sh", "-c");
    made.arguments_.push_back(std::move(line));
    made.is_shell_ = true;
    return made;
  }

  template <class... Args>
  command& args(Args&&... more) {
    (arguments_.emplace_back(std::forward<Args>(more)), ...);
    return *this;
  }
  command& arg_list(const std::vector<std::string>& more) {
    arguments_.insert(arguments_.end(), more.begin(), more.end());
    return *this;
  }
  command& env(std::string name, std::string value) {
    environment_[std::move(name)] = std::move(value);
    return *this;
  }
  command& unset_env(std::string name) {
    environment_[std::move(name)] = std::nullopt;
    return *this;
  }
  /// Nothing is inherited: only what `env` says.
  command& clear_env() {
    inherits_environment_ = false;
    return *this;
  }
  command& working_directory(std::filesystem::path path) {
    directory_ = std::move(path);
    return *this;
  }
  /// A name or a number. Its primary and supplementary groups are taken, unless `groups` says others.
  command& user(std::string name_or_id) {
    user_ = std::move(name_or_id);
    return *this;
  }
  /// The first is the primary group, the others are supplementary; names or numbers.
  command& groups(std::vector<std::string> names_or_ids) {
    groups_ = std::move(names_or_ids);
    return *this;
  }
  command& file_mode_mask(mode_t mask) {
    umask_ = mask;
    return *this;
  }
  /// Added to the scheduling priority of the child, -20 (most favoured) to 19.
  command& nice(int increment) {
    nice_ = increment;
    return *this;
  }
  command& limit(resource_limit limit) {
    limits_.push_back(limit);
    return *this;
  }
  command& in_group(group where) {
    group_ = where;
    return *this;
  }
  command& input(stdin_source source) {
    stdin_ = std::move(source);
    return *this;
  }
  command& output(output_target target) {
    stdout_ = std::move(target);
    return *this;
  }
  command& error_output(output_target target) {
    stderr_ = std::move(target);
    return *this;
  }
  /// The capacity of each output pipe in bytes (`F_SETPIPE_SZ`); zero keeps the system's 64 KiB.
  command& pipe_capacity(int bytes) {
    pipe_capacity_ = bytes;
    return *this;
  }
  /// What becomes of the process when its `process` handle is destroyed while it runs: killed with its
  /// group, or kept running and reaped.
  command& when_handle_dies(fate what) {
    handle_fate_ = what;
    return *this;
  }
  /// What becomes of it when the supervisor dies without a chance to act (SIGKILL): killed by
  /// `PR_SET_PDEATHSIG` and the guard where there is one, or kept.
  command& when_supervisor_dies(fate what) {
    supervisor_fate_ = what;
    return *this;
  }

  const std::string& program() const noexcept { return program_; }
  const std::vector<std::string>& arguments() const noexcept { return arguments_; }
  bool is_shell() const noexcept { return is_shell_; }
  /// Names with their new values; without a value where the name is removed.
  const std::map<std::string, std::optional<std::string>>& environment() const noexcept { return environment_; }
  bool inherits_environment() const noexcept { return inherits_environment_; }
  const std::filesystem::path& working_directory() const noexcept { return directory_; }
  const std::optional<std::string>& user() const noexcept { return user_; }
  const std::vector<std::string>& groups() const noexcept { return groups_; }
  std::optional<mode_t> file_mode_mask() const noexcept { return umask_; }
  int nice() const noexcept { return nice_; }
  const std::vector<resource_limit>& limits() const noexcept { return limits_; }
  group in_group() const noexcept { return group_; }
  const stdin_source& input() const noexcept { return stdin_; }
  const output_target& output() const noexcept { return stdout_; }
  const output_target& error_output() const noexcept { return stderr_; }
  int pipe_capacity() const noexcept { return pipe_capacity_; }
  fate when_handle_dies() const noexcept { return handle_fate_; }
  fate when_supervisor_dies() const noexcept { return supervisor_fate_; }

 private:
  std::string program_;
  std::vector<std::string> arguments_;
  std::map<std::string, std::optional<std::string>> environment_;
  std::filesystem::path directory_;
  std::optional<std::string> user_;
  std::vector<std::string> groups_;
  std::optional<mode_t> umask_;
  std::vector<resource_limit> limits_;
  stdin_source stdin_;
  output_target stdout_;
  output_target stderr_;
  int nice_ = 0;
  int pipe_capacity_ = 0;
  group group_ = group::own;
  fate handle_fate_ = fate::kill;
  fate supervisor_fate_ = fate::kill;
  bool inherits_environment_ = true;
  bool is_shell_ = false;
};

/// The command as a person would type it, arguments quoted where they need it.
inline std::string to_text(const command& what) {
  if (what.is_shell()) return what.arguments().back();
  const auto quoted = [](const std::string& word) {
    constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
    std::string text = "'";
    for (const char c : word) c == '\'' ? text.append("'\\''") : text.append(1, c);
    return text + "'";
  };
  std::string text = quoted(what.program());
  for (const std::string& argument : what.arguments()) text.append(" ").append(quoted(argument));
  return text;
}

}  // namespace ovrseer

// ---- ovrseer/process/exit_status.hpp

// How a process ended, without folding code and signal into one number.



namespace ovrseer {

/// What a process has used in its life (its reaped children included), as `getrusage(2)` counts.
struct resource_usage {
  std::chrono::microseconds user_time{};
  std::chrono::microseconds system_time{};
  byte_size max_resident;
  std::uint64_t minor_faults = 0;
  std::uint64_t major_faults = 0;
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
};

/// The end of a process: exited with a code, ended by a signal, or lost (somebody else reaped it).
class exit_status {
 public:
  enum class kind : std::uint8_t { exited, signaled, lost };
  enum class core : std::uint8_t { none, dumped };

  static constexpr exit_status exited(int code) noexcept { return {kind::exited, code, core::none}; }
  static constexpr exit_status signaled(signal_number signal, core dump = core::none) noexcept {
    return {kind::signaled, signal.value(), dump};
  }
  static constexpr exit_status lost() noexcept { return {kind::lost, 0, core::none}; }

  constexpr kind how() const noexcept { return kind_; }
  constexpr bool is_success() const noexcept { return kind_ == kind::exited && value_ == 0; }
  constexpr bool is_exited() const noexcept { return kind_ == kind::exited; }
  constexpr bool is_signaled() const noexcept { return kind_ == kind::signaled; }
  /// The exit code; only where `is_exited()`.
  constexpr int code() const noexcept { return value_; }
  /// The signal; only where `is_signaled()`.
  constexpr signal_number signal() const noexcept { return signal_number(value_); }
  constexpr bool has_core() const noexcept { return core_ == core::dumped; }

  /// What a shell would report: the code, or 128 + the signal's number; 255 where it is lost.
  constexpr int shell_code() const noexcept {
    switch (kind_) {
      case kind::exited: return value_;
      case kind::signaled: return 128 + value_;
      case kind::lost: break;
    }
    return 255;
  }

  /// The resources used until the end; all zero where the system did not tell.
  const resource_usage& usage() const noexcept { return usage_; }
  exit_status& usage(const resource_usage& used) noexcept {
    usage_ = used;
    return *this;
  }

  /// Two ends are equal when they ended the same way; usage does not count.
  friend constexpr bool operator==(const exit_status& a, const exit_status& b) noexcept {
    return a.kind_ == b.kind_ && a.value_ == b.value_ && a.core_ == b.core_;
  }

 private:
  constexpr exit_status(kind how, int value, core dump) noexcept : kind_(how), core_(dump), value_(value) {}

  kind kind_;
  core core_;
  int value_;
  resource_usage usage_{};
};

/// "exited with code 3", "killed by SIGSEGV (core dumped)", "lost".
inline std::string to_text(const exit_status& status) {
  switch (status.how()) {
    case exit_status::kind::exited: return "exited with code " + std::to_string(status.code());
    case exit_status::kind::signaled:
      return "killed by " + to_text(status.signal()) + (status.has_core() ? " (core dumped)" : "");
    case exit_status::kind::lost: break;
  }
  return "lost";
}

}  // namespace ovrseer

// ---- ovrseer/fwd.hpp

// Names that headers mention without needing the definition.

namespace ovrseer {

class error;
class byte_size;
class process;
class line_stream;
class line_feed;
class supervisor;

}  // namespace ovrseer

// ---- ovrseer/process/stop_plan.hpp

// How to end a process: gently, then firmly. A description; `stop` carries it out.



namespace ovrseer {

/// Whom a signal of a stop step reaches.
enum class stop_scope : std::uint8_t {
  leader,  ///< the process itself
  group,   ///< its process group
  tree,    ///< its group and every descendant, also those in sessions and groups of their own
};

/// One step of a stop: an action, how long it may take to bear fruit, and perhaps a condition.
class stop_step {
 public:
  using action = std::variant<signal_number, command>;
  using condition_type = std::function<task<void>(process&)>;

  /// Sends a signal. `grace` is how long to wait for the end before the next step.
  explicit stop_step(signal_number signal, std::chrono::nanoseconds grace, stop_scope scope = stop_scope::group)
      : action_(signal), grace_(grace), scope_(scope) {}
  /// Runs a command, such as `nginx -s quit`; it is killed when the grace has passed. Its environment has
  /// `OVRSEER_PID`, the process to stop.
  explicit stop_step(command what, std::chrono::nanoseconds grace) : action_(std::move(what)), grace_(grace) {}

  /// Ends the step before its grace when the awaited condition completes (connections drained, a file
  /// gone). It is cancelled when the process ends or the grace has passed; its failure ends nothing.
  stop_step& until(condition_type condition) {
    condition_ = std::move(condition);
    return *this;
  }

  const action& what() const noexcept { return action_; }
  std::chrono::nanoseconds grace() const noexcept { return grace_; }
  stop_scope scope() const noexcept { return scope_; }
  const condition_type& condition() const noexcept { return condition_; }

 private:
  action action_;
  std::chrono::nanoseconds grace_;
  stop_scope scope_ = stop_scope::leader;
  condition_type condition_;
};

/// Steps, tried in order until the process and all that belongs to it have ended.
class stop_plan {
 public:
  /// SIGTERM to the group, 10 s, SIGKILL to the tree, 2 s.
  stop_plan() : stop_plan(signal_number(SIGTERM), std::chrono::seconds(10)) {}
  /// `signal` to the group, `grace`, then SIGKILL to the tree, 2 s.
  explicit stop_plan(signal_number signal, std::chrono::nanoseconds grace) {
    steps_.emplace_back(signal, grace);
    steps_.emplace_back(signal_number(SIGKILL), std::chrono::seconds(2), stop_scope::tree);
  }
  /// No steps yet; see `then`.
  static stop_plan empty() {
    stop_plan plan;
    plan.steps_.clear();
    return plan;
  }
  /// SIGKILL to the tree at once, 2 s.
  static stop_plan kill() { return empty().then_kill(); }

  stop_plan& then(stop_step step) {
    steps_.push_back(std::move(step));
    return *this;
  }
  stop_plan& then_kill(std::chrono::nanoseconds grace = std::chrono::seconds(2)) {
    return then(stop_step(signal_number(SIGKILL), grace, stop_scope::tree));
  }

  const std::vector<stop_step>& steps() const noexcept { return steps_; }

  /// The longest time that the plan can take.
  std::chrono::nanoseconds bound() const {
    std::chrono::nanoseconds sum{};
    for (const stop_step& step : steps_) sum += step.grace();
    return sum;
  }

 private:
  std::vector<stop_step> steps_;
};

/// A process that was still there at the end of a stop.
struct survivor {
  pid_t pid = 0;
  std::string name;
};

/// What a stop came to.
struct stop_report {
  /// The step (from 0) after which the process had ended; nothing where it had ended before, or never did.
  std::optional<std::size_t> ended_by;
  std::chrono::nanoseconds took{};
  /// How the process ended; nothing while it survives.
  std::optional<exit_status> status;
  /// Processes of the tree that survived the last step.
  std::vector<survivor> survivors;
  /// Steps that could not be carried out, in words.
  std::vector<std::string> problems;

  bool is_clean() const noexcept { return status.has_value() && survivors.empty(); }
};

/// "SIGTERM to the group, 10s; SIGKILL to the tree, 2s".
inline std::string to_text(const stop_plan& plan) {
  std::string text;
  for (const stop_step& step : plan.steps()) {
    if (!text.empty()) text += "; ";
    if (const auto* signal = std::get_if<signal_number>(&step.what())) {
      static constexpr const char* names[] = {"process", "group", "tree"};
      text += to_text(*signal) + " to the " + names[static_cast<std::size_t>(step.scope())];
    } else {
      text += "run " + to_text(std::get<command>(step.what()));
    }
    text += ", " + to_text(step.grace());
  }
  return text;
}

}  // namespace ovrseer

// ---- ovrseer/ovrseer.hpp

// Everything that needs only Asio, fmt and nlohmann_json, in one include. Written by tools/files.py; do not edit.
