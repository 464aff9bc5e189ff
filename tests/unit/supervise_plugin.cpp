// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Plugins on a supervisor of the simulated world: every hook, and plugins that throw, hang, or fall behind.
#include <ovrseer/supervise/plugin.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/report/attach.hpp>
#include <ovrseer/sim/simulated_world.hpp>

#include "supervised.hpp"

namespace t_supervise_plugin {

using namespace ovrseer;
using namespace std::chrono_literals;

/// A simulated supervisor, plugins beside it, and what its error handler heard.
struct scene {
  explicit scene(supervisor_options options = supervisor_options()) : stack(world.get_executor(), std::move(options)) {
    stack.on_error([this](const failure_notice& notice) {
      heard.push_back(notice.operation + " " + notice.unit.name + " " + notice.message);
    });
  }
  /// A unit that lives for a time and ends with a code.
  void add(std::string name, std::chrono::nanoseconds lives, int code, restart_rules restart) {
    world.os().program(name, process_script().say("hello from " + name).wait(lives).exit(code));
    unit_spec made(unit_id{name}, command(name));
    made.restart(std::move(restart)).flag(flag_spec("greeting", *pattern<>::compile("hello")));
    stack.add(std::move(made));
  }
  template <class... Plugin>
  void attach(Plugin... plugin) {
    asio::co_spawn(world.context(), ovrseer::attach(stack, std::move(plugin)...),
                   [this](const std::exception_ptr& failure) {
                     ++ended;
                     if (failure) std::rethrow_exception(failure);
                   });
  }
  int run() {
    const int code = world.run(stack.run());
    world.run_for(1min);  // plugins may come later
    return code;
  }
  std::size_t count_heard(const std::string& words) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(heard, [&](const std::string& each) { return each.find(words) != std::string::npos; }));
  }

  simulated_world world;
  supervisor stack;
  std::vector<std::string> heard;
  int ended = 0;
};

restart_rules never() { return restart_rules(restart_rules::when::never); }
restart_rules twice() { return restart_rules().delays(backoff::constant(1s)).max_retries(2); }

/// Has all hooks, and says what it was told.
struct talkative {
  std::vector<std::string> told;
  std::size_t events = 0;
  std::size_t changes = 0;

  void on_event(const event&) { ++events; }
  void on_transition(const event& what, const transition_data& change) {
    ++changes;
    CHECK(state_of(what.type).has_value());
    CHECK(change.from <= unit_state::skipped);
  }
  void on_ready(const event& what) { told.push_back("ready " + what.unit.name); }
  void on_restarted(const event& what) { told.push_back("restarted " + what.unit.name); }
  task<void> on_crash(const crash_report& report) {
    co_await sleep_for(1ms);
    told.push_back("crash " + report.unit.name + " " + std::to_string(report.incarnation));
  }
  void on_flag(const event& what, const flag_data& match) {
    told.push_back("flag " + what.unit.name + " " + match.flag);
  }
  void on_line(const unit_id& unit, const line& what) { told.push_back(unit.name + ": " + std::string(what.text)); }
  void on_started(const event&) { told.push_back("started"); }
  void on_stopping(const event&) { told.push_back("stopping"); }
  void on_stopped(const event&) { told.push_back("stopped"); }
  void on_gap(const journal_gap&) { told.push_back("gap"); }

  std::size_t count(const std::string& what) const { return static_cast<std::size_t>(std::ranges::count(told, what)); }
};

TEST_CASE("a plugin is told everything") {
  scene s;
  s.add("api", 5s, 1, twice());
  const auto plugin = std::make_shared<talkative>();
  s.attach(plugin);
  CHECK(s.run() == 1);
  CHECK(s.ended == 1);
  CHECK(plugin->told.front() == "started");
  CHECK(plugin->count("ready api") == 3);
  CHECK(plugin->count("restarted api") == 2);
  CHECK(plugin->count("api: hello from api") == 3);
  CHECK(plugin->count("flag api greeting") == 3);
  for (const char* crash : {"crash api 1", "crash api 2", "crash api 3"}) CHECK(plugin->count(crash) == 1);
  CHECK(plugin->count("gap") == 0);
  CHECK(plugin->count("stopping") == 1);
  CHECK(plugin->count("stopped") == 1);
  CHECK(plugin->events == s.stack.events().end_seq() - 1);
  CHECK(plugin->changes > 10);
  CHECK(s.heard.empty());
}

TEST_CASE("a plugin is attached by value or shared and beside a crash reporter") {
  scene s;
  s.add("api", 5s, 1, never());
  const auto kept = std::make_shared<recording_plugin>();
  recording_reporter reporter;
  s.attach(kept);
  s.attach(null_plugin());
  s.attach(borrowed(reporter));
  s.run();
  CHECK(s.ended == 3);
  CHECK(kept->crashes.size() == 1);
  CHECK(reporter.items.size() == 1);
  REQUIRE(kept->lines.size() == 1);
  CHECK(kept->lines[0].first == unit_id("api"));
  CHECK(kept->lines[0].second.text == "hello from api");
  CHECK(kept->events.size() == s.stack.events().end_seq() - 1);
}

TEST_CASE("a plugin that throws is counted and told and called again") {
  struct broken {
    void on_line(const unit_id&, const line&) { throw std::runtime_error("no disk"); }
    task<void> on_ready(const event&) {
      co_await sleep_for(1ms);
      throw 42;
    }
    void on_event(const event&) {}
  };
  scene s;
  s.add("api", 5s, 1, twice());
  const auto counts = std::make_shared<plugin_counts>();
  s.attach(broken(), plugin_options().name("broken plugin").count_in(counts));
  CHECK(s.run() == 1);
  CHECK(counts->failed == 6);
  CHECK(counts->called == s.stack.events().end_seq() - 1);
  CHECK(s.count_heard("broken plugin api on_line: no disk") == 3);
  CHECK(s.count_heard("broken plugin api on_ready: an exception of unknown type") == 3);
}

TEST_CASE("a plugin that throws at every line does not flood the error handler") {
  struct broken {
    void on_line(const unit_id&, const line&) { throw std::runtime_error("no"); }
  };
  scene s;
  process_script script;
  for (int i = 0; i < 100; ++i) script.say("line");
  s.world.os().program("loud", script.wait(5s).say("late").exit(0));
  unit_spec loud("loud", command("loud"));
  s.stack.add(std::move(loud.restart(never())));
  const auto counts = std::make_shared<plugin_counts>();
  s.attach(broken(), plugin_options().count_in(counts));
  CHECK(s.run() == 0);
  CHECK(counts->failed == 101);
  CHECK(s.heard == std::vector<std::string>{"plugin loud on_line: no", "plugin loud on_line: no (and 99 more before)"});
}

TEST_CASE("a slow plugin loses what it must and delays no restart") {
  struct slow {
    task<void> on_event(const event&) { co_await sleep_for(1h); }
    void on_gap(const journal_gap& gap) { *missed += gap.count; }
    std::shared_ptr<std::uint64_t> missed = std::make_shared<std::uint64_t>(0);
  };
  scene s(supervisor_options().journal_capacity(16));
  s.add("api", 5s, 1, restart_rules().delays(backoff::constant(1s)).max_retries(50));
  const auto counts = std::make_shared<plugin_counts>();
  const slow plugin;
  s.attach(plugin, plugin_options().limit(0s).count_in(counts));
  CHECK(s.run() == 1);
  CHECK(s.world.os().starts("api") == 51);
  CHECK(s.world.elapsed() < 10min);
  s.world.run_for(24h);
  CHECK(s.ended == 1);
  CHECK(counts->missed_events > 200);
  CHECK(counts->missed_events == *plugin.missed);
  CHECK(s.count_heard("events: ") != 0);
}

TEST_CASE("a hook that never ends is ended at its limit") {
  struct stuck {
    task<void> on_crash(const crash_report&) { co_await sleep_for(1000h); }
  };
  scene s;
  s.add("api", 1s, 1, never());
  const auto counts = std::make_shared<plugin_counts>();
  s.attach(stuck(), plugin_options().limit(10s).count_in(counts));
  s.run();
  CHECK(s.ended == 1);
  CHECK(counts->failed == 1);
  CHECK(s.heard == std::vector<std::string>{"plugin api on_crash: not finished within 10s"});
}

TEST_CASE("hooks of one plugin are never called at the same time") {
  struct careful {
    task<void> enter() {
      CHECK_FALSE(std::exchange(is_inside, true));
      ++calls;
      co_await sleep_for(300ms);
      is_inside = false;
    }
    task<void> on_event(const event&) { return enter(); }
    task<void> on_line(const unit_id&, const line&) { return enter(); }
    task<void> on_crash(const crash_report&) { return enter(); }
    bool is_inside = false;
    int calls = 0;
  };
  scene s;
  s.add("a", 1s, 1, twice());
  s.add("b", 1s, 1, twice());
  const auto plugin = std::make_shared<careful>();
  s.attach(plugin);
  s.run();
  s.world.run_for(1h);
  CHECK(s.ended == 1);
  CHECK(plugin->calls == static_cast<int>(s.stack.events().end_seq() - 1) + 6 + 6);
}

TEST_CASE("lines of a busy unit do not keep others from being heard") {
  struct listener {
    task<void> on_line(const unit_id& unit, const line&) {
      co_await sleep_for(10ms);
      if (unit.name == "quiet" && !heard_after) heard_after = lines;
      ++lines;
    }
    int lines = 0;
    std::optional<int> heard_after;
  };
  scene s;
  process_script script;
  for (int i = 0; i < 500; ++i) script.say("again and again");
  s.world.os().program("loud", script.wait(1s).exit(0));
  s.world.os().program("quiet", process_script().say("once").wait(1s).exit(0));
  for (const char* name : {"loud", "quiet"}) {
    unit_spec unit(unit_id{name}, command(name));
    s.stack.add(std::move(unit.restart(never())));
  }
  const auto plugin = std::make_shared<listener>();
  s.attach(plugin);
  s.run();
  CHECK(plugin->lines == 501);
  REQUIRE(plugin->heard_after.has_value());
  CHECK(*plugin->heard_after < 10);
}

TEST_CASE("lines of units that come and go are heard once each") {
  scene s;
  s.add("first", 1h, 0, never());
  s.world.os().program("second", process_script().say("second here").wait(1h).exit(0));
  const auto story = [&]() -> task<void> {
    co_await sleep_for(10s);
    for (int i = 0; i < 3; ++i) {
      s.stack.add(unit_spec("second", command("second")));
      co_await s.stack.start("second");
      co_await sleep_for(10s);
      co_await s.stack.remove("second");
    }
    s.stack.request_stop("enough");
  };
  const auto plugin = std::make_shared<recording_plugin>();
  s.attach(plugin);
  asio::co_spawn(s.world.context(), story(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  s.run();
  CHECK(s.ended == 1);
  std::vector<std::string> lines;
  for (const auto& [unit, each] : plugin->lines) lines.push_back(unit.name + ": " + each.text);
  CHECK(lines == std::vector<std::string>{"first: hello from first", "second: second here", "second: second here",
                                          "second: second here"});
}

TEST_CASE("a plugin that comes late hears the past or only what comes") {
  scene s;
  s.add("api", 10s, 1, never());
  const auto all = std::make_shared<recording_plugin>();
  const auto rest = std::make_shared<recording_plugin>();
  s.world.at(5s, [&] {
    s.attach(all);
    s.attach(rest, plugin_options().from(read_from::next));
  });
  s.run();
  CHECK(s.ended == 2);
  CHECK(all->lines.size() == 1);
  CHECK(rest->lines.empty());
  CHECK(all->events.front().seq == 1);
  CHECK(rest->events.front().seq > 1);
  CHECK(rest->events.back().type == event_type::supervisor_stopped);
  CHECK(rest->crashes.size() == 1);
}

TEST_CASE("lines that a slow plugin came too late for are counted") {
  struct slow {
    task<void> on_line(const unit_id&, const line&) { co_await sleep_for(1min); }
  };
  scene s;
  process_script script;
  for (int i = 0; i < 20; ++i) script.say("line").wait(1s);
  s.world.os().program("loud", script.exit(0));
  unit_spec loud("loud", command("loud"));
  log_limits tiny;
  tiny.ring_lines(4);
  loud.restart(never()).log(tiny);
  s.stack.add(std::move(loud));
  const auto counts = std::make_shared<plugin_counts>();
  s.attach(slow(), plugin_options().limit(0s).count_in(counts));
  s.run();
  s.world.run_for(1h);
  CHECK(s.ended == 1);
  CHECK(counts->missed_lines == 15);
  CHECK(counts->called == 5);
}

TEST_CASE("a plugin is cancelled with every type and its hook with it") {
  struct stuck {
    task<void> on_started(const event&) { co_await sleep_for(1000h); }
    void on_line(const unit_id&, const line&) {}
  };
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    scene s;
    s.add("api", 1h, 0, never());
    s.world.run_for(0s);
    asio::cancellation_signal cancel;
    std::optional<std::exception_ptr> ended;
    asio::co_spawn(s.world.context(), attach(s.stack, stuck()),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr failure) { ended = failure; }));
    asio::co_spawn(s.world.context(), s.stack.run(), [](const std::exception_ptr&, int) {});
    s.world.run_for(10s);
    CHECK_FALSE(ended.has_value());
    cancel.emit(type);
    s.world.run_for(0s);
    REQUIRE(ended.has_value());
    CHECK(*ended);
    s.stack.request_stop("done");
    s.world.run_for(1min);
  }
}

TEST_CASE("a context that ends under a plugin takes it along") {
  struct slow {
    task<void> on_event(const event&) { co_await sleep_for(1h); }
    task<void> on_line(const unit_id&, const line&) { co_await sleep_for(1h); }
  };
  scene s;
  s.add("api", 1h, 0, never());
  s.attach(slow());
  asio::co_spawn(s.world.context(), s.stack.run(), [](const std::exception_ptr&, int) {});
  s.world.run_for(10s);
  CHECK(s.ended == 0);
}

}  // namespace t_supervise_plugin
