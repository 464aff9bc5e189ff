// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The timeline: times, single crashes in words, many of one kind in one line.
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/rehearse/timeline.hpp>

namespace t_rehearse_timeline {

using namespace ovrseer;
using namespace std::chrono_literals;

struct story {
  std::vector<std::string> told;
  timeline_builder builder{[this](const timeline_entry& entry) {
                             told.push_back(timeline_time(entry.time) + " " + to_text(entry.unit) + " " + entry.text);
                           },
                           2};
  std::uint32_t incarnation = 0;

  void change(std::chrono::nanoseconds time, event_type type, transition_data data = {}, const char* unit = "api") {
    event entry;
    entry.mono_ns = time.count();
    entry.unit = unit;
    entry.type = type;
    if (type == event_type::running) ++incarnation;
    entry.incarnation = incarnation;
    entry.data = std::move(data);
    builder.take(entry);
  }
  void crash(std::chrono::nanoseconds time, int code = 1) {
    transition_data data;
    data.status = exit_status::exited(code);
    data.why = {to_text(*data.status) + " after 5m", "restartPolicy on-failure", "restart 1 of 3 in 1s"};
    change(time, event_type::crashed, data);
  }
  void ready(std::chrono::nanoseconds time, std::chrono::nanoseconds took) {
    transition_data data;
    data.took = took;
    change(time, event_type::ready, data);
  }
  void stop(std::chrono::nanoseconds time) {
    event entry;
    entry.mono_ns = time.count();
    entry.type = event_type::supervisor_stopping;
    supervisor_data data;
    data.why.what = "enough";
    entry.data = data;
    builder.take(entry);
  }
};

TEST_CASE("times of a timeline are aligned and go over days") {
  CHECK(timeline_time(0s) == "00:00:00.000");
  CHECK(timeline_time(5min + 1ms) == "00:05:00.001");
  CHECK(timeline_time(24h * 30 - 1ms) == "29d 23:59:59.999");
}

TEST_CASE("a start that is ready at once is one line") {
  story one;
  one.change(0s, event_type::running);
  one.ready(0s, 0s);
  one.change(1s, event_type::running, {}, "db");
  one.ready(3s, 1s);
  CHECK(one.told == std::vector<std::string>{"00:00:00.000 api started, ready", "00:00:01.000 db started again (2)",
                                             "00:00:03.000 api ready after 1s"});
}

TEST_CASE("crashes of one kind are counted after the first few") {
  story one;
  for (int i = 1; i <= 5; ++i) {
    one.crash(i * 10min);
    one.change(i * 10min + 1s, event_type::running);
    one.ready(i * 10min + 2s, 1s);
  }
  one.crash(60min, 7);
  one.stop(61min);
  CHECK(one.told ==
        std::vector<std::string>{
            "00:10:00.000 api crashed: exited with code 1 after 5m; restart 1 of 3 in 1s", "00:10:01.000 api started",
            "00:10:02.000 api ready after 1s; it was down for 2s",
            "00:20:00.000 api crashed: exited with code 1 after 5m; restart 1 of 3 in 1s",
            "00:20:01.000 api started again (2)", "00:20:02.000 api ready after 1s; it was down for 2s",
            "01:00:00.000 api crashed: exited with code 7 after 5m; restart 1 of 3 in 1s",
            "01:01:00.000 api crashed: exited with code 1, 3 times more, the last at 00:50:00.000; it was down for 2s "
            "on the average",
            "01:01:00.000  stopping: enough"});
}

TEST_CASE("what is given up tells what was counted before") {
  story one;
  for (int i = 1; i <= 3; ++i) one.crash(i * 1min);
  transition_data data;
  data.why = {"exited with code 1 after 1s", "restartPolicy on-failure, maxRetries 3", "given up"};
  one.change(4min, event_type::failed, data);
  REQUIRE(one.told.size() == 4);
  CHECK(one.told[2] == "00:04:00.000 api crashed: exited with code 1, 1 time more, the last at 00:03:00.000");
  CHECK(one.told[3] ==
        "00:04:00.000 api given up: exited with code 1 after 1s (restartPolicy on-failure, maxRetries 3)");
}

}  // namespace t_rehearse_timeline
