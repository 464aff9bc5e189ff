// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Heartbeats by messages and by lines, in the simulated world: when silence is too long, to the nanosecond.
#include <ovrseer/check/heartbeat.hpp>

#include <chrono>
#include <string>
#include <utility>

#include <ovrseer/check/notify.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/log/pump.hpp>
#include <ovrseer/sim/simulated_world.hpp>

#include "catch.hpp"
#include "run.hpp"

namespace t_check_heartbeat {

using namespace ovrseer;
using namespace std::chrono_literals;

pattern<> of(const char* text) { return *pattern<>::compile(text); }

/// A scripted process whose lines and messages are taken in, and a check that is asked about it.
struct scene {
  scene(process_script script, any_check what, log_limits limits = {})
      : feed(world.get_executor(), limits), check(std::move(what)) {
    world.os().program("server", std::move(script));
    start();
  }
  void start() { world.run(start(*this)); }
  static task<void> start(scene& in) {
    command what("server");
    in.said.prepare(what);
    in.server = co_await spawn(what);
    asio::co_spawn(in.world.context(), in.said.listen(in.server.shared()), [](const std::exception_ptr&) {});
    asio::co_spawn(in.world.context(), pump_output(in.server.shared(), in.feed), [](const std::exception_ptr&) {});
  }
  check_target target() {
    check_target made;
    made.child = &server;
    made.lines = &feed;
    made.notify = &said;
    return made;
  }
  /// What is wrong at a time; empty while nothing is.
  std::string at(std::chrono::nanoseconds time) {
    world.run_for(time - world.elapsed());
    const check_result answer = world.run(check(target()));
    CHECK(answer.is_ready() == answer.reason.empty());
    return answer.reason;
  }

  simulated_world world;
  notify_channel said{world.get_executor()};
  line_feed feed;
  process server;
  any_check check;
};

TEST_CASE("a heartbeat that stops is noticed when its limit is over") {
  scene s(process_script().wait(5s).notify("WATCHDOG=1").wait(5s).notify("WATCHDOG=1").wait(1h), heartbeat(6s));
  CHECK(s.at(1s).empty());
  CHECK(s.at(6s).empty());
  CHECK(s.at(11s).empty());
  CHECK(s.at(16s).empty());
  CHECK(s.at(16s + 1ns) == "no WATCHDOG=1 for 6s");
  CHECK(s.at(30s) == "no WATCHDOG=1 for 20s");
}

TEST_CASE("a heartbeat counts from the first time that it is asked for") {
  scene s(process_script().wait(1h), heartbeat(10s));
  CHECK(s.at(60s).empty());
  CHECK(s.at(70s).empty());
  CHECK(s.at(71s) == "no WATCHDOG=1 for 11s, and none before");
}

TEST_CASE("a heartbeat begins anew with each process") {
  scene s(process_script().notify("WATCHDOG=1").wait(2s).exit(1), heartbeat(10s));
  CHECK(s.at(1s).empty());
  CHECK(s.at(20s) == "no WATCHDOG=1 for 19s");
  s.start();
  CHECK(s.at(21s).empty());
  CHECK(s.at(29s).empty());
}

TEST_CASE("a watchdog that is triggered fails at once") {
  scene s(process_script().notify("WATCHDOG=1").wait(2s).notify("WATCHDOG=trigger").notify("WATCHDOG=1").wait(1h),
          heartbeat(0s));
  CHECK(s.at(1s).empty());
  CHECK(s.at(3s) == "it sent WATCHDOG=trigger 1s ago");
  CHECK(s.at(3h) != "");
}

TEST_CASE("without a limit no silence is too long") {
  scene s(process_script().wait(1s), heartbeat(0s));
  CHECK(s.at(1s).empty());
  CHECK(s.at(1000h).empty());
}

TEST_CASE("a line can be the heartbeat") {
  scene s(process_script().say("alive").wait(8s).say("busy").say("alive").wait(1s).say("busy").wait(1h),
          heartbeat(of("^alive"), 6s));
  CHECK(s.at(4s).empty());
  CHECK(s.at(10s).empty());
  CHECK(s.at(14s).empty());  // the line of 8 s, seen at 10 s
  CHECK(s.at(14s + 1ns) == "no log line /^alive/ for 6s");
}

TEST_CASE("a line that is not kept for its level is a heartbeat all the same") {
  scene s(process_script().wait(5s).say("DEBUG tick").wait(5s).say("DEBUG tick").wait(1h), heartbeat(of("tick"), 6s),
          log_limits().minimum_level(level::info));
  CHECK(s.at(1s).empty());
  CHECK(s.at(11s).empty());
  CHECK(s.at(16s).empty());
  CHECK(s.at(16s + 1ns) == "no log line /tick/ for 6s");
  CHECK(s.feed.counters().below_level == 2);
  CHECK(s.feed.lines().end_seq() == 1);
}

TEST_CASE("a remark of the supervisor is no heartbeat") {
  scene s(process_script().wait(1h), heartbeat(of("alive"), 5s));
  CHECK(s.at(1s).empty());
  s.feed.append("is it alive");
  CHECK(s.at(7s) == "no log line /alive/ for 6s, and none before");
}

TEST_CASE("lines that left the ring unseen are in favour of the process") {
  log_limits tiny;
  tiny.ring_lines(3);
  asio::io_context context;
  virtual_clock clock(context);
  line_feed feed(context.get_executor(), tiny);
  any_check check = heartbeat(of("alive"), 5s);
  const auto reason_at = [&](std::chrono::nanoseconds time) {
    clock.run_until(steady_time(time));
    check_target target;
    target.lines = &feed;
    return test::run(context, clock, check(target)).reason;
  };
  CHECK(reason_at(0s).empty());
  clock.run_until(steady_time(4s));
  feed.write(output_stream::out, "alive\n1\n2\n3\n4\n");
  clock.run_until(steady_time(7s));
  feed.write(output_stream::out, "5\n");
  CHECK(reason_at(8s).empty());  // "alive" of 4 s may be among those that are gone; what is left begins at 4 s
  CHECK(reason_at(9s).empty());
  CHECK(reason_at(9s + 1ns) != "");
  feed.close();
}

TEST_CASE("one heartbeat serves several units apart") {
  simulated_world world;
  notify_channel a(world.get_executor());
  notify_channel b(world.get_executor());
  any_check check = heartbeat(5s);
  const auto reason_of = [&](notify_channel& channel, std::chrono::nanoseconds time) {
    world.run_for(time - world.elapsed());
    check_target target;
    target.notify = &channel;
    return world.run(check(target)).reason;
  };
  CHECK(reason_of(a, 0s).empty());
  CHECK(reason_of(b, 3s).empty());
  CHECK(reason_of(a, 6s) == "no WATCHDOG=1 for 6s, and none before");
  CHECK(reason_of(b, 7s).empty());
  CHECK(reason_of(b, 9s) != "");
}

TEST_CASE("a heartbeat describes itself and needs a source") {
  CHECK(any_check(heartbeat(30s)).describe() == "WATCHDOG=1 every 30s");
  CHECK(any_check(heartbeat(of("tick"), 1min)).describe() == "log line /tick/ every 1m");
  CHECK(any_check(heartbeat(30s)).bound() > 0s);
  asio::io_context context;
  CHECK(test::run(context, heartbeat(30s)(check_target{})).reason == "it was given no notify socket");
  CHECK(test::run(context, heartbeat(of("x"), 30s)(check_target{})).reason == "the output is not read");
}

}  // namespace t_check_heartbeat
