// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reporters of a configuration: what is written becomes a policy that sends it.
#include <catch.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/reporters.hpp>
#include <ovrseer/config/yaml.hpp>
#include <report_samples.hpp>

namespace t_config_reporters {

using namespace ovrseer;
using namespace std::chrono_literals;

std::vector<reporter_settings> reporters(const std::string& text) {
  const auto variable = [](std::string_view name) -> std::optional<std::string> {
    if (name == "SLACK_TOKEN") return "xoxb-secret";
    return std::nullopt;
  };
  auto document = read_yaml(source_text("x.yml", "processes: [{ id: a, command: x }]\nreporters:\n" + text));
  REQUIRE(document);
  auto made = read_configuration(*std::move(document), read_options().directory("/srv").variables(variable));
  if (!made) FAIL(to_text(made.reason()));
  return made->reporters;
}

// Sends these through the policy; yields what the client was asked.
std::deque<http_request> sent(const reporter_settings& to, const std::vector<crash_report>& reports, int status = 200,
                              std::string said = "{\"ok\":true}") {
  asio::io_context context;
  virtual_clock time(context);
  scripted_http_client client;
  client.otherwise([=](const http_request&) -> task<http_response> {
    http_response answer(status);
    answer.body(said);
    co_return answer;
  });
  any_crash_reporter policy = reporter_of(to, reporter_means(any_http_client(client)));
  for (const crash_report& report : reports) {
    asio::co_spawn(context, policy.deliver(report), [](std::exception_ptr) {});
    time.run();
  }
  return client.requests();
}

TEST_CASE("each service is told in its own words") {
  const auto all = reporters(R"(
  - { id: ops, slack: { token: "${SLACK_TOKEN}", channel: "#ops", url: "http://127.0.0.1:1" } }
  - { id: hook, slack: { webhook: "https://hooks.example.com/a/b" } }
  - { id: page, pagerduty: { routingKey: k, source: host-1, fromRestarts: 9 } }
  - { id: errors, sentry: { dsn: "https://key@sentry.example.com/42" } }
  - { id: own, webhook: { url: "https://example.com/x", body: "{{unit}}", contentType: text/plain, headers: { X-A: b } } }
)");
  REQUIRE(all.size() == 5);
  const crash_report report = ovrseer_test::full_report();
  const auto one = [&](std::size_t which) {
    const auto requests = sent(all[which], {report});
    REQUIRE_FALSE(requests.empty());
    return requests.front();
  };
  CHECK(one(0).target().wire_text() == "http://127.0.0.1:1/api/chat.postMessage");
  CHECK(one(0).headers().get("Authorization") == "Bearer xoxb-secret");
  CHECK(one(1).target().wire_text() == "https://hooks.example.com/a/b");
  CHECK(nlohmann::json::parse(one(2).body())["dedup_key"] == "ovrseer/host-1/default/api");
  CHECK(one(3).target().wire_text() == "https://sentry.example.com/api/42/envelope/");
  CHECK(one(4).body() == "api");
  CHECK(one(4).headers().get("X-A") == "b");
  CHECK(one(4).headers().get("Content-Type") == "text/plain");
}

TEST_CASE("the same fault is told once unless the configuration wants each") {
  const auto all = reporters(R"(
  - { id: once, webhook: "https://example.com/x" }
  - { id: each, webhook: "https://example.com/x", repeatAfter: 0, perMinute: 0 }
)");
  const std::vector<crash_report> three(3, ovrseer_test::full_report());
  CHECK(sent(all[0], three).size() == 1);
  CHECK(sent(all[1], three).size() == 3);
}

TEST_CASE("what may pass is tried again and what is final is not") {
  const auto all = reporters("  - { id: hook, webhook: \"https://example.com/x\" }\n");
  CHECK(sent(all[0], {ovrseer_test::full_report()}, 503, "").size() == 5);
  CHECK(sent(all[0], {ovrseer_test::full_report()}, 400, "").size() == 1);
}

}  // namespace t_config_reporters
