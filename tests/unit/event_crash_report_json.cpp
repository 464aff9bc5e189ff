// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports as JSON: the keys, the way back, and what is refused.
#include <catch.hpp>
#include <ovrseer/event/crash_report_json.hpp>
#include <report_samples.hpp>

namespace t_event_crash_report_json {

using namespace ovrseer;
using ovrseer_test::full_report;

TEST_CASE("a full report and an empty one come back as they were") {
  for (const crash_report& report : {full_report(), crash_report{}}) {
    const ordered_json json = to_json(report);
    const crash_report back = crash_report_from_json(ordered_json::parse(to_json_text(json, 2)));
    CHECK(to_json(back) == json);
    CHECK(back.time == report.time);
    CHECK(back.status == report.status);
    CHECK(back.pid == report.pid);
    CHECK(back.environment == report.environment);
    CHECK(back.history.size() == report.history.size());
    CHECK(back.flags.size() == report.flags.size());
  }
}

TEST_CASE("every kind and role and state of a report comes back") {
  crash_report report;
  for (int kind = 0; kind <= static_cast<int>(crash_kind::cleanup_failed); ++kind) {
    report.kind = static_cast<crash_kind>(kind);
    CHECK(crash_report_from_json(to_json(report)).kind == report.kind);
  }
  for (int role = 0; role <= 2; ++role) {
    report.role = static_cast<ovrseer::role>(role);
    CHECK(crash_report_from_json(to_json(report)).role == report.role);
  }
  for (int state = 0; state <= static_cast<int>(unit_state::skipped); ++state) {
    report.state = static_cast<unit_state>(state);
    CHECK(crash_report_from_json(to_json(report)).state == report.state);
  }
}

TEST_CASE("a report is written with its headline first and its lines last") {
  CHECK(
      to_json_text(to_json(full_report())) ==
      R"({"v":1,"id":"report-api","time":"2023-11-14T22:13:20.123Z","kind":"retries_exhausted","namespace":"default",)"
      R"("unit":"api","role":"dependency","state":"failed","message":"api gave up","incarnation":4,"event_seq":99,)"
      R"("retry_count":3,"uptime_ns":1234567,"pid":4711,"status":{"how":"signaled","signal":"SIGSEGV","number":11,)"
      R"("core":true},"program":"/bin/api","arguments":["--port","80"],"working_directory":"/srv",)"
      R"("environment":{"Z":"1","A":"***"},"history":[{"time":"1970-01-01T00:00:01.000Z","incarnation":3,)"
      R"("uptime_ns":5000000000,"status":{"how":"exited","code":2}},{"time":"1970-01-01T00:00:02.000Z",)"
      R"("incarnation":4,"uptime_ns":0}],"flags":[{"flag":"oom","count":2,"lines":["before","out of memory"]}],)"
      R"("last_lines":["one","two"]})");
}

TEST_CASE("lines of any bytes can be written") {
  crash_report report;
  report.last_lines = {"\xFF\xFE", std::string("a\0b", 3), "\x1B[31mred"};
  const crash_report back = crash_report_from_json(ordered_json::parse(to_json_text(to_json(report), 2)));
  CHECK(back.last_lines == std::vector<std::string>{"\xEF\xBF\xBD\xEF\xBF\xBD", std::string("a\0b", 3), "\x1B[31mred"});
}

TEST_CASE("a member of a report that is missing or odd is refused by name") {
  const ordered_json good = to_json(full_report());
  const auto refusal = [](const ordered_json& json) {
    try {
      (void)crash_report_from_json(json);
    } catch (const error& failure) {
      return failure.code() == errc::corrupt ? failure.context() : std::string("another code");
    }
    return std::string("accepted");
  };
  for (const auto& [key, value] : good.items()) {
    ordered_json odd = good;
    odd[key] = 3.5;
    CHECK(refusal(odd) == "\"" + key + "\"");
    ordered_json without = good;
    without.erase(key);
    const bool is_optional = key == "pid" || key == "status";
    CHECK(refusal(without) == (is_optional ? "accepted" : "\"" + key + "\""));
  }
  ordered_json odd = good;
  odd["last_lines"] = {"text", 3};
  CHECK(refusal(odd) == "\"last_lines\"");
  odd = good;
  odd["environment"]["Z"] = 3;
  CHECK(refusal(odd) == "\"environment\"");
  odd = good;
  odd["flags"][0].erase("count");
  CHECK(refusal(odd) == "\"count\"");
}

TEST_CASE("every kind of report can be read again") {
  for (auto kind = crash_kind::crash;; kind = static_cast<crash_kind>(static_cast<unsigned>(kind) + 1)) {
    crash_report report;
    report.kind = kind;
    CHECK(crash_report_from_json(to_json(report)).kind == kind);
    if (kind == crash_kind::flag_matched) break;
  }
}

TEST_CASE("what delivery adds is there only where it was added") {
  crash_report report;
  CHECK_FALSE(to_json(report).contains("occurrences"));
  CHECK_FALSE(to_json(report).contains("fields"));
  report.occurrences = 14;
  report.fields = {{"host", "db-1"}, {"region", "eu"}};
  const crash_report back = crash_report_from_json(to_json(report));
  CHECK(back.occurrences == 14);
  CHECK(back.fields == report.fields);
}

}  // namespace t_event_crash_report_json
