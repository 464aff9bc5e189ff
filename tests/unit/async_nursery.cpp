// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The nursery: children that end before it does, however they and the one who waits are cancelled.
#include <memory>
#include <string>
#include <vector>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/nursery.hpp>

namespace t_async_nursery {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::settle;
using test::started;

std::string name_of(cancellation_type type) {
  if (type == cancellation_type::total) return "total";
  if (type == cancellation_type::partial) return "partial";
  if (type == cancellation_type::terminal) return "terminal";
  return type == cancellation_type::none ? "none" : "several";
}

/// Notes every cancellation with its time and ends only by a terminal one.
task<void> stubborn(std::vector<std::string>& log) {
  const executor ex = co_await asio::this_coro::executor;
  co_await asio::this_coro::throw_if_cancelled(false);
  notifier never(ex);
  for (;;) {
    co_await never.wait_quietly();
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    const cancellation_type type = state.cancelled();
    if (type == cancellation_type::none) continue;
    co_await detail::admit_all_cancellation();
    log.push_back(name_of(type) + "@" + std::to_string(clock_of(ex).now().time_since_epoch() / 1s));
    if (type == cancellation_type::terminal) co_return;
  }
}

task<void> fail_after(std::chrono::nanoseconds delay, const char* why) {
  co_await sleep_for(delay);
  throw std::runtime_error(why);
}

std::string what(const std::exception_ptr& failure) {
  if (!failure) return "";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& why) {
    return why.what();
  }
}

TEST_CASE("join waits for all children and never throws") {
  asio::io_context context;
  virtual_clock time(context);
  nursery children(context.get_executor());
  children.start(sleep_for(1s));
  children.start(fail_after(2s, "first"));
  children.start(fail_after(3s, "second"));
  children.start(sleep_for(4s));
  CHECK(children.running() == 4);
  started<void> joining(context, children.join());
  time.run_until(steady_time(3s));
  CHECK_FALSE(joining.is_done());
  CHECK(children.finished() == 3);
  time.run();
  joining.get();
  CHECK(children.running() == 0);
  CHECK(what(children.failure()) == "first");
  CHECK_FALSE(children.was_cancelled());
}

TEST_CASE("wait_finished returns when enough have ended or all have") {
  asio::io_context context;
  virtual_clock time(context);
  nursery children(context.get_executor());
  children.start(sleep_for(1s));
  children.start(sleep_for(2s));
  started<void> one(context, children.wait_finished(1));
  time.run_until(steady_time(1s));
  CHECK(one.is_done());
  started<void> ten(context, children.wait_finished(10));
  time.run();
  CHECK(ten.is_done());
  started<void> none(context, children.join());
  time.run();
  CHECK(none.is_done());
}

TEST_CASE("a nursery may be used again after it was joined") {
  asio::io_context context;
  virtual_clock time(context);
  nursery children(context.get_executor());
  for (int round = 1; round <= 3; ++round) {
    children.start(sleep_for(1s));
    test::run(context, time, children.join());
    CHECK(children.finished() == static_cast<std::size_t>(round));
  }
}

TEST_CASE("children see every type of cancellation") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  nursery children(context.get_executor());
  children.start(stubborn(log));
  started<void> joining(context, children.join());
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    time.run_for(1s);
    children.cancel(type);
  }
  time.run();
  CHECK(log == std::vector<std::string>{"total@1", "partial@2", "terminal@3"});
  CHECK(joining.is_done());
  CHECK_FALSE(children.was_cancelled());
}

TEST_CASE("who waits passes each cancellation on and can await again") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  nursery children(context.get_executor());
  children.start(stubborn(log));
  bool awaits_again = false;
  const auto join_and_sleep = [&]() -> task<void> {
    co_await detail::admit_all_cancellation();
    co_await children.join();
    co_await sleep_for(1s);
    awaits_again = true;
  };
  started<void> joining(context, join_and_sleep());
  for (const auto type :
       {cancellation_type::total, cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    time.run_for(1s);
    joining.cancel(type);
  }
  time.run();
  CHECK(log == std::vector<std::string>{"total@1", "total@2", "partial@3", "terminal@4"});
  CHECK(children.was_cancelled());
  CHECK(awaits_again);
  joining.get();
}

TEST_CASE("a cancellation in the turn in which the last child ended is no reason to throw") {
  asio::io_context context;
  nursery children(context.get_executor());
  notifier go(context.get_executor());
  children.start(go.wait());
  std::string steps;
  const auto wait_twice = [&]() -> task<void> {
    co_await detail::admit_all_cancellation();
    co_await children.wait_finished(1);
    steps += "waited ";
    co_await children.wind_down();
    steps += "wound down";
  };
  started<void> waiting(context, wait_twice());
  settle(context);
  go.notify_all();
  context.restart();
  context.run_one();  // the child ends and wakes who waits
  REQUIRE(children.running() == 0);
  REQUIRE(steps.empty());
  waiting.cancel(cancellation_type::total);
  settle(context);
  CHECK(steps == "waited wound down");
  CHECK(children.was_cancelled());
}

TEST_CASE("a cancellation in the turn in which one of two children ended reaches the other") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  nursery children(context.get_executor());
  notifier go(context.get_executor());
  children.start(go.wait());
  children.start(stubborn(log));
  const auto wait = [&]() -> task<void> {
    co_await detail::admit_all_cancellation();
    co_await children.wait_finished(1);
    co_await children.join();
  };
  started<void> waiting(context, wait());
  settle(context);
  go.notify_all();
  context.restart();
  context.run_one();
  REQUIRE(children.running() == 1);
  waiting.cancel(cancellation_type::terminal);
  settle(context);
  CHECK(log == std::vector<std::string>{"terminal@0"});
  CHECK(waiting.is_done());
  CHECK_FALSE(waiting.has_failed());
}

TEST_CASE("join_within asks after the limit and cuts off after the patience") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  nursery children(context.get_executor());
  children.start(stubborn(log));
  children.start(stubborn(log));
  const bool expired = test::run(context, time, children.join_within(10s, 5s));
  CHECK(expired);
  CHECK(log == std::vector<std::string>{"total@10", "total@10", "terminal@15", "terminal@15"});
  CHECK(time.now() == steady_time(15s));
  CHECK_FALSE(children.was_cancelled());
}

TEST_CASE("join_within of children that end in time leaves no timer behind") {
  asio::io_context context;
  virtual_clock time(context);
  nursery children(context.get_executor());
  children.start(sleep_for(1s));
  CHECK_FALSE(test::run(context, time, children.join_within(10s, 5s)));
  CHECK(time.now() == steady_time(1s));
  CHECK_FALSE(test::run(context, time, children.join_within(10s, 5s)));  // nobody to wait for
  CHECK(time.now() == steady_time(1s));
}

TEST_CASE("a cancellation while join_within ends its own timer is no reason to throw") {
  asio::io_context context;
  virtual_clock time(context);
  for (int turn = 1; turn < 12; ++turn) {
    nursery children(context.get_executor());
    notifier go(context.get_executor());
    children.start(go.wait());
    const auto join = [&]() -> task<bool> {
      co_await detail::admit_all_cancellation();
      co_return co_await children.join_within(10s, 5s);
    };
    started<bool> joining(context, join());
    settle(context);
    go.notify_all();
    context.restart();
    for (int i = 0; i < turn; ++i) context.poll_one();
    joining.cancel(cancellation_type::total);
    settle(context);
    CHECK_FALSE(joining.get());
    CHECK(children.running() == 0);
  }
}

TEST_CASE("wind_down asks at once and cuts off after its patience") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  nursery children(context.get_executor());
  children.start(stubborn(log));
  test::run(context, time, children.wind_down(3s));
  CHECK(log == std::vector<std::string>{"total@0", "terminal@3"});
}

TEST_CASE("a child that cancels its parent while it is started finds a parent that waits for it") {
  asio::io_context context;
  std::unique_ptr<started<void>> parent;
  bool child_ended = false;
  const auto child = [&]() -> task<void> {
    parent->cancel(cancellation_type::terminal);
    try {
      co_await sleep_for(1h);
    } catch (const std::system_error&) {  // the parent has passed it on
    }
    child_ended = true;
  };
  const auto run_child = [&]() -> task<void> {
    co_await asio::this_coro::throw_if_cancelled(false);
    nursery children(co_await asio::this_coro::executor);
    children.start(child());
    co_await children.join();
  };
  parent = std::make_unique<started<void>>(context, run_child());
  settle(context);
  CHECK(parent->is_done());
  CHECK(child_ended);
}

TEST_CASE("keep_outcome keeps a value or a failure") {
  asio::io_context context;
  virtual_clock time(context);
  const auto seven = []() -> task<int> { co_return 7; };
  outcome<int> value;
  test::run(context, time, keep_outcome(seven(), value));
  CHECK(value.value == 7);
  CHECK_FALSE(value.failure);
  outcome<void> failed;
  CHECK_THROWS_WITH(test::run(context, time, keep_outcome(fail_after(0s, "oh"), failed)), "oh");
  CHECK(what(failed.failure) == "oh");
  CHECK_FALSE(failed.value);
}

TEST_CASE("a context that is destroyed takes its nurseries with it") {
  std::vector<std::string> log;
  auto context = std::make_unique<asio::io_context>();
  virtual_clock time(*context);
  const auto hold = [](std::vector<std::string>& into) -> task<void> {
    nursery children(co_await asio::this_coro::executor);
    children.start(stubborn(into));
    children.start(sleep_for(1h));
    co_await children.join_within(10s, 5s);
  };
  asio::co_spawn(*context, hold(log), [](const std::exception_ptr&) {});
  time.run_for(12s);
  context.reset();
  CHECK(log == std::vector<std::string>{"total@10"});
}

TEST_CASE("apart passes every type on and keeps the request for the caller") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  virtual_clock time(context);
  const auto deaf = []() -> task<int> {  // takes the request and goes on all the same
    notifier never(co_await asio::this_coro::executor);
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await never.wait_quietly();
    co_await detail::admit_all_cancellation();
    co_await sleep_for(1s);
    co_return 7;
  };
  int got = 0;
  bool went_on = false;
  const auto caller = [&]() -> task<void> {
    got = co_await apart(deaf());
    co_await sleep_for(1s);
    went_on = true;
  };
  started<void> calling(context, caller());
  settle(context);
  calling.cancel(type);
  time.run();
  CHECK(got == 7);
  CHECK_FALSE(went_on);
  CHECK(calling.was_aborted());
  CHECK(time.now() == steady_time(1s));
}

}  // namespace t_async_nursery
