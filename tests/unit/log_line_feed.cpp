// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The log path of a unit: from bytes to numbered lines, and to readers of every temper.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/log/query.hpp>
#include <run.hpp>

namespace t_log_line_feed {

using namespace ovrseer;
using test::run;

std::vector<std::string> texts(const ring& lines) {
  std::vector<std::string> all;
  for (const owned_line& each : find_lines(lines)) all.push_back(each.text);
  return all;
}

task<void> read_all(line_stream from, std::vector<std::string>& into, std::uint64_t& missed) {
  for (;;) {
    const std::optional<line> next = co_await from.next();
    if (!next) break;
    into.emplace_back(next->text);
  }
  missed = from.missed();
}

TEST_CASE("lines of both streams and remarks are numbered in one sequence") {
  asio::io_context context;
  line_feed feed(context.get_executor());
  feed.write(output_stream::out, "one\ntw");
  feed.write(output_stream::err, "ERROR bad\n");
  feed.append("restarted\nonce", level::warning);
  feed.write(output_stream::out, "o\n");
  const auto lines = find_lines(feed.lines());
  REQUIRE(lines.size() == 5);
  CHECK(texts(feed.lines()) == std::vector<std::string>{"one", "ERROR bad", "restarted", "once", "two"});
  CHECK(lines[0].seq == 1);
  CHECK(lines[4].seq == 5);
  CHECK(lines[1].source == line_source::err);
  CHECK(lines[1].level() == level::error);
  CHECK(lines[2].source == line_source::own);
  CHECK(lines[2].level() == level::warning);
  const log_counters counters = feed.counters();
  CHECK(counters.lines == 3);
  CHECK(counters.own_lines == 2);
  CHECK(counters.bytes == 18);
}

TEST_CASE("the time of a line is the clock's when it was read") {
  asio::io_context context;
  virtual_clock clock(context, wall_time(std::chrono::seconds(1'000)));
  line_feed feed(context.get_executor());
  feed.write(output_stream::out, "a\n");
  clock.run_for(std::chrono::seconds(5));
  feed.write(output_stream::out, "b\nc\n");
  CHECK(feed.lines().read(1).time == wall_time(std::chrono::seconds(1'000)));
  CHECK(feed.lines().read(2).time == wall_time(std::chrono::seconds(1'005)));
  CHECK(feed.lines().read(3).time == feed.lines().read(2).time);
}

TEST_CASE("lines and counts of flags do not depend on how the bytes arrive") {
  const std::string bytes = "error 1\r\nfine\nan error\n\nx\rerror\n" + std::string(40, 'e') + "\nerror$\r\nerror";
  asio::io_context context;
  const auto limits = log_limits().line_cap(16_B);
  line_feed whole(context.get_executor(), limits);
  const auto set_up = [](line_feed& feed) {
    feed.flags().add(flag_spec("errors", pattern<"error">{}));
    feed.flags().add(flag_spec("ends", pattern<"error( 1)?$">{}));
    feed.flags().add(flag_spec("many", pattern<"e{10}">{}));
    feed.flags().add(flag_spec("empty", pattern<"^$">{}));
  };
  set_up(whole);
  whole.write(output_stream::out, bytes);
  whole.finish(output_stream::out);
  CHECK(whole.flags().count("errors") == 5u);
  CHECK(whole.flags().count("ends") == 4u);
  CHECK(whole.flags().count("many") == 2u);
  CHECK(whole.flags().count("empty") == 1u);
  CHECK(whole.counters().split_lines == 1);
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (std::size_t second = first; second <= bytes.size(); second += 3) {
      line_feed feed(context.get_executor(), limits);
      set_up(feed);
      const std::string_view all = bytes;
      feed.write(output_stream::out, all.substr(0, first));
      feed.write(output_stream::out, all.substr(first, second - first));
      feed.write(output_stream::out, all.substr(second));
      feed.finish(output_stream::out);
      REQUIRE(texts(feed.lines()) == texts(whole.lines()));
      for (const flag_summary& flag : whole.flags().summaries()) REQUIRE(feed.flags().count(flag.name) == flag.count);
      REQUIRE(feed.counters().bytes == bytes.size());
    }
  }
}

TEST_CASE("a line beyond the cap keeps its level in all pieces and is counted once") {
  asio::io_context context;
  line_feed feed(context.get_executor());
  feed.write(output_stream::out, "ERROR " + std::string(std::size_t{1} << 20U, 'x'));
  feed.finish(output_stream::out);
  CHECK(feed.counters().split_lines == 1);
  CHECK(feed.counters().lines == 17);
  const line last = feed.lines().read(feed.lines().end_seq() - 1);
  CHECK(last.part == line_part::last);
  CHECK(last.level() == level::error);
}

TEST_CASE("lines below the least level are counted and not kept") {
  asio::io_context context;
  line_feed feed(context.get_executor(), log_limits().minimum_level(level::warning));
  feed.flags().add(flag_spec("slow", pattern<"took \\d+s">{}));
  line_stream reader = feed.subscribe();
  feed.write(output_stream::out, "DEBUG one\nno level\nINFO two\nWARN three\nINFO took 9s\n");
  feed.write(output_stream::err, "INFO at a time\r\nERROR four\r\nINFO took 8s\r\n");
  feed.append("started again", level::debug);
  const std::vector<std::string> kept{"no level",   "WARN three",   "INFO took 9s",
                                      "ERROR four", "INFO took 8s", "started again"};
  CHECK(texts(feed.lines()) == kept);
  std::vector<std::string> read;
  while (const std::optional<line> next = reader.try_next()) read.emplace_back(next->text);
  CHECK(read == kept);
  CHECK(feed.flags().count("slow") == 2);
  CHECK(feed.context_of("slow", 3).size() == 5);
  const log_counters counters = feed.counters();
  CHECK(counters.lines == 8);
  CHECK(counters.below_level == 3);
  CHECK(counters.missed == 0);
  CHECK(counters.evicted == 0);
}

TEST_CASE("what is kept by level does not depend on how the bytes arrive") {
  std::string bytes =
      "DEBUG " + std::string(40, 'x') + "\nINFO y\nERROR " + std::string(40, 'z') + "\nplain\nDEBUG last";
  asio::io_context context;
  const auto limits = log_limits().line_cap(16_B).minimum_level(level::error);
  line_feed whole(context.get_executor(), limits);
  line_feed single(context.get_executor(), limits);
  whole.write(output_stream::out, bytes);
  for (const char c : bytes) single.write(output_stream::out, std::string_view(&c, 1));
  for (line_feed* const feed : {&whole, &single}) {
    feed->finish(output_stream::out);
    CHECK(texts(feed->lines()) ==
          std::vector<std::string>{"ERROR zzzzzzzzzz", std::string(16, 'z'), std::string(14, 'z'), "plain"});
    CHECK(feed->counters().below_level == 5);
  }
}

TEST_CASE("who sees what is not kept sees it as long as it wants") {
  asio::io_context context;
  line_feed feed(context.get_executor(), log_limits().minimum_level(level::info));
  std::vector<std::string> seen;
  auto sees = feed.see_below([&](const line& each) { seen.emplace_back(each.text); });
  feed.write(output_stream::out, "INFO a\nDEBUG b\n");
  feed.write(output_stream::err, "TRACE c\r\nDEBUG d\r\n");
  sees.reset();
  feed.write(output_stream::out, "DEBUG e\n");
  CHECK(seen == std::vector<std::string>{"DEBUG b", "TRACE c", "DEBUG d"});
  CHECK(feed.counters().below_level == 4);
}

TEST_CASE("the next incarnation begins a new line") {
  asio::io_context context;
  line_feed feed(context.get_executor());
  feed.write(output_stream::out, "cut off");
  feed.finish(output_stream::out);
  feed.finish(output_stream::out);
  feed.write(output_stream::out, "new\n");
  CHECK(texts(feed.lines()) == std::vector<std::string>{"cut off", "new"});
}

TEST_CASE("a reader gets what comes and one from the oldest what is there") {
  asio::io_context context;
  line_feed feed(context.get_executor());
  feed.write(output_stream::out, "before\n");
  std::vector<std::string> late;
  std::vector<std::string> all;
  std::uint64_t missed = 0;
  asio::co_spawn(context, read_all(feed.subscribe(), late, missed), [](const std::exception_ptr&) {});
  asio::co_spawn(context, read_all(feed.subscribe(on_overrun::drop_oldest, read_from::oldest), all, missed),
                 [](const std::exception_ptr&) {});
  context.poll();
  feed.write(output_stream::out, "after\nlast");
  feed.close();
  context.run();
  CHECK(late == std::vector<std::string>{"after", "last"});
  CHECK(all == std::vector<std::string>{"before", "after", "last"});
}

TEST_CASE("a view lives until the next one is asked for whatever is written meanwhile") {
  asio::io_context context;
  line_feed feed(context.get_executor(), log_limits().ring_size(1_KiB).ring_lines(2));
  line_stream reader = feed.subscribe();
  feed.write(output_stream::out, "kept\n");
  const std::optional<line> view = reader.try_next();
  for (int i = 0; i < 100; ++i) feed.write(output_stream::out, "other text that takes the place\n");
  REQUIRE(view);
  CHECK(view->text == "kept");
  CHECK(own(*view).text == "kept");
}

TEST_CASE("a reader that lags misses lines and they are counted") {
  asio::io_context context;
  line_feed feed(context.get_executor(), log_limits().ring_lines(3));
  line_stream reader = feed.subscribe(on_overrun::drop_oldest);
  feed.write(output_stream::out, "1\n2\n3\n4\n5\n");
  CHECK(reader.try_next()->text == "3");
  CHECK(reader.missed() == 2);
  CHECK(feed.counters().missed == 2);
  CHECK(feed.counters().evicted == 2);
}

TEST_CASE("a reader that chose to fail fails when it falls behind") {
  asio::io_context context;
  line_feed feed(context.get_executor(), log_limits().ring_lines(3));
  line_stream reader = feed.subscribe(on_overrun::fail);
  feed.write(output_stream::out, "1\n2\n3\n4\n");
  try {
    reader.try_next();
    FAIL("it did not fail");
  } catch (const error& failure) {
    CHECK(failure.code() == errc::overrun);
  }
}

TEST_CASE("with a reader that is waited for only so much is taken as it has room for") {
  asio::io_context context;
  line_feed feed(context.get_executor(), log_limits().ring_lines(3));
  std::string_view rest = "1\n2\n3\n4\n5\n";
  {
    line_stream reader = feed.subscribe(on_overrun::wait);
    rest.remove_prefix(feed.write_some(output_stream::out, rest));
    CHECK(rest == "4\n5\n");
    CHECK(feed.write_some(output_stream::out, rest) == 0);
    CHECK(reader.try_next()->text == "1");
    rest.remove_prefix(feed.write_some(output_stream::out, rest));
    CHECK(rest == "5\n");
    CHECK(reader.missed() == 0);
  }
  CHECK(feed.write_some(output_stream::out, rest) == 2);
  CHECK(texts(feed.lines()) == std::vector<std::string>{"3", "4", "5"});
}

TEST_CASE("a reader that is waited for gets every line through the smallest ring") {
  asio::io_context context;
  line_feed feed(context.get_executor(), log_limits().ring_lines(1).ring_size(1_KiB));
  std::string bytes;
  for (int i = 0; i < 500; ++i) bytes += "line " + std::to_string(i) + "\n";
  std::vector<std::string> read;
  std::uint64_t missed = 0;
  const auto writer = [](line_feed& to, std::string_view rest) -> task<void> {
    while (!rest.empty()) {
      rest.remove_prefix(to.write_some(output_stream::out, rest));
      if (!rest.empty()) co_await to.room();
    }
    to.close();
  };
  asio::co_spawn(context, read_all(feed.subscribe(on_overrun::wait), read, missed), [](const std::exception_ptr&) {});
  run(context, writer(feed, bytes));
  REQUIRE(read.size() == 500);
  CHECK(read[499] == "line 499");
  CHECK(missed == 0);
}

TEST_CASE("what never waits robs also a reader that is waited for and counts it") {
  asio::io_context context;
  line_feed feed(context.get_executor(), log_limits().ring_lines(2));
  line_stream reader = feed.subscribe(on_overrun::wait);
  feed.write(output_stream::out, "1\n2\n3\n");
  CHECK(reader.try_next()->text == "2");
  CHECK(reader.missed() == 1);
}

TEST_CASE("readers outlive their feed and come to the end") {
  asio::io_context context;
  auto feed = std::make_unique<line_feed>(context.get_executor());
  std::vector<std::string> read;
  std::uint64_t missed = 0;
  asio::co_spawn(context, read_all(feed->subscribe(), read, missed), [](const std::exception_ptr&) {});
  feed->write(output_stream::out, "last words\n");
  feed.reset();
  context.run();
  CHECK(read == std::vector<std::string>{"last words"});
}

TEST_CASE("a failure to read comes to every reader once after the lines") {
  asio::io_context context;
  line_feed feed(context.get_executor());
  line_stream reader = feed.subscribe();
  feed.write(output_stream::out, "a\n");
  feed.fail(std::make_exception_ptr(std::runtime_error("the pipe broke")));
  feed.fail(std::make_exception_ptr(std::runtime_error("not this")));
  feed.close();
  const auto body = [](line_stream& from) -> task<void> {
    const std::optional<line> first = co_await from.next();
    CHECK(first->text == "a");
    std::string why;
    try {
      const std::optional<line> second = co_await from.next();
      CHECK_FALSE(second);
    } catch (const std::runtime_error& failure) {
      why = failure.what();
    }
    CHECK(why == "the pipe broke");
    const std::optional<line> third = co_await from.next();
    CHECK_FALSE(third);
  };
  run(context, body(reader));
  CHECK(feed.failure());
}

TEST_CASE("a wait for a line can be cancelled by every type and loses none") {
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    asio::io_context context;
    line_feed feed(context.get_executor());
    line_stream reader = feed.subscribe();
    const auto wait_for_one = [](line_stream& from) -> task<void> {
      const std::optional<line> next = co_await from.next();
      CHECK_FALSE(next);
    };
    const auto body = [&](cancellation_type how) -> task<void> {
      nursery children(context.get_executor());
      children.start(wait_for_one(reader));
      children.cancel(how);
      co_await children.join();
      CHECK(children.failure());
    };
    run(context, body(type));
    feed.write(output_stream::out, "still here\n");
    CHECK(reader.try_next()->text == "still here");
  }
}

TEST_CASE("a redactor sees every line of the process before anybody else") {
  asio::io_context context;
  line_feed feed(context.get_executor());
  feed.flags().add(flag_spec("secrets", pattern<"hunter2">{}));
  feed.flags().add(flag_spec("passwords", pattern<"^password=">{}));
  feed.redact_with(redactor());
  feed.write(output_stream::out, "plain\npassword=hunter2\n-----BEGIN RSA PRIVATE KEY-----\nTUlJ");
  feed.write(output_stream::err, "TUlJ is no key here\n");
  feed.write(output_stream::out, "QmFzZTY0\n-----END RSA PRIVATE KEY-----\npassword=hunter2");
  feed.finish(output_stream::out);
  std::string all;
  for (const std::string& text : texts(feed.lines())) all += text + "\n";
  INFO(all);
  CHECK(all.find("hunter2") == std::string::npos);
  CHECK(all.find("TUlJQmFz") == std::string::npos);
  CHECK_THAT(all, catchx::StartsWith("plain\npassword="));
  CHECK_THAT(all, catchx::ContainsSubstring("TUlJ is no key here"));
  CHECK(feed.lines().size() == 7);
  CHECK(feed.flags().count("secrets") == 0u);
  CHECK(feed.flags().count("passwords") == 2u);
}

TEST_CASE("a quiet feed costs little memory") {
  CHECK(sizeof(line_feed) < 1'500);
  asio::io_context context;
  line_feed feed(context.get_executor());
  feed.write(output_stream::out, "ready\n");
  CHECK(feed.lines().allocated() < 2'000);
}

}  // namespace t_log_line_feed
