// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Children that misbehave: deaf to signals, never ready, parents of runaways, floods and bytes that are no text.
#include <catch.hpp>

#include <csignal>
#include <fstream>

#include "supervised.hpp"

namespace t_supervisor_hostile {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using enum event_type;

restart_rules quick() { return restart_rules().delays(backoff::constant(0ns)); }

std::uint64_t resident_kib() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * 4;
}

TEST_CASE("a unit that ignores SIGTERM is killed when its grace is over") {
  supervised s;
  unit_spec deaf = child_unit("deaf", "ignore", "TERM", "print", "up", "wait");
  deaf.ready_when(says("up")).stop_by(stop_plan(signal_number(SIGTERM), 50ms));
  s.add(std::move(deaf));
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  const auto& data = std::get<transition_data>(s.last("deaf").data);
  CHECK(s.last("deaf").type == stopped);  // and not crashed: it was asked to end
  CHECK(data.status == exit_status::signaled(signal_number(SIGKILL)));
  CHECK(data.took.value() >= 50ms);
  CHECK(s.reports().empty());
}

TEST_CASE("grandchildren left behind are gone before the unit starts again and at the end") {
  supervised s;
  unit_spec parent("parent", command(""));
  SECTION("in the group of the unit") {
    parent = child_unit("parent", "fork", "{", "pid", "wait", "}", "print", "up", "skip-input", "exit", "1");
  }
  SECTION("in a session of their own that holds the pipe") {
    parent = child_unit("parent", "fork", "{", "setsid", "pid", "wait", "}", "print", "up", "skip-input", "exit", "1");
  }
  SECTION("deaf to SIGTERM too") {
    parent = child_unit("parent", "fork", "{", "ignore", "TERM", "setsid", "pid", "wait", "}", "print", "up",
                        "skip-input", "exit", "1");
  }
  SECTION("as daemons that nobody waits for") {
    parent = child_unit("parent", "daemon", "{", "pid", "wait", "}", "print", "up", "skip-input", "exit", "1");
  }
  parent.ready_when(says("up")).restart(quick());
  parent.what().input(stdin_source(stdin_source::writer{}));
  s.add(std::move(parent));
  std::vector<pid_t> grandchildren;
  auto story = [&]() -> task<void> {
    line_stream lines = s.it.lines("parent").subscribe(on_overrun::drop_oldest, read_from::oldest);
    for (int life = 1; life <= 2; ++life) {
      for (bool is_known = false; !is_known;) {
        const std::optional<line> next = co_await lines.next();
        is_known = next->text.starts_with("pid ");
        if (is_known) grandchildren.push_back(std::stoi(std::string(next->text.substr(4))));
      }
      co_await s.it.wait_ready();
      CHECK(test::is_alive(grandchildren.back()));
      if (life == 1) {
        ::kill(s.it.snapshot().units[0].pid.value(), SIGKILL);
        const event crash = co_await s.next("parent", crashed);
        co_await s.next("parent", starting, crash.seq);
        CHECK_FALSE(test::is_alive(grandchildren.front()));
      }
    }
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  REQUIRE(grandchildren.size() == 2);
  CHECK_FALSE(test::is_alive(grandchildren.back()));
}

TEST_CASE("a unit whose ready check times out is stopped and then restarted by its policy") {
  supervised s;
  unit_spec mute = child_unit("mute", "pid", "wait");
  mute.ready_when(within(says("never said"), 50ms)).restart(quick().max_retries(2));
  s.add(std::move(mute));
  CHECK(s.run() == 3);
  CHECK(s.count("mute", starting) == 3);
  CHECK(s.count("mute", ready) == 0);
  CHECK(s.last("mute").type == failed);
  std::size_t pids = 0;
  for (const owned_line& each : find_lines(s.it.lines("mute").lines())) {
    if (!each.text.starts_with("pid ")) continue;
    ++pids;
    CHECK_FALSE(test::is_alive(std::stoi(each.text.substr(4))));
  }
  CHECK(pids == 3);
  const std::vector<crash_report> reports = s.reports();
  REQUIRE(reports.size() == 3);
  CHECK(reports[0].kind == crash_kind::ready_check_failed);
  CHECK_THAT(reports[0].message, catchx::ContainsSubstring("not ready"));
  CHECK(reports[2].kind == crash_kind::retries_exhausted);
}

TEST_CASE("a unit that ends before it is ready has crashed even when its code is that of success") {
  supervised s;
  unit_spec brief = child_unit("brief", "exit", "3");
  brief.ready_when(says("up")).restart(quick().max_retries(1));
  s.add(std::move(brief));
  CHECK(s.run() == 3);
  CHECK(s.count("brief", ready) == 0);
}

TEST_CASE("a check that throws counts as not ready") {
  struct broken_check {
    task<check_result> operator()(check_target) const { return fail(); }
    static task<check_result> fail() {
      throw std::runtime_error("the check is broken");
      co_return check_result{};
    }
  };
  supervised s;
  unit_spec main = child_unit("main", "wait");
  main.ready_when(broken_check()).restart(restart_rules(restart_rules::when::never));
  s.add(std::move(main));
  CHECK(s.run() == 3);
  CHECK_THAT(s.reports().at(0).message, catchx::ContainsSubstring("the check is broken"));
}

TEST_CASE("cleanup that hangs is killed after its limit and cleanup that fails is reported") {
  supervised s;
  unit_spec hangs = child_unit("hangs", "ignore", "TERM", "fork", "{", "setsid", "ignore", "TERM", "wait", "}", "wait");
  hangs.as(role::cleanup).time_limit(50ms);
  unit_spec fails = child_unit("fails", "print", "cannot", "exit", "3");
  fails.as(role::cleanup);
  unit_spec lost("lost", command("/no/such/program"));
  lost.as(role::cleanup);
  unit_spec fine = child_unit("fine", "exit", "0");
  fine.as(role::cleanup);
  s.add(child_unit("main", "exit", "0"))
      .add(std::move(hangs))
      .add(std::move(fails))
      .add(std::move(lost))
      .add(std::move(fine));
  CHECK(s.run() == 0);
  CHECK(s.last("hangs").type == failed);
  CHECK(s.last("fails").type == failed);
  CHECK(s.last("lost").type == failed);
  CHECK(s.last("fine").type == completed);
  const std::vector<crash_report> reports = s.reports();
  REQUIRE(reports.size() == 3);
  for (const crash_report& report : reports) CHECK(report.kind == crash_kind::cleanup_failed);
  CHECK_THAT(reports[0].message, catchx::ContainsSubstring("not finished within 50ms"));
  CHECK(reports[1].status == exit_status::exited(3));
  CHECK(reports[1].last_lines == std::vector<std::string>{"cannot"});
}

TEST_CASE("a talkative child does not make the supervisor grow") {
  supervised s;
  unit_spec quiet = child_unit("quiet", "flood", std::to_string(8 << 20));
  s.add(std::move(quiet));
  unit_spec flood = child_unit("flood", "flood", std::to_string(200 << 20), "flood-error", std::to_string(1 << 20));
  flood.depends_on("quiet", edge_condition::completed_successfully);
  flood.flag(flag_spec("never", *pattern<>::compile("not in there")));
  s.add(std::move(flood));
  std::uint64_t before = 0;
  std::uint64_t most = 0;
  auto story = [&]() -> task<void> {
    co_await s.next("quiet", completed);
    before = resident_kib();
    while (s.it.state("flood") != unit_state::completed) {
      most = std::max(most, resident_kib());
      co_await sleep_for(5ms);
    }
  };
  CHECK(s.run(story) == 0);
  CHECK(most < before + 8 * 1024);
  const log_counters counted = s.it.lines("flood").counters();
  CHECK(counted.bytes == (201U << 20U));
  CHECK(counted.lines == (201U << 20U) / 64);
  CHECK(counted.evicted ==
        counted.lines - (s.it.lines("flood").lines().end_seq() - s.it.lines("flood").lines().begin_seq()));
}

TEST_CASE("a line of 1 MiB arrives in pieces and whole") {
  supervised s;
  unit_spec main("main", command::shell("head -c 1048576 /dev/zero | tr '\\0' y; echo; echo after"));
  main.log(log_limits().ring_size(byte_size(2 << 20)));
  s.add(std::move(main));
  CHECK(s.run() == 0);
  std::string joined;
  std::size_t pieces = 0;
  for (const owned_line& each : find_lines(s.it.lines("main").lines())) {
    if (each.part == line_part::whole) {
      CHECK(each.text == "after");
      continue;
    }
    ++pieces;
    joined += each.text;
  }
  CHECK(pieces == 16);
  CHECK(joined == std::string(1 << 20, 'y'));
  CHECK(s.it.lines("main").counters().split_lines == 1);
}

TEST_CASE("bytes that are no text reach the ring as they are") {
  supervised s;
  s.add(unit_spec("main",
                  command::shell("printf 'a\\000b\\n\\377\\376\\n\\303\\050\\r\\nlast'; printf 'err\\001\\n' >&2")));
  CHECK(s.run() == 0);
  std::vector<std::string> out;
  std::vector<std::string> err;
  for (const owned_line& each : find_lines(s.it.lines("main").lines())) {
    (each.source == line_source::err ? err : out).push_back(each.text);
  }
  using namespace std::string_literals;
  CHECK(out == std::vector<std::string>{"a\0b"s, "\xff\xfe", "\xc3\x28", "last"});
  CHECK(err == std::vector<std::string>{"err\x01"});
}

TEST_CASE("a stop ends a unit whose grandchild holds the pipe") {
  supervised s;
  unit_spec parent =
      child_unit("parent", "fork", "{", "setsid", "ignore", "TERM", "pid", "wait", "}", "print", "up", "wait");
  parent.ready_when(says("up")).stop_by(stop_plan(signal_number(SIGTERM), 50ms));
  s.add(std::move(parent));
  pid_t grandchild = 0;
  auto story = [&]() -> task<void> {
    co_await s.it.wait_ready();
    const std::string said = co_await s.line("parent", "pid ");
    grandchild = std::stoi(said.substr(4));
    s.it.request_stop("enough");
  };
  CHECK(s.run(story) == 0);
  CHECK_FALSE(test::is_alive(grandchild));
  CHECK(s.last("parent").type == stopped);
}

TEST_CASE("what cannot be spawned says which step failed") {
  supervised s;
  const auto add = [&](const char* name, command what) {
    unit_spec made(unit_id(name), std::move(what));
    made.restart(restart_rules(restart_rules::when::never));
    s.add(std::move(made));
  };
  add("program", command("/no/such/program"));
  add("permission", command("/etc/passwd"));
  command directory = child_command("exit", "0");
  directory.working_directory("/no/such/folder");
  add("directory", directory);
  command user = child_command("exit", "0");
  user.user("nobody-of-this-name");
  add("user", user);
  CHECK(s.run() == 3);
  const std::vector<crash_report> reports = s.reports();
  REQUIRE(reports.size() == 4);
  const char* const words[] = {"exec", "exec", "chdir", "user"};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(reports[i].kind == crash_kind::spawn_failed);
    CHECK_THAT(reports[i].message, catchx::ContainsSubstring("could not be started: " + std::string(words[i])));
  }
}

}  // namespace t_supervisor_hostile
