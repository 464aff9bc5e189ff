// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// In which order units start and stop, that cleanup always runs, and what the supervisor says at its end.
#include <catch.hpp>

#include <csignal>

#include <ovrseer/check/file.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/supervise/json.hpp>

#include "disk_folder.hpp"
#include "supervised.hpp"

namespace t_supervisor_order {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using enum event_type;

unit_spec cleanup(std::string name) {
  unit_spec made = child_unit(std::move(name), "print", "tidy");
  made.as(role::cleanup);
  return made;
}

TEST_CASE("units start as the graph allows and stop in reverse") {
  supervised s;
  s.add(service("api")).add(dependency("db")).add(cleanup("tidy"));
  unit_spec cache = dependency("cache");
  cache.depends_on("db");
  s.add(std::move(cache));
  auto story = [&]() -> task<void> {
    const bool is_ready = co_await s.it.wait_ready();
    CHECK(is_ready);
    CHECK(s.it.is_ready());
    CHECK(s.it.not_ready().empty());
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  CHECK(s.order_of(ready) == names{"db", "cache", "api"});
  CHECK(s.order_of(stopped) == names{"api", "cache", "db"});
  // Cleanup runs when the mains have ended and the dependencies are still there.
  CHECK(s.seq_of("tidy", completed) > s.seq_of("api", stopped));
  CHECK(s.seq_of("tidy", completed) < s.seq_of("cache", stopping));
  CHECK(s.it.lines("tidy").lines().end_seq() == 2);
  CHECK_FALSE(s.it.is_ready());
  CHECK(s.failures.empty());
}

TEST_CASE("units that do not need each other start together") {
  // Each is ready only when the other runs: one after the other they would never be.
  const ovrseer_test::disk_folder folder;
  const probe_timing often = probe_timing().interval(5ms);
  supervised s;
  unit_spec left = child_unit("left", "create", folder / "left", "wait");
  left.as(role::dependency).ready_when(probe(file(folder / "right"), often));
  unit_spec right = child_unit("right", "create", folder / "right", "wait");
  right.as(role::dependency).ready_when(probe(file(folder / "left"), often));
  s.add(std::move(left)).add(std::move(right)).add(service("api"));
  auto story = [&]() -> task<void> {
    const bool is_ready = co_await s.it.wait_ready();
    CHECK(is_ready);
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
}

TEST_CASE("an explicit list of dependencies replaces the rule that a main waits for all") {
  supervised s;
  unit_spec slow = child_unit("slow", "wait");  // never says that it is up
  slow.as(role::dependency).ready_when(says("up"));
  unit_spec free = service("free");
  free.depends_on(std::vector<dependency_edge>{});
  s.add(std::move(slow)).add(std::move(free));
  auto story = [&]() -> task<void> {
    co_await s.next("free", ready);
    CHECK(s.it.not_ready() == std::vector<unit_id>{"slow"});
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
}

TEST_CASE("a one-shot dependency is met when it has completed") {
  supervised s;
  unit_spec migrate = child_unit("migrate", "print", "done");
  migrate.as(role::dependency).of_kind(unit_spec::kind::one_shot);
  s.add(std::move(migrate)).add(service("api"));
  auto story = [&]() -> task<void> {
    const bool is_ready = co_await s.it.wait_ready();
    CHECK(is_ready);
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  CHECK(s.seq_of("api", starting) > s.seq_of("migrate", completed));
}

TEST_CASE("a wanted dependency that cannot be had is done without") {
  supervised s;
  unit_spec cache("cache", command("/no/such/program"));
  cache.as(role::dependency).restart(restart_rules(restart_rules::when::never));
  unit_spec api = child_unit("api", "exit", "0");
  api.depends_on({dependency_edge{"cache", edge_condition::standard, dependency_edge::need::wanted}});
  s.add(std::move(cache)).add(std::move(api));
  s.run();
  CHECK(s.count("api", skipped) == 0);
}

TEST_CASE("when all mains have completed the supervisor ends with 0") {
  supervised s;
  s.add(dependency("db")).add(child_unit("a", "exit", "0")).add(child_unit("b", "exit", "0")).add(cleanup("tidy"));
  CHECK(s.run() == 0);
  CHECK(s.count("db", stopped) == 1);
  CHECK(s.count("tidy", completed) == 1);
  CHECK(cause_of(*s.it.events().at(s.seq_of({}, supervisor_stopping)))->what == "all main units have ended");
}

TEST_CASE("the exit code is that of the first main that failed") {
  supervised s;
  unit_spec first = child_unit("first", "exit", "7");
  first.restart(restart_rules(restart_rules::when::never));
  unit_spec second = child_unit("second", "exit", "9");
  second.restart(restart_rules(restart_rules::when::never)).depends_on("first", edge_condition::completed);
  s.add(std::move(second)).add(std::move(first)).add(child_unit("fine", "exit", "0"));
  CHECK(s.run() == 7);
}

TEST_CASE("a main that a signal ended makes the exit code 128 and the signal") {
  supervised s;
  unit_spec main = child_unit("main", "no-core", "die", "SEGV");
  main.restart(restart_rules(restart_rules::when::never));
  s.add(std::move(main));
  CHECK(s.run() == 128 + SIGSEGV);
}

TEST_CASE("a dependency that never becomes ready makes the exit code 3 and cleanup runs") {
  supervised s;
  unit_spec db = child_unit("db", "exit", "1");
  db.as(role::dependency).ready_when(says("up")).restart(restart_rules(restart_rules::when::never));
  s.add(std::move(db)).add(service("api")).add(cleanup("tidy"));
  auto story = [&]() -> task<void> {
    const bool is_ready = co_await s.it.wait_ready();
    CHECK_FALSE(is_ready);
  };
  CHECK(s.run(story) == 3);
  CHECK(s.count("api", starting) == 0);
  CHECK(s.count("tidy", completed) == 1);
}

TEST_CASE("a dependency that is given up after it was ready makes the exit code 4") {
  supervised s;
  unit_spec db = child_unit("db", "print", "up", "skip-input", "exit", "1");
  db.as(role::dependency).ready_when(says("up")).restart(restart_rules(restart_rules::when::never));
  db.what().input(stdin_source(stdin_source::writer{}));
  s.add(std::move(db)).add(service("api")).add(cleanup("tidy"));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    const std::int32_t pid = s.it.snapshot().units.front().pid.value();
    ::kill(pid, SIGKILL);
  };
  CHECK(s.run(story) == 4);
  CHECK(s.order_of(stopped) == names{"api"});
  CHECK(s.count("tidy", completed) == 1);
}

TEST_CASE("a main that cannot be spawned makes the exit code 3 and its report says so") {
  supervised s;
  unit_spec main("main", command("/no/such/program"));
  main.restart(restart_rules(restart_rules::when::never));
  s.add(std::move(main)).add(cleanup("tidy"));
  CHECK(s.run() == 3);
  const std::vector<crash_report> reports = s.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].kind == crash_kind::spawn_failed);
  CHECK_THAT(reports[0].message, catchx::ContainsSubstring("/no/such/program"));
  CHECK_FALSE(reports[0].pid.has_value());
  CHECK(s.count("tidy", completed) == 1);
}

TEST_CASE("a forced stop kills everything at once and makes the exit code 130") {
  supervised s;
  const stop_plan patient(signal_number(SIGTERM), 1h);
  unit_spec db = child_unit("db", "ignore", "TERM", "print", "up", "wait");
  db.as(role::dependency).ready_when(says("up")).stop_by(patient);
  unit_spec api = child_unit("api", "ignore", "TERM", "print", "up", "wait");
  api.ready_when(says("up")).stop_by(patient);
  s.add(std::move(db)).add(std::move(api)).add(cleanup("tidy"));
  SECTION("when nothing had stopped before") {
    auto story = [&]() -> task<void> {
      co_await s.it.wait_ready();
      s.it.force_stop("now");
    };
    CHECK(s.run(story) == 130);
  }
  SECTION("when a stop is under way") {
    auto story = [&]() -> task<void> {
      co_await s.it.wait_ready();
      s.it.request_stop("please");
      co_await s.next("api", stopping);
      s.it.force_stop("now");
    };
    CHECK(s.run(story) == 130);
  }
  CHECK(s.last("db").type == stopped);
  CHECK(s.last("api").type == stopped);
  CHECK(s.count("tidy", starting) == 0);
}

TEST_CASE("a cancellation of run is a request to stop") {
  const stop_plan patient(signal_number(SIGTERM), 1h);
  supervised s;
  unit_spec api = child_unit("api", "ignore", "TERM", "print", "up", "wait");
  api.ready_when(says("up")).stop_by(patient);
  int code = -1;
  SECTION("total: by the plans") {
    s.add(dependency("db")).add(service("polite")).add(cleanup("tidy"));
    auto story = [&]() -> task<void> {
      co_await s.it.wait_ready();
      s.cancel(cancellation_type::total);
    };
    code = s.run(story);
    CHECK(code == 0);
    CHECK(s.order_of(stopped) == names{"polite", "db"});
    CHECK(s.count("tidy", completed) == 1);
  }
  SECTION("partial: each again to the next step") {
    s.add(std::move(api)).add(cleanup("tidy"));
    auto story = [&]() -> task<void> {
      co_await s.it.wait_ready();
      s.cancel(cancellation_type::partial);
      co_await s.next("api", stopping);
      s.cancel(cancellation_type::partial);
    };
    code = s.run(story);
    CHECK(code == 0);
    CHECK(s.last("api").type == stopped);
    CHECK(s.count("tidy", completed) == 1);
  }
  SECTION("terminal: by force") {
    s.add(std::move(api)).add(cleanup("tidy"));
    auto story = [&]() -> task<void> {
      co_await s.it.wait_ready();
      s.cancel(cancellation_type::terminal);
    };
    code = s.run(story);
    CHECK(code == 130);
    CHECK(s.count("tidy", starting) == 0);
  }
}

TEST_CASE("two requests to stop are one") {
  supervised s;
  s.add(service("api")).add(cleanup("tidy"));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    s.it.request_stop("first");
    s.it.post_stop("second");
    co_await s.next("api", stopping);
    s.it.request_stop("third");
  };
  CHECK(s.run(story) == 0);
  CHECK(s.count({}, supervisor_stopping) == 1);
  CHECK(s.count("tidy", completed) == 1);
  CHECK(cause_of(*s.it.events().at(s.seq_of({}, supervisor_stopping)))->what == "first");
}

TEST_CASE("cleanup units run one by one in the order in which they were added") {
  supervised s;
  s.add(cleanup("one")).add(child_unit("main", "exit", "0")).add(cleanup("two")).add(cleanup("three"));
  CHECK(s.run() == 0);
  CHECK(s.seq_of("one", completed) < s.seq_of("two", starting));
  CHECK(s.seq_of("two", completed) < s.seq_of("three", starting));
}

TEST_CASE("cleanup that names a unit which has stopped runs all the same") {
  supervised s;
  unit_spec tidy = cleanup("tidy");
  tidy.depends_on("api");
  s.add(service("api")).add(std::move(tidy));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  CHECK(s.count("tidy", completed) == 1);
}

TEST_CASE("what cannot be added is refused and nothing is changed") {
  supervised s(supervisor_options().max_units(2));
  const auto code_of = [&](unit_spec spec) {
    try {
      s.it.add(std::move(spec));
    } catch (const std::system_error& refused) {
      return refused.code();
    }
    return std::error_code();
  };
  s.add(child_unit("a", "exit", "0"));
  CHECK(code_of(child_unit("a", "exit", "0")) == errc::duplicate_unit);
  CHECK(code_of(child_unit("", "exit", "0")) == errc::invalid_configuration);
  CHECK(code_of(child_unit("-b", "exit", "0")) == errc::invalid_configuration);
  CHECK(code_of(child_unit("a b", "exit", "0")) == errc::invalid_configuration);
  CHECK(code_of(unit_spec(unit_id("other", "a"), child_command("exit", "0"))) == std::error_code());
  CHECK(code_of(child_unit("c", "exit", "0")) == errc::limit_reached);
  CHECK(s.it.units() == std::vector<unit_id>{"a", unit_id("other", "a")});
  CHECK(s.run() == 0);
}

TEST_CASE("run refuses a cycle and an unknown dependency before it starts anything") {
  supervised s;
  unit_spec a = child_unit("a", "wait");
  unit_spec b = child_unit("b", "wait");
  SECTION("a cycle with its path") {
    a.depends_on("b");
    b.depends_on("a");
    s.add(std::move(a)).add(std::move(b));
    CHECK_THROWS_WITH(s.run(), catchx::ContainsSubstring("a -> b -> a"));
  }
  SECTION("an unknown dependency") {
    a.depends_on("nobody");
    s.add(std::move(a)).add(std::move(b));
    CHECK_THROWS_WITH(s.run(), catchx::ContainsSubstring("a depends on nobody"));
  }
  CHECK(s.order_of(waiting).empty());
}

TEST_CASE("a snapshot says of every unit what there is to know") {
  supervised s;
  s.add(dependency("db")).add(service("api"));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    const supervisor_snapshot shot = s.it.snapshot();
    CHECK(shot.is_ready);
    CHECK_FALSE(shot.is_stopping);
    CHECK(shot.last_seq == s.it.events().end_seq() - 1);
    REQUIRE(shot.units.size() == 2);
    const unit_snapshot& api = shot.units[1];
    CHECK(api.id == unit_id("api"));
    CHECK(api.role == role::main);
    CHECK(api.state == unit_state::ready);
    CHECK(api.incarnation == 1);
    CHECK(api.restarts == 0);
    REQUIRE(api.pid.has_value());
    CHECK(test::is_alive(*api.pid));
    CHECK(api.depends_on == std::vector<unit_id>{"db"});
    CHECK(api.lines == 1);
    CHECK_FALSE(api.why.empty());
    const nlohmann::ordered_json json = to_json(shot);
    CHECK(json["units"][1]["unit"] == "api");
    CHECK(json["units"][1]["state"] == "ready");
    CHECK(json["units"][1]["pid"] == *api.pid);
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  const supervisor_snapshot end = s.it.snapshot();
  CHECK(end.units[1].state == unit_state::stopped);
  CHECK_FALSE(end.units[1].pid.has_value());
  REQUIRE(end.units[1].last_status.has_value());
  CHECK(end.units[1].last_status->is_signaled());
}

TEST_CASE("a stop at any moment of a start ends everything") {
  // How many events a whole run has, then a run for each of them that is stopped right there.
  for (std::uint64_t stop_at = 1;; ++stop_at) {
    supervised s;
    unit_spec one_shot = child_unit("prepare", "exit", "0");
    one_shot.as(role::dependency).of_kind(unit_spec::kind::one_shot);
    unit_spec db = dependency("db");
    db.depends_on("prepare");
    s.add(std::move(one_shot)).add(std::move(db)).add(service("api")).add(cleanup("tidy"));
    bool was_ready = false;
    auto story = [&]() -> task<void> {
      journal::reader reader = s.it.events().subscribe_from(1);
      for (;;) {
        const std::optional<journal_entry> entry = co_await reader.next();
        if (!entry) throw std::runtime_error("it has ended by itself");
        was_ready = s.it.is_ready();
        if (std::get<event>(*entry).seq == stop_at || was_ready) break;
      }
      s.it.request_stop("in the middle");
    };
    INFO("stopped at event " << stop_at);
    CHECK(s.run(story) == 0);
    CHECK(s.count("tidy", completed) == 1);
    for (const unit_snapshot& unit : s.it.snapshot().units) CHECK_FALSE(is_alive(unit.state));
    if (was_ready) break;
  }
}

TEST_CASE("force at any moment of a stop ends everything") {
  for (std::uint64_t behind = 1;; ++behind) {
    supervised s;
    s.add(dependency("db")).add(service("api")).add(cleanup("tidy"));
    bool has_ended = false;
    auto story = [&]() -> task<void> {
      co_await s.it.wait_ready();
      s.it.request_stop("please");
      const std::uint64_t from = s.it.events().end_seq();
      journal::reader reader = s.it.events().subscribe_from(from);
      for (;;) {
        const std::optional<journal_entry> entry = co_await reader.next();
        has_ended = !entry || std::get<event>(*entry).type == supervisor_stopped;
        if (has_ended || std::get<event>(*entry).seq == from + behind) break;
      }
      if (!has_ended) s.it.force_stop("now");
    };
    INFO("forced at event " << behind << " of the stop");
    const int code = s.run(story);
    CHECK(code == (has_ended ? 0 : 130));
    for (const unit_snapshot& unit : s.it.snapshot().units) CHECK_FALSE(is_alive(unit.state));
    if (has_ended) break;
  }
}

}  // namespace t_supervisor_order
