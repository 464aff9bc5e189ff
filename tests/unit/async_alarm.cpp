// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The alarm: a notification at a moment, armed as long as the object lives.
#include <memory>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/alarm.hpp>

namespace t_async_alarm {

using namespace ovrseer;
using namespace std::chrono_literals;

struct waiter {
  explicit waiter(asio::io_context& context) : changed(context.get_executor()) {
    asio::co_spawn(context, count(), [](const std::exception_ptr&) {});
  }
  task<void> count() {
    for (;;) {
      co_await changed.wait();
      ++notifications;
    }
  }
  notifier changed;
  int notifications = 0;
};

TEST_CASE("a virtual alarm notifies at its moment and once") {
  asio::io_context context;
  virtual_clock time(context);
  waiter waits(context);
  const ovrseer::alarm wake(context.get_executor(), steady_time(10s), waits.changed);
  time.run_until(steady_time(10s - 1ns));
  CHECK(waits.notifications == 0);
  time.run_until(steady_time(10s));
  CHECK(waits.notifications == 1);
  time.run_for(100s);
  CHECK(waits.notifications == 1);
}

TEST_CASE("an alarm whose moment has passed notifies at the next turn") {
  asio::io_context context;
  virtual_clock time(context);
  waiter waits(context);
  time.run_for(20s);
  const ovrseer::alarm wake(context.get_executor(), steady_time(10s), waits.changed);
  CHECK(waits.notifications == 0);
  time.run_for(0s);
  CHECK(waits.notifications == 1);
  CHECK(time.now() == steady_time(20s));
}

TEST_CASE("a destroyed alarm is silent") {
  asio::io_context context;
  virtual_clock time(context);
  waiter waits(context);
  SECTION("before its moment") {
    { const ovrseer::alarm wake(context.get_executor(), steady_time(10s), waits.changed); }
    CHECK(clock_of(context.get_executor()).next_due() == steady_time::max());
    time.run_for(100s);
  }
  SECTION("when its moment had passed at once") {
    { const ovrseer::alarm wake(context.get_executor(), steady_time(), waits.changed); }
    time.run_for(100s);
  }
  SECTION("in the same turn in which it went off") {
    auto wake = std::make_unique<ovrseer::alarm>(context.get_executor(), steady_time(10s), waits.changed);
    test::settle(context);
    clock_of(context.get_executor()).advance_to(steady_time(10s));
    wake.reset();
    time.run_for(100s);
  }
  CHECK(waits.notifications == 0);
}

TEST_CASE("alarms in real time") {
  asio::io_context context;
  notifier changed(context.get_executor());
  const auto wait = [&]() -> task<void> {
    const ovrseer::alarm far(context.get_executor(), std::chrono::steady_clock::now() + 1h, changed);
    const ovrseer::alarm near(context.get_executor(), std::chrono::steady_clock::now() + 2ms, changed);
    co_await changed.wait();
  };
  test::run(context, wait);  // the far one is silent and keeps nothing from running dry
  const auto wait_for_passed = [&]() -> task<void> {
    const ovrseer::alarm passed(context.get_executor(), std::chrono::steady_clock::now() - 1h, changed);
    co_await changed.wait();
  };
  test::run(context, wait_for_passed);
}

}  // namespace t_async_alarm
