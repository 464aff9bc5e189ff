// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Our pages before the readers that they are for: the strict parsers of the reference client, promtool, and a Prometheus
// that scrapes, keeps exemplars and sees series come and go.
#include <ovrseer/export/endpoint.hpp>
#include <ovrseer/export/supervisor_metrics.hpp>
#include <ovrseer/net/curl.hpp>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/disk/write_atomic.hpp>
#include <ovrseer/metric/text.hpp>

#include "catch.hpp"
#include "counterparty.hpp"
#include "disk_folder.hpp"
#include "http_run.hpp"
#include "http_serving.hpp"
#include "leaks.hpp"

namespace t_export_prometheus_server {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using ovrseer_test::disk_folder;

// Everything that could go wrong on a page.
void fill(registry& metrics) {
  auto& odd = metrics.gauges("odd_value", "Help with \\ and \"quotes\" and\na new line and \xFF.", {"text"});
  odd.with("quote \" backslash \\ newline \n end")->set(HUGE_VAL);
  odd.with("bad \xC0\x80 bytes")->set(-HUGE_VAL);
  odd.with("")->set(std::nan(""));
  odd.with("\xE2\x82\xAC {a=\"b\"} # x")->set(1e-300);
  metrics.gauges("level_total", "A gauge with the ending of a counter.").with()->set(-1);
  metrics.counters("plain", "A counter without its ending.").with()->add(0.5, exemplar("trace_id", "p"));
  auto& hits = metrics.counters("hits_total", "", {"path"});
  hits.limit(1);
  hits.with("/a")->add(1, exemplar("trace_id", "quote \" \\ \n \xFF").at(std::chrono::system_clock::now()));
  hits.with("/b")->add(2, exemplar("trace_id", std::string(120, 'x')));
  hits.with("/c")->add(2, exemplar("not-a-name", "x"));
  auto& times = metrics.histograms("op_seconds", "Times.", {"op"}, {-1, 0, 0.001, 0.3, 1, 10, 1e6, 1e9});
  for (int i = 0; i < 100; ++i) times.with("read")->observe(i * 0.01, exemplar("i", std::to_string(i)));
  times.with("write")->observe(HUGE_VAL, exemplar());
  times.with("none");
  supervisor_metrics shown(metrics);
  for (const auto type : {event_type::unit_added, event_type::starting, event_type::crashed}) {
    event entry;
    entry.unit = "api";
    entry.type = type;
    shown.apply(entry);
  }
}

// What a command says of a page; empty where it takes it.
std::string complaint(const std::string& command, const std::string& page) {
  const disk_folder disk;
  write_atomic(disk / "page", page);
  const int status = std::system((command + " < '" + (disk / "page") + "' > '" + (disk / "out") + "' 2>&1").c_str());
  if (status == 0) return {};
  const auto said = read_file(disk / "out");
  return said && !said->empty() ? *said : "it failed and said nothing";
}

TEST_CASE("the strict parsers of the reference client take every page in both formats") {
  const std::string check = "/usr/bin/python3 '" + counterparty("om_check.py") + "' ";
  if (!std::filesystem::exists(counterparty("om_check.py")) ||
      !complaint("/usr/bin/python3 -c 'import prometheus_client'", "").empty()) {
    SKIP("needs python3-prometheus-client and " << counterparty("om_check.py"));
  }
  registry metrics;
  CHECK(complaint(check + "om", to_openmetrics_text(metrics.collect())).empty());
  fill(metrics);
  CHECK(complaint(check + "om", to_openmetrics_text(metrics.collect())) == "");
  CHECK(complaint(check + "text", to_prometheus_text(metrics.collect())) == "");
  CHECK_FALSE(complaint(check + "om", to_prometheus_text(metrics.collect())).empty());  // it does look
}

TEST_CASE("promtool takes what is read as text") {
  if (!has_program("promtool")) SKIP("promtool is not installed");
  registry metrics;
  metrics.counters("hits_total", "Hits.", {"path"}).with("/a")->add(1, exemplar("trace_id", "x"));
  metrics.histograms("op_seconds", "Times.").with()->observe(0.5, exemplar("trace_id", "y"));
  CHECK(complaint("promtool check metrics", to_prometheus_text(metrics.collect())) == "");
}

/// A Prometheus that scrapes us five times a second, once with our token and once without.
class scraped {
 public:
  explicit scraped(registry& metrics)
      : pages_(endpoint([this, &metrics] { return metrics.collect(now); }, [] { return health_view(); })
                   .protect(http_credentials::bearer("our-secret"))),
        server(context.get_executor(), server_endpoint::loopback(),
               [this](http_request request) { return hear(request); }),
        port_(free_port(context)),
        prometheus_(context, start(), port_),
        client_(context.get_executor()) {}

  /// Asks until `is_it` says yes of the result, for a minute.
  template <class Predicate>
  nlohmann::json ask(const std::string& what, Predicate is_it) {
    nlohmann::json result;
    auto asking = [&]() -> task<void> {
      for (;;) {
        http_request request = http_request::get("http://127.0.0.1:" + std::to_string(port_) + "/api/v1/" + what);
        const http_response response = co_await client_.exchange(std::move(request));
        result = nlohmann::json::parse(response.body(), nullptr, false);  // no JSON before it is ready
        if (result.contains("data") && is_it(result)) co_return;
        co_await sleep_for(20ms);  // Prometheus cannot tell when it has scraped
      }
    };
    try {
      run_task(context, with_deadline(asking(), 50s));
    } catch (const std::system_error&) {
      FAIL_CHECK("Prometheus does not see it: " << what << ": " << result.dump());
    }
    return result;
  }
  /// Waits for a query to have one result of this value.
  void expect(const std::string& query, const std::string& value) {
    ask("query?query=" + query, [&](const nlohmann::json& answer) {
      const auto& result = answer["data"]["result"];
      return result.size() == 1 && result[0]["value"][1] == value;
    });
    CHECK(true);
  }
  void expect_nothing(const std::string& query) {
    ask("query?query=" + query, [](const nlohmann::json& answer) { return answer["data"]["result"].empty(); });
    CHECK(true);
  }

  steady_time now{};
  std::string last_type;  // of what a friend was given
  int refused = 0;

 private:
  task<http_response> hear(const http_request& request) {
    http_response response = pages_.respond(request);
    if (response.status() == 401) ++refused;
    if (response.status() == 200) last_type = response.headers().get("Content-Type").value_or("none");
    return answer(std::move(response));
  }
  static task<http_response> answer(http_response response) { co_return response; }

  command start() {
    const std::string target =
        "  static_configs: [{targets: ['127.0.0.1:" + std::to_string(server.endpoint().port()) + "']}]\n";
    write_atomic(disk_ / "p.yml",
                 "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n"
                 "scrape_configs:\n"
                 "- job_name: friend\n"
                 "  authorization: {credentials: our-secret}\n" +
                     target + "- job_name: stranger\n" + target);
    return command("prometheus", "--config.file=" + (disk_ / "p.yml"), "--storage.tsdb.path=" + (disk_ / "data"),
                   "--web.listen-address=127.0.0.1:" + std::to_string(port_), "--enable-feature=exemplar-storage",
                   "--log.level=error");
  }

  disk_folder disk_;
  endpoint pages_;

 public:
  asio::io_context context;
  serving server;

 private:
  std::uint16_t port_;
  peer prometheus_;
  curl_client client_;
};

TEST_CASE("Prometheus scrapes us with our token and keeps values and exemplars") {
  if (!has_program("prometheus")) SKIP("prometheus is not installed");
  const no_leaks nothing_left;
  registry metrics;
  fill(metrics);
  metrics.counters("jobs_total", "Jobs.").with()->add(7, exemplar("trace_id", "4bf92f3577b34da6"));
  auto& times = metrics.histograms("job_seconds", "Times.", {}, {0.5, 1});
  times.with()->observe(0.75, exemplar("trace_id", "slow").at(std::chrono::system_clock::now()));
  times.with()->observe(0.25);
  scraped by(metrics);
  by.expect("jobs_total", "7");
  by.expect("job_seconds_bucket%7Ble=%220.5%22%7D", "1");
  by.expect("job_seconds_bucket%7Ble=%221.0%22%7D", "2");
  by.expect("job_seconds_sum", "1");
  by.expect("plain_total", "0.5");
  by.expect("odd_value%7Btext=%22%22%7D", "NaN");
  by.expect("up%7Bjob=%22friend%22%7D", "1");
  by.expect("up%7Bjob=%22stranger%22%7D", "0");
  CHECK(by.last_type == openmetrics_content_type);
  CHECK(by.refused > 0);
  const std::string hour =
      "&start=" + std::to_string(std::time(nullptr) - 3600) + "&end=" + std::to_string(std::time(nullptr) + 3600);
  const auto is_there = [](const nlohmann::json& answer) { return !answer["data"].empty(); };
  const auto of_jobs = by.ask("query_exemplars?query=jobs_total" + hour, is_there)["data"][0]["exemplars"][0];
  CHECK(of_jobs["labels"]["trace_id"] == "4bf92f3577b34da6");
  CHECK(of_jobs["value"] == "7");
  const auto of_times = by.ask("query_exemplars?query=job_seconds_bucket" + hour, is_there)["data"][0];
  CHECK(of_times["seriesLabels"]["le"] == "1.0");
  CHECK(of_times["exemplars"][0]["value"] == "0.75");
}

TEST_CASE("Prometheus sees a series go that is idle and come back with its value") {
  if (!has_program("prometheus")) SKIP("prometheus is not installed");
  const no_leaks nothing_left;
  registry metrics;
  auto& jobs = metrics.counters("jobs_total", "Jobs.", {"kind"});
  jobs.idle_for(1h);
  const auto held = jobs.with("held");
  held->add(3);
  jobs.with("loose")->add(4);
  scraped by(metrics);
  by.expect("jobs_total%7Bkind=%22held%22%7D", "3");
  by.expect("jobs_total%7Bkind=%22loose%22%7D", "4");
  by.now += 1h;
  by.expect_nothing("jobs_total");
  held->add(2);
  jobs.with("loose")->add(1);
  by.expect("jobs_total%7Bkind=%22held%22%7D", "5");
  by.expect("jobs_total%7Bkind=%22loose%22%7D", "1");
}

}  // namespace t_export_prometheus_server
