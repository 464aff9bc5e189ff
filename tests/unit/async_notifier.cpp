// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The notifier: who wakes, how many, and what a cancellation does.
#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/notifier.hpp>

namespace t_async_notifier {

using namespace ovrseer;

task<void> wait_and_count(notifier& changed, int& woken) {
  co_await changed.wait();
  ++woken;
}

TEST_CASE("notify_one wakes one waiter and notify_all the others") {
  asio::io_context context;
  notifier changed(context.get_executor());
  int woken = 0;
  test::started<void> a(context, wait_and_count(changed, woken));
  test::started<void> b(context, wait_and_count(changed, woken));
  test::started<void> c(context, wait_and_count(changed, woken));
  test::settle(context);
  CHECK(woken == 0);
  changed.notify_one();
  test::settle(context);
  CHECK(woken == 1);
  CHECK(a.is_done());  // the first come
  changed.notify_all();
  test::settle(context);
  CHECK(woken == 3);
  CHECK(changed.get_executor() == context.get_executor());
}

TEST_CASE("a notification without a waiter is not remembered") {
  asio::io_context context;
  notifier changed(context.get_executor());
  int woken = 0;
  changed.notify_all();
  changed.notify_one();
  test::started<void> waits(context, wait_and_count(changed, woken));
  test::settle(context);
  CHECK(woken == 0);
  waits.cancel(cancellation_type::terminal);
  test::settle(context);
  CHECK(waits.was_aborted());
}

TEST_CASE("a waiter that is notified and cancelled in one turn is cancelled") {
  asio::io_context context;
  notifier changed(context.get_executor());
  int woken = 0;
  test::started<void> waits(context, wait_and_count(changed, woken));
  test::settle(context);
  changed.notify_all();
  waits.cancel(cancellation_type::terminal);
  test::settle(context);
  CHECK(waits.was_aborted());
  CHECK(woken == 0);
}

TEST_CASE("a quiet wait ends by a cancellation without throwing and leaves the request to be read") {
  asio::io_context context;
  notifier changed(context.get_executor());
  cancellation_type seen{};
  const auto wait = [&]() -> task<void> {
    co_await detail::admit_all_cancellation();
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await changed.wait_quietly();
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    seen = state.cancelled();
  };
  test::started<void> waits(context, wait());
  test::settle(context);
  waits.cancel(cancellation_type::partial);
  test::settle(context);
  CHECK_FALSE(waits.has_failed());
  CHECK(seen == cancellation_type::partial);
}

TEST_CASE("of several cancellation types the gentlest applies") {
  using enum asio::cancellation_type;
  STATIC_CHECK(gentlest(none) == none);
  STATIC_CHECK(gentlest(total) == total);
  STATIC_CHECK(gentlest(total | terminal) == total);
  STATIC_CHECK(gentlest(partial | terminal) == partial);
  STATIC_CHECK(gentlest(total | partial) == total);
  STATIC_CHECK(gentlest(all) == total);
  STATIC_CHECK(gentlest(terminal) == terminal);
}

TEST_CASE("a cancellation is known by its code whether Asio says it or we") {
  CHECK(is_cancellation(std::system_error(asio::error::make_error_code(asio::error::operation_aborted))));
  CHECK(is_cancellation(error(errc::cancelled, "x")));
  CHECK(is_cancellation(std::system_error(std::make_error_code(std::errc::operation_canceled))));
  CHECK_FALSE(is_cancellation(error(errc::timed_out, "x")));
  CHECK_FALSE(is_cancellation(std::system_error(std::make_error_code(std::errc::io_error))));
}

}  // namespace t_async_notifier
