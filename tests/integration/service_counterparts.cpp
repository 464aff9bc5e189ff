// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Services against strict stand-ins of them: what we send is taken, and what they refuse is understood.
#include <ovrseer/net/curl.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/service/pagerduty.hpp>
#include <ovrseer/service/sentry.hpp>
#include <ovrseer/service/slack.hpp>
#include <ovrseer/service/webhook.hpp>

#include <chrono>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/deliver/retried.hpp>

#include "catch.hpp"
#include "counterparty.hpp"
#include "http_run.hpp"
#include "leaks.hpp"
#include "report_samples.hpp"

namespace t_service_counterparts {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace ovrseer_test;
using namespace std::chrono_literals;

/// A stand-in that is running, and a client for it.
struct stand {
  stand(const std::string& file, std::vector<std::string> more = {})
      : port(free_port(context)), server(context, start(file, port, more), port), client(context.get_executor()) {}

  static command start(const std::string& file, std::uint16_t port, const std::vector<std::string>& more) {
    command made("node", counterparty(file), std::to_string(port));
    for (const std::string& each : more) made.args(each);
    return made;
  }
  std::string base() const { return "http://127.0.0.1:" + std::to_string(port); }
  template <class D, class T>
  std::error_code deliver(D& policy, const T& item) {
    const auto ended = run_task(context, attempt(policy.deliver(item)));
    if (!ended) said = ended.reason().what();
    return ended ? std::error_code() : ended.reason().code();
  }
  nlohmann::json get(const std::string& path) {
    const auto answer = run_task(context, attempt(client.exchange(http_request::get(base() + path))));
    REQUIRE(answer);
    return nlohmann::json::parse(answer->body());
  }

  asio::io_context context;
  std::uint16_t port;
  peer server;
  curl_client client;
  std::string said;
};

TEST_CASE("Slack takes our messages by token and by webhook") {
  NEEDS_STAND_IN("slack_stub.mjs");
  const no_leaks nothing_left;
  stand at("slack_stub.mjs");
  slack_reporter<curl_client> by_token(slack::with_token("xoxb-1", "#ops").base(at.base()), at.client);
  slack_reporter<curl_client> by_webhook(slack::with_webhook(at.base() + "/services/T/B/X"), at.client);
  for (const crash_report& report : {full_report(), nasty_report(), huge_report(), crash_report()}) {
    CHECK_FALSE(at.deliver(by_token, report));
    CHECK_FALSE(at.deliver(by_webhook, report));
    INFO(at.said);
  }
  const auto messages = at.get("/messages");
  REQUIRE(messages.size() == 8);
  CHECK(messages[0]["channel"] == "#ops");
  CHECK(messages[0]["text"] == "api gave up");
  CHECK(messages[2]["text"].get<std::string>().find("<!channel>") == std::string::npos);
}

TEST_CASE("what Slack refuses is told from what passes") {
  NEEDS_STAND_IN("slack_stub.mjs");
  stand at("slack_stub.mjs", {"429"});
  const crash_report report = full_report();
  const auto deliver_to = [&](slack service) {
    slack_reporter<curl_client> reporter(std::move(service), at.client);
    return at.deliver(reporter, report);
  };
  CHECK(deliver_to(slack::with_token("xoxb-1", "#ops").base(at.base())) == errc::throttled);
  CHECK(deliver_to(slack::with_token("nonsense", "#ops").base(at.base())) == errc::not_permitted);
  CHECK(deliver_to(slack::with_token("xoxb-1", "#none").base(at.base())) == errc::misdirected);
  CHECK(at.said == "deliver: Slack: channel_not_found: nobody takes it at this address");
  CHECK(deliver_to(slack::with_webhook(at.base() + "/services/gone")) == errc::misdirected);
  CHECK(at.said.find("no_service") != std::string::npos);
  CHECK(at.said.find("services") == std::string::npos);  // the address is the password
}

TEST_CASE("a message that Slack puts off arrives later") {
  NEEDS_STAND_IN("slack_stub.mjs");
  stand at("slack_stub.mjs", {"429"});
  retried reporter(slack_reporter<curl_client>(slack::with_token("xoxb-1", "#ops").base(at.base()), at.client),
                   delivery_retries());
  CHECK_FALSE(at.deliver(reporter, full_report()));
  CHECK(at.get("/messages").size() == 1);
}

TEST_CASE("PagerDuty has one incident for a unit and a recovery resolves it") {
  NEEDS_STAND_IN("pd_stub.mjs");
  stand at("pd_stub.mjs");
  pagerduty_reporter<curl_client> reporter(pagerduty(std::string(32, 'a'), "host-1").base(at.base()).from_restarts(3),
                                           at.client);
  crash_report first = full_report();
  first.kind = crash_kind::crash;
  first.retry_count = 1;
  CHECK_FALSE(at.deliver(reporter, first));
  CHECK(at.get("/alerts").empty());
  for (const crash_report& report : {full_report(), nasty_report(), huge_report()}) {
    INFO(at.said);
    CHECK_FALSE(at.deliver(reporter, report));
  }
  INFO(at.get("/alerts").dump());
  CHECK(at.get("/alerts").size() == 1);
  CHECK(at.get("/alerts").dump().find("triggered") != std::string::npos);
  CHECK_FALSE(at.deliver(reporter, recovery("api", wall_time())));
  CHECK(at.get("/alerts").dump().find("resolved") != std::string::npos);
}

TEST_CASE("an event that PagerDuty finds invalid is final and one that it puts off is not") {
  NEEDS_STAND_IN("pd_stub.mjs");
  stand at("pd_stub.mjs", {"429"});
  pagerduty_reporter<curl_client> good(pagerduty(std::string(32, 'a'), "host-1").base(at.base()), at.client);
  CHECK(at.deliver(good, full_report()) == errc::throttled);
  pagerduty_reporter<curl_client> bad(pagerduty("short", "host-1").base(at.base()), at.client);
  CHECK(at.deliver(bad, full_report()) == errc::rejected);
  INFO(at.said);
  CHECK(at.said.find("routing_key") != std::string::npos);
}

}  // namespace t_service_counterparts
