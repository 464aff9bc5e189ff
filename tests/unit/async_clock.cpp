// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The clock service and sleeping, in real and in virtual time.
#include <memory>
#include <string>
#include <vector>

#include <catch.hpp>
#include <run.hpp>

#include <asio/strand.hpp>

#include <ovrseer/async/clock.hpp>

namespace t_async_clock {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::run;

TEST_CASE("real time moves by itself and a real sleep takes its time") {
  asio::io_context context;
  clock_service& clock = clock_of(context.get_executor());
  CHECK_FALSE(clock.is_virtual());
  const steady_time before = clock.now();
  const auto wall_before = clock.wall_now();
  run(context, sleep_for(3ms));
  CHECK(clock.now() - before >= 3ms);
  CHECK(clock.wall_now() >= wall_before);
  run(context, sleep_until(before));  // has passed
}

TEST_CASE("a context has one clock whatever executor asks for it") {
  asio::io_context context;
  const executor plain = context.get_executor();
  const executor strand = asio::make_strand(context);
  CHECK(&clock_of(plain) == &clock_of(strand));
}

TEST_CASE("virtual time stands still until it is told") {
  asio::io_context context;
  virtual_clock time(context, wall_time(1000s));
  clock_service& clock = clock_of(context.get_executor());
  CHECK(clock.is_virtual());
  CHECK(clock.now() == steady_time());
  CHECK(clock.wall_now() == wall_time(1000s));
  CHECK(clock.next_due() == steady_time::max());
  time.run_for(90s);
  CHECK(clock.now() == steady_time(90s));
  CHECK(clock.wall_now() == wall_time(1090s));
  clock.advance_to(steady_time(10s));  // never backwards
  CHECK(clock.now() == steady_time(90s));
}

task<void> sleep_and_note(std::chrono::nanoseconds duration, std::string name, std::vector<std::string>& log) {
  co_await sleep_for(duration);
  const steady_time time = co_await now();
  log.push_back(name + "@" + std::to_string(time.time_since_epoch() / 1ms));
}

void start(asio::io_context& context, task<void> operation) {
  asio::co_spawn(context, std::move(operation), [](const std::exception_ptr& failure) { CHECK_FALSE(failure); });
}

TEST_CASE("sleepers wake in the order of their times each at its own") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  start(context, sleep_and_note(30ms, "c", log));
  start(context, sleep_and_note(10ms, "a", log));
  start(context, sleep_and_note(20ms, "b", log));
  start(context, sleep_and_note(20ms, "b2", log));
  time.run();
  CHECK(log == std::vector<std::string>{"a@10", "b@20", "b2@20", "c@30"});
  CHECK(time.now() == steady_time(30ms));
}

TEST_CASE("run_until stops the clock where it is told and wakes those due at that very moment") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  start(context, sleep_and_note(10ms, "a", log));
  start(context, sleep_and_note(20ms, "b", log));
  time.run_until(steady_time(9ms));
  CHECK(log.empty());
  CHECK(time.now() == steady_time(9ms));
  time.run_until(steady_time(10ms));
  CHECK(log == std::vector<std::string>{"a@10"});
  time.run_for(100ms);
  CHECK(log.size() == 2);
  CHECK(time.now() == steady_time(110ms));
}

TEST_CASE("a virtual sleep of zero or less yields to others") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  const auto yielding = [&](std::string name, std::chrono::nanoseconds duration) -> task<void> {
    log.push_back(name + " begins");
    co_await sleep_for(duration);
    log.push_back(name + " ends");
  };
  start(context, yielding("a", 0ns));
  start(context, yielding("b", -1s));
  time.run();
  CHECK(log == std::vector<std::string>{"a begins", "b begins", "a ends", "b ends"});
  CHECK(time.now() == steady_time());
}

TEST_CASE("a sleep of the longest duration is a sleep for ever") {
  asio::io_context context;
  virtual_clock time(context);
  test::started<void> sleeping(context, sleep_for(std::chrono::nanoseconds::max()));
  time.run_for(24h * 365 * 100);
  CHECK_FALSE(sleeping.is_done());
  sleeping.cancel(cancellation_type::terminal);
  time.run();
  CHECK(sleeping.was_aborted());
}

TEST_CASE("every type of cancellation abandons a sleep") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  const bool is_virtual = GENERATE(true, false);
  asio::io_context context;
  if (is_virtual) clock_of(context.get_executor()).make_virtual({});
  test::started<void> sleeping(context, sleep_for(1h));
  test::settle(context);
  REQUIRE_FALSE(sleeping.is_done());
  sleeping.cancel(type);
  test::settle(context);
  CHECK(sleeping.was_aborted());
  CHECK(clock_of(context.get_executor()).next_due() == steady_time::max());
}

TEST_CASE("a sleep that is due has ended even where it is cancelled in the same moment") {
  asio::io_context context;
  virtual_clock time(context);
  test::started<void> sleeping(context, sleep_for(1s));
  test::settle(context);
  clock_of(context.get_executor()).advance_to(steady_time(1s));
  sleeping.cancel(cancellation_type::terminal);
  test::settle(context);
  CHECK(sleeping.is_done());
  CHECK_FALSE(sleeping.has_failed());
}

TEST_CASE("a hundred thousand sleeps over thirty virtual days") {
  asio::io_context context;
  virtual_clock time(context);
  int woken = 0;
  const auto nap_often = [&](int seed) -> task<void> {
    for (int n = 0; n < 100; ++n) {
      co_await sleep_for(std::chrono::seconds(25'900 + (seed * 7 + n) % 40));
      ++woken;
    }
  };
  for (int i = 0; i < 1000; ++i) start(context, nap_often(i));
  time.run();
  CHECK(woken == 100'000);
  CHECK(time.now() >= steady_time(24h * 29));
}

TEST_CASE("sleepers may be destroyed with their context") {
  auto context = std::make_unique<asio::io_context>();
  virtual_clock time(*context);
  std::vector<std::string> log;
  for (int i = 0; i < 10; ++i) start(*context, sleep_and_note(1h, "never", log));
  time.run_for(1s);
  context.reset();
  CHECK(log.empty());
}

}  // namespace t_async_clock
