// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Doing it again: which failures are worth another attempt, after what delay, and when to give up.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/backoff.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// One failed attempt, for the history.
struct failed_attempt {
  std::uint32_t number = 0;            ///< from 1
  std::chrono::nanoseconds started{};  ///< after the begin of the first attempt
  std::chrono::nanoseconds took{};
  std::error_code code;  ///< empty where the failure was no `std::system_error`
  std::string what;
  std::optional<std::chrono::nanoseconds> asked;  ///< the delay that a `retry_later` asks for
};

/// A failure whose peer may have said when to come again.
class retry_later : public error {
 public:
  retry_later(std::error_code code, std::string step, std::string context,
              std::optional<std::chrono::nanoseconds> after)
      : error(code, std::move(step), std::move(context)), after_(after) {}

  /// How long to wait before the next attempt; nothing where the peer said nothing.
  std::optional<std::chrono::nanoseconds> after() const noexcept { return after_; }

  /// What the exception asks for; nothing for any other exception.
  static std::optional<std::chrono::nanoseconds> asked_by(const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const retry_later& later) {
      return later.after();
    } catch (...) {
      return std::nullopt;
    }
  }

 private:
  std::optional<std::chrono::nanoseconds> after_;
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
  /// A delay that the peer asked for (`failed_attempt::asked`) is kept to where it is longer than ours, up to `longest`.
  /// Default one hour.
  retry_limits& obey_up_to(std::chrono::nanoseconds longest) {
    longest_asked_ = longest;
    return *this;
  }
  /// Numbers in [0, 1) for the jitter; by default from a generator seeded by the system.
  retry_limits& random(std::function<double()> source) {
    random_ = std::move(source);
    return *this;
  }

  std::optional<std::chrono::nanoseconds> next_delay(const failed_attempt& failure, std::chrono::nanoseconds elapsed) {
    if (attempts_ != 0 && failure.number >= attempts_) return std::nullopt;
    if (worth_ && !worth_(failure)) return std::nullopt;
    previous_ = delays_.delay_after(failure.number, previous_, random_());
    const auto asked = std::min(failure.asked.value_or(std::chrono::nanoseconds::zero()), longest_asked_);
    const auto delay = std::max(previous_, asked);
    if (within_ != std::chrono::nanoseconds::zero() && elapsed + delay > within_) return std::nullopt;
    return delay;
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
  std::chrono::nanoseconds longest_asked_ = std::chrono::hours(1);
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
    if (why.is_cancellation()) why.rethrow();
    const steady_time ended = clock_of(ex).now();
    history.push_back(
        {number, started - begin, ended - started, why.code(), why.what(), retry_later::asked_by(why.exception())});
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
