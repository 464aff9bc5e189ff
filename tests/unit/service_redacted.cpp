// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Nothing that any service is sent, and nothing that is written, has a secret in it: of a report and a line full of them.
#include <catch.hpp>
#include <disk_folder.hpp>
#include <ovrseer/deliver/redacted.hpp>
#include <ovrseer/event/crash_report_json.hpp>
#include <ovrseer/event/record_json.hpp>
#include <ovrseer/report/datadog_reporter.hpp>
#include <ovrseer/report/report_folder.hpp>
#include <ovrseer/service/elasticsearch.hpp>
#include <ovrseer/service/http_batch.hpp>
#include <ovrseer/service/pagerduty.hpp>
#include <ovrseer/service/sentry.hpp>
#include <ovrseer/service/slack.hpp>
#include <ovrseer/service/statsd.hpp>
#include <ovrseer/service/webhook.hpp>
#include <ovrseer/sink/json_lines.hpp>
#include <record_samples.hpp>
#include <report_samples.hpp>
#include <run.hpp>

#include <fstream>
#include <iterator>

namespace t_service_redacted {

using namespace ovrseer;
using namespace std::chrono_literals;

constexpr wall_time now = wall_time(1'700'000'000s);

/// Makes secrets that are each known again, and remembers them.
class vault {
 public:
  std::string next() {
    std::string made = "Zq" + std::to_string(1'000'003 + 7919 * secrets_.size()) + "xKw9";
    secrets_.push_back(made);
    return made;
  }
  std::size_t found_in(const std::string& text) const {
    std::size_t found = 0;
    for (const std::string& each : secrets_) found += text.find(each) != std::string::npos ? 1U : 0U;
    return found;
  }
  std::size_t size() const noexcept { return secrets_.size(); }

 private:
  std::vector<std::string> secrets_;
};

crash_report leaking_report(vault& secrets) {
  crash_report report = ovrseer_test::full_report();
  report.message = "api: exit code 3, password=" + secrets.next();
  report.program = "/srv/token=" + secrets.next() + "/api";
  report.working_directory = "/mnt/https://bob:" + secrets.next() + "@host/x";
  report.arguments = {"--password", secrets.next(), "--dsn=postgres://bob:" + secrets.next() + "@db/x",
                      "Authorization: Bearer " + secrets.next()};
  report.environment = {{"API_KEY", secrets.next()}, {"URL", "redis://:" + secrets.next() + "@host/0"}};
  report.last_lines = {"{\"password\":\"" + secrets.next() + "\"}",
                       "Cookie: sid=" + secrets.next(),
                       "-----BEGIN RSA PRIVATE KEY-----",
                       secrets.next(),
                       secrets.next(),
                       "-----END RSA PRIVATE KEY-----",
                       "https://hooks.slack.com/services/T0AB/B0CD/" + secrets.next()};
  report.flags = {{"oom", 2, {"secret: " + secrets.next(), "-----BEGIN PRIVATE KEY-----", secrets.next()}}};
  report.fields = {{"host", "db-1"}, {"client_secret", secrets.next()}, {"note", "api_key=" + secrets.next()}};
  return report;
}

log_record leaking_record(vault& secrets) {
  const std::string captured = secrets.next();
  log_record record = ovrseer_test::record_of("GET /?token=" + captured + " by postgres://bob:" + secrets.next() +
                                              "@db/x {\"api_key\": \"" + secrets.next() + "\"}");
  record.flags = {{"request", 1, {{"1", captured}, {"session", secrets.next()}, {"rest", "pwd=" + secrets.next()}}}};
  return record;
}

std::vector<std::pair<std::string, std::string>> payloads_of(const crash_report& report) {
  const auto body_of = [&](const auto& service) { return service.request(report, now).body(); };
  const auto form = [](const char* text, const char* type) {
    webhook hook("https://example.com/hook");
    hook.body(*report_template::parse(text), type);
    return hook;
  };
  const char* const places =
      "{{headline}} {{message}} {{program}} {{log}} {{field.client_secret}} {{field.note}} {{field.host}}";
  statsd datadog;
  ovrseer_test::disk_folder folder;
  report_folder files{report_folder_options(folder.path())};
  std::ifstream file(folder / files.write(report), std::ios::binary);
  return {{"Slack", body_of(slack::with_token("xoxb-1", "#ops"))},
          {"Sentry", body_of(sentry(*sentry_dsn::parse("https://abc@host/42")))},
          {"PagerDuty", body_of(pagerduty("key", "host"))},
          {"webhook", body_of(webhook("https://example.com/hook"))},
          {"webhook with a text", body_of(form(places, "text/plain"))},
          {"webhook with JSON", body_of(form(places, "application/json"))},
          {"Datadog event", datadog.message(datadog_event(report))},
          {"Datadog check", datadog.message(datadog_check(report))},
          {"JSON", to_json(report).dump()},
          {"file", std::string(std::istreambuf_iterator<char>(file), {})}};
}

std::vector<std::pair<std::string, std::string>> payloads_of(const log_record& record) {
  asio::io_context context;
  recording_deliverer<std::string> lines;
  json_lines sink{borrowed(lines)};
  test::run(context, sink.deliver(record));
  const std::vector<log_record> batch{record};
  const elasticsearch documents("https://es:9200", "logs");
  return {
      {"Elasticsearch", documents.request(batch, now).body()},
      {"NDJSON", http_batch("https://example.com/x").request(batch, now).body()},
      {"JSON array", http_batch("https://example.com/x", http_batch::format::json_array).request(batch, now).body()},
      {"JSON lines", lines.items.at(0)}};
}

template <class T>
T through_redaction(const T& item) {
  asio::io_context context;
  recording_deliverer<T> kept;
  redacted<borrowed<recording_deliverer<T>>, T> policy{borrowed(kept)};
  test::run(context, policy.deliver(item));
  CHECK(policy.hidden() == 1);
  return kept.items.at(0);
}

template <class T>
void check_all(const T& item, const vault& secrets) {
  const auto leaking = payloads_of(item);
  const auto safe = payloads_of(through_redaction(item));
  REQUIRE(leaking.size() == safe.size());
  std::string all;
  for (std::size_t i = 0; i != safe.size(); ++i) {
    INFO(safe[i].first << ": " << safe[i].second);
    CHECK_FALSE(safe[i].second.empty());
    CHECK(secrets.found_in(safe[i].second) == 0);
    all += leaking[i].second;
  }
  // The control: without the redaction each of them gets out somewhere.
  CHECK(secrets.found_in(all) == secrets.size());
}

TEST_CASE("no service is sent a secret of a crash report that was redacted") {
  vault secrets;
  const crash_report report = leaking_report(secrets);
  check_all(report, secrets);
}

TEST_CASE("no sink is sent a secret of a line that was redacted") {
  vault secrets;
  const log_record record = leaking_record(secrets);
  check_all(record, secrets);
}

TEST_CASE("the journal writes a matched line as the redaction leaves it") {
  vault secrets;
  const redactor rules;
  stored_event what = ovrseer_test::event_of(event_type::flag_matched);
  flag_data data;
  data.flag = "login";
  data.line = rules.redact("login with password=" + secrets.next() + " and Bearer " + secrets.next());
  what.entry.data = data;
  std::string text;
  append_json(text, what);
  CHECK(secrets.found_in(text) == 0);
  CHECK_THAT(text, catchx::ContainsSubstring("login with password="));
}

}  // namespace t_service_redacted
