// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a crash report of a real crash has in it: the end of the log, flags, and no secrets.
#include <catch.hpp>

#include <ovrseer/report/attach.hpp>
#include <ovrseer/report/crash_reporter.hpp>

#include "supervised.hpp"

namespace t_supervisor_reports {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

unit_spec once(std::string name, command what) {
  unit_spec made(unit_id(std::move(name)), std::move(what));
  made.restart(restart_rules(restart_rules::when::never));
  return made;
}

/// The line that the first event of a flag tells.
std::string told_line(const supervised& s) {
  for (const event& each : s.events()) {
    if (const auto* flag = std::get_if<flag_data>(&each.data)) return flag->line;
  }
  return "no flag";
}

TEST_CASE("a report has the last lines and not the first") {
  supervised s(supervisor_options().report_lines(3));
  s.add(once("main", command::shell("for i in 1 2 3 4 5 6 7; do echo line $i; done; printf 'the end'; exit 9")));
  CHECK(s.run() == 9);
  const crash_report report = s.reports().at(0);
  CHECK(report.last_lines == std::vector<std::string>{"line 6", "line 7", "the end"});
  CHECK(report.status == exit_status::exited(9));
  CHECK(report.unit == unit_id("main"));
  CHECK(report.incarnation == 1);
  CHECK(report.pid.value() > 0);
  CHECK(report.uptime > 0ns);
  CHECK(report.status->usage().max_resident.count() > 0);
  CHECK_THAT(report.message, catchx::StartsWith("main exited with code 9"));
}

TEST_CASE("a report has the last match of each flag with the lines around it") {
  supervised s;
  unit_spec main = once("main", command::shell("echo a; echo b; echo disk full; echo c; echo d; echo e; exit 1"));
  main.flag(flag_spec("disk", *pattern<>::compile("disk (full|gone)")).context_window(3));
  main.flag(flag_spec("silent", *pattern<>::compile("never")));
  s.add(std::move(main));
  s.run();
  const crash_report report = s.reports().at(0);
  REQUIRE(report.flags.size() == 1);
  CHECK(report.flags[0].flag == "disk");
  CHECK(report.flags[0].count == 1);
  CHECK(report.flags[0].lines == std::vector<std::string>{"b", "disk full", "c"});
  CHECK(s.count("main", event_type::flag_matched) == 1);
}

TEST_CASE("a report shows no secret of arguments and environment and lines") {
  supervised s;
  command what = command::shell("echo password=hunter2; echo Authorization: Bearer abcdefghijklmnop; exit 1");
  what.args("--password", "hunter2", "--token=hunter2", "plain").env("API_TOKEN", "hunter2").env("MODE", "fast");
  what.env("DATABASE_URL", "postgres://me:hunter2@db/x").unset_env("HOME");
  s.add(once("main", std::move(what)));
  s.run();
  const crash_report report = s.reports().at(0);
  std::string all = report.message;
  for (const std::string& each : report.arguments) all += each + "\n";
  for (const std::string& each : report.last_lines) all += each + "\n";
  for (const auto& [name, value] : report.environment) all += name + "=" + value + "\n";
  CHECK(all.find("hunter2") == std::string::npos);
  CHECK(all.find("abcdefghijklmnop") == std::string::npos);
  CHECK(all.find("MODE=fast") != std::string::npos);
  CHECK(all.find("plain") != std::string::npos);
  CHECK(all.find("HOME=(unset)") != std::string::npos);
}

TEST_CASE("a report that begins within a private key shows nothing of it") {
  supervised s(supervisor_options().report_lines(3));
  std::string script = "echo -----BEGIN RSA PRIVATE KEY-----; ";
  for (int i = 0; i < 9; ++i) script += "echo " + std::string(63, 'k') + std::to_string(i) + "; ";
  unit_spec main = once("main", command::shell(script + "echo over; exit 1"));
  main.flag(flag_spec("four", *pattern<>::compile("k4$")).context_window(3));
  s.add(std::move(main));
  s.run();
  const crash_report report = s.reports().at(0);
  const std::vector<std::string> hidden(3, "<redacted>");
  CHECK(report.last_lines == hidden);  // the key has no end, so "over" may be of it too
  REQUIRE(report.flags.size() == 1);
  CHECK(report.flags[0].lines == hidden);
  CHECK(told_line(s) == "<redacted>");
}

TEST_CASE("a flag tells nothing of a token that its line is cut within") {
  supervised s;
  unit_spec main = once("main", command::shell("printf '%01000d ghp_%036d\\n' 0 0 | tr 0 k; exit 1"));
  main.flag(flag_spec("any", *pattern<>::compile("k")));
  s.add(std::move(main));
  s.run();
  const std::string told = told_line(s);
  CHECK(told.size() <= 1024);
  CHECK(told.find("ghp_k") == std::string::npos);
}

TEST_CASE("a reporter that is slow or fails delays nobody") {
  struct failing_reporter {
    task<void> deliver(const crash_report&) {
      co_await sleep_for(20ms);
      throw std::runtime_error("the receiver is away");
    }
  };
  supervised s;
  unit_spec loop = child_unit("loop", "exit", "1");
  loop.restart(restart_rules().delays(backoff::constant(0ns)).max_retries(2));
  s.add(std::move(loop));
  auto story = [&]() -> task<void> {
    // Delivers what there is also after the supervisor has ended.
    co_await attach(s.it, failing_reporter());
  };
  CHECK(s.run(story) == 1);
  CHECK(s.was_told("report", "the receiver is away"));
}

TEST_CASE("reports that nobody reads are bounded") {
  supervised s(supervisor_options().max_reports(2));
  unit_spec loop = child_unit("loop", "exit", "1");
  loop.restart(restart_rules().delays(backoff::constant(0ns)).max_retries(4));
  s.add(std::move(loop));
  s.run();
  const std::vector<crash_report> kept = s.reports();
  REQUIRE(kept.size() == 2);
  CHECK(kept.back().kind == crash_kind::retries_exhausted);
}

TEST_CASE("a secret on the standard input of a child is in no report") {
  supervised s;
  command what = child_command("skip-input", "print", "done", "exit", "1");
  what.input(stdin_source(stdin_source::text{"hunter2\n"}));
  s.add(once("main", std::move(what)));
  s.run();
  CHECK(s.reports().at(0).last_lines == std::vector<std::string>{"done"});
}

}  // namespace t_supervisor_reports
