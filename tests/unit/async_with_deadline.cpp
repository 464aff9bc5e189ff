// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The deadline: in time, too late, at that very moment, ignored, and cancelled from outside.
#include <memory>
#include <optional>
#include <string>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/mailbox.hpp>
#include <ovrseer/async/with_deadline.hpp>

namespace t_async_with_deadline {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::run;
using test::settle;
using test::started;

task<std::string> answer_after(std::chrono::nanoseconds delay) {
  co_await sleep_for(delay);
  co_return "answer";
}

task<void> fail_after(std::chrono::nanoseconds delay) {
  co_await sleep_for(delay);
  throw error(errc::corrupt, "read");
}

/// Goes on for `duration` after the gentle request, as a stop by its plan does; then ends by that request.
task<std::string> wind_down_for(std::chrono::nanoseconds duration) {
  const attempted<void> asked = co_await attempt(sleep_for(24h));
  co_await detail::admit_all_cancellation();
  co_await sleep_for(duration);
  asked.reason().rethrow();
}

void check_timed_out(const std::exception_ptr& failure, const std::string& limit) {
  REQUIRE(failure);
  try {
    std::rethrow_exception(failure);
  } catch (const error& why) {
    CHECK(why.code() == errc::timed_out);
    CHECK(why.code() == condition::timed_out);
    CHECK(why.step() == "with_deadline");
    CHECK(why.context() == "after " + limit);
  }
}

TEST_CASE("an operation that ends in time gives its value") {
  asio::io_context context;
  virtual_clock time(context);
  CHECK(run(context, time, with_deadline(answer_after(1s), 2s)) == "answer");
  CHECK(time.now() == steady_time(1s));
  run(context, time, with_deadline(sleep_for(0s), 2s));
}

TEST_CASE("a value that cannot be copied comes through") {
  asio::io_context context;
  virtual_clock time(context);
  const auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  CHECK(*run(context, time, with_deadline(make(), 1s)) == 7);
}

TEST_CASE("an operation that is too slow times out at its limit") {
  asio::io_context context;
  virtual_clock time(context);
  started<std::string> slow(context, with_deadline(answer_after(10s), 1500ms));
  time.run();
  check_timed_out(slow.failure(), "1.5s");
  CHECK(time.now() == steady_time(1500ms));
}

TEST_CASE("a limit of zero lets an operation that need not wait finish") {
  asio::io_context context;
  virtual_clock time(context);
  const auto ready = []() -> task<int> { co_return 7; };
  CHECK(run(context, time, with_deadline(ready(), 0s)) == 7);
  started<std::string> slow(context, with_deadline(answer_after(1ns), 0s));
  time.run();
  check_timed_out(slow.failure(), "0ns");
}

TEST_CASE("a value at the very deadline counts") {
  asio::io_context context;
  virtual_clock time(context);
  CHECK(run(context, time, with_deadline(answer_after(1s), 1s)) == "answer");
}

TEST_CASE("an operation that fails in time fails with its own failure") {
  asio::io_context context;
  virtual_clock time(context);
  started<void> failing(context, with_deadline(fail_after(1s), 2s));
  time.run();
  CHECK_THROWS_WITH(failing.get(), catchx::ContainsSubstring("corrupt"));
  CHECK(time.now() == steady_time(1s));
}

TEST_CASE("an operation that is asked gently may take its time within the patience") {
  asio::io_context context;
  virtual_clock time(context);
  started<std::string> asked(context, with_deadline(wind_down_for(3s), 1s, 5s));
  time.run();
  check_timed_out(asked.failure(), "1s");
  CHECK(time.now() == steady_time(4s));
}

TEST_CASE("an operation that outlasts the patience is cut off") {
  asio::io_context context;
  virtual_clock time(context);
  started<std::string> asked(context, with_deadline(wind_down_for(30s), 1s, 5s));
  time.run();
  check_timed_out(asked.failure(), "1s");
  CHECK(time.now() == steady_time(6s));
}

TEST_CASE("a value that is delivered after the limit is returned") {
  asio::io_context context;
  virtual_clock time(context);
  const auto late = []() -> task<int> {
    const attempted<void> asked = co_await attempt(sleep_for(24h));
    co_return asked ? 0 : 7;
  };
  CHECK(run(context, time, with_deadline(late(), 1s)) == 7);
  CHECK(time.now() == steady_time(1s));
}

TEST_CASE("a failure of its own after the limit is not disguised as a timeout") {
  asio::io_context context;
  virtual_clock time(context);
  const auto breaks = []() -> task<void> {
    const attempted<void> asked = co_await attempt(sleep_for(24h));
    if (!asked) throw error(errc::corrupt, "write");
  };
  started<void> broken(context, with_deadline(breaks(), 1s));
  time.run();
  CHECK_THROWS_WITH(broken.get(), catchx::ContainsSubstring("corrupt"));
}

TEST_CASE("a cancellation from outside comes back as a cancellation and not as a timeout") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  const auto when = GENERATE(0s, 1s);
  asio::io_context context;
  virtual_clock time(context);
  started<std::string> slow(context, with_deadline(answer_after(10s), 5s));
  time.run_for(when);
  slow.cancel(type);
  time.run();
  CHECK(slow.was_aborted());
  CHECK(time.now() == steady_time(when));
}

TEST_CASE("the inner of two deadlines speaks for itself") {
  asio::io_context context;
  virtual_clock time(context);
  started<std::string> inner(context, with_deadline(with_deadline(answer_after(10s), 1s), 5s));
  started<std::string> outer(context, with_deadline(with_deadline(answer_after(10s), 7s), 2s));
  time.run();
  check_timed_out(inner.failure(), "1s");
  check_timed_out(outer.failure(), "2s");
}

TEST_CASE("a mailbox with a deadline loses no entry") {
  asio::io_context context;
  virtual_clock time(context);
  mailbox<int> box(context.get_executor());
  int got = 0;
  int timeouts = 0;
  const auto consume = [&]() -> task<void> {
    for (;;) {
      const attempted<std::optional<int>> entry = co_await attempt(with_deadline(box.pop(), 1s));
      if (!entry) {
        ++timeouts;
      } else if (!*entry) {
        co_return;
      } else if (**entry == got) {
        ++got;
      }
    }
  };
  const auto produce = [&]() -> task<void> {
    for (int i = 0; i < 500; ++i) {
      const std::chrono::seconds moment(i % 3 == 0 ? 2 : 1);
      co_await sleep_for(moment);  // in the very moments of the deadlines
      box.try_push(i);
    }
    box.close();
  };
  asio::co_spawn(context, produce(), [](const std::exception_ptr&) {});
  run(context, time, consume);
  CHECK(got == 500);
  CHECK(timeouts > 0);
}

TEST_CASE("a loop of deadlines ends wherever it is cancelled") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  for (int turns = 1; turns < 60; ++turns) {
    asio::io_context context;
    clock_service& clock = clock_of(context.get_executor());
    virtual_clock time(context);
    const auto poll_for_ever = []() -> task<void> {
      for (;;) {
        const std::string heard = co_await with_deadline(answer_after(1s), 2s);
        co_await sleep_for(1s);
      }
    };
    started<void> loop(context, poll_for_ever());
    for (int turn = 0; turn < turns; ++turn) {
      context.restart();
      if (context.poll_one() == 0) clock.advance_to(clock.next_due());
    }
    loop.cancel(type);
    time.run_for(10s);
    CHECK(loop.was_aborted());
    if (!loop.is_done()) break;
  }
}

TEST_CASE("a child that cancels who awaits it while it is started leaves nothing behind") {
  asio::io_context context;
  virtual_clock time(context);
  std::unique_ptr<started<void>> caller;
  const auto treacherous = [&]() -> task<void> {
    caller->cancel(cancellation_type::terminal);
    co_await sleep_for(1h);
  };
  caller = std::make_unique<started<void>>(context, with_deadline(treacherous(), 2h));
  time.run_for(1s);
  CHECK(caller->was_aborted());
}

}  // namespace t_async_with_deadline
