// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Sinks on a supervisor in the simulated world: every line and event of all units, and none of them waits for a sink.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <catch.hpp>

#include <ovrseer/deliver/batched.hpp>
#include <ovrseer/sink/attach_events.hpp>
#include <ovrseer/sink/attach_lines.hpp>
#include <ovrseer/sink/json_lines.hpp>

#include "run.hpp"
#include "simulated.hpp"

namespace t_sink_attach_lines {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::names;

// Keeps what it gets, and misbehaves on demand.
struct receiver {
  std::vector<log_record> records;
  std::chrono::nanoseconds takes{};
  bool is_broken = false;

  task<void> deliver(const log_record& record) {
    if (takes != 0ns) co_await sleep_for(takes);
    if (is_broken) throw std::runtime_error("broken");
    records.push_back(record);
  }
  names texts(const unit_id& unit) const {
    names found;
    for (const log_record& each : records) {
      if (each.unit == unit && each.line.source != line_source::own) found.push_back(each.line.text);
    }
    return found;
  }
};

struct stack : test::simulated {
  stack() {
    it.on_error([this](const failure_notice& notice) { notices.push_back(notice.operation + ": " + notice.message); });
  }
  unit_spec unit(const std::string& name, process_script script) {
    world.os().program(name, std::move(script));
    return unit_spec(name, command(name)).restart(restart_rules(restart_rules::when::never));
  }
  // Runs the supervisor with the sink for so long, and until both have ended.
  void run_with(std::chrono::nanoseconds time, line_sink_options options = {}) {
    test::started<void> attached(world.get_executor(), attach_lines(it, borrowed<receiver>(to), std::move(options)));
    run_for(time);
    stopped_after = world.elapsed();
    world.run_for(1h);
    REQUIRE(attached.is_done());
    attached.get();
  }

  receiver to;
  names notices;
  std::chrono::nanoseconds stopped_after{};
};

TEST_CASE("a log sink gets the lines of all units with their unit and stream") {
  stack s;
  s.it.add(s.unit("api", process_script().say("up").wait(1s).say("ERROR down", output_stream::err)));
  s.it.add(s.unit("db", process_script().say("one").say("two").wait(1s).say("three")));
  s.run_with(10s);
  CHECK(s.to.texts("api") == names{"up", "ERROR down"});
  CHECK(s.to.texts("db") == names{"one", "two", "three"});
  const auto down = std::ranges::find_if(s.to.records, [](const auto& each) { return each.line.text == "ERROR down"; });
  REQUIRE(down != s.to.records.end());
  CHECK(down->line.source == line_source::err);
  CHECK(down->line.level() == level::error);
  CHECK(down->line.seq == 2);
  CHECK(down->boot_id == s.it.events().boot_id());
  CHECK(s.notices.empty());
}

TEST_CASE("a unit that comes later is read too and so is one that comes again under its name") {
  stack s;
  s.it.add(s.unit("main", process_script()));
  s.world.os().program("late", [](const command&, std::uint32_t nth) {
    return process_script().say("life " + std::to_string(nth)).wait(1s).say("end");
  });
  const auto add_late = [&s] {
    s.it.add(unit_spec("late", command("late")).restart(restart_rules(restart_rules::when::never)));
    s.ask(s.it.start(unit_id("late")));
  };
  s.world.at(1min, add_late);
  s.world.at(2min, [&s] {
    asio::co_spawn(s.world.context(), s.it.remove("late"), [](const std::exception_ptr& why) { CHECK_FALSE(why); });
  });
  s.world.at(3min, add_late);
  s.run_with(5min);
  const names found = s.to.texts("late");
  REQUIRE(found.size() == 4);
  CHECK(found[1] == "end");
  CHECK(found[3] == "end");
  CHECK(found[0] != found[2]);
}

TEST_CASE("a line brings the flags that it matched and what they took of it") {
  stack s;
  unit_spec api = s.unit(
      "api", process_script().say("took 12 MiB of 40").say("nothing").say("took 13 MiB of 40 password=hunter2 ERROR"));
  api.flag(flag_spec("memory", pattern<"took (?<size>\\d+) MiB of (\\d+)(?: password=(\\S+))?">{}));
  api.flag(flag_spec("errors", pattern<"ERROR">{}));
  s.it.add(api);
  s.run_with(10s);
  std::vector<log_record> records;
  for (const log_record& each : s.to.records) {
    if (each.line.source != line_source::own) records.push_back(each);
  }
  REQUIRE(records.size() == 3);
  using captures = std::vector<std::pair<std::string, std::string>>;
  REQUIRE(records[0].flags.size() == 1);
  CHECK(records[0].flags[0].flag == "memory");
  CHECK(records[0].flags[0].captures == captures{{"size", "12"}, {"2", "40"}});
  CHECK(records[1].flags.empty());
  CHECK(records[2].line.text.find("hunter2") == std::string::npos);
  REQUIRE(records[2].flags.size() == 2);
  const bool is_first = records[2].flags[0].flag == "memory";
  const matched_flag& memory = records[2].flags[is_first ? 0 : 1];
  CHECK(memory.count == 2);
  REQUIRE(memory.captures.size() == 3);
  CHECK(memory.captures[2].second.find("hunter2") == std::string::npos);
  CHECK(records[2].flags[is_first ? 1 : 0].captures.empty());
}

TEST_CASE("secrets go out only where that is asked for") {
  stack s;
  s.it.add(s.unit("api", process_script().say("password=hunter2")));
  line_sink_options options;
  SECTION("by default they do not") {}
  SECTION("without a redactor they do") { options.redact.reset(); }
  const bool is_plain = !options.redact;
  s.run_with(10s, options);
  REQUIRE(s.to.texts("api").size() == 1);
  CHECK((s.to.texts("api")[0] == "password=hunter2") == is_plain);
}

TEST_CASE("a sink that is slow or broken delays no unit and its losses are counted and told") {
  stack s;
  process_script chatty;
  for (int i = 0; i != 200; ++i) chatty.say("line " + std::to_string(i)).wait(10ms);
  chatty.exit(0);
  s.it.add(s.unit("api", chatty));
  line_sink_options options;
  options.queue.capacity = 10;
  SECTION("slow") {
    s.to.takes = 1s;
    s.run_with(1min, options);
    CHECK(s.to.records.size() < 30);
    CHECK(s.to.texts("api").back() == "line 199");  // the oldest go first
  }
  SECTION("broken") {
    s.to.is_broken = true;
    s.run_with(1min, options);
    CHECK(s.to.records.empty());
    CHECK(s.notices.back().find(" lines were lost so far; the last: broken") != std::string::npos);
  }
  SECTION("stuck") {
    s.to.takes = 24h;
    s.run_with(1min, options);
    CHECK(s.to.records.empty());
  }
  const event ended = s.first("api", event_type::completed);
  CHECK(std::get<transition_data>(ended.data).uptime == 2s);
  CHECK(s.stopped_after < 10s);
  REQUIRE_FALSE(s.notices.empty());
  CHECK(s.notices.size() < 20);
}

TEST_CASE("lines that leave the ring before they are read are told as lost") {
  stack s;
  std::string much;
  for (int i = 0; i != 5000; ++i) much += "line " + std::to_string(i) + "\n";
  s.it.add(s.unit("api", process_script().write(much)));
  s.run_with(10s);
  CHECK(s.to.texts("api").size() < 5000);
  CHECK(s.to.texts("api").back() == "line 4999");
  REQUIRE_FALSE(s.notices.empty());
  CHECK(s.notices.back().find("api wrote faster than they were read") != std::string::npos);
}

TEST_CASE("a batch behind the queue goes out by its age and at the end of the supervisor") {
  stack s;
  struct batches {
    std::vector<std::size_t> sizes;
    std::vector<steady_time> times;
    task<void> deliver(const std::vector<log_record>& batch) {
      const executor ex = co_await asio::this_coro::executor;
      sizes.push_back(batch.size());
      times.push_back(clock_of(ex).now());
    }
  } to;
  s.it.add(s.unit("api", process_script().say("one").say("two").wait(10s).say("three").wait(10s).say("four").exit(0)));
  test::started<void> attached(s.world.get_executor(),
                               attach_lines(s.it, batched<borrowed<batches>, log_record>(borrowed<batches>(to))));
  CHECK(s.world.run(s.it.run()) == 0);
  s.world.run_for(0s);
  CHECK(attached.is_done());
  REQUIRE(to.sizes.size() >= 3);
  CHECK(to.times[0] == steady_time(1s));
  CHECK(to.times.back() == steady_time(20s));
}

TEST_CASE("an attachment that is cancelled ends and leaves the supervisor alone") {
  stack s;
  s.it.add(s.unit("api", process_script().say("up").wait(1s).say("more").repeat()));
  for (const cancellation_type type : {cancellation_type::total, cancellation_type::terminal}) {
    auto attached =
        std::make_shared<test::started<void>>(s.world.get_executor(), attach_lines(s.it, borrowed<receiver>(s.to)));
    s.world.at(s.world.elapsed() + 5s, [attached, type] { attached->cancel(type); });
    s.world.at(s.world.elapsed() + 6s, [attached] {
      CHECK(attached->is_done());
      CHECK(attached->was_aborted());
    });
  }
  CHECK(s.run_for(10s) == 0);
  CHECK_FALSE(s.to.records.empty());
}

TEST_CASE("a sink that comes when the supervisor has ended gets the lines that are left") {
  stack s;
  s.it.add(s.unit("api", process_script().say("one").exit(0)));
  CHECK(s.run_for(5s) == 0);
  s.world.run(attach_lines(s.it, borrowed<receiver>(s.to)));
  CHECK(s.to.texts("api") == names{"one"});
}

TEST_CASE("an event sink gets the whole journal") {
  stack s;
  s.it.add(s.unit("api", process_script().say("one").exit(3)));
  recording_event_sink to;
  test::started<void> attached(s.world.get_executor(), attach_events(s.it, borrowed<recording_event_sink>(to)));
  s.run_for(5s);
  s.world.run_for(0s);
  REQUIRE(attached.is_done());
  const std::vector<event> all = s.events();
  REQUIRE(to.items.size() == all.size());
  for (std::size_t i = 0; i != all.size(); ++i) {
    CHECK(to.items[i].entry.seq == all[i].seq);
    CHECK(to.items[i].boot_id == s.it.events().boot_id());
  }
}

TEST_CASE("lines and events and flags of a whole life fit into one file of JSON lines") {
  stack s;
  unit_spec api = s.unit("api", process_script().say("took 12 MiB").exit(0));
  api.flag(flag_spec("memory", pattern<"took (?<size>\\d+) MiB">{}));
  s.it.add(api);
  using texts = recording_deliverer<std::string>;
  texts file;
  test::started<void> lines(s.world.get_executor(), attach_lines(s.it, json_lines(borrowed<texts>(file))));
  test::started<void> events(s.world.get_executor(), attach_events(s.it, json_lines(borrowed<texts>(file))));
  s.run_for(5s);
  s.world.run_for(0s);
  CHECK(lines.is_done());
  CHECK(events.is_done());
  std::string all;
  for (const std::string& each : file.items) all += each;
  std::size_t count_of_lines = 0;
  std::size_t count_of_events = 0;
  nlohmann::json captures;
  std::istringstream in(all);
  for (std::string text; std::getline(in, text);) {
    const auto json = nlohmann::json::parse(text);
    CHECK(json["v"] == 1);
    CHECK(json["boot_id"] == s.it.events().boot_id());
    if (json["type"] == "line") ++count_of_lines;
    if (json.contains("severity")) ++count_of_events;
    if (json.contains("captures")) captures = json;
  }
  CHECK(count_of_lines >= 1);
  CHECK(count_of_events == s.events().size());
  CHECK(captures["type"] == "flag_matched");
  CHECK(captures["captures"] == nlohmann::json{{"size", "12"}});
}

TEST_CASE("an event sink that fails is told of and delays nothing") {
  struct broken {
    task<void> deliver(const stored_event&) {
      throw std::runtime_error("broken");
      co_return;
    }
  };
  stack s;
  s.it.add(s.unit("api", process_script().say("one").exit(0)));
  test::started<void> attached(s.world.get_executor(), attach_events(s.it, broken()));
  CHECK(s.run_for(5s) == 0);
  s.world.run_for(0s);
  CHECK(attached.is_done());
  CHECK(s.notices.size() == s.events().size());
  CHECK(s.notices.at(0) == "event sink: broken");
}

}  // namespace t_sink_attach_lines
