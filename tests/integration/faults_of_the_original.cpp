// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Eleven faults that the program had from which this one takes its name; one case each, named after what holds here.
#include <catch.hpp>

#include <csignal>
#include <map>

#include <ovrseer/check/combine.hpp>
#include <ovrseer/event/crash_report_json.hpp>

#include "supervised.hpp"

namespace t_faults_of_the_original {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using enum event_type;

restart_rules quick() { return restart_rules().delays(backoff::constant(0ns)); }

TEST_CASE("fault 1: an exit with a code other than 0 is retried") {
  supervised s;
  unit_spec main = child_unit("main", "exit", "1");
  main.restart(quick().max_retries(2));
  s.add(std::move(main));
  CHECK(s.run() == 1);
  CHECK(s.count("main", restarted) == 2);
}

TEST_CASE("fault 2: every incarnation tells of its readiness and its end") {
  supervised s;
  unit_spec main = child_unit("main", "print", "up", "exit", "1");
  main.ready_when(says("up")).restart(quick().max_retries(2));
  unit_spec lost("lost", command("/no/such/program"));
  lost.restart(quick().max_retries(2));
  s.add(std::move(main)).add(std::move(lost));
  s.run();
  CHECK(s.count("main", starting) == 3);
  CHECK(s.count("main", crashed) == 3);
  CHECK(s.count("main", failed) == 1);
  // A program that does not exist is never ready, and is given up after its retries.
  CHECK(s.count("lost", ready) == 0);
  CHECK(s.count("lost", running) == 0);
  CHECK(s.count("lost", crashed) == 3);
  CHECK(s.count("lost", failed) == 1);
}

TEST_CASE("fault 3: a unit whose ready check fails is stopped") {
  supervised s;
  unit_spec main = child_unit("main", "pid", "wait");
  main.ready_when(within(says("up"), 30ms)).restart(restart_rules(restart_rules::when::never));
  s.add(std::move(main));
  CHECK(s.run() == 3);
  const std::string said = find_lines(s.it.lines("main").lines()).at(0).text;
  CHECK_FALSE(test::is_alive(std::stoi(said.substr(4))));
}

TEST_CASE("fault 4: each ready check needs a line of its own pattern and reads split lines and standard error") {
  supervised s;
  unit_spec twice = child_unit("twice", "print", "first", "print", "first", "sleep", "30", "exit", "1");
  twice.ready_when(all_of(says("first"), says("second"))).restart(restart_rules(restart_rules::when::never));
  unit_spec split = child_unit("split", "partial", "sec", "error", "first", "sleep", "30", "partial", "ond\n", "wait");
  split.ready_when(all_of(says("first"), says("^second$")));
  s.add(std::move(twice)).add(std::move(split));
  auto story = [&]() -> task<void> {
    co_await s.next("split", ready);
    co_await s.next("twice", failed);
    s.it.request_stop("enough");
  };
  s.run(story);
  CHECK(s.count("twice", ready) == 0);
}

TEST_CASE("fault 5: what is written to the standard input of a child is kept nowhere") {
  supervised s;
  unit_spec main = child_unit("main", "skip-input", "print", "bye", "exit", "1");
  main.what().input(stdin_source(stdin_source::text{"hunter2"}));
  main.restart(restart_rules(restart_rules::when::never));
  s.add(std::move(main));
  s.run();
  for (const owned_line& each : find_lines(s.it.lines("main").lines()))
    CHECK(each.text.find("hunter2") == std::string::npos);
  CHECK(to_json_text(to_json(s.reports().at(0))).find("hunter2") == std::string::npos);
}

TEST_CASE("fault 6: a crash report has the end of the log") {
  supervised s;
  unit_spec main("main",
                 command::shell("i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; done; echo the reason; exit 1"));
  main.restart(restart_rules(restart_rules::when::never));
  s.add(std::move(main));
  s.run();
  const crash_report report = s.reports().at(0);
  CHECK(report.last_lines.size() == 100);
  CHECK(report.last_lines.back() == "the reason");
  CHECK(report.last_lines.front() == "2902");
}

TEST_CASE(
    "fault 7: who is killed by a stop has stopped and a stop of what rests is none and a second stop skips nothing") {
  supervised s;
  unit_spec deaf = child_unit("deaf", "ignore", "TERM", "print", "up", "wait");
  deaf.ready_when(says("up")).stop_by(stop_plan(signal_number(SIGTERM), 20ms));
  unit_spec tidy = child_unit("tidy", "exit", "0");
  tidy.as(role::cleanup);
  s.add(std::move(deaf)).add(service("other")).add(std::move(tidy));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    const unit_state killed = co_await s.it.stop("deaf");
    CHECK(killed == unit_state::stopped);
    const unit_state again = co_await s.it.stop("deaf");
    CHECK(again == unit_state::stopped);
    const unit_state never_ran = co_await s.it.stop("tidy");
    CHECK(never_ran == unit_state::created);
    s.it.request_stop("one");
    s.it.request_stop("two");
  };
  CHECK(s.run(story) == 0);
  CHECK(s.count("deaf", crashed) == 0);
  CHECK(s.count("tidy", completed) == 1);
  CHECK(s.reports().empty());
}

TEST_CASE("fault 8: every kind of report is made and says what went wrong in words and their number is bounded") {
  supervised s;
  const restart_rules never(restart_rules::when::never);
  const std::vector<dependency_edge> nothing;  // without a list of their own, mains wait for all dependencies
  const auto add = [&](unit_spec unit, const restart_rules& rules) { s.add(unit.restart(rules).depends_on(nothing)); };
  add(child_unit("crash", "exit", "1"), never);
  add(unit_spec("lost", command("/no/such/program")), never);
  unit_spec mute = child_unit("mute", "wait");
  mute.ready_when(within(says("up"), 20ms));
  add(std::move(mute), never);
  add(child_unit("loop", "exit", "1"), quick().max_retries(1));
  add(service("lasting"), never);
  unit_spec tidy = child_unit("tidy", "exit", "1");
  tidy.as(role::cleanup);
  s.add(std::move(tidy));
  unit_spec db = child_unit("db", "exit", "1");
  db.as(role::dependency).restart(never);
  for (const char* name : {"crash", "lost", "mute", "loop"}) db.depends_on(name, edge_condition::completed);
  s.add(std::move(db));
  auto story = [&]() -> task<void> { co_await s.next("db", failed); };
  s.run(story);
  std::map<std::string, crash_kind> kinds;
  for (const crash_report& report : s.reports()) {
    kinds[report.unit.name] = report.kind;
    const ordered_json json = to_json(report);
    CHECK_THAT(json["message"].get<std::string>(), catchx::StartsWith(report.unit.name + " "));
    CHECK(json["message"].get<std::string>().size() > 20);
  }
  CHECK(kinds["crash"] == crash_kind::crash);
  CHECK(kinds["lost"] == crash_kind::spawn_failed);
  CHECK(kinds["mute"] == crash_kind::ready_check_failed);
  CHECK(kinds["loop"] == crash_kind::retries_exhausted);
  CHECK(kinds["tidy"] == crash_kind::cleanup_failed);
  CHECK(kinds["db"] == crash_kind::dependency_failed);
  CHECK(supervisor_options().max_reports() == 256);
}

TEST_CASE("fault 9: lines on standard error are lines") {
  supervised s;
  s.add(child_unit("main", "error", "only a warning", "exit", "0"));
  CHECK(s.run() == 0);
  const owned_line said = find_lines(s.it.lines("main").lines()).at(0);
  CHECK(said.source == line_source::err);
  CHECK(s.failures.empty());
  CHECK(s.reports().empty());
}

TEST_CASE("fault 10: a unit that was stable has all its retries again") {
  supervised s;
  unit_spec main = child_unit("main", "print", "up", "wait");
  main.ready_when(says("up")).restart(quick().max_retries(1).stable_after(1ns));
  s.add(std::move(main));
  auto story = [&]() -> task<void> {
    std::uint64_t seen = 0;
    for (int life = 0; life < 4; ++life) {
      const event up = co_await s.next("main", ready, seen);
      seen = up.seq;
      ::kill(s.it.snapshot().units[0].pid.value(), SIGKILL);
    }
    co_await s.next("main", ready, seen);
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  CHECK(s.count("main", restarted) == 4);
  CHECK(s.count("main", failed) == 0);
}

TEST_CASE("fault 11: the children of a child end with it") {
  supervised s;
  unit_spec main = child_unit("main", "fork", "{", "pid", "wait", "}", "fork", "{", "setsid", "pid", "wait", "}",
                              "print", "up", "wait");
  main.ready_when(says("up"));
  s.add(std::move(main));
  std::vector<pid_t> grandchildren;
  auto story = [&]() -> task<void> {
    line_stream lines = s.it.lines("main").subscribe(on_overrun::drop_oldest, read_from::oldest);
    while (grandchildren.size() != 2) {
      const std::optional<line> next = co_await lines.next();
      if (next->text.starts_with("pid ")) grandchildren.push_back(std::stoi(std::string(next->text.substr(4))));
    }
    co_await s.it.wait_ready();
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  for (const pid_t pid : grandchildren) CHECK_FALSE(test::is_alive(pid));
}

}  // namespace t_faults_of_the_original
