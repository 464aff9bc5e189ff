// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What services are sent: within their limits, whatever a report holds, and the same for a report each time.
#include <catch.hpp>
#include <ovrseer/deliver/http_deliverer.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/service/pagerduty.hpp>
#include <ovrseer/service/sentry.hpp>
#include <ovrseer/service/slack.hpp>
#include <ovrseer/service/text.hpp>
#include <ovrseer/service/webhook.hpp>
#include <ovrseer/utf8.hpp>
#include <ovrseer/version.hpp>
#include <report_samples.hpp>

namespace t_service_messages {

using namespace ovrseer;
using namespace std::chrono_literals;
using ovrseer_test::full_report;

static_assert(crash_reporter<slack_reporter<any_http_client>>);
static_assert(crash_reporter<sentry_reporter<any_http_client>>);
static_assert(crash_reporter<webhook_reporter<any_http_client>>);
static_assert(crash_reporter<pagerduty_reporter<any_http_client>>);
static_assert(deliverer<pagerduty_reporter<any_http_client>, recovery>);
static_assert(!deliverer<slack_reporter<any_http_client>, recovery>);

constexpr wall_time now = wall_time(1'700'000'000s);

std::string host_and_path(std::string_view dsn) {
  const auto read = sentry_dsn::parse(dsn);
  return read ? read->envelopes().wire_text() + " " + read->public_key() : read.reason().context();
}

TEST_CASE("a DSN says where envelopes go") {
  CHECK(host_and_path("https://abc@o1.ingest.sentry.io/42") == "https://o1.ingest.sentry.io/api/42/envelope/ abc");
  CHECK(host_and_path("http://abc:secret@localhost:9000/42") == "http://localhost:9000/api/42/envelope/ abc");
  CHECK(host_and_path("https://abc@host/some/path/7") == "https://host/some/path/api/7/envelope/ abc");
  for (const char* wrong :
       {"", "abc", "https://host/42", "https://abc@host/", "https://abc@host", "ftp://abc@host/42"}) {
    INFO(wrong);
    const auto read = sentry_dsn::parse(wrong);
    REQUIRE_FALSE(read);
    CHECK(std::string(read.reason().what()).find("abc") == std::string::npos);
  }
}

TEST_CASE("an envelope is headers of one line and payloads of the length that they say") {
  crash_report report = full_report();
  report.message = "line one\nline two \xFF";
  report.last_lines = {"a", "\xC3\x28", std::string("\0b", 2)};
  sentry service(*sentry_dsn::parse("https://abc@host/42"));
  service.environment("test").release("1.2.3").server_name("db-1");
  const std::string body = service.envelope(report, now);
  std::string_view rest = body;
  const auto line = [&] {
    const std::size_t end = rest.find('\n');
    const auto json = nlohmann::json::parse(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    return json;
  };
  const auto head = line();
  CHECK(head["event_id"].get<std::string>().size() == 32);
  CHECK(head["sent_at"] == "2023-11-14T22:13:20.000Z");
  const auto first = line();
  CHECK(first["type"] == "event");
  const auto event = nlohmann::json::parse(rest.substr(0, first["length"].get<std::size_t>()));
  rest.remove_prefix(first["length"].get<std::size_t>() + 1);
  CHECK(event["event_id"] == head["event_id"]);
  CHECK(event["level"] == "fatal");
  CHECK(event["release"] == "1.2.3");
  CHECK(event["server_name"] == "db-1");
  CHECK(event["exception"]["values"][0]["value"].get<std::string>().find("line two \xEF\xBF\xBD") != std::string::npos);
  const auto second = line();
  CHECK(second["attachment_type"] == "event.attachment");
  CHECK(rest.size() == second["length"].get<std::size_t>() + 1);
  CHECK(is_valid_utf8(rest));
  CHECK(service.envelope(report, now) == body);
  CHECK(service.request(report, now).headers().get("X-Sentry-Auth") ==
        "Sentry sentry_version=7, sentry_key=abc, sentry_client=ovrseer/" + std::string(version));
}

TEST_CASE("a tag has a key and a value that Sentry keeps") {
  crash_report report = full_report();
  report.fields = {{"host", "line one\nline two"},
                   {"Gr\xC3\xB6\xC3\x9F"
                    "e (m)",
                    "\xFF"},
                   {"", "nameless"},
                   {"a.b:c-d_9", std::string(300, 'v')},
                   {std::string(40, 'n'), ""}};
  report.fields.emplace_back("type", "job");
  const auto event = sentry(*sentry_dsn::parse("https://abc@host/42")).event(report);
  CHECK(event["contexts"]["process"]["type"] == "process");
  const auto& tags = event["tags"];
  CHECK(tags.size() == 3 + 5);
  CHECK(tags["host"] == "line one line two");
  CHECK(tags["Gr____e__m_"] == "\xEF\xBF\xBD");
  CHECK(tags["a.b:c-d_9"] == std::string(200, 'v'));
  CHECK(tags.contains(std::string(32, 'n')));
}

TEST_CASE("Sentry limits categories for a time") {
  const auto limits = [](const char* header) {
    sentry_limits made;
    made.note(http_response(200).header("X-Sentry-Rate-Limits", header), now);
    return made;
  };
  const sentry_limits two = limits("60:error;default:organization:reason, 2700::key");
  CHECK(two.is_limited("error", now + 59s));
  CHECK(two.is_limited("error", now + 61s));  // by the second, which is of all
  CHECK(two.is_limited("attachment", now + 2699s));
  CHECK_FALSE(two.is_limited("error", now + 2700s));
  const sentry_limits one = limits("10.5:error:key");
  CHECK(one.is_limited("error", now + 10s));
  CHECK_FALSE(one.is_limited("error", now + 11s));
  CHECK_FALSE(one.is_limited("attachment", now));
  for (const char* nonsense : {"", "x", ":error", "-5:error", "nan::", ",,,"}) {
    INFO(nonsense);
    CHECK_FALSE(limits(nonsense).is_limited("error", now));
  }
  sentry_limits plain;
  plain.note(http_response(429), now);
  CHECK(plain.is_limited("error", now + 59s));
  CHECK_FALSE(plain.is_limited("error", now + 60s));
  sentry_limits none;
  none.note(http_response(200), now);
  CHECK_FALSE(none.is_limited("error", now));
}

TEST_CASE("a template puts what is known where it is wanted") {
  crash_report report = full_report();
  report.message = "a \"quote\" & \n line";
  report.fields = {{"host", "db 1"}};
  const auto body = [&](const char* text, const char* type) {
    webhook hook("https://example.com/secret?token=1");
    hook.body(*report_template::parse(text), type);
    return hook.request(report, now).body();
  };
  CHECK(body(R"({"text": "{{ unit }}: {{message}}", "host": "{{field.host}}"})", "application/json") ==
        R"({"text": "api: a \"quote\" & \n line", "host": "db 1"})");
  CHECK(body("unit={{unit}}&message={{message}}", "application/x-www-form-urlencoded") ==
        "unit=api&message=a%20%22quote%22%20%26%20%0A%20line");
  CHECK(body("{{severity}} {{field.none}}{{{{x}}", "text/plain") == "critical {{x}}");
  for (const auto& [text, why] : {std::pair("{{unit", "at byte 0: {{ is not closed by }}"),
                                  std::pair("a {{ nonsense }}", "at byte 4: no such place: nonsense"),
                                  std::pair("{{field.}}", "at byte 2: no such place: field.")}) {
    const auto read = report_template::parse(text);
    REQUIRE_FALSE(read);
    CHECK(read.reason().context() == why);
  }
}

TEST_CASE("a webhook gets our JSON and a key that stays") {
  const crash_report report = full_report();
  const webhook hook("https://example.com/T0/secret");
  const http_request request = hook.request(report, now);
  CHECK(request.headers().get("Idempotency-Key") == report.id);
  CHECK(nlohmann::json::parse(request.body())["unit"] == "api");
  CHECK(to_text(request.target()) == "https://example.com/***");
  CHECK(request.target().wire_text() == "https://example.com/T0/secret");
}

TEST_CASE("a path is put below an address") {
  CHECK(url("https://host").under("/v2/x").wire_text() == "https://host/v2/x");
  CHECK(url("https://user:pw@host:8443/base/?q=1").under("/x").wire_text() == "https://host:8443/base/x");
  CHECK_THROWS(url("https://host").under("x"));
  CHECK_THROWS(url("https://host").under("/x?y"));
}

TEST_CASE("the end of a log is kept and what was left out is said") {
  CHECK(tail_of({"one", "two", "three"}, 100) == "one\ntwo\nthree");
  CHECK(tail_of({"one", "two", "three"}, 9) == "two\nthree");
  CHECK(tail_of({"one", "two", "three"}, 0).empty());
  CHECK(tail_of({std::string(50, 'a'), std::string(50, 'b')}, 80) == "(1 lines before)\n" + std::string(50, 'b'));
  CHECK(tail_of({"gr\xC3\xBC\xC3\x9F"}, 2) == "\xC3\xBC\xC3\x9F");
  CHECK(fenced("a ``` b ```` c") == "a ''' b '''` c");
}

TEST_CASE("characters are counted and never cut") {
  const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z";
  CHECK(count_characters(text) == 5);
  CHECK(first_characters(text, 3) == "a\xC3\xA4\xE2\x82\xAC");
  CHECK(last_characters(text, 2) == "\xF0\x9F\x98\x80z");
  for (std::size_t size = 0; size <= text.size() + 1; ++size) {
    CHECK(is_valid_utf8(first_bytes(text, size)));
    CHECK(is_valid_utf8(last_bytes(text, size)));
    CHECK(first_bytes(text, size).size() <= size);
    CHECK(last_bytes(text, size).size() <= size);
    CHECK(is_valid_utf8(first_characters(text, size)));
    CHECK(count_characters(last_characters(text, size)) == std::min<std::size_t>(size, 5));
  }
}

TEST_CASE("an incident has one key for a unit however long its names") {
  const pagerduty service(std::string(32, 'a'), std::string(300, 'h'));
  CHECK(service.dedup_key("api").size() < 255);
  CHECK(service.dedup_key("api") == service.dedup_key("api"));
  CHECK(service.dedup_key("api") != service.dedup_key("db"));
  CHECK(pagerduty("k", "host").dedup_key(unit_id("space", "api")) == "ovrseer/host/space/api");
}

}  // namespace t_service_messages
