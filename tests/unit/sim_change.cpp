// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Several units changed together while the supervisor runs, told in the simulated world.
#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/tcp.hpp>

#include "simulated.hpp"

namespace t_sim_change {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::names;

/// db, over it api, over that front, each ready a second after its start; beside them lamp.
struct stack : test::simulated {
  std::optional<caught> refused;
  bool is_done = false;

  stack() {
    it.add(unit("db"));
    it.add(unit("api", {{"db"}}));
    it.add(unit("front", {{"api"}}));
    it.add(unit("lamp"));
    it.on_error([](const failure_notice&) {});
  }
  unit_spec unit(const char* name, std::vector<dependency_edge> needs = {}) {
    world.os().program(name, process_script().wait(1s).say("up"));
    unit_spec made(name, command(name));
    made.ready_when(log_line(*pattern<>::compile("up"))).depends_on(std::move(needs));
    return made.restart(restart_rules().delays(backoff::constant(0s)));
  }
  /// Ends before it is ready, once and for all.
  unit_spec broken() {
    unit_spec made = unit("broken");
    world.os().program("broken", process_script().exit(1));
    return made.restart(restart_rules(restart_rules::when::never));
  }
  /// What `make` describes is asked for at a time.
  template <class Make>
  void change_at(std::chrono::nanoseconds when, Make make) {
    world.at(when, [this, make] {
      unit_changes wanted;
      make(wanted);
      asio::co_spawn(world.context(), it.change(std::move(wanted)), [this](const std::exception_ptr& why) {
        is_done = true;
        if (why) refused = caught(why);
      });
    });
  }
  /// "second name type" of what began, was ready, ended, came and went from the tenth second on, until the end begins.
  names told() const {
    using enum event_type;
    names all;
    for (const event& each : events()) {
      if (each.type == supervisor_stopping) break;
      if (each.mono_ns < 10'000'000'000) continue;
      const bool is_shown = each.type == starting || each.type == ready || each.type == stopped ||
                            each.type == unit_added || each.type == unit_removed || each.type == unhealthy;
      if (!is_shown) continue;
      all.push_back(std::to_string(each.mono_ns / 1'000'000'000) + " " + each.unit.name + " " +
                    std::string(to_text(each.type)));
    }
    return all;
  }
};

TEST_CASE("a unit that is replaced is stopped and started as what it is now and nobody else is touched") {
  stack s;
  s.change_at(10s, [&](unit_changes& wanted) {
    unit_spec made("api", command("api-2"));
    s.world.os().program("api-2", process_script().wait(2s).say("up"));
    wanted.put.push_back(made.ready_when(log_line(*pattern<>::compile("up"))).depends_on("db"));
  });
  CHECK(s.run_for(1min) == 0);
  CHECK(s.is_done);
  CHECK_FALSE(s.refused);
  CHECK(s.told() ==
        names{"10 api stopped", "10 api unit_removed", "10 api unit_added", "10 api starting", "12 api ready"});
  CHECK(s.world.os().starts("api") == 1);
  CHECK(s.world.os().starts("api-2") == 1);
  CHECK(s.it.spec("api").what().program() == "api-2");
}

TEST_CASE("who is removed goes in reverse order before who is new comes in order") {
  stack s;
  s.change_at(10s, [&](unit_changes& wanted) {
    wanted.remove = {"api", "front"};
    wanted.put = {s.unit("web", {{"cache"}}), s.unit("cache", {{"db"}})};
  });
  CHECK(s.run_for(1min) == 0);
  CHECK_FALSE(s.refused);
  CHECK(s.told() == names{"10 front stopped", "10 api stopped", "10 api unit_removed", "10 front unit_removed",
                          "10 web unit_added", "10 cache unit_added", "10 cache starting", "11 cache ready",
                          "11 web starting", "12 web ready"});
  CHECK(s.it.units() == std::vector<unit_id>{"db", "lamp", "web", "cache"});
}

TEST_CASE("a unit whose flags alone change is touched by nothing else") {
  stack s;
  unit_spec sick = s.unit("sick");
  sick.flag(flag_spec("up", *pattern<>::compile("up"))).flag(flag_spec("gone", *pattern<>::compile("up")));
  sick.watch(health_watch(tcp("localhost", 9)).interval(1s).failures(1));
  s.it.add(sick);
  std::optional<unit_state> before;
  s.world.at(9s, [&] { before = s.it.state("sick"); });
  s.change_at(10s, [&](unit_changes& wanted) {
    unit_spec made("sick", command("not looked at"));
    wanted.flags.push_back(
        made.flag(flag_spec("up", *pattern<>::compile("up"))).flag(flag_spec("new", *pattern<>::compile("up"))));
  });
  std::optional<unit_state> after;
  s.world.at(11s, [&] { after = s.it.state("sick"); });
  CHECK(s.run_for(1min) == 0);
  CHECK_FALSE(s.refused);
  CHECK(before == unit_state::unhealthy);
  CHECK(after == unit_state::unhealthy);
  CHECK(s.told().empty());
  flag_table& flags = s.it.lines("sick").flags();
  CHECK(flags.count("up") == 1U);
  CHECK(flags.count("new") == 0U);
  CHECK_FALSE(flags.count("gone"));
  CHECK(s.it.spec("sick").what().program() == "sick");
  stack strange;
  strange.change_at(10s, [&](unit_changes& wanted) { wanted.flags.emplace_back("nobody", command("x")); });
  CHECK(strange.run_for(1min) == 0);
  REQUIRE(strange.refused);
  CHECK(strange.refused->code() == errc::unknown_unit);
}

TEST_CASE("a unit that is described anew keeps its process and is stopped as it says now") {
  stack s;
  s.world.os().program("lamp", process_script().say("up").on(SIGINT, signal_reaction::exits(9, 1s)));
  s.change_at(10s, [&](unit_changes& wanted) {
    unit_spec lamp("lamp", command("lamp"));
    wanted.describe.push_back(lamp.stop_by(stop_plan(signal_number(SIGINT), 5s)).depends_on("db").tag("light"));
  });
  CHECK(s.run_for(1min) == 0);
  CHECK(s.told().empty());
  CHECK(s.world.os().starts("lamp") == 1);
  CHECK(s.it.snapshot("lamp").last_status == exit_status::exited(9));
  CHECK(s.it.snapshot("lamp").depends_on == std::vector<unit_id>{"db"});
  CHECK(s.it.select(selection::tag("light")) == std::vector<unit_id>{"lamp"});
}

TEST_CASE("edges of a unit that is described anew hold from then on") {
  stack s;
  s.change_at(10s, [&](unit_changes& wanted) {
    dependency_edge edge{"db"};
    edge.on_loss = edge_action::restart;
    wanted.describe.push_back(s.unit("lamp", {edge}));
  });
  s.world.at(20s, [&] { s.strike("db", SIGKILL); });
  CHECK(s.run_for(1min) == 0);
  CHECK(s.told() == names{"20 db starting", "20 lamp stopped", "21 db ready", "21 lamp starting", "22 lamp ready"});
}

TEST_CASE("who was stopped by the loss of a unit comes back with the one in its place") {
  stack s;
  dependency_edge edge{"db"};
  edge.on_loss = edge_action::stop;
  edge.on_return = edge_action::start;
  s.it.add(s.unit("web", {edge}));
  s.change_at(10s, [&](unit_changes& wanted) { wanted.put.push_back(s.unit("db")); });
  CHECK(s.run_for(1min) == 0);
  CHECK(s.told() == names{"10 db stopped", "10 web stopped", "10 db unit_removed", "10 db unit_added", "10 db starting",
                          "11 db ready", "11 web starting", "12 web ready"});
}

TEST_CASE("a description changes neither the role nor the kind of a unit that runs") {
  stack s;
  s.change_at(10s, [&](unit_changes& wanted) {
    wanted.describe.push_back(s.unit("lamp").as(role::cleanup).of_kind(unit_spec::kind::one_shot).tag("light"));
  });
  CHECK(s.run_for(1min) == 0);
  CHECK(s.told().empty());
  CHECK(s.it.spec("lamp").role() == role::main);
  CHECK(s.it.spec("lamp").of_kind() == unit_spec::kind::service);
  CHECK(s.it.select(selection::tag("light")) == std::vector<unit_id>{"lamp"});
}

TEST_CASE("watches come and go with a description and what they found goes with them") {
  stack s;
  const auto watched = [&](std::uint16_t port) {
    return s.unit("lamp").watch(health_watch(tcp("localhost", port)).interval(1s).failures(2));
  };
  s.world.os().open_port(81);
  s.change_at(10s, [&](unit_changes& wanted) { wanted.describe.push_back(watched(80)); });
  s.change_at(20s, [&](unit_changes& wanted) { wanted.describe.push_back(watched(81)); });
  s.change_at(30s, [&](unit_changes& wanted) { wanted.describe.push_back(watched(82)); });
  s.change_at(40s, [&](unit_changes& wanted) { wanted.describe.push_back(s.unit("lamp")); });
  CHECK(s.run_for(1min) == 0);
  CHECK(s.told() == names{"12 lamp unhealthy", "20 lamp ready", "32 lamp unhealthy", "40 lamp ready"});
}

TEST_CASE("flags that stay go on counting and others come and go") {
  stack s;
  s.world.os().program("lamp", process_script().say("up").wait(5s).say("click").repeat());
  const auto flagged = [&](std::vector<const char*> words) {
    unit_spec made("lamp", command("lamp"));
    for (const char* word : words) made.flag(flag_spec(word, *pattern<>::compile(word)));
    return made.depends_on(std::vector<dependency_edge>{});
  };
  s.change_at(10s, [&](unit_changes& wanted) { wanted.describe.push_back(flagged({"click"})); });
  s.change_at(31s, [&](unit_changes& wanted) { wanted.describe.push_back(flagged({"click", "up"})); });
  std::optional<std::uint64_t> clicks;
  s.world.at(52s, [&] { clicks = s.it.lines("lamp").flags().count("click"); });
  s.change_at(53s, [&](unit_changes& wanted) { wanted.describe.push_back(flagged({"up"})); });
  CHECK(s.run_for(1min) == 0);
  CHECK(clicks > 6U);
  CHECK_FALSE(s.it.lines("lamp").flags().count("click"));
  CHECK(s.it.lines("lamp").flags().count("up"));
}

TEST_CASE("a change that cannot be is refused as a whole") {
  stack s;
  errc expected{};
  const auto asks = [&](const char* what) {
    return [&s, &expected, what](unit_changes& wanted) {
      const std::string which = what;
      wanted.put.push_back(s.unit("fine"));
      if (which == "others need it") {
        expected = errc::unknown_dependency;
        wanted.remove = {"db"};
      } else if (which == "a ring") {
        expected = errc::dependency_cycle;
        wanted.describe.push_back(s.unit("db", {{"front"}}));
      } else if (which == "a stranger is removed") {
        expected = errc::unknown_unit;
        wanted.remove = {"stranger"};
      } else if (which == "a stranger is described") {
        expected = errc::unknown_unit;
        wanted.describe.push_back(s.unit("stranger"));
      } else if (which == "twice") {
        expected = errc::duplicate_unit;
        wanted.put.push_back(s.unit("fine"));
      } else if (which == "removed and put") {
        expected = errc::duplicate_unit;
        wanted.remove = {"lamp"};
        wanted.put.push_back(s.unit("lamp"));
      } else if (which == "removed twice") {
        expected = errc::duplicate_unit;
        wanted.remove = {"lamp", "lamp"};
      } else if (which == "a group of nobody") {
        expected = errc::invalid_configuration;
        wanted.put.push_back(s.unit("other").within("nobody"));
      } else {
        expected = errc::invalid_configuration;
        wanted.put.push_back(s.unit("no name at all"));
      }
    };
  };
  for (const char* what : {"others need it", "a ring", "a stranger is removed", "a stranger is described", "twice",
                           "removed and put", "removed twice", "a group of nobody", "a bad name"}) {
    DYNAMIC_SECTION(what) {
      s.change_at(10s, asks(what));
      CHECK(s.run_for(1min) == 0);
      REQUIRE(s.refused);
      CHECK(s.refused->code() == expected);
      CHECK(s.told().empty());
    }
  }
}

TEST_CASE("units beyond the limit are refused together") {
  test::simulated s;
  supervisor it(s.world.get_executor(), supervisor_options().max_units(2));
  s.world.os().program("a", process_script());
  it.add(unit_spec("a", command("a")));
  std::optional<caught> refused;
  s.world.at(10s, [&] {
    unit_changes wanted;
    wanted.put = {unit_spec("b", command("a")), unit_spec("c", command("a"))};
    asio::co_spawn(s.world.context(), it.change(std::move(wanted)),
                   [&](const std::exception_ptr& why) { refused = caught(why); });
  });
  s.world.at(1min, [&] { it.request_stop("enough"); });
  s.world.run(it.run());
  REQUIRE(refused);
  CHECK(refused->code() == errc::limit_reached);
  CHECK(it.units() == std::vector<unit_id>{"a"});
}

TEST_CASE("who rests because somebody asked for it and who waits to be asked are not started by a change") {
  stack s;
  s.world.at(8s, [&] { s.ask(s.it.stop("lamp")); });
  s.change_at(10s, [&](unit_changes& wanted) {
    wanted.put = {s.unit("lamp"), s.unit("medic").on_demand(), s.unit("tidy").as(role::cleanup)};
  });
  CHECK(s.run_for(1min) == 0);
  CHECK(s.told() == names{"10 lamp unit_removed", "10 lamp unit_added", "10 medic unit_added", "10 tidy unit_added"});
  CHECK(s.world.os().starts("tidy") == 1);  // at the end
}

TEST_CASE("a unit that was given up is tried again as what it is now") {
  stack s;
  s.it.add(s.broken());
  s.it.add(s.unit("late", {{"broken"}}));
  s.change_at(10s, [&](unit_changes& wanted) { wanted.put.push_back(s.unit("broken")); });
  s.run_for(1min);
  CHECK(s.it.snapshot("broken").restarts == 0);
  CHECK(s.told() == names{"10 broken unit_removed", "10 broken unit_added", "10 broken starting", "11 broken ready",
                          "11 late starting", "12 late ready"});
}

TEST_CASE("who is skipped for want of something starts when it is described without that need") {
  stack s;
  s.it.add(s.broken());
  s.it.add(s.unit("late", {{"broken"}}));
  s.change_at(10s, [&](unit_changes& wanted) { wanted.describe.push_back(s.unit("late", {{"db"}})); });
  s.run_for(1min);
  CHECK(s.told() == names{"10 late starting", "11 late ready"});
}

TEST_CASE("a line that a new edge waits for counts where the running process has written it already") {
  stack s;
  s.change_at(10s, [&](unit_changes& wanted) {
    dependency_edge edge{"db", edge_condition::log_line};
    edge.line = *pattern<>::compile("up");
    wanted.put.push_back(s.unit("late", {edge}));
  });
  CHECK(s.run_for(1min) == 0);
  CHECK(s.told() == names{"10 late unit_added", "10 late starting", "11 late ready"});
}

TEST_CASE("a change is refused while the supervisor stops and given up when it stops meanwhile") {
  stack s;
  SECTION("before") {
    s.world.at(10s, [&] { s.it.request_stop("enough"); });
    s.change_at(10s, [&](unit_changes& wanted) { wanted.put.push_back(s.unit("more")); });
    s.world.run(s.it.run());
  }
  SECTION("meanwhile") {
    s.world.os().program("lamp", process_script().say("up").on(SIGTERM, signal_reaction::exits(0, 5s)));
    s.change_at(10s, [&](unit_changes& wanted) { wanted.put.push_back(s.unit("lamp")); });
    s.world.at(12s, [&] { s.it.request_stop("enough"); });
    s.world.run(s.it.run());
  }
  REQUIRE(s.refused);
  CHECK(s.refused->code() == errc::invalid_state);
  CHECK(s.it.units() == std::vector<unit_id>{"db", "api", "front", "lamp"});
}

TEST_CASE("a stop of several goes on where one of them is removed and another unit comes") {
  stack s;
  s.world.os().program("front", process_script().say("up").on(SIGTERM, signal_reaction::exits(0, 20s)));
  const std::vector<unit_id> all{"db", "api", "front", "lamp"};
  bool has_stopped = false;
  s.world.at(10s, [&] {
    asio::co_spawn(s.world.context(), s.it.stop(all), [&](const std::exception_ptr& why) { has_stopped = !why; });
  });
  s.change_at(12s, [&](unit_changes& wanted) { wanted.remove = {"lamp"}; });
  s.change_at(14s, [&](unit_changes& wanted) { wanted.put = {s.unit("more")}; });
  s.run_for(1min);
  CHECK(has_stopped);
  CHECK(s.it.state("db") == unit_state::stopped);
}

TEST_CASE("a unit that was paused is as proven as before") {
  stack s;
  s.world.os().open_port(80);
  dependency_edge edge{"lamp"};
  edge.on_loss = edge_action::pause;
  const health_watch watch = health_watch(tcp("localhost", 80)).interval(1s);
  s.it.add(s.unit("web", {edge}).watch(watch));
  dependency_edge proof{"web", edge_condition::healthy};
  proof.on_loss = edge_action::restart;
  s.it.add(s.unit("last", {proof}));
  s.world.at(20s, [&] { s.strike("lamp", SIGKILL); });
  bool is_met = false;
  s.world.at(30s, [&] { is_met = s.it.pending_edges("last").empty(); });
  s.run_for(1min);
  CHECK(is_met);
  CHECK(s.world.os().starts("last") == 2);  // it was lost while web was paused, and came back
}

TEST_CASE("a restart of everything leaves those alone who wait to be asked") {
  stack s;
  s.it.add(s.unit("medic").on_demand());
  s.world.at(10s, [&] { asio::co_spawn(s.world.context(), s.it.restart_all(), [](const std::exception_ptr&) {}); });
  s.run_for(1min);
  CHECK(s.world.os().starts("medic") == 0);
  CHECK(s.world.os().starts("lamp") == 2);
}

}  // namespace t_sim_change
