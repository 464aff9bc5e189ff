// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The broadcast: readers at their own pace, the three answers to falling behind, room and close.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/broadcast.hpp>

namespace t_async_broadcast {

using namespace ovrseer;
using test::run;
using test::settle;
using test::started;
using numbers = broadcast<bounded_history<int>>;

TEST_CASE("a history keeps the last entries under their numbers") {
  bounded_history<int> history(2, 10);
  CHECK(history.begin_seq() == 10);
  CHECK(history.end_seq() == 10);
  history.push(1);
  CHECK_FALSE(history.is_full());
  history.push(2);
  CHECK(history.is_full());
  history.push(3);
  CHECK(history.begin_seq() == 11);
  CHECK(history.end_seq() == 13);
  CHECK(history.read(11) == 2);
  CHECK(history.read(12) == 3);
  CHECK(bounded_history<int>(0).capacity() == 1);
}

TEST_CASE("every reader gets every entry that comes after it subscribed") {
  asio::io_context context;
  numbers casts(context.get_executor(), 4U);
  casts.push(1);
  auto a = casts.subscribe(on_overrun::drop_oldest);
  casts.push(2);
  auto b = casts.subscribe(on_overrun::drop_oldest);
  casts.push(3);
  CHECK(run(context, a.next()) == 2);
  CHECK(run(context, a.next()) == 3);
  CHECK(run(context, b.next()) == 3);
  CHECK(a.try_next() == std::nullopt);
  CHECK(a.position() == 4);
}

TEST_CASE("next waits for an entry that comes later") {
  asio::io_context context;
  numbers casts(context.get_executor(), 4U);
  auto a = casts.subscribe(on_overrun::fail);
  auto b = casts.subscribe(on_overrun::wait);
  started<std::optional<int>> next_of_a(context, a.next());
  started<std::optional<int>> next_of_b(context, b.next());
  settle(context);
  CHECK_FALSE(next_of_a.is_done());
  casts.store().push(7);
  casts.published();
  settle(context);
  CHECK(next_of_a.get() == 7);
  CHECK(next_of_b.get() == 7);
}

TEST_CASE("subscribe_from begins in the past and counts what is gone as missed") {
  asio::io_context context;
  numbers casts(context.get_executor(), 2U);
  for (int i = 1; i <= 5; ++i) casts.push(i);
  auto kept = casts.subscribe_from(4, on_overrun::fail);
  CHECK(kept.try_next() == 4);
  auto gone = casts.subscribe_from(1, on_overrun::drop_oldest);
  CHECK(gone.try_next() == 4);
  CHECK(gone.missed() == 3);
  auto beyond = casts.subscribe_from(100, on_overrun::fail);
  CHECK(beyond.position() == 6);
  CHECK(beyond.try_next() == std::nullopt);
}

TEST_CASE("a reader that drops the oldest goes on with what is left and counts what it missed") {
  asio::io_context context;
  numbers casts(context.get_executor(), 2U);
  auto reader = casts.subscribe(on_overrun::drop_oldest);
  for (int i = 1; i <= 5; ++i) casts.push(i);
  CHECK(reader.missed() == 0);  // it has not looked yet
  CHECK(run(context, reader.next()) == 4);
  CHECK(reader.missed() == 3);
  for (int i = 6; i <= 8; ++i) casts.push(i);
  CHECK(run(context, reader.next()) == 7);
  CHECK(reader.missed() == 5);
}

TEST_CASE("a reader that chose to fail is told that it fell behind") {
  asio::io_context context;
  numbers casts(context.get_executor(), 2U);
  auto reader = casts.subscribe(on_overrun::fail);
  for (int i = 1; i <= 2; ++i) casts.push(i);
  CHECK(run(context, reader.next()) == 1);
  casts.push(3);
  CHECK(run(context, reader.next()) == 2);  // one entry was dropped, but it had been read
  for (int i = 4; i <= 6; ++i) casts.push(i);
  try {
    run(context, reader.next());
    FAIL("it fell behind");
  } catch (const error& why) {
    CHECK(why.code() == errc::overrun);
  }
}

TEST_CASE("a writer that asks for room waits for the readers that chose to be waited for") {
  asio::io_context context;
  numbers casts(context.get_executor(), 2U);
  auto careless = casts.subscribe(on_overrun::drop_oldest);
  CHECK_FALSE(casts.must_wait());
  casts.push(1);
  CHECK_FALSE(casts.must_wait());  // nobody who asked for it
  auto slow = casts.subscribe_from(1, on_overrun::wait);
  CHECK(casts.must_wait());
  casts.push(2);
  started<void> room(context, casts.room());
  settle(context);
  CHECK_FALSE(room.is_done());
  CHECK(slow.try_next() == 1);
  CHECK_FALSE(casts.must_wait());
  settle(context);
  CHECK(room.is_done());
  casts.push(3);
  CHECK(slow.try_next() == 2);
  CHECK(slow.try_next() == 3);
  CHECK(slow.missed() == 0);
  CHECK(careless.try_next() == 2);
  CHECK(careless.missed() == 1);
}

TEST_CASE("a reader that leaves is waited for no longer") {
  asio::io_context context;
  numbers casts(context.get_executor(), 1U);
  std::optional<numbers::reader> slow(casts.subscribe(on_overrun::wait));
  casts.push(1);
  started<void> room(context, casts.room());
  settle(context);
  REQUIRE_FALSE(room.is_done());
  slow.reset();
  settle(context);
  CHECK(room.is_done());
  CHECK_FALSE(casts.must_wait());
}

TEST_CASE("a reader that another takes the place of is waited for no longer") {
  asio::io_context context;
  numbers casts(context.get_executor(), 1U);
  auto reader = casts.subscribe(on_overrun::wait);
  casts.push(1);
  CHECK(casts.must_wait());
  reader = casts.subscribe(on_overrun::wait);
  CHECK_FALSE(casts.must_wait());
  casts.push(2);
  CHECK(casts.must_wait());
  CHECK(reader.try_next() == 2);
  numbers::reader moved = std::move(reader);
  casts.push(3);
  CHECK(casts.must_wait());
  CHECK(moved.try_next() == 3);
  CHECK_FALSE(casts.must_wait());
}

TEST_CASE("every reader that waits must have read before there is room") {
  asio::io_context context;
  numbers casts(context.get_executor(), 1U);
  auto a = casts.subscribe(on_overrun::wait);
  auto b = casts.subscribe(on_overrun::wait);
  casts.push(1);
  a.try_next();
  CHECK(casts.must_wait());
  b.try_next();
  CHECK_FALSE(casts.must_wait());
}

TEST_CASE("after close readers get what is left and then the end") {
  asio::io_context context;
  numbers casts(context.get_executor(), 2U);
  auto reader = casts.subscribe(on_overrun::wait);
  auto idle = casts.subscribe_from(0, on_overrun::drop_oldest);
  started<std::optional<int>> waiting(context, idle.next());
  settle(context);
  casts.push(1);
  casts.push(2);
  started<void> room(context, casts.room());
  settle(context);
  CHECK(waiting.get() == 1);
  casts.close();
  CHECK(casts.is_closed());
  settle(context);
  CHECK(room.is_done());
  CHECK(run(context, reader.next()) == 1);
  CHECK(run(context, reader.next()) == 2);
  CHECK(run(context, reader.next()) == std::nullopt);
  CHECK(run(context, reader.next()) == std::nullopt);
}

TEST_CASE("readers outlive the broadcast and are told the end") {
  asio::io_context context;
  std::optional<numbers> casts(std::in_place, context.get_executor(), 2U);
  auto reader = casts->subscribe(on_overrun::wait);
  casts->push(1);
  started<std::optional<int>> first(context, reader.next());
  settle(context);
  started<std::optional<int>> second(context, reader.next());
  settle(context);
  CHECK(first.get() == 1);
  CHECK_FALSE(second.is_done());
  casts.reset();
  settle(context);
  CHECK(second.get() == std::nullopt);
}

TEST_CASE("every type of cancellation abandons next and room and loses no entry") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  numbers casts(context.get_executor(), 1U);
  auto reader = casts.subscribe(on_overrun::wait);
  started<std::optional<int>> reading(context, reader.next());
  settle(context);
  casts.push(1);
  reading.cancel(type);
  settle(context);
  CHECK(reading.was_aborted());
  started<void> room(context, casts.room());
  settle(context);
  room.cancel(type);
  settle(context);
  CHECK(room.was_aborted());
  CHECK(reader.try_next() == 1);
}

/// A store of the user's own: numbers of its own, and nothing kept but a count.
class squares {
 public:
  using value_type = std::uint64_t;
  std::uint64_t begin_seq() const { return 1; }
  std::uint64_t end_seq() const { return end_; }
  value_type read(std::uint64_t seq) const { return seq * seq; }
  void grow() { ++end_; }

 private:
  std::uint64_t end_ = 1;
};

TEST_CASE("a broadcast works over any sequence store") {
  asio::io_context context;
  broadcast<squares> casts(context.get_executor());
  auto reader = casts.subscribe(on_overrun::fail);
  started<std::optional<std::uint64_t>> next(context, reader.next());
  settle(context);
  casts.store().grow();
  casts.store().grow();
  casts.published();
  settle(context);
  CHECK(next.get() == 1U);
  CHECK(reader.try_next() == 4U);
}

}  // namespace t_async_broadcast
