// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The program sends its metrics to the exporters of a configuration until its end, and `send-test` tries them.
#include <catch.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/net/curl.hpp>

#include "counterparty.hpp"
#include "datagram_receiver.hpp"
#include "leaks.hpp"
#include "program_run.hpp"

#ifdef OVRSEER_PROGRAM

namespace t_program_exporters {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using nlohmann::json;

std::size_t count_of(const std::string& text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

/// A folder of its own with a configuration, in which the program runs.
struct place {
  explicit place(const std::string& unit, const std::string& rest) {
    write_file(folder / "ovrseer.yml", "processes:\n  - { id: api, restartPolicy: no, shell: \"" + unit +
                                           "\" }\nreports: { enabled: false }\n" + rest);
  }
  template <class... Words>
  command program(Words&&... words) const {
    command what(OVRSEER_PROGRAM, std::forward<Words>(words)...);
    what.working_directory(folder.path());
    return what;
  }
  ovrseer_test::disk_folder folder;
};

TEST_CASE("metrics of units and of the machine reach the Agent and a file and the endpoint until the end") {
  if (!has_program("python3") || !std::filesystem::exists(counterparty("dsd_server.py"))) {
    SKIP("needs python3 and " << counterparty("dsd_server.py"));
  }
  const no_leaks nothing_left;
  asio::io_context context;
  const executor ex = context.get_executor();
  const std::string port = std::to_string(free_ports(1).front());
  const place p("exec sleep 60", "metrics: { listen: \"127.0.0.1:" + port + R"(" }
exporters:
  - { id: agent, datadog: { to: "unix://${PWD}/dsd.socket", env: test, tags: ["team:web"] }, interval: 100ms }
  - { id: page, file: metrics.prom, interval: 100ms }
)");
  const std::string socket = p.folder / "dsd.socket";
  program_run reader(ex, command("python3", counterparty("dsd_server.py"), socket, "60"));
  command what = p.program("up", "--json");
  what.env("PWD", p.folder.path());
  std::string page;
  const auto story = [&]() -> task<int> {
    while (!std::filesystem::exists(socket)) co_await sleep_for(5ms);
    program_run program(ex, what);
    co_await program.event("api", "ready");
    co_await reader.line("ovrseer_host_memory_MemTotal_bytes");
    co_await reader.line("\"mountpoint:/\"");
    const owned_line state = co_await reader.line("\"state:running\"");
    CHECK(state.text.find("\"env:test\", \"team:web\", \"namespace:default\", \"unit:api\"") != std::string::npos);
    co_await reader.line("\"to:exporters/agent\"");
    curl_client client(ex);
    http_request request = http_request::get("http://127.0.0.1:" + port + "/metrics");
    const http_response answer = co_await client.exchange(std::move(request));
    page = answer.body();
    program.it.send(signal_number(SIGTERM));
    const int code = co_await program.end();
    co_await reader.line("\"ovrseer_up\", \"type\": \"g\", \"values\": [0.0]");  // the last export
    reader.it.send(signal_number(SIGTERM));
    co_await reader.end();
    CHECK(program.text(line_source::err).find("exporter") == std::string::npos);
    co_return code;
  };
  CHECK(complete(context, story) == 0);
  CHECK(page.find("ovrseer_host_load1") != std::string::npos);
  CHECK(page.find("ovrseer_host_filesystem_size_bytes{mountpoint=\"/\"}") != std::string::npos);
  CHECK(page.find("ovrseer_delivery_delivered_total{to=\"exporters/agent\"}") != std::string::npos);
  CHECK(page.find("ovrseer_delivery_delivered_total{to=\"exporters/page\"}") != std::string::npos);
  CHECK(content_of(p.folder / "metrics.prom").find("\novrseer_up 0\n") != std::string::npos);
  for (const json& each : reader.json()) CHECK_FALSE(each.contains("err"));
}

TEST_CASE("an exporter whose server is away is told once and the units go on") {
  const no_leaks nothing_left;
  const place p("sleep 0.5; exit 3",
                "exporters: [{ id: agent, datadog: \"unix:///nowhere/dsd.socket\", interval: 100ms }]\n");
  const program_result ended = run_to_end(p.program("up"));
  CHECK(ended.code == 3);
  CHECK(count_of(ended.out + ended.err, "exporter agent: ") == 1);
}

TEST_CASE("the machine is left out and series are bounded where the configuration says so") {
  const no_leaks nothing_left;
  const place p("exit 0", "metrics: { host: false, maxSeries: 1 }\nexporters: [{ id: page, file: metrics.prom }]\n");
  CHECK(run_to_end(p.program("up")).code == 0);
  const std::string page = content_of(p.folder / "metrics.prom");
  CHECK(page.find("\novrseer_up 0\n") != std::string::npos);
  CHECK(page.find("ovrseer_host_") == std::string::npos);
  CHECK(page.find("ovrseer_metrics_overflow_total{family=\"ovrseer_events_total\"}") != std::string::npos);
}

TEST_CASE("send-test sends one metric to an exporter and says when nobody listens") {
  const no_leaks nothing_left;
  datagram_receiver there = datagram_receiver::udp();
  const std::uint16_t gone = datagram_receiver::udp().port();
  const place p("exit 0",
                "exporters:\n  - { id: lines, statsd: { to: \"udp://127.0.0.1:" + std::to_string(there.port()) +
                    "\", prefix: shop } }\n  - { id: gone, datadog: \"udp://127.0.0.1:" + std::to_string(gone) +
                    "\" }\n  - { id: page, file: nowhere/metrics.prom }\n");
  const program_result delivered = run_to_end(p.program("send-test", "lines"));
  CHECK(delivered.code == 0);
  CHECK(delivered.out.find("lines: delivered in ") == 0);
  CHECK(there.take() == "shop.ovrseer_send_test:1|g");
  const program_result refused = run_to_end(p.program("send-test", "gone", "--json"));
  CHECK(refused.code == 1);
  const json said = json::parse(refused.out);
  CHECK(said.at("exporter") == "gone");
  CHECK(said.at("delivered") == false);
  CHECK(said.at("failure").get<std::string>().find("refused") != std::string::npos);
  const program_result all = run_to_end(p.program("send-test"));
  CHECK(all.code == 1);
  CHECK(all.out.find("lines: delivered in ") != std::string::npos);
  CHECK(all.out.find("page: ") != std::string::npos);
}

}  // namespace t_program_exporters

#endif
