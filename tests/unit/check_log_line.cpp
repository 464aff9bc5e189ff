// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The log line check on a feed that the test writes, in virtual time.
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/log/line_feed.hpp>
#include <ovrseer/log/log_limits.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "catch.hpp"
#include "run.hpp"

namespace t_check_log_line {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using verdict = check_result::verdict;

/// A feed, a clock, and a check that is under way.
struct scene {
  explicit scene(log_line_check what, log_limits limits = {})
      : feed(context.get_executor(), limits), check(std::move(what)) {}

  void begin(std::uint64_t first_seq = 0) {
    check_target target;
    target.lines = &feed;
    target.first_seq = first_seq;
    asking.emplace(context, check(target));
    settle(context);
  }
  void write(std::string_view bytes, output_stream stream = output_stream::out) {
    feed.write(stream, bytes);
    settle(context);
  }

  asio::io_context context;
  virtual_clock clock{context};
  line_feed feed;
  log_line_check check;
  std::optional<started<check_result>> asking;
};

pattern<> of(const char* text) { return *pattern<>::compile(text); }

TEST_CASE("a line of either stream makes it ready") {
  for (const output_stream stream : {output_stream::out, output_stream::err}) {
    scene s(log_line(of("ready to accept")));
    s.begin();
    s.write("starting\n", stream);
    CHECK_FALSE(s.asking->is_done());
    s.write("database is ready to ", stream);
    s.write("accept connections", stream);
    CHECK_FALSE(s.asking->is_done());
    s.write("\n", stream);
    REQUIRE(s.asking->is_done());
    const check_result answer = s.asking->get();
    CHECK(answer.is_ready());
    CHECK(answer.reason.empty());
  }
}

TEST_CASE("a line that was written before the check began counts") {
  scene s(log_line(of("ready")));
  s.write("ready\nbusy\n");
  s.begin();
  REQUIRE(s.asking->is_done());
  CHECK(s.asking->get().is_ready());
}

TEST_CASE("a line of an earlier incarnation does not count") {
  scene s(log_line(of("ready")));
  s.write("ready\n");
  s.feed.finish(output_stream::out);
  s.begin(s.feed.lines().end_seq());
  CHECK_FALSE(s.asking->is_done());
  s.write("busy\nready\n");
  REQUIRE(s.asking->is_done());
  CHECK(s.asking->get().is_ready());
}

TEST_CASE("a line that is not kept for its level counts all the same") {
  for (const char* said : {"INFO ready\n", "ERROR ready\n", "ready\n"}) {
    INFO(said);
    scene s(log_line(of("ready")), log_limits().minimum_level(level::error));
    s.begin();
    s.write("INFO starting\n");
    CHECK_FALSE(s.asking->is_done());
    s.write(said);
    REQUIRE(s.asking->is_done());
    CHECK(s.asking->get().is_ready());
  }
  scene s(log_line(of("ready")).limit(5s), log_limits().minimum_level(level::error));
  s.begin();
  s.write("INFO starting\n");
  s.clock.run_for(5s);
  settle(s.context);
  REQUIRE(s.asking->is_done());
  CHECK(s.asking->get().outcome == verdict::timed_out);
}

TEST_CASE("two streams do not make one line together") {
  scene s(log_line(of("ready")));
  s.begin();
  s.write("rea");
  s.write("dy\n", output_stream::err);
  CHECK_FALSE(s.asking->is_done());
  s.write("dy\n");
  CHECK(s.asking->is_done());
}

TEST_CASE("a remark of the supervisor is not what the process says") {
  scene s(log_line(of("ready")));
  s.begin();
  s.feed.append("waiting until it is ready");
  settle(s.context);
  CHECK_FALSE(s.asking->is_done());
  s.feed.close();
}

TEST_CASE("the end of the output is an answer") {
  scene s(log_line(of("ready")));
  s.begin();
  s.write("sorry\n");
  s.feed.close();
  settle(s.context);
  REQUIRE(s.asking->is_done());
  const check_result answer = s.asking->get();
  CHECK(answer.outcome == verdict::not_ready);
  CHECK(answer.reason == "the output ended before a line that matches /ready/");
}

TEST_CASE("a last line without newline counts") {
  scene s(log_line(of("ready$")));
  s.begin();
  s.write("I am ready");
  s.feed.close();
  settle(s.context);
  CHECK(s.asking->get().is_ready());
}

TEST_CASE("a limit makes it late or by wish ready") {
  log_line_check late = log_line(of("ready"));
  late.limit(5s);
  scene s(late);
  s.begin();
  s.clock.run_for(4999ms);
  CHECK_FALSE(s.asking->is_done());
  s.clock.run_for(1ms);
  const check_result answer = s.asking->get();
  CHECK(answer.outcome == verdict::timed_out);
  CHECK(answer.reason == "no line that matches /ready/ within 5s");
  CHECK(answer.took == 5s);

  log_line_check lenient = log_line(of("fatal|error"));
  scene quiet(lenient.pass_if_not_found(5s));
  quiet.begin();
  quiet.write("all is well\n");
  quiet.clock.run_for(5s);
  CHECK(quiet.asking->get().is_ready());
  scene ended(lenient);
  ended.begin();
  ended.feed.close();
  settle(ended.context);
  CHECK(ended.asking->get().outcome == verdict::not_ready);
}

TEST_CASE("no line is missed however small the ring is") {
  log_limits tiny;
  tiny.ring_lines(2);
  scene s(log_line(of("line 500$")), tiny);
  s.begin();
  std::string all;
  for (int i = 0; i < 1000; ++i) all += "line " + std::to_string(i) + "\n";
  auto pump = [&]() -> task<void> {
    for (std::string_view rest = all; !rest.empty();) {
      rest.remove_prefix(s.feed.write_some(output_stream::out, rest));
      if (!rest.empty()) co_await s.feed.room();
    }
  };
  run(s.context, s.clock, pump());
  REQUIRE(s.asking->is_done());
  CHECK(s.asking->get().is_ready());
}

TEST_CASE("without lines it is not ready") {
  asio::io_context context;
  const check_result answer = run(context, log_line(of("ready"))(check_target{}));
  CHECK_FALSE(answer.is_ready());
  CHECK(answer.reason == "the output is not read");
}

TEST_CASE("cancelled it lets the feed go on") {
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    log_limits tiny;
    tiny.ring_lines(2);
    scene s(log_line(of("ready")), tiny);
    s.begin();
    s.asking->cancel(type);
    settle(s.context);
    REQUIRE(s.asking->is_done());
    CHECK(s.asking->was_aborted());
    const std::string many = "1\n2\n3\n4\n";
    CHECK(s.feed.write_some(output_stream::out, many) == many.size());
  }
}

TEST_CASE("a log line check describes itself and takes patterns of both kinds") {
  CHECK(any_check(log_line(of("up|down"))).describe() == "log line /up|down/");
  CHECK(any_check(log_line(pattern<"up">())).describe() == "log line /up/");
  CHECK(any_check(log_line(of("up"))).bound() == 0s);
  log_line_check limited = log_line(of("up"));
  CHECK(any_check(limited.limit(3s)).bound() == 3s);
}

}  // namespace t_check_log_line
