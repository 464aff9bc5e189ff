// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From pipes to a feed: to the last byte, at the pace of readers, and never for ever. The child is a scripted one.
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/log/pump.hpp>
#include <ovrseer/log/query.hpp>
#include <run.hpp>

namespace t_log_pump {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::run;
using test::settle;
using test::started;

/// A child whose pipes are strings in memory.
class scripted_child final : public child {
 public:
  explicit scripted_child(const executor& ex) : child(ex, command("scripted")), readable_(ex) {}

  void say(std::string bytes, output_stream stream = output_stream::out) {
    pipe(stream).chunks.push_back(std::move(bytes));
    readable_.notify_all();
  }
  void break_pipe(output_stream stream) {
    pipe(stream).failure = std::make_exception_ptr(std::runtime_error("the pipe broke"));
    readable_.notify_all();
  }
  void close(output_stream stream) {
    pipe(stream).is_closed = true;
    readable_.notify_all();
  }
  void close_all() {
    close(output_stream::out);
    close(output_stream::err);
  }
  /// It ends; its pipes stay open as if a grandchild held them.
  void end() {
    status = exit_status::exited(0);
    changed.notify_all();
  }

  task<std::string_view> read_output(output_stream stream) override {
    pipe_state& from = pipe(stream);
    while (from.chunks.empty() && !from.is_closed && !from.failure) co_await readable_.wait();
    if (from.failure) std::rethrow_exception(from.failure);
    if (from.chunks.empty()) co_return std::string_view();
    buffer_ = std::move(from.chunks.front());  // shared by both streams, as the real one is
    from.chunks.pop_front();
    co_return std::string_view(buffer_);
  }
  bool pending_output() override { return !pipes_[0].chunks.empty() || !pipes_[1].chunks.empty(); }
  task<void> write_input(std::string) override { co_return; }
  void close_input() override {}
  std::error_code signal(signal_number, stop_scope) override { return {}; }
  std::vector<process_info> members() override { return {}; }
  std::optional<process_sample> sample() override { return std::nullopt; }

 private:
  struct pipe_state {
    std::deque<std::string> chunks;
    std::exception_ptr failure;
    bool is_closed = false;
  };
  pipe_state& pipe(output_stream stream) { return pipes_[static_cast<std::size_t>(stream)]; }

  std::array<pipe_state, 2> pipes_;
  notifier readable_;
  std::string buffer_;
};

std::vector<std::string> texts(const ring& lines) {
  std::vector<std::string> all;
  for (const owned_line& each : find_lines(lines)) all.push_back(each.text);
  return all;
}

struct fixture {
  explicit fixture(const log_limits& limits = {})
      : source(std::make_shared<scripted_child>(context.get_executor())), feed(context.get_executor(), limits) {}

  asio::io_context context;
  virtual_clock time{context};
  std::shared_ptr<scripted_child> source;
  line_feed feed;
};

using strings = std::vector<std::string>;

static_assert(output_source<process> && output_source<child> && output_source<scripted_child>);
static_assert(!output_source<line_feed>);

TEST_CASE("a pump reads a stream to its end") {
  fixture t;
  started<void> pumping(t.context, pump(*t.source, t.feed, output_stream::out));
  t.source->say("one\ntw");
  settle(t.context);
  t.source->say("o\nlast");
  t.source->close(output_stream::out);
  settle(t.context);
  pumping.get();
  CHECK(texts(t.feed.lines()) == strings{"one", "two"});
  t.feed.finish(output_stream::out);
  CHECK(texts(t.feed.lines()) == strings{"one", "two", "last"});
}

TEST_CASE("a pump can be cancelled by every type and all that was read is in the feed") {
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    fixture t;
    started<void> pumping(t.context, pump(*t.source, t.feed, output_stream::out));
    t.source->say("one\n");
    settle(t.context);
    pumping.cancel(type);
    settle(t.context);
    REQUIRE(pumping.is_done());
    CHECK(pumping.was_aborted());
    CHECK(texts(t.feed.lines()) == strings{"one"});
  }
}

TEST_CASE("a pump pauses for a reader that is waited for and reads no more meanwhile") {
  fixture t(log_limits().ring_lines(2));
  line_stream reader = t.feed.subscribe(on_overrun::wait);
  started<void> pumping(t.context, pump(*t.source, t.feed, output_stream::out));
  t.source->say("1\n2\n3\n4\n");
  t.source->say("5\n");
  t.source->close(output_stream::out);
  settle(t.context);
  CHECK_FALSE(pumping.is_done());
  CHECK(t.source->pending_output());
  CHECK(texts(t.feed.lines()) == strings{"1", "2"});
  for (const char* expected : {"1", "2", "3", "4", "5"}) {
    const std::optional<line> next = reader.try_next();
    REQUIRE(next);
    CHECK(next->text == expected);
    settle(t.context);
  }
  CHECK(pumping.is_done());
  CHECK(reader.missed() == 0);
}

TEST_CASE("a pump that is cancelled while it pauses leaves what it has read in the feed") {
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    fixture t(log_limits().ring_lines(2));
    line_stream reader = t.feed.subscribe(on_overrun::wait);
    started<void> pumping(t.context, pump(*t.source, t.feed, output_stream::out));
    t.source->say("1\n2\n3\n");
    settle(t.context);
    pumping.cancel(type);
    settle(t.context);
    REQUIRE(pumping.is_done());
    CHECK(pumping.was_aborted());
    CHECK(texts(t.feed.lines()) == strings{"2", "3"});
    CHECK(reader.try_next()->text == "2");
    CHECK(reader.missed() == 1);
  }
}

TEST_CASE("a reader that is waited for and goes away lets the pump go on") {
  fixture t(log_limits().ring_lines(2));
  std::optional<line_stream> reader = t.feed.subscribe(on_overrun::wait);
  started<void> pumping(t.context, pump(*t.source, t.feed, output_stream::out));
  t.source->say("1\n2\n3\n");
  t.source->close(output_stream::out);
  settle(t.context);
  CHECK_FALSE(pumping.is_done());
  reader.reset();
  settle(t.context);
  CHECK(pumping.is_done());
  CHECK(texts(t.feed.lines()) == strings{"2", "3"});
}

TEST_CASE("both streams are read until both have ended and last lines are finished") {
  fixture t;
  started<void> pumping(t.context, pump_output(t.source, t.feed));
  t.source->say("out");
  t.source->say("err", output_stream::err);
  t.source->close(output_stream::out);
  settle(t.context);
  CHECK(t.source->output_is_read);
  CHECK_FALSE(pumping.is_done());
  t.source->say("or\n", output_stream::err);
  t.source->close(output_stream::err);
  settle(t.context);
  pumping.get();
  CHECK(texts(t.feed.lines()) == strings{"out", "error"});
}

TEST_CASE("the end of the process does not cut off what it wrote") {
  fixture t;
  started<void> pumping(t.context, pump_output(t.source, t.feed));
  settle(t.context);
  t.source->end();
  for (int i = 0; i < 100; ++i) t.source->say("line " + std::to_string(i) + "\n");
  t.source->close_all();
  t.time.run();
  pumping.get();
  CHECK(t.feed.lines().size() == 100);
}

TEST_CASE("a grandchild that holds the pipe in silence is left after a moment") {
  fixture t;
  started<void> pumping(t.context, pump_output(t.source, t.feed));
  t.source->say("last words");
  settle(t.context);
  t.time.run_for(1h);
  CHECK_FALSE(pumping.is_done());
  t.source->end();
  const steady_time ended = t.time.now();
  t.time.run_for(99ms);
  CHECK_FALSE(pumping.is_done());
  t.time.run_for(2ms);
  pumping.get();
  CHECK(t.time.now() - ended < 200ms);
  CHECK(texts(t.feed.lines()) == strings{"last words"});
}

TEST_CASE("a grandchild that never stops talking is left after the bound") {
  fixture t;
  started<void> pumping(t.context, pump_output(t.source, t.feed, drain_rule().silence(100ms).at_most(1s)));
  settle(t.context);
  t.source->end();
  for (int i = 0; i < 30 && !pumping.is_done(); ++i) {
    t.source->say("chatter\n");
    t.time.run_for(60ms);
  }
  REQUIRE(pumping.is_done());
  CHECK(t.feed.lines().size() >= 15);
  CHECK(t.feed.lines().size() <= 20);
}

TEST_CASE("a grandchild that floods the pipe is left when more has come than a pipe can hold") {
  fixture t;
  started<void> pumping(t.context, pump_output(t.source, t.feed));
  settle(t.context);
  t.source->end();
  settle(t.context);
  const std::string chunk(std::size_t{64} << 10U, '\n');
  for (int i = 0; i < 100; ++i) {
    t.source->say(chunk);
    t.source->say(chunk, output_stream::err);
  }
  settle(t.context);
  t.time.run();
  REQUIRE(pumping.is_done());
  CHECK(t.feed.counters().bytes >= std::uint64_t{2} << 20U);
  CHECK(t.feed.counters().bytes <= (std::uint64_t{2} << 20U) + 2 * chunk.size());
  CHECK(t.source->pending_output());
}

TEST_CASE("a slow reader that is waited for gets all though the process has long ended") {
  fixture t(log_limits().ring_lines(1));
  line_stream reader = t.feed.subscribe(on_overrun::wait);
  started<void> pumping(t.context, pump_output(t.source, t.feed));
  t.source->say("1\n2\n3\n4\n");
  settle(t.context);
  t.source->end();
  for (const char* expected : {"1", "2", "3", "4"}) {
    t.time.run_for(1h);
    const std::optional<line> next = reader.try_next();
    REQUIRE(next);
    CHECK(next->text == expected);
    settle(t.context);
  }
  t.time.run_for(1s);
  CHECK(pumping.is_done());
}

TEST_CASE("a stream that breaks does not end the other and its failure is kept") {
  fixture t;
  started<void> pumping(t.context, pump_output(t.source, t.feed));
  t.source->break_pipe(output_stream::out);
  settle(t.context);
  CHECK_FALSE(pumping.is_done());
  CHECK(t.feed.failure());
  t.source->say("still here\n", output_stream::err);
  t.source->close(output_stream::err);
  settle(t.context);
  pumping.get();
  CHECK(texts(t.feed.lines()) == strings{"still here"});
}

TEST_CASE("reading both streams can be cancelled by every type at any time") {
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    for (const bool has_ended : {false, true}) {
      fixture t;
      started<void> pumping(t.context, pump_output(t.source, t.feed));
      t.source->say("partial");
      settle(t.context);
      if (has_ended) t.source->end();
      settle(t.context);
      pumping.cancel(type);
      settle(t.context);
      REQUIRE(pumping.is_done());
      CHECK(pumping.was_aborted());
      CHECK(texts(t.feed.lines()) == strings{"partial"});
    }
  }
}

TEST_CASE("the lines of a process are read from its start without losing one") {
  asio::io_context context;
  auto source = std::make_shared<scripted_child>(context.get_executor());
  process handle(source);
  line_stream lines = handle.lines();
  std::string many;
  for (int i = 0; i < 5'000; ++i) many += std::to_string(i) + "\n";
  source->say(many);
  source->say("the end");
  source->close_all();
  source->end();
  std::size_t count = 0;
  std::string last;
  run(context, [&]() -> task<void> {
    for (;;) {
      const std::optional<line> next = co_await lines.next();
      if (!next) break;
      ++count;
      last = own(*next).text;
    }
  });
  CHECK(count == 5'001);
  CHECK(last == "the end");
  CHECK(lines.missed() == 0);
  CHECK(feed_of(handle).is_closed());
}

TEST_CASE("all who ask for the lines of a process share one feed") {
  asio::io_context context;
  auto source = std::make_shared<scripted_child>(context.get_executor());
  process handle(source);
  line_feed& feed = feed_of(handle);
  feed.flags().add(flag_spec("ready", pattern<"ready">{}));
  CHECK(&feed_of(handle) == &feed);
  source->say("ready\n");
  settle(context);
  CHECK(feed.flags().count("ready") == 1u);
  line_stream late = handle.lines();
  CHECK(late.try_next()->text == "ready");
  source->close_all();
  source->end();
  settle(context);
}

TEST_CASE("the lines go on when the handle is gone and a broken pipe is heard at the end") {
  asio::io_context context;
  auto source = std::make_shared<scripted_child>(context.get_executor());
  const std::weak_ptr<scripted_child> watched = source;
  std::optional<line_stream> lines;
  {
    process handle(source);
    lines = handle.lines();
  }
  source->say("before\n");
  source->break_pipe(output_stream::err);
  source->close(output_stream::out);
  source->end();
  source.reset();
  settle(context);
  CHECK(watched.expired());
  CHECK(lines->try_next()->text == "before");
  std::string why;
  run(context, [&]() -> task<void> {
    try {
      const std::optional<line> next = co_await lines->next();
      CHECK_FALSE(next);
    } catch (const std::runtime_error& failure) {
      why = failure.what();
    }
  });
  CHECK(why == "the pipe broke");
}

TEST_CASE("lines cannot be had of an empty handle or when somebody else reads") {
  process empty;
  CHECK_THROWS_AS(empty.lines(), error);
  asio::io_context context;
  auto source = std::make_shared<scripted_child>(context.get_executor());
  source->output_is_read = true;
  process handle(source);
  try {
    handle.lines();
    FAIL("it did not throw");
  } catch (const error& failure) {
    CHECK(failure.code() == errc::invalid_state);
  }
  source->end();
}

TEST_CASE("a context that is destroyed takes its pumps with it") {
  std::weak_ptr<scripted_child> watched;
  {
    asio::io_context context;
    const auto source = std::make_shared<scripted_child>(context.get_executor());
    watched = source;
    process handle(source);
    line_stream lines = handle.lines();
    source->say("x\n");
    settle(context);
    CHECK(lines.try_next()->text == "x");
    source->end();
  }
  CHECK(watched.expired());
}

}  // namespace t_log_pump
