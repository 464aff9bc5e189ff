// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Retrying: how often, after what delays, which failures, the history, and its cancellation.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/retry.hpp>
#include <ovrseer/async/with_deadline.hpp>

namespace t_async_retry {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::run;
using test::started;

/// An operation that takes a second and fails until it is called for the `good`-th time.
struct flaky {
  task<std::string> operator()() {
    ++calls;
    co_await sleep_for(1s);
    if (calls < good) throw error(why, "connect", "attempt " + std::to_string(calls));
    co_return "connected";
  }
  int good;
  errc why = errc::connection_closed;
  int calls = 0;
};

std::vector<failed_attempt> history_of(const std::exception_ptr& failure) {
  REQUIRE(failure);
  try {
    std::rethrow_exception(failure);
  } catch (const retries_exhausted& gave_up) {
    CHECK(gave_up.code() == errc::exhausted);
    return gave_up.history();
  } catch (const std::exception& other) {
    FAIL("another failure: " << other.what());
  }
  return {};
}

TEST_CASE("the first success ends it") {
  asio::io_context context;
  virtual_clock time(context);
  flaky operation{1};
  const auto call = [&] { return operation(); };
  CHECK(run(context, time, retry(backoff::constant(10s), call)) == "connected");
  CHECK(operation.calls == 1);
  CHECK(time.now() == steady_time(1s));
}

TEST_CASE("a failure is tried again after its delay") {
  asio::io_context context;
  virtual_clock time(context);
  flaky operation{4};
  const auto call = [&] { return operation(); };
  CHECK(run(context, time, retry(backoff::exponential(1s, 60s), call)) == "connected");
  CHECK(operation.calls == 4);
  CHECK(time.now() == steady_time(4 * 1s + 1s + 2s + 4s));
}

TEST_CASE("it gives up with the history of attempts and the last failure nested") {
  asio::io_context context;
  virtual_clock time(context);
  flaky operation{100};
  const auto call = [&] { return operation(); };
  started<std::string> trying(context, retry(retry_limits(backoff::constant(10s)).attempts(3), call));
  time.run();
  CHECK(operation.calls == 3);
  const std::vector<failed_attempt> history = history_of(trying.failure());
  REQUIRE(history.size() == 3);
  CHECK(history[0].number == 1);
  CHECK(history[0].started == 0s);
  CHECK(history[0].took == 1s);
  CHECK(history[1].number == 2);
  CHECK(history[1].started == 11s);
  CHECK(history[2].code == errc::connection_closed);
  CHECK_THAT(history[2].what, catchx::ContainsSubstring("attempt 3"));
  CHECK(caught(trying.failure()).what() ==
        "retry: 3 attempts, the last: connect: attempt 3: the peer closed the connection: no attempt left");
  try {
    trying.get();
  } catch (const std::nested_exception& gave_up) {
    CHECK(caught(gave_up.nested_ptr()).code() == errc::connection_closed);
  }
}

TEST_CASE("by default there are five attempts and zero means no limit") {
  asio::io_context context;
  virtual_clock time(context);
  flaky operation{100};
  const auto call = [&] { return operation(); };
  started<std::string> trying(context, retry(backoff::constant(1s), call));
  time.run();
  CHECK(operation.calls == 5);
  flaky patient{50};
  const auto call_patient = [&] { return patient(); };
  CHECK(run(context, time, retry(retry_limits(backoff::constant(1s)).attempts(0), call_patient)) == "connected");
  CHECK(patient.calls == 50);
}

TEST_CASE("no attempt begins later than the limit of time") {
  asio::io_context context;
  virtual_clock time(context);
  flaky operation{100};
  const auto call = [&] { return operation(); };
  const auto limits = retry_limits(backoff::constant(4s)).attempts(0).within(20s);
  started<std::string> trying(context, retry(limits, call));
  time.run();
  // Attempts begin at 0, 5, 10, 15 and 20 s; the next would begin at 25 s.
  CHECK(operation.calls == 5);
  CHECK(history_of(trying.failure()).back().started == 20s);
  CHECK(time.now() == steady_time(21s));
}

TEST_CASE("only the failures that are worth it are tried again") {
  asio::io_context context;
  virtual_clock time(context);
  const auto limits = retry_limits(backoff::constant(1s)).only_if([](const failed_attempt& failure) {
    return failure.code == condition::retryable;
  });
  flaky worth{3, errc::connection_closed};
  const auto call_worth = [&] { return worth(); };
  CHECK(run(context, time, retry(limits, call_worth)) == "connected");
  flaky hopeless{3, errc::corrupt};
  const auto call_hopeless = [&] { return hopeless(); };
  started<std::string> trying(context, retry(limits, call_hopeless));
  time.run();
  CHECK(hopeless.calls == 1);
  CHECK(history_of(trying.failure()).size() == 1);
}

TEST_CASE("the random numbers are injected") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<double> numbers{0.5, 0.0, 0.75};
  std::size_t used = 0;
  const auto limits = retry_limits(backoff::constant(8s).jitter(1.0)).random([&] { return numbers.at(used++); });
  flaky operation{4};
  const auto call = [&] { return operation(); };
  run(context, time, retry(limits, call));
  CHECK(used == 3);
  CHECK(time.now() == steady_time(4 * 1s + 4s + 8s + 2s));
}

TEST_CASE("decorrelated delays stay within their bounds with the numbers of the system") {
  asio::io_context context;
  virtual_clock time(context);
  flaky operation{40};
  const auto call = [&] { return operation(); };
  run(context, time, retry(retry_limits(backoff::decorrelated(1s, 10s)).attempts(0), call));
  CHECK(time.now() >= steady_time(40s + 39 * 1s));
  CHECK(time.now() <= steady_time(40s + 39 * 10s));
}

TEST_CASE("the operation may be told its number and return nothing") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::uint32_t> numbers;
  const auto numbered = [&](std::uint32_t number) -> task<void> {
    numbers.push_back(number);
    if (number < 3) throw error(errc::not_ready, "check");
    co_return;
  };
  run(context, time, retry(backoff::constant(1s), numbered));
  CHECK(numbers == std::vector<std::uint32_t>{1, 2, 3});
}

TEST_CASE("an exception without a code is a failure like others") {
  asio::io_context context;
  virtual_clock time(context);
  const auto logic = []() -> task<void> {
    co_await asio::this_coro::executor;
    throw std::logic_error("unthinkable");
  };
  started<void> trying(context, retry(retry_limits(backoff::constant(1s)).attempts(2), logic));
  time.run();
  const auto history = history_of(trying.failure());
  REQUIRE(history.size() == 2);
  CHECK_FALSE(history[0].code);
  CHECK(history[0].what == "unthinkable");
}

TEST_CASE("every type of cancellation ends the attempt or the delay and is not tried again") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  const auto when = GENERATE(500ms, 2s);  // in the first attempt, in the first delay
  asio::io_context context;
  virtual_clock time(context);
  flaky operation{100};
  const auto call = [&] { return operation(); };
  started<std::string> trying(context, retry(backoff::constant(10s), call));
  time.run_for(when);
  trying.cancel(type);
  time.run();
  CHECK(trying.was_aborted());
  CHECK(operation.calls == 1);
  CHECK(time.now() == steady_time(when));
}

TEST_CASE("an attempt that times out is tried again") {
  asio::io_context context;
  virtual_clock time(context);
  int calls = 0;
  const auto slow_at_first = [&]() -> task<int> {
    ++calls;
    const bool is_slow = calls < 3;
    std::chrono::nanoseconds duration = 1s;
    if (is_slow) duration = 1h;
    co_await sleep_for(duration);
    co_return calls;
  };
  const auto limited = [&] { return with_deadline(slow_at_first(), 5s); };
  CHECK(run(context, time, retry(backoff::constant(2s), limited)) == 3);
  CHECK(time.now() == steady_time(5s + 2s + 5s + 2s + 1s));
}

/// A policy of the user's own.
struct three_times_at_once {
  std::optional<std::chrono::nanoseconds> next_delay(const failed_attempt& failure, std::chrono::nanoseconds) {
    if (failure.number >= 3) return std::nullopt;
    return 0ns;
  }
};

TEST_CASE("any type that decides is a retry policy") {
  asio::io_context context;
  virtual_clock time(context);
  flaky operation{100};
  const auto call = [&] { return operation(); };
  started<std::string> trying(context, retry(three_times_at_once(), call));
  time.run();
  CHECK(operation.calls == 3);
  CHECK(history_of(trying.failure()).size() == 3);
}

}  // namespace t_async_retry
