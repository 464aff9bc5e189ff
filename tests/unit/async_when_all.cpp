// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Operations that are all needed: the tuple and the list, the first failure, cancellation.
#include <memory>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/when_all.hpp>

namespace t_async_when_all {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::run;
using test::started;

task<int> number_after(std::chrono::nanoseconds delay, int value, int& ended) {
  co_await sleep_for(delay);
  ++ended;
  co_return value;
}

task<void> fail_after(std::chrono::nanoseconds delay, const char* why) {
  co_await sleep_for(delay);
  throw std::runtime_error(why);
}

/// Counts itself as ended also when it is cancelled, after a while.
task<void> linger(std::chrono::nanoseconds duration, int& ended) {
  const attempted<void> asked = co_await attempt(sleep_for(24h));
  co_await detail::admit_all_cancellation();
  const attempted<void> lingered = co_await attempt(sleep_for(duration));
  ++ended;
}

TEST_CASE("all run at once and their values come in their order") {
  asio::io_context context;
  virtual_clock time(context);
  int ended = 0;
  const auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
  const std::tuple<int, std::monostate, std::unique_ptr<int>> all =
      run(context, time, when_all(number_after(2s, 1, ended), sleep_for(3s), make()));
  CHECK(std::get<0>(all) == 1);
  CHECK(*std::get<2>(all) == 3);
  CHECK(time.now() == steady_time(3s));
}

TEST_CASE("a list of operations runs at once") {
  asio::io_context context;
  virtual_clock time(context);
  int ended = 0;
  const auto count = [&](std::chrono::nanoseconds delay) -> task<void> { co_await number_after(delay, 0, ended); };
  std::vector<task<void>> operations;
  for (int i = 1; i <= 10; ++i) operations.push_back(count(std::chrono::seconds(i)));
  run(context, time, when_all(std::move(operations)));
  CHECK(ended == 10);
  CHECK(time.now() == steady_time(10s));
  run(context, time, when_all(std::vector<task<void>>()));
}

TEST_CASE("the first failure cancels the others waits for them and comes back") {
  asio::io_context context;
  virtual_clock time(context);
  int ended = 0;
  SECTION("as a tuple") {
    started<std::tuple<std::monostate, std::monostate, std::monostate>> all(
        context, when_all(linger(2s, ended), fail_after(1s, "first"), fail_after(2s, "second")));
    time.run();
    CHECK_THROWS_WITH(all.get(), "first");
  }
  SECTION("as a list") {
    std::vector<task<void>> operations;
    operations.push_back(linger(2s, ended));
    operations.push_back(fail_after(1s, "first"));
    operations.push_back(fail_after(2s, "second"));
    started<void> all(context, when_all(std::move(operations)));
    time.run();
    CHECK_THROWS_WITH(all.get(), "first");
  }
  CHECK(ended == 1);
  CHECK(time.now() == steady_time(3s));
}

TEST_CASE("one that does not end when it is asked is cut off") {
  asio::io_context context;
  virtual_clock time(context);
  int ended = 0;
  started<std::tuple<std::monostate, std::monostate>> all(context,
                                                          when_all(linger(24h, ended), fail_after(1s, "first")));
  time.run();
  CHECK_THROWS_WITH(all.get(), "first");
  CHECK(ended == 1);
  CHECK(time.now() == steady_time(1s) + default_patience);
}

TEST_CASE("every type of cancellation is passed to all") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  virtual_clock time(context);
  int ended = 0;
  std::vector<task<void>> operations;
  for (int i = 0; i < 5; ++i) operations.push_back(linger(1s, ended));
  operations.push_back(sleep_for(1h));
  started<void> all(context, when_all(std::move(operations)));
  time.run_for(1s);
  all.cancel(type);
  time.run();
  CHECK(all.was_aborted());
  CHECK(ended == 5);
}

TEST_CASE("a cancellation that all survive gives their values") {
  asio::io_context context;
  virtual_clock time(context);
  int ended = 0;
  started<std::tuple<std::monostate, std::monostate>> all(context, when_all(linger(1s, ended), linger(2s, ended)));
  time.run_for(1s);
  all.cancel(cancellation_type::total);
  time.run();
  all.get();
  CHECK(ended == 2);
}

}  // namespace t_async_when_all
