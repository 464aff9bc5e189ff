// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Failures as values: what is caught, how it reads, and that cancellation stays cancellation.
#include <memory>
#include <stdexcept>
#include <string>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/attempt.hpp>

namespace t_async_attempt {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::run;
using test::started;

TEST_CASE("a value comes as a value") {
  asio::io_context context;
  const auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  attempted<std::unique_ptr<int>> outcome = run(context, attempt(make()));
  REQUIRE(outcome);
  const std::unique_ptr<int> value = *std::move(outcome);
  CHECK(*value == 7);
  const auto nothing = []() -> task<void> { co_return; };
  CHECK(run(context, attempt(nothing())).has_value());
}

TEST_CASE("a system error comes with its code and its words") {
  asio::io_context context;
  const auto broken = []() -> task<int> {
    co_await asio::this_coro::executor;
    throw error(errno_code(ENOSPC), "write", "/tmp/x");
  };
  const attempted<int> outcome = run(context, attempt(broken()));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.reason().code() == std::errc::no_space_on_device);
  CHECK(outcome.reason().code() == condition::retryable);
  CHECK_THAT(outcome.reason().what(), catchx::StartsWith("write: /tmp/x: "));
  CHECK_FALSE(outcome.reason().is_cancellation());
  CHECK_THROWS_AS(outcome.reason().rethrow(), error);
}

TEST_CASE("an exception of another kind has words but no code") {
  asio::io_context context;
  const auto logic = []() -> task<void> {
    co_await asio::this_coro::executor;
    throw std::logic_error("unthinkable");
  };
  const attempted<void> outcome = run(context, attempt(logic()));
  REQUIRE_FALSE(outcome);
  CHECK_FALSE(outcome.reason().code());
  CHECK(outcome.reason().what() == "unthinkable");
  const auto number = []() -> task<void> {
    co_await asio::this_coro::executor;
    throw 42;
  };
  CHECK(run(context, attempt(number())).reason().what() == "an exception of unknown type");
}

// What `attempt` says of a failure that was thrown because of another.
std::string words_of(const char* outer, const char* inner) {
  asio::io_context context;
  const auto nested = [&]() -> task<void> {
    co_await asio::this_coro::executor;
    try {
      throw std::runtime_error(inner);
    } catch (...) {
      std::throw_with_nested(std::runtime_error(outer));
    }
  };
  return run(context, attempt(nested())).reason().what();
}

TEST_CASE("nested exceptions read from the outside in") {
  CHECK(words_of("the report was not written", "the disk is full") == "the report was not written: the disk is full");
}

TEST_CASE("what an outer exception says already is not said again") {
  CHECK(words_of("no report because the disk is full", "the disk is full") == "no report because the disk is full");
}

TEST_CASE("a cancelled operation is a value and the coroutine still throws at its next wait") {
  asio::io_context context;
  virtual_clock time(context);
  bool was_cancellation = false;
  bool went_on = false;
  const auto try_twice = [&]() -> task<void> {
    const attempted<void> first = co_await attempt(sleep_for(1h));
    was_cancellation = !first && first.reason().is_cancellation();
    const attempted<void> second = co_await attempt(sleep_for(1h));
    went_on = true;
  };
  started<void> trying(context, try_twice());
  time.run_for(1s);
  trying.cancel(cancellation_type::terminal);
  time.run_for(1s);
  CHECK(was_cancellation);
  CHECK_FALSE(went_on);
  CHECK(trying.was_aborted());
}

TEST_CASE("cancellation is recognised in Asio's code and in ours") {
  const auto caught_of = [](const std::error_code& code) {
    return caught(std::make_exception_ptr(std::system_error(code)));
  };
  CHECK(caught_of(asio::error::make_error_code(asio::error::operation_aborted)).is_cancellation());
  CHECK(caught_of(errc::cancelled).is_cancellation());
  CHECK_FALSE(caught_of(errc::timed_out).is_cancellation());
}

}  // namespace t_async_attempt
