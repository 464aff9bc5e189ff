// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A command that is handed reports: what it is told, what its end means, and that nothing of it stays.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>

#include <catch.hpp>
#include <disk_folder.hpp>
#include <file_text.hpp>
#include <ovrseer/event/crash_report_json.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/report/exec_reporter.hpp>
#include <report_samples.hpp>
#include <run.hpp>

namespace t_report_exec_reporter {

using namespace ovrseer;
using namespace std::chrono_literals;
using ovrseer_test::content_of;
using ovrseer_test::full_report;

static_assert(crash_reporter<exec_reporter>);

/// Whether it is there and not merely waiting to be reaped by whoever has adopted it.
bool is_running(int pid) {
  const std::string stat = content_of("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name = stat.rfind(") ");
  return name != std::string::npos && stat[name + 2] != 'Z' && stat[name + 2] != 'X';
}

struct ended {
  explicit ended(command what, const crash_report& report = full_report()) {
    asio::io_context context;
    exec_reporter reporter(std::move(what));
    try {
      test::complete(context, reporter.deliver(report));
    } catch (const std::system_error& why) {
      code = why.code();
      said = why.what();
    }
  }
  std::error_code code;
  std::string said;
};

TEST_CASE("a command has the report on its standard input and the rest in its environment") {
  const ovrseer_test::disk_folder folder;
  crash_report report = full_report();
  report.message = std::string("a\0b \xFF $(touch x) `y`\n", 22);
  const ended run(command("/bin/sh", "-c",
                          "cat >in; printf '%s|%s|%s' \"$OVRSEER_UNIT\" \"$OVRSEER_KIND\" \"$OVRSEER_MESSAGE\" >env")
                      .working_directory(folder.path()),
                  report);
  CHECK(run.said.empty());
  const std::string in = content_of(folder / "in");
  CHECK_THAT(in, catchx::EndsWith("}\n"));
  CHECK(std::count(in.begin(), in.end(), '\n') == 1);
  CHECK(crash_report_from_json(ordered_json::parse(in)).id == report.id);
  CHECK_THAT(content_of(folder / "env"),
             catchx::StartsWith(to_text(report.unit) + "|retries_exhausted|a b \xEF\xBF\xBD $(touch x)"));
}

TEST_CASE("a command that reads nothing and writes much is delivered all the same") {
  crash_report report = full_report();
  for (int i = 0; i != 20'000; ++i) report.last_lines.push_back(std::string(100, 'x'));
  CHECK(ended(command("/bin/true"), report).code == std::error_code());
  CHECK(ended(command::shell("exec 0<&-; head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2")).code ==
        std::error_code());
  report.message = std::string(1'000'000, 'm');
  CHECK(ended(command("/bin/true"), report).code == std::error_code());
}

TEST_CASE("the end of a command says whether to come again") {
  CHECK(ended(command::shell("exit 75")).code == errc::unavailable);
  CHECK(ended(command::shell("kill -KILL $$")).code == errc::unavailable);
  const ended refused(command::shell("echo >&2; echo '  first password=hunter22 line ' >&2; echo second >&2; exit 3"));
  CHECK(refused.code == errc::rejected);
  CHECK_THAT(refused.said, catchx::ContainsSubstring("exited with code 3: first password="));
  CHECK_THAT(refused.said, !catchx::ContainsSubstring("hunter22") && !catchx::ContainsSubstring("second"));
  const ended missing(command("/no/such/command"));
  CHECK(missing.code == std::errc::no_such_file_or_directory);
  CHECK(missing.code == condition::fatal);
}

TEST_CASE("a child of the command that holds its output open delays nobody and is ended") {
  const ovrseer_test::disk_folder folder;
  const ended run(command::shell("sleep 1000 & echo $! >pid; exit 0").working_directory(folder.path()));
  CHECK(run.code == std::error_code());
  const int pid = std::stoi(content_of(folder / "pid"));
  CHECK_FALSE(is_running(pid));
}

TEST_CASE("an abandoned delivery stops the command and its children") {
  const ovrseer_test::disk_folder folder;
  for (const cancellation_type type :
       {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    asio::io_context context;
    exec_reporter reporter(
        command::shell("sleep 1000 & echo $! $$ >pids.new; mv pids.new pids; wait").working_directory(folder.path()));
    const crash_report report = full_report();
    test::started<> under_way(context, reporter.deliver(report));
    const auto until = std::chrono::steady_clock::now() + test::hang_limit;
    while (!std::filesystem::exists(folder / "pids") && std::chrono::steady_clock::now() < until) context.run_for(1ms);
    under_way.cancel(type);
    test::run_dry(context);
    CHECK(under_way.was_aborted());
    std::istringstream pids(content_of(folder / "pids"));
    for (int pid = 0; pids >> pid;) CHECK_FALSE(is_running(pid));
    std::filesystem::remove(folder / "pids");
  }
}

}  // namespace t_report_exec_reporter
