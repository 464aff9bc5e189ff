// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reporters of a configuration: what is written becomes a policy that sends it.
#include <catch.hpp>

#include <cstdint>
#include <functional>
#include <map>

#include <ovrseer/async/when_all.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/reporters.hpp>
#include <ovrseer/config/yaml.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <report_samples.hpp>

namespace t_config_reporters {

using namespace ovrseer;
using namespace std::chrono_literals;

using variables = std::map<std::string, std::string, std::less<>>;

std::vector<reporter_settings> reporters(const std::string& text,
                                         const variables& set = {{"SLACK_TOKEN", "xoxb-secret"}}) {
  const auto variable = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  };
  auto document = read_yaml(source_text("x.yml", "processes: [{ id: a, command: x }]\nreporters:\n" + text));
  REQUIRE(document);
  auto made = read_configuration(*std::move(document), read_options().directory("/srv").variables(variable));
  if (!made) FAIL(to_text(made.reason()));
  return made->reporters;
}

// Tells the service of a crash, again where that may help; yields what the client was asked.
std::deque<http_request> sent(const reporter_settings& to, int status = 200, std::string said = "{\"ok\":true}") {
  asio::io_context context;
  virtual_clock time(context);
  scripted_http_client client;
  client.otherwise([=](const http_request&) -> task<http_response> {
    http_response answer(status);
    answer.body(said);
    co_return answer;
  });
  retried policy(service_of(to, reporter_means(any_http_client(client))));
  const incident_update update(ovrseer_test::full_report());
  asio::co_spawn(context, policy.deliver(update), [](std::exception_ptr) {});
  time.run();
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
  const auto one = [&](std::size_t which) {
    const auto requests = sent(all[which]);
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

TEST_CASE("what is not written comes from the usual variables of the environment") {
  const variables usual{{"SLACK_WEBHOOK_URL", "https://hooks.example.com/a"},
                        {"SLACK_BOT_TOKEN", "xoxb-1"},
                        {"SLACK_CHANNEL", "#ops"},
                        {"PAGERDUTY_ROUTING_KEY", "k"},
                        {"SENTRY_DSN", "https://key@sentry.example.com/42"},
                        {"SENTRY_ENVIRONMENT", "staging"},
                        {"SENTRY_RELEASE", ""},
                        {"SMTP_HOST", "mail.example.com"},
                        {"SMTP_FROM", "a@example.com"},
                        {"SMTP_TO", "b@example.com"}};
  const auto all = reporters(R"(
  - { id: ops, slack: {} }
  - { id: token, slack: { token: xoxb-2 } }
  - { id: hook, slack: { webhook: "https://hooks.example.com/b" } }
  - { id: page, pagerduty: {} }
  - { id: errors, sentry: {} }
  - { id: here, sentry: { dsn: "https://key@sentry.example.com/43", environment: here } }
  - { id: mail, mail: {} }
)",
                             usual);
  REQUIRE(all.size() == 7);
  const auto one = [&](std::size_t which) {
    const auto requests = sent(all[which]);
    REQUIRE_FALSE(requests.empty());
    return requests.front();
  };
  CHECK(one(0).target().wire_text() == "https://hooks.example.com/a");
  CHECK(one(1).headers().get("Authorization") == "Bearer xoxb-2");
  CHECK(one(2).target().wire_text() == "https://hooks.example.com/b");
  CHECK(nlohmann::json::parse(one(3).body())["routing_key"] == "k");
  CHECK(one(4).target().wire_text() == "https://sentry.example.com/api/42/envelope/");
  CHECK(one(4).body().find("\"environment\":\"staging\"") != std::string::npos);
  CHECK(one(4).body().find("\"release\"") == std::string::npos);
  CHECK(one(5).target().wire_text() == "https://sentry.example.com/api/43/envelope/");
  CHECK(one(5).body().find("\"environment\":\"here\"") != std::string::npos);
  CHECK(std::holds_alternative<reporter_settings::mail>(all[6].service));
}

TEST_CASE("what the environment has in place of a key is not shown when it is wrong") {
  const auto variable = [](std::string_view name) -> std::optional<std::string> {
    if (name == "SENTRY_DSN") return "no-address-but-a-password";
    return std::nullopt;
  };
  auto document = read_yaml(source_text(
      "x.yml", "processes: [{ id: a, command: x }]\nreporters: [{ id: e, sentry: {} }, { id: p, pagerduty: {} }]\n"));
  REQUIRE(document);
  const auto made = read_configuration(*std::move(document), read_options().directory("/srv").variables(variable));
  REQUIRE_FALSE(made);
  const std::string said = to_text(made.reason());
  CHECK(said.find("not a DSN") != std::string::npos);
  CHECK(said.find("a-password") == std::string::npos);
  CHECK(said.find("or set PAGERDUTY_ROUTING_KEY") != std::string::npos);
}

TEST_CASE("what may pass is tried again and what is final is not") {
  const auto all = reporters("  - { id: hook, webhook: \"https://example.com/x\" }\n");
  CHECK(sent(all[0], 503, "").size() == 5);
  CHECK(sent(all[0], 400, "").size() == 1);
}

/// The bodies that a service is sent while a unit crashes so often at one second's distance, and then stays.
std::vector<std::string> told_of_loop(const reporter_settings& to, std::uint32_t crashes) {
  simulated_world world;
  world.os().program("api", [crashes](const command&, std::uint32_t nth) {
    return nth <= crashes ? process_script().wait(1s).exit(1) : process_script().wait(1h).exit(0);
  });
  supervisor stack(world.get_executor());
  unit_spec api("api", command("api"));
  api.restart(restart_rules().delays(backoff::constant(1s)).max_retries(100));
  stack.add(std::move(api));
  scripted_http_client client;
  client.otherwise([](const http_request&) -> task<http_response> {
    http_response answer(202);
    answer.body("{\"status\":\"success\",\"ok\":true}");
    co_return answer;
  });
  reporter_means means{any_http_client(client)};
  means.fields = {{"team", "web"}};
  configured_reporter reporter(world.get_executor(), to, std::move(means),
                               [](const unit_id&, const caught& why) { FAIL_CHECK(why.what()); });
  const auto all = [&]() -> task<void> { co_await when_all(stack.run(), reporter.run(stack)); };
  world.run(all());
  CHECK(status_of(reporter).failed == 0);
  CHECK(status_of(reporter).waiting == 0);
  std::vector<std::string> bodies;
  for (const http_request& each : client.requests()) bodies.push_back(each.body());
  return bodies;
}

TEST_CASE("how a service is reached and what reports tell besides is as it is written") {
  const auto all = reporters(R"(
  - { id: hook, webhook: "https://example.com/x", connection: { caFile: ca.pem, certificate: us.pem } }
  - { id: far, webhook: "https://example.com/x", connection: { proxy: "http://proxy:3128", certificate: a, key: b } }
)");
  CHECK(all[0].connection.ca_file == "/srv/ca.pem");
  CHECK(all[0].connection.key == "/srv/us.pem");
  CHECK(all[0].connection.proxy.empty());
  CHECK(all[1].connection.proxy == "http://proxy:3128");
  CHECK(all[1].connection.key == "/srv/b");

  report_fields_settings fields;
  fields.own = {{"team", "web"}};
  CHECK(fields_of(fields).size() > 1);  // the host, at the least
  CHECK(fields_of(fields).front() == fields.own.front());
  fields.of_deployment = report_fields_settings::deployment::left_out;
  CHECK(fields_of(fields) == fields.own);
}

TEST_CASE("the same fault is told once unless the configuration wants each") {
  const auto all = reporters(R"(
  - { id: once, webhook: "https://example.com/x" }
  - { id: each, webhook: "https://example.com/x", repeatAfter: 0, perMinute: 0 }
)");
  CHECK(told_of_loop(all[0], 3).size() == 2);  // the first, and how many there were
  CHECK(told_of_loop(all[1], 3).size() == 3);
}

TEST_CASE("a service that keeps incidents is told when one is over") {
  const auto all = reporters(R"(
  - { id: page, pagerduty: { routingKey: k, fromRestarts: 3 } }
  - { id: at-once, pagerduty: { routingKey: k }, repeatAfter: 0, settledAfter: 0 }
  - { id: hook, webhook: "https://example.com/x" }
)");
  const auto actions = [&](std::size_t which, std::uint32_t crashes) {
    std::string made;
    for (const std::string& body : told_of_loop(all[which], crashes)) {
      made += nlohmann::json::parse(body)["event_action"].get<std::string>().front();
    }
    return made;
  };
  CHECK(actions(0, 2).empty());
  CHECK(actions(0, 20) == "ttr");  // the first, how many there were, and the recovery
  CHECK(actions(1, 3) == "trtrtr");
  const auto told = told_of_loop(all[2], 3);
  REQUIRE(told.size() == 2);  // the first, and how many there were
  CHECK(nlohmann::json::parse(told[0])["fields"]["team"] == "web");
}

}  // namespace t_config_reporters
