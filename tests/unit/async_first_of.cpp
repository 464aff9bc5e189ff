// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The race: the first end counts, whatever it is, and nobody is left running.
#include <memory>
#include <string>
#include <variant>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/first_of.hpp>

namespace t_async_first_of {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::run;
using test::settle;
using test::started;

/// Lives as long as the coroutine that holds it.
struct sentinel {
  explicit sentinel(int& count) : alive(count) { ++alive; }
  sentinel(const sentinel&) = delete;
  sentinel& operator=(const sentinel&) = delete;
  ~sentinel() { --alive; }
  int& alive;
};

task<std::string> say_after(std::chrono::nanoseconds delay, std::string word, int& alive) {
  const sentinel here(alive);
  co_await sleep_for(delay);
  co_return word;
}

task<int> fail_after(std::chrono::nanoseconds delay, int& alive) {
  const sentinel here(alive);
  co_await sleep_for(delay);
  throw error(errc::corrupt, "read");
}

TEST_CASE("the first to end wins and the others have ended") {
  asio::io_context context;
  virtual_clock time(context);
  int alive = 0;
  const auto won =
      run(context, time, first_of(say_after(3s, "slow", alive), say_after(1s, "fast", alive), fail_after(2s, alive)));
  REQUIRE(won.index() == 1);
  CHECK(std::get<1>(won) == "fast");
  CHECK(alive == 0);
  CHECK(time.now() == steady_time(1s));
}

TEST_CASE("void stands as monostate and equal types are told apart by the index") {
  asio::io_context context;
  virtual_clock time(context);
  int alive = 0;
  const std::variant<std::monostate, std::string> paused =
      run(context, time, first_of(sleep_for(1s), say_after(3s, "slow", alive)));
  CHECK(paused.index() == 0);
  const std::variant<std::string, std::string> twins =
      run(context, time, first_of(say_after(3s, "slow", alive), say_after(1s, "fast", alive)));
  CHECK(twins.index() == 1);
  CHECK(run(context, time, first_of(say_after(1s, "alone", alive))).index() == 0);
}

TEST_CASE("a first that fails ends the race") {
  asio::io_context context;
  virtual_clock time(context);
  int alive = 0;
  started<std::variant<std::string, int>> race(context, first_of(say_after(3s, "slow", alive), fail_after(1s, alive)));
  time.run();
  CHECK_THROWS_WITH(race.get(), catchx::ContainsSubstring("corrupt"));
  CHECK(alive == 0);
  CHECK(time.now() == steady_time(1s));
}

TEST_CASE("of two that end at the same moment the first started wins") {
  asio::io_context context;
  virtual_clock time(context);
  int alive = 0;
  const auto won = run(context, time, first_of(say_after(1s, "a", alive), say_after(1s, "b", alive)));
  CHECK(won.index() == 0);
}

TEST_CASE("those that need not wait are all started and the first wins") {
  asio::io_context context;
  virtual_clock time(context);
  int started_count = 0;
  const auto ready = [&](int value) -> task<int> {
    ++started_count;
    co_return value;
  };
  const auto won = run(context, time, first_of(ready(1), ready(2)));
  CHECK(won.index() == 0);
  CHECK(std::get<0>(won) == 1);
  CHECK(started_count == 2);
}

TEST_CASE("a loser that takes its time is waited for and one that never ends is cut off") {
  asio::io_context context;
  virtual_clock time(context);
  const auto lingering = [](std::chrono::nanoseconds duration) -> task<void> {
    const attempted<void> asked = co_await attempt(sleep_for(24h));
    co_await detail::admit_all_cancellation();
    co_await sleep_for(duration);
  };
  run(context, time, first_of(sleep_for(1s), lingering(3s)));
  CHECK(time.now() == steady_time(4s));
  run(context, time, first_of(sleep_for(1s), lingering(24h)));
  CHECK(time.now() == steady_time(5s) + default_patience);
}

TEST_CASE("every type of cancellation ends all and the first failure comes back") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  virtual_clock time(context);
  int alive = 0;
  started<std::variant<std::string, std::string>> race(context,
                                                       first_of(say_after(1h, "a", alive), say_after(1h, "b", alive)));
  time.run_for(1s);
  CHECK(alive == 2);
  race.cancel(type);
  time.run();
  CHECK(race.was_aborted());
  CHECK(alive == 0);
  CHECK(time.now() == steady_time(1s));
}

TEST_CASE("a cancellation in the turn in which the winner ends leaves nobody running") {
  for (int turns = 1; turns < 12; ++turns) {
    asio::io_context context;
    virtual_clock time(context);
    int alive = 0;
    started<std::variant<std::string, std::string>> race(
        context, first_of(say_after(1s, "a", alive), say_after(1h, "b", alive)));
    test::settle(context);
    clock_of(context.get_executor()).advance_to(steady_time(1s));
    context.restart();
    for (int turn = 0; turn < turns; ++turn) context.poll_one();
    race.cancel(cancellation_type::total);
    time.run_for(1s);
    REQUIRE(race.is_done());
    CHECK(alive == 0);
    CHECK(race.get().index() == 0);
  }
}

}  // namespace t_async_first_of
