// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Exporters of a configuration: what is written becomes policies that send metrics; and what metrics there are.
#include <catch.hpp>
#include <datagram_receiver.hpp>
#include <disk_folder.hpp>
#include <ovrseer/async/attempt.hpp>
#include <ovrseer/config/exporters.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/reporters.hpp>
#include <ovrseer/config/yaml.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <report_samples.hpp>
#include <run.hpp>

#include <algorithm>
#include <map>

namespace t_config_exporters {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::datagram_receiver;

using variables = std::map<std::string, std::string, std::less<>>;

stack_configuration read(const std::string& text, const variables& set = {}, const std::string& folder = "/srv") {
  const auto variable = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  };
  auto document = read_yaml(source_text("x.yml", "processes: [{ id: a, command: x }]\n" + text));
  REQUIRE(document);
  auto made = read_configuration(*std::move(document), read_options().directory(folder).variables(variable));
  if (!made) FAIL(to_text(made.reason()));
  return *std::move(made);
}

metric_snapshot one_gauge() {
  registry metrics;
  metrics.gauges("up", "", {"unit"}).with("api")->set(1);
  return metrics.collect();
}

// What arrives of one export.
std::string received(const exporter_settings& to, datagram_receiver& at) {
  asio::io_context context;
  any_metric_exporter made = exporter_of(to, context.get_executor());
  const metric_snapshot snapshot = one_gauge();
  test::run(context, made.deliver(snapshot));
  return at.take().value_or("");
}

datagram_address address_of(const exporter_settings& to) { return std::get<statsd_target>(to.target).to; }

TEST_CASE("each exporter sends in its own dialect") {
  datagram_receiver at = datagram_receiver::udp();
  const std::string to = "udp://127.0.0.1:" + std::to_string(at.port());
  const auto all = read(R"(exporters:
  - { id: plain, statsd: { to: ")" +
                        to + R"(", prefix: shop } }
  - { id: short, statsd: ")" +
                        to + R"(" }
  - { id: agent, datadog: { to: ")" +
                        to + R"(", env: test, service: web, version: 1.2.3, tags: ["team:a", b], prefix: shop. } }
  - { id: agent-short, datadog: ")" +
                        to + R"(", interval: 1s }
)")
                       .exporters;
  REQUIRE(all.size() == 4);
  CHECK(received(all[0], at) == "shop.up.api:1|g");
  CHECK(received(all[1], at) == "up.api:1|g");
  CHECK(received(all[2], at) == "shop.up:1|g|#env:test,service:web,version:1.2.3,team:a,b,unit:api");
  CHECK(received(all[3], at) == "up:1|g|#unit:api");
  CHECK(all[0].interval == 10s);
  CHECK(all[3].interval == 1s);
}

TEST_CASE("an exporter sends to a unix socket in larger datagrams") {
  const ovrseer_test::disk_folder disk;
  datagram_receiver at = datagram_receiver::local(disk / "dsd.socket");
  const auto all = read("exporters: [{ id: agent, datadog: \"unix://" + (disk / "dsd.socket") + "\" }]\n").exporters;
  CHECK(received(all.at(0), at) == "up:1|g|#unit:api");
  CHECK(std::get<statsd_target>(all[0].target).service.limit() == 8192);
}

TEST_CASE("an exporter to a file writes the page of Prometheus") {
  const ovrseer_test::disk_folder disk;
  const auto all = read("exporters: [{ id: page, file: metrics.prom }]\n", {}, disk.path()).exporters;
  asio::io_context context;
  any_metric_exporter made = exporter_of(all.at(0), context.get_executor());
  const metric_snapshot snapshot = one_gauge();
  test::run(context, made.deliver(snapshot));
  const auto page = read_file(disk / "metrics.prom");
  REQUIRE(page);
  CHECK(page->find("up{unit=\"api\"} 1") != std::string::npos);
}

TEST_CASE("where exporters send and as whom comes from the usual variables of the environment") {
  const std::string text = R"(exporters:
  - { id: plain, statsd: {} }
  - { id: agent, datadog: {} }
  - { id: own, datadog: { service: own, tags: ["env:own"] } }
  - { id: short, datadog: "udp://127.0.0.1:${DD_DOGSTATSD_PORT:-1}" }
)";
  const auto none = read(text).exporters;
  CHECK(to_text(address_of(none.at(0))) == "udp://127.0.0.1:8125");
  CHECK(to_text(address_of(none.at(1))) == "udp://127.0.0.1:8125");
  const auto hosts = read(text, {{"STATSD_HOST", "10.0.0.1"}, {"STATSD_PORT", "9125"}, {"DD_AGENT_HOST", "10.0.0.2"}});
  CHECK(to_text(address_of(hosts.exporters.at(0))) == "udp://10.0.0.1:9125");
  CHECK(to_text(address_of(hosts.exporters.at(1))) == "udp://10.0.0.2:8125");
  datagram_receiver at = datagram_receiver::udp();
  const std::string port = std::to_string(at.port());
  const auto set = read(text, {{"STATSD_PORT", port},
                               {"STATSD_PREFIX", "shop"},
                               {"DD_DOGSTATSD_URL", "udp://127.0.0.1:" + port},
                               {"DD_AGENT_HOST", "10.0.0.2"},
                               {"DD_DOGSTATSD_PORT", port},
                               {"DD_ENV", "prod"},
                               {"DD_SERVICE", "web"},
                               {"DD_VERSION", ""}});
  CHECK(received(set.exporters.at(0), at) == "shop.up.api:1|g");
  CHECK(received(set.exporters.at(1), at) == "up:1|g|#env:prod,service:web,unit:api");
  CHECK(received(set.exporters.at(2), at) == "up:1|g|#service:own,env:own,unit:api");
  CHECK(received(set.exporters.at(3), at) == "up:1|g|#env:prod,service:web,unit:api");
}

TEST_CASE("the reporter to Datadog has the same tags and address") {
  datagram_receiver at = datagram_receiver::udp();
  const auto stack = read("reporters: [{ id: agent, datadog: {} }]\n",
                          {{"DD_DOGSTATSD_PORT", std::to_string(at.port())}, {"DD_ENV", "prod"}, {"DD_VERSION", "2"}});
  asio::io_context context;
  reporter_means means{any_http_client()};
  means.ex = context.get_executor();
  any_incident_reporter service = service_of(stack.reporters.at(0), means);
  const incident_update report(ovrseer_test::full_report());
  test::run(context, service.deliver(report));
  const std::string check = at.take().value_or("");
  CHECK(check.find("env:prod,version:2") != std::string::npos);
}

TEST_CASE("the machine is measured unless the configuration says no") {
  const auto by_default = read("").metrics.host;
  REQUIRE(by_default);
  CHECK(by_default->mount_points == std::vector<std::string>{"/"});
  CHECK(by_default->interval == 15s);
  CHECK(read("metrics: { host: true }\n").metrics.host);
  CHECK_FALSE(read("metrics: { host: false }\n").metrics.host);
  const auto chosen = read("metrics: { host: { mountPoints: [/data, tmp] } }\n").metrics.host;
  REQUIRE(chosen);
  CHECK(chosen->mount_points == std::vector<std::string>{"/data", "/srv/tmp"});
}

}  // namespace t_config_exporters
