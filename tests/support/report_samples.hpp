// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports for tests, and reporters that misbehave on demand.
#pragma once

#include <csignal>
#include <stdexcept>
#include <string>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/event/crash_report.hpp>

namespace ovrseer_test {

/// A report with every field set, of a unit and a moment in milliseconds since 1970.
inline ovrseer::crash_report full_report(const std::string& unit = "api", std::int64_t at_ms = 1'700'000'000'123) {
  using namespace std::chrono_literals;
  using ovrseer::wall_time;
  ovrseer::crash_report report;
  report.id = "report-" + unit;
  report.time = wall_time(std::chrono::milliseconds(at_ms));
  report.kind = ovrseer::crash_kind::retries_exhausted;
  report.unit = unit;
  report.role = ovrseer::role::dependency;
  report.state = ovrseer::unit_state::failed;
  report.incarnation = 4;
  report.event_seq = 99;
  report.message = unit + " gave up";
  report.pid = 4711;
  report.status = ovrseer::exit_status::signaled(ovrseer::signal_number(SIGSEGV), ovrseer::exit_status::core::dumped);
  report.uptime = 1234567ns;
  report.retry_count = 3;
  report.history = {{wall_time(1s), 3, ovrseer::exit_status::exited(2), 5s}, {wall_time(2s), 4, std::nullopt, 0s}};
  report.program = "/bin/" + unit;
  report.arguments = {"--port", "80"};
  report.working_directory = "/srv";
  report.environment = {{"Z", "1"}, {"A", "***"}};
  report.last_lines = {"one", "two"};
  report.flags = {{"oom", 2, {"before", "out of memory"}}};
  return report;
}

/// Tries to break out of every format.
inline ovrseer::crash_report nasty_report() {
  ovrseer::crash_report made = full_report();
  made.message = "<!channel> \"quotes\" & ``` \\ \xFF \xF0\x9F\x92\xA5\r\n|#,\x01";
  made.last_lines = {"```", "<script>", std::string("\0nul", 4), "\xE2\x82", "\x1b[31mred"};
  made.fields = {{"host", "a|b\nc"}, {"", "empty"}};
  return made;
}

/// As large as they come.
inline ovrseer::crash_report huge_report() {
  ovrseer::crash_report made = full_report();
  made.message = std::string(50'000, '&');
  for (int i = 0; i != 2000; ++i) made.last_lines.push_back(std::string(300, "<>&\xC3"[i % 3]) + "\xC3\xA4");
  for (int i = 0; i != 50; ++i) made.fields.emplace_back("field" + std::to_string(i), std::string(3000, 'x'));
  return made;
}

/// Throws in the first step of its task.
struct throwing_reporter {
  std::string why = "broken";
  ovrseer::task<void> deliver(const ovrseer::crash_report&) {
    if (!why.empty()) throw std::runtime_error(why);
    co_return;
  }
};

/// Throws before there is a task.
struct refusing_reporter {
  ovrseer::task<void> deliver(const ovrseer::crash_report&) { throw std::runtime_error("refused"); }
};

/// Takes its time, and counts what it began and finished.
struct slow_reporter {
  std::chrono::nanoseconds takes{};
  int* begun = nullptr;
  int* finished = nullptr;
  ovrseer::task<void> deliver(const ovrseer::crash_report&) {
    if (begun != nullptr) ++*begun;
    co_await ovrseer::sleep_for(takes);
    if (finished != nullptr) ++*finished;
  }
};

}  // namespace ovrseer_test
