// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crashes by mail: what the mail says, that a log cannot say more, and who is told of receivers that were refused.
#include <catch.hpp>
#include <ovrseer/async/attempt.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/report/mail_reporter.hpp>
#include <report_samples.hpp>
#include <run.hpp>

namespace t_report_mail_reporter {

using namespace ovrseer;
using ovrseer_test::full_report;

static_assert(crash_reporter<mail_reporter<>>);

mail_report service() { return mail_report("ovr@example.com", {"ops@example.com"}); }

TEST_CASE("a mail of a crash says what and where and shows the end of the log") {
  crash_report report = full_report();
  report.occurrences = 12;
  const mail_message mail = service().message(report);
  CHECK_THAT(mail.subject(), catchx::EndsWith(": api gave up (12 times)"));
  CHECK_THAT(mail.text(), catchx::StartsWith("api gave up\n\nUnit: ") && catchx::EndsWith("\n\none\ntwo\n"));
  CHECK_THAT(mail.html(), catchx::ContainsSubstring("<pre>one\ntwo</pre>"));
  CHECK(mail.date() == report.time);
  CHECK(mail.id().size() == 32);
  CHECK(service().message(report) == mail);
  CHECK_THAT(service().log_characters(0).message(report).html(), !catchx::ContainsSubstring("<pre>"));
}

TEST_CASE("a hostile report stays text") {
  crash_report report = full_report();
  report.message = "a\r\nBcc: x@y\n<b>\x01\xFF" + std::string(5000, 'x');
  report.last_lines = {"</pre><script>alert(1)</script>", std::string("\0\x1b[31m", 6)};
  report.fields = {{"<i>", "\"'"}};
  report.id = "a@b>\r\n";
  const mail_message mail = service().message(report);
  CHECK(mail.subject().size() < 300);
  CHECK(mail.html().find("<script>") == std::string::npos);
  CHECK(mail.html().find("<i>") == std::string::npos);
  const std::string wire = to_mime(mail);
  CHECK(wire.substr(0, wire.find("\r\n\r\n")).find("\r\nBcc") == std::string::npos);
}

TEST_CASE("receivers that were refused are told of and the report is delivered") {
  asio::io_context context;
  recording_mail_client client;
  client.then({{{"x@y", make_error_code(errc::rejected), "550 no"}}}).then_fail(make_error_code(errc::unavailable));
  std::string told;
  mail_reporter reporter(service(), client);
  reporter.on_refused([&told](const refused_recipient& who) { told += who.address + " " + who.reason; });
  const crash_report report = full_report();
  test::run(context, reporter.deliver(report));
  CHECK(told == "x@y 550 no");
  const auto failed = test::run(context, attempt(reporter.deliver(report)));
  REQUIRE_FALSE(failed);
  CHECK(failed.reason().code() == errc::unavailable);
  CHECK(client.mails().size() == 2);
}

}  // namespace t_report_mail_reporter
