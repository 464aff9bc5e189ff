// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Restarts: asked for, decided by policy, given up; units that come and go; requests that cross each other.
#include <catch.hpp>

#include <chrono>
#include <csignal>

#include "supervised.hpp"

namespace t_supervisor_restart {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using enum event_type;

restart_rules quick() { return restart_rules().delays(backoff::constant(0ns)); }

std::error_code code_of(const attempted<void>& outcome) {
  return outcome ? std::error_code() : outcome.reason().code();
}

/// A dependency, one on top of it, and a main on top of that.
void add_tower(supervised& s) {
  unit_spec cache = dependency("cache");
  cache.depends_on("db");
  s.add(dependency("db")).add(std::move(cache)).add(service("api"));
}

TEST_CASE("one unit is restarted and the others go on") {
  supervised s;
  add_tower(s);
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    const std::int32_t before = s.it.snapshot().units[0].pid.value();
    const unit_state now = co_await s.it.restart("db");
    CHECK(now == unit_state::ready);
    const unit_snapshot db = s.it.snapshot().units[0];
    CHECK(db.pid.value() != before);
    CHECK(db.incarnation == 2);
    CHECK(db.restarts == 1);
    CHECK(s.it.snapshot().units[2].incarnation == 1);
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  CHECK(s.count("db", restarted) == 1);
  CHECK(s.reports().empty());
}

TEST_CASE("several units are stopped in reverse and started in order") {
  supervised s;
  add_tower(s);
  std::uint64_t from = 0;
  std::uint64_t until = 0;
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    from = s.it.events().end_seq();
    SECTION("all of them") {
      co_await s.it.restart_all();
      until = s.it.events().end_seq();
    }
    SECTION("some of them in any order") {
      std::vector<unit_id> some;
      some.emplace_back("db");
      some.emplace_back("cache");
      co_await s.it.restart(std::move(some));
      until = s.it.events().end_seq();
      CHECK(s.it.snapshot().units[2].incarnation == 1);
    }
    CHECK(s.it.is_ready());
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  names stops;
  names starts;
  for (const event& each : s.events()) {
    if (each.seq < from || each.seq >= until) continue;
    if (each.type == stopped) stops.push_back(each.unit.name);
    if (each.type == ready) starts.push_back(each.unit.name);
  }
  names reversed(starts.rbegin(), starts.rend());
  CHECK(stops == reversed);
  CHECK(starts.front() == "db");
}

TEST_CASE("a unit that is stopped stays so until somebody starts it") {
  supervised s;
  s.add(service("api")).add(service("other"));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    const unit_state down = co_await s.it.stop("api");
    CHECK(down == unit_state::stopped);
    CHECK_FALSE(s.it.is_ready());
    const unit_state up = co_await s.it.start("api");
    CHECK(up == unit_state::ready);
    CHECK(s.it.is_ready());
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
}

TEST_CASE("units are added and removed while the supervisor runs") {
  supervised s;
  s.add(service("api"));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    unit_spec late = dependency("late");
    s.it.add(std::move(late));
    const unit_state up = co_await s.it.start("late");
    CHECK(up == unit_state::ready);
    // A main without a list of its own depends on all dependencies: also on the new one.
    const attempted<void> refused = co_await attempt(s.it.remove("late"));
    CHECK(code_of(refused) == errc::invalid_state);
    co_await s.it.remove("api");
    co_await s.it.remove("late");
    const attempted<void> unknown = co_await attempt(s.it.remove("late"));
    CHECK(code_of(unknown) == errc::unknown_unit);
    CHECK(s.it.units().empty());
    // The name is free again.
    s.it.add(service("late"));
    co_await s.it.start("late");
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  CHECK(s.count("late", unit_removed) == 1);
  CHECK(s.count("late", unit_added) == 2);
}

TEST_CASE("what is added while it runs is refused like what is added before") {
  supervised s;
  s.add(service("api"));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    const auto add = [&](unit_spec unit) {
      try {
        s.it.add(std::move(unit));
      } catch (const std::system_error& refused) {
        return refused.code();
      }
      return std::error_code();
    };
    unit_spec lost = service("lost");
    lost.depends_on("nobody");
    CHECK(add(std::move(lost)) == errc::unknown_dependency);
    unit_spec snake = dependency("snake");  // api waits for all dependencies
    snake.depends_on("api");
    CHECK(add(std::move(snake)) == errc::dependency_cycle);
    CHECK(add(service("api")) == errc::duplicate_unit);
    CHECK(s.it.units() == std::vector<unit_id>{"api"});
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
}

TEST_CASE("a unit is removed before the supervisor runs") {
  supervised s;
  s.add(child_unit("a", "exit", "0")).add(child_unit("b", "exit", "1"));
  complete(s.context, s.it.remove("b"));
  CHECK(s.run() == 0);
}

TEST_CASE("requests are refused while the supervisor does not run or stops") {
  supervised s;
  s.add(service("api"));
  auto before = [&]() -> task<void> { co_await s.it.start("api"); };
  CHECK_THROWS_AS(complete(s.context, before), std::system_error);
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    s.it.request_stop("enough");
    const attempted<unit_state> refused = co_await attempt(s.it.restart("api"));
    CHECK(refused.reason().code() == errc::invalid_state);
    const attempted<unit_state> stopped_all_the_same = co_await attempt(s.it.stop("api"));
    CHECK(*stopped_all_the_same == unit_state::stopped);
  };
  CHECK(s.run(story) == 0);
  CHECK(s.count("api", starting) == 1);
}

TEST_CASE("a stop that comes in the middle of a restart of all wins") {
  // At each event of the restart in turn.
  for (std::uint64_t at = 0;; ++at) {
    supervised s;
    add_tower(s);
    bool was_done = false;
    auto restart_all = [&]() -> task<void> {
      co_await s.it.restart_all();
      was_done = true;
    };
    auto story = [&]() -> task<void> {
      co_await s.it.wait_ready();
      const std::uint64_t from = s.it.events().end_seq();
      started<void> restarting(s.context, restart_all());
      journal::reader reader = s.it.events().subscribe_from(from);
      for (std::uint64_t seen = 0; seen < at && !was_done; ++seen) co_await reader.next();
      s.it.request_stop("the stop wins");
      // `restarting` must outlive its coroutine, which ends with the supervisor.
      for (;;) {
        const std::optional<journal_entry> entry = co_await reader.next();
        if (!entry) break;
      }
      while (!restarting.is_done()) co_await sleep_for(1ms);
    };
    INFO("stopped at event " << at << " of the restart");
    CHECK(s.run(story) == 0);
    for (const unit_snapshot& unit : s.it.snapshot().units) CHECK_FALSE(is_alive(unit.state));
    if (was_done) break;
    REQUIRE(at < 100);
  }
}

TEST_CASE("a restart that comes while the unit stops starts it again") {
  supervised s;
  s.add(service("api")).add(service("other"));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    auto stop_it = [&]() -> task<void> { co_await s.it.stop("api"); };
    started<void> stopping_it(s.context, stop_it());
    co_await s.next("api", stopping);
    const unit_state up = co_await s.it.restart("api");
    CHECK(up == unit_state::ready);
    CHECK(s.it.snapshot().units[0].incarnation == 2);
    co_await s.it.stop("api");
    while (!stopping_it.is_done()) co_await sleep_for(1ms);
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
}

TEST_CASE("a dependency that dies makes the supervisor not ready until it has come back") {
  supervised s;
  unit_spec db = dependency("db");
  db.restart(quick());
  s.add(std::move(db)).add(service("api"));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    const std::int32_t pid = s.it.snapshot().units[0].pid.value();
    ::kill(pid, SIGKILL);
    const event crash = co_await s.next("db", crashed);
    CHECK_FALSE(s.it.is_ready());
    CHECK(s.it.not_ready() == std::vector<unit_id>{"db"});
    const bool is_ready = co_await s.it.wait_ready();
    CHECK(is_ready);
    CHECK(s.it.snapshot().units[0].incarnation == 2);
    // The main was not touched.
    CHECK(s.it.snapshot().units[1].incarnation == 1);
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  const std::vector<crash_report> reports = s.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].unit == unit_id("db"));
  CHECK(reports[0].kind == crash_kind::crash);
  CHECK(reports[0].status->signal() == signal_number(SIGKILL));
}

TEST_CASE("a crash loop ends after maxRetries with a report for each crash") {
  supervised s;
  unit_spec loop = child_unit("loop", "exit", "5");
  loop.restart(quick().max_retries(3));
  s.add(std::move(loop));
  CHECK(s.run() == 5);
  CHECK(s.count("loop", starting) == 4);
  CHECK(s.count("loop", restarted) == 3);
  CHECK(s.last("loop").type == failed);
  const std::vector<crash_report> reports = s.reports();
  REQUIRE(reports.size() == 4);
  CHECK(reports[0].kind == crash_kind::crash);
  CHECK(reports[3].kind == crash_kind::retries_exhausted);
  CHECK(reports[3].retry_count == 3);
  CHECK(reports[3].history.size() == 4);
  CHECK_THAT(cause_of(s.last("loop"))->rule, catchx::ContainsSubstring("maxRetries 3"));
  // Each belongs to the crash that it reports.
  for (const crash_report& report : reports) {
    const event* of = s.it.events().at(report.event_seq);
    REQUIRE(of != nullptr);
    CHECK(of->type == crashed);
    CHECK(of->incarnation == report.incarnation);
  }
}

TEST_CASE("a crash loop of a unit that becomes stable each time is ended by its intensity") {
  supervised s;
  unit_spec loop = child_unit("loop", "exit", "6");
  loop.restart(quick().max_retries(0).stable_after(1ns).intensity(4, 1h));
  s.add(std::move(loop));
  CHECK(s.run() == 6);
  CHECK(s.count("loop", restarted) == 4);
  CHECK(cause_of(s.last("loop"))->rule == "intensity 4 in 1h");
  CHECK(s.reports().back().kind == crash_kind::retries_exhausted);
}

TEST_CASE("a restart waits for the delay that the journal announces") {
  supervised s;
  unit_spec flaky = child_unit("flaky", "exit", "1");
  flaky.restart(restart_rules().max_retries(1).delays(backoff::constant(30ms)));
  s.add(std::move(flaky));
  CHECK(s.run() == 1);
  const event& pause = *s.it.events().at(s.seq_of("flaky", backing_off));
  CHECK(std::get<transition_data>(pause.data).delay == 30ms);
  const event& next = *s.it.events().at(s.seq_of("flaky", restarted));
  CHECK(next.mono_ns - pause.mono_ns >= std::chrono::nanoseconds(30ms).count());
}

TEST_CASE("codes and signals say which ends are restarted") {
  supervised s;
  unit_spec by_code = child_unit("by_code", "exit", "2");
  by_code.restart(quick().max_retries(1).codes({2}));
  unit_spec other_code = child_unit("other_code", "exit", "3");
  other_code.restart(quick().max_retries(1).codes({2}));
  unit_spec by_signal = child_unit("by_signal", "no-core", "die", "USR1");
  by_signal.restart(quick().max_retries(1).signals({signal_number(SIGUSR1)}));
  unit_spec success = child_unit("success", "exit", "4");
  success.restart(quick().success_codes({4}));
  s.add(std::move(by_code)).add(std::move(other_code)).add(std::move(by_signal)).add(std::move(success));
  s.run();
  CHECK(s.count("by_code", restarted) == 1);
  CHECK(s.count("other_code", restarted) == 0);
  CHECK(s.count("by_signal", restarted) == 1);
  CHECK(s.last("success").type == completed);
}

TEST_CASE("a unit that always restarts is restarted after success too") {
  supervised s;
  unit_spec again = child_unit("again", "exit", "0");
  again.restart(quick().restart(restart_rules::when::always).max_retries(2));
  s.add(std::move(again));
  s.run();
  CHECK(s.count("again", completed) == 3);
}

TEST_CASE("a stop ends the delay before a restart") {
  supervised s;
  unit_spec slow = child_unit("slow", "exit", "1");
  slow.restart(restart_rules().delays(backoff::constant(1h)));
  s.add(std::move(slow));
  auto story = [&]() -> task<void> {
    co_await s.next("slow", backing_off);
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  CHECK(s.last("slow").type == stopped);
}

TEST_CASE("every change of state has a cause that leads back to the beginning or to a request") {
  supervised s;
  unit_spec flaky = child_unit("flaky", "exit", "1");
  flaky.restart(quick().max_retries(2));
  unit_spec needy = service("needy");
  needy.depends_on("flaky", edge_condition::completed_successfully);
  unit_spec tidy = child_unit("tidy", "exit", "0");
  tidy.as(role::cleanup);
  add_tower(s);
  s.add(std::move(flaky)).add(std::move(needy)).add(std::move(tidy));
  auto story = [&]() -> task<void> {
    co_await s.next("api", ready);
    co_await s.next("needy", skipped);
    co_await s.it.restart("api");
    s.it.add(service("late"));
    co_await s.it.start("late");
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 1);
  std::size_t transitions = 0;
  for (const event& each : s.events()) {
    if (!state_of(each.type)) continue;
    ++transitions;
    INFO(each.seq << " " << each.unit.name << " " << to_text(each.type));
    const cause why = *cause_of(each);
    CHECK_FALSE((why.what + why.rule).empty());
    const std::vector<event> chain = s.it.events().chain(each.seq);
    const event& root = chain.back();
    CHECK(root.cause_seq == 0);
    const cause* const asked = cause_of(root);
    const bool is_request = root.type == supervisor_stopping || (asked != nullptr && asked->rule == "request");
    CHECK((root.type == supervisor_started || is_request));
  }
  CHECK(transitions > 40);
}

}  // namespace t_supervisor_restart
