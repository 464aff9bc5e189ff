// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A crash as an event and a check of Datadog's: what they say, whom they do not call, and what becomes of a refusal.
#include <cerrno>

#include <catch.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/report/datadog_reporter.hpp>
#include <report_samples.hpp>
#include <run.hpp>

namespace t_report_datadog_reporter {

using namespace ovrseer;
using namespace std::chrono_literals;
using ovrseer_test::full_report;

static_assert(crash_reporter<datadog_reporter<>>);
static_assert(deliverer<datadog_reporter<>, recovery>);
static_assert(crash_reporter<datadog_reporter<null_datagram_sender>>);

template <class T>
std::error_code deliver(datadog_reporter<recording_datagram_sender>& reporter, const T& item) {
  asio::io_context context;
  try {
    test::run(context, reporter.deliver(item));
  } catch (const error& why) {
    return why.code();
  }
  return {};
}

TEST_CASE("an event has the headline and the facts and the end of the log") {
  const statsd_event event = datadog_event(full_report());
  CHECK(event.title == "api gave up");
  CHECK_THAT(event.text, catchx::StartsWith("Unit: " + to_text(full_report().unit) + "\nKind: retries_exhausted\n"));
  CHECK_THAT(event.text, catchx::EndsWith("\n\none\ntwo"));
  CHECK(event.time == full_report().time);
  CHECK(event.type == statsd_event::alert::error);
  CHECK(event.source == "ovrseer");
  CHECK(event.tags ==
        statsd_tags{{"unit", "api"}, {"namespace", full_report().unit.name_space}, {"kind", "retries_exhausted"}});
}

TEST_CASE("reports of one fault have one aggregation key and others have others") {
  crash_report report = full_report();
  report.message = "api: request 1234 failed";
  const std::string key = datadog_event(report).aggregation;
  CHECK(key.size() == 32);
  report.message = "api: request 99 failed";
  report.time += 5s;
  report.incarnation += 1;
  CHECK(datadog_event(report).aggregation == key);
  report.kind = crash_kind::crash;
  CHECK(datadog_event(report).aggregation != key);
}

TEST_CASE("a log line calls nobody") {
  crash_report report = full_report();
  report.message = "@all";
  report.last_lines = {"@pagerduty-ops: hello", "user@example.com", "(@slack-general)", "a @ b", "@"};
  const statsd_event event = datadog_event(report);
  CHECK_THAT(event.title, catchx::EndsWith(": @ all"));
  CHECK_THAT(event.text, catchx::EndsWith("@ pagerduty-ops: hello\nuser@example.com\n(@ slack-general)\na @ b\n@"));
}

TEST_CASE("a check is critical unless the unit still works and a recovery has the same tags") {
  crash_report report = full_report();
  for (const crash_kind kind : {crash_kind::crash, crash_kind::spawn_failed, crash_kind::retries_exhausted,
                                crash_kind::dependency_failed, crash_kind::health_lost}) {
    report.kind = kind;
    CHECK(datadog_check(report).status == statsd_check::state::critical);
    CHECK(datadog_event(report).type == statsd_event::alert::error);
  }
  for (const crash_kind kind : {crash_kind::flag_matched, crash_kind::cleanup_failed}) {
    report.kind = kind;
    CHECK(datadog_check(report).status == statsd_check::state::warning);
    CHECK(datadog_event(report).type == statsd_event::alert::warning);
  }
  const statsd_check over = datadog_check(recovery(report.unit, wall_time(5s)));
  CHECK(over.status == statsd_check::state::ok);
  CHECK(over.name == datadog_check(report).name);
  CHECK(over.tags == datadog_check(report).tags);
  CHECK(over.time == wall_time(5s));
  CHECK(over.message.empty());
}

TEST_CASE("a report leaves as a check and an event and a recovery as a check") {
  recording_datagram_sender sender;
  datadog_reporter reporter(statsd().tag("env", "prod"), sender);
  CHECK_FALSE(deliver(reporter, full_report()));
  REQUIRE(sender.datagrams().size() == 2);
  CHECK_THAT(sender.datagrams()[0],
             catchx::StartsWith("_sc|ovrseer.unit|2|d:1700000000|#env:prod,unit:api,namespace:"));
  CHECK_THAT(sender.datagrams()[0], catchx::EndsWith("|m:api gave up"));
  CHECK_THAT(sender.datagrams()[1], catchx::StartsWith("_e{11,"));
  CHECK_FALSE(deliver(reporter, recovery("api", wall_time())));
  REQUIRE(sender.datagrams().size() == 3);
  CHECK_THAT(sender.datagrams()[2], catchx::StartsWith("_sc|ovrseer.unit|0|#env:prod,unit:api,namespace:"));
}

TEST_CASE("the largest report fits into the limit and keeps its last line") {
  crash_report report = full_report();
  report.message = std::string(50'000, '&');
  for (int i = 0; i != 2000; ++i) report.last_lines.push_back(std::string(300, 'x') + "\xC3\xA4\xFF");
  report.last_lines.push_back("the last line");
  for (int i = 0; i != 50; ++i) report.fields.emplace_back("field" + std::to_string(i), std::string(3000, 'y'));
  for (const std::size_t limit : {1432U, 8192U}) {
    recording_datagram_sender sender;
    datadog_reporter reporter(statsd().limit(limit), sender);
    CHECK_FALSE(deliver(reporter, report));
    REQUIRE(sender.datagrams().size() == 2);
    for (const std::string& each : sender.datagrams()) CHECK(each.size() <= limit);
    CHECK_THAT(sender.datagrams()[1], catchx::ContainsSubstring("\\nthe last line|d:"));
    CHECK_THAT(sender.datagrams()[1], catchx::ContainsSubstring("|Unit: "));
  }
}

TEST_CASE("a refusal is thrown so that what is around may try again") {
  recording_datagram_sender sender;
  datadog_reporter reporter{statsd(), sender};
  sender.refuse(errno_code(ECONNREFUSED));
  CHECK(deliver(reporter, full_report()) == errc::unavailable);
  CHECK(deliver(reporter, recovery("api", wall_time())) == condition::retryable);
  sender.refuse({});
  CHECK_FALSE(deliver(reporter, full_report()));
  datadog_reporter narrow(statsd().limit(20), sender);
  CHECK(deliver(narrow, full_report()) == errc::message_too_large);
}

TEST_CASE("the plain dialect has no word for a crash") {
  recording_datagram_sender sender;
  datadog_reporter reporter(statsd(statsd_dialect::plain), sender);
  CHECK_FALSE(deliver(reporter, full_report()));
  CHECK(sender.datagrams().empty());
}

}  // namespace t_report_datadog_reporter
