// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The mailbox: order, capacity, close, and that no cancellation loses an entry or a wake-up.
#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/mailbox.hpp>

namespace t_async_mailbox {

using namespace ovrseer;
using test::run;
using test::settle;
using test::started;

TEST_CASE("entries come out in the order in which they went in") {
  asio::io_context context;
  mailbox<std::string> box(context.get_executor());
  CHECK(box.try_push("a"));
  CHECK(box.try_push("b"));
  CHECK(box.size() == 2);
  CHECK(run(context, box.pop()) == "a");
  CHECK(box.try_pop() == "b");
  CHECK(box.try_pop() == std::nullopt);
  CHECK(box.size() == 0);
}

TEST_CASE("pop waits for an entry that comes later") {
  asio::io_context context;
  mailbox<std::unique_ptr<int>> box(context.get_executor());
  started<std::optional<std::unique_ptr<int>>> popping(context, box.pop());
  settle(context);
  CHECK_FALSE(popping.is_done());
  box.try_push(std::make_unique<int>(7));
  settle(context);
  const auto popped = popping.get();
  REQUIRE(popped.has_value());
  CHECK(**popped == 7);
}

TEST_CASE("a full mailbox refuses and lets a push wait for room") {
  asio::io_context context;
  mailbox<int> box(context.get_executor(), 2);
  CHECK(box.try_push(1));
  run(context, box.push(2));
  CHECK_FALSE(box.try_push(3));
  started<void> pushing(context, box.push(3));
  started<void> pushing_too(context, box.push(4));
  settle(context);
  CHECK_FALSE(pushing.is_done());
  CHECK(box.try_pop() == 1);
  settle(context);
  CHECK(pushing.is_done());
  CHECK_FALSE(pushing_too.is_done());
  CHECK(box.size() == 2);
  CHECK(box.try_pop() == 2);
  settle(context);
  CHECK(pushing_too.is_done());
  CHECK(box.try_pop() == 3);
  CHECK(box.try_pop() == 4);
}

TEST_CASE("close lets what waits be popped and then says the end") {
  asio::io_context context;
  mailbox<int> box(context.get_executor(), 2);
  box.try_push(1);
  started<void> full(context, box.push(2));
  started<void> refused(context, box.push(3));
  settle(context);
  REQUIRE_FALSE(refused.is_done());
  box.close();
  CHECK(box.is_closed());
  settle(context);
  try {
    refused.get();
    FAIL("a push into a closed mailbox throws");
  } catch (const error& why) {
    CHECK(why.code() == errc::closed);
    CHECK(why.step() == "push");
  }
  CHECK_FALSE(box.try_push(4));
  CHECK(run(context, box.pop()) == 1);
  CHECK(run(context, box.pop()) == 2);
  CHECK(run(context, box.pop()) == std::nullopt);
}

TEST_CASE("close wakes all who wait for an entry") {
  asio::io_context context;
  mailbox<int> box(context.get_executor());
  started<std::optional<int>> a(context, box.pop());
  started<std::optional<int>> b(context, box.pop());
  settle(context);
  box.close();
  settle(context);
  CHECK(a.get() == std::nullopt);
  CHECK(b.get() == std::nullopt);
}

TEST_CASE("every type of cancellation abandons pop and push") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  mailbox<int> box(context.get_executor(), 1);
  started<std::optional<int>> popping(context, box.pop());
  settle(context);
  popping.cancel(type);
  settle(context);
  CHECK(popping.was_aborted());
  box.try_push(1);
  started<void> pushing(context, box.push(2));
  settle(context);
  pushing.cancel(type);
  settle(context);
  CHECK(pushing.was_aborted());
  CHECK(box.try_pop() == 1);
  CHECK(box.try_pop() == std::nullopt);
}

TEST_CASE("an entry that came in the turn of a cancellation is kept for the next") {
  asio::io_context context;
  mailbox<int> box(context.get_executor());
  started<std::optional<int>> popping(context, box.pop());
  settle(context);
  const bool pushed_first = GENERATE(true, false);
  if (pushed_first) box.try_push(1);
  popping.cancel(cancellation_type::terminal);
  if (!pushed_first) box.try_push(1);
  settle(context);
  CHECK(popping.was_aborted());
  CHECK(box.try_pop() == 1);
}

TEST_CASE("a consumer that is cancelled after it was woken passes the wake-up on") {
  asio::io_context context;
  mailbox<int> box(context.get_executor());
  started<std::optional<int>> first(context, box.pop());
  started<std::optional<int>> second(context, box.pop());
  settle(context);
  box.try_push(1);  // wakes the first
  first.cancel(cancellation_type::terminal);
  settle(context);
  CHECK(first.was_aborted());
  REQUIRE(second.is_done());
  CHECK(second.get() == 1);
}

TEST_CASE("a producer that is cancelled after it was woken passes the room on") {
  asio::io_context context;
  mailbox<int> box(context.get_executor(), 1);
  box.try_push(1);
  started<void> first(context, box.push(2));
  started<void> second(context, box.push(3));
  settle(context);
  CHECK(box.try_pop() == 1);  // wakes the first
  first.cancel(cancellation_type::terminal);
  settle(context);
  CHECK(first.was_aborted());
  REQUIRE(second.is_done());
  CHECK(box.try_pop() == 3);
}

TEST_CASE("a consumer that finds its entry taken waits on and misses no later one") {
  asio::io_context context;
  mailbox<int> box(context.get_executor());
  started<std::optional<int>> waiting(context, box.pop());
  settle(context);
  box.try_push(1);
  CHECK(box.try_pop() == 1);  // taken before the woken one runs
  settle(context);
  CHECK_FALSE(waiting.is_done());
  box.try_push(2);
  settle(context);
  CHECK(waiting.get() == 2);
}

TEST_CASE("nothing is lost between many producers and consumers some of which are cancelled") {
  asio::io_context context;
  mailbox<int> box(context.get_executor(), 3);
  std::vector<int> got;
  const auto consume = [&]() -> task<void> {
    for (;;) {
      const std::optional<int> entry = co_await box.pop();
      if (!entry) co_return;
      got.push_back(*entry);
    }
  };
  const auto produce = [&](int from) -> task<void> {
    for (int i = 0; i < 100; ++i) co_await box.push(from + i);
  };
  std::vector<std::unique_ptr<started<void>>> consumers;
  for (int i = 0; i < 5; ++i) consumers.push_back(std::make_unique<started<void>>(context, consume()));
  for (int i = 0; i < 4; ++i) {
    asio::co_spawn(context, produce(100 * i), [](const std::exception_ptr& failure) { CHECK_FALSE(failure); });
  }
  unsigned random = 1;
  for (int step = 0; step < 400; ++step) {
    context.restart();
    context.poll_one();
    random = random * 1'103'515'245U + 12'345U;
    auto& victim = consumers[(random >> 16U) % consumers.size()];
    if (random % 3 == 0 || victim->is_done()) continue;
    victim->cancel(cancellation_type::terminal);
    settle(context);
    victim = std::make_unique<started<void>>(context, consume());
  }
  settle(context);
  box.close();
  settle(context);
  std::sort(got.begin(), got.end());
  std::vector<int> all(400);
  std::iota(all.begin(), all.end(), 0);
  CHECK(got == all);
}

}  // namespace t_async_mailbox
