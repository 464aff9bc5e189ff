// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The stacks of examples/stacks, run by the program: the demo through its crashes, and four real servers.
#include <catch.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "http_raw.hpp"
#include "leaks.hpp"
#include "program_run.hpp"
#include "run.hpp"

#ifdef OVRSEER_PROGRAM

namespace t_stacks {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using nlohmann::json;

std::string path_with(const std::string& folder) {
  const char* const path = std::getenv("PATH");
  return folder + ":" + (path == nullptr ? "/usr/bin:/bin" : path);
}

command up(const std::string& stack) {
  command made(OVRSEER_PROGRAM, "up", "--json", "-f", OVRSEER_SOURCE_DIR "/examples/stacks/" + stack + "/ovrseer.yml");
  made.env("PATH", path_with(OVRSEER_DEMO_DIR));
  return made;
}

/// The status of a GET on loopback; 0 where nobody answers.
task<int> status_of(std::uint16_t port, std::string path) {
  std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const attempted<std::string> answer = co_await attempt(talk(server_endpoint::loopback(port), std::move(request)));
  const std::vector<int> found = answer ? statuses(*answer) : std::vector<int>();
  co_return found.empty() ? 0 : found.front();
}
/// Asks until the answer has this status; the limit of the test is the limit.
task<void> wait_status(std::uint16_t port, std::string path, int wanted) {
  for (;;) {
    const int status = co_await status_of(port, path);
    if (status == wanted) co_return;
    co_await sleep_for(5ms);
  }
}

std::vector<json> reports_in(const std::filesystem::path& folder) {
  std::vector<json> found;
  if (!std::filesystem::is_directory(folder)) return found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    found.push_back(json::parse(file));
  }
  return found;
}

/// The pids of a run's units that are still there.
std::vector<pid_t> alive_of(const program_run& program) {
  std::vector<pid_t> alive;
  for (const json& each : program.json()) {
    if (each.at("kind") != "event" || each.at("type") != "running") continue;
    const pid_t pid = each.at("data").at("pid").get<pid_t>();
    if (test::is_alive(pid)) alive.push_back(pid);
  }
  return alive;
}

/// The process that a unit has now: the worker crashes by itself now and then.
pid_t pid_of(const program_run& program, const std::string& unit) {
  pid_t pid = 0;
  for (const json& each : program.json()) {
    if (each.at("kind") != "event" || each.at("unit") != unit || each.at("type") != "running") continue;
    pid = each.at("data").at("pid").get<pid_t>();
  }
  return pid;
}

bool is_of_killed_worker(const json& report) {
  return report.at("unit") == "worker" && report.at("status").value("signal", "") == "SIGKILL";
}

TEST_CASE("the demo stack comes up and survives kills and leaves nothing") {
  if (!std::filesystem::exists(OVRSEER_DEMO_DIR "/demo_store")) SKIP("the demo's programs are not built");
  const no_leaks nothing_left;
  const ovrseer_test::disk_folder above;
  const std::filesystem::path folder = above / "demo";
  const std::vector<std::uint16_t> ports = free_ports(3);
  const std::uint16_t pages = ports[2];
  command what = up("demo");
  what.env("STORE_PORT", std::to_string(ports[0])).env("API_PORT", std::to_string(ports[1]));
  what.env("METRICS_PORT", std::to_string(pages)).env("DEMO_FOLDER", folder.string());
  asio::io_context context;
  program_run program(context.get_executor(), what);
  std::vector<json> reports;
  auto story = [&]() -> task<int> {
    co_await program.event("api", "ready");
    co_await program.event("worker", "ready");
    co_await wait_status(pages, "/ready", 200);
    co_await wait_status(pages, "/health", 200);
    co_await wait_status(pages, "/metrics", 200);
    co_await wait_status(ports[1], "/", 200);

    // The worker is killed: a report with its last lines, and another worker.
    std::uint64_t mark = program.next_line();
    ::kill(pid_of(program, "worker"), SIGKILL);
    co_await program.event("worker", "crashed", mark);
    co_await program.event("worker", "ready", mark);
    while (std::ranges::none_of(reports, is_of_killed_worker)) {
      reports = reports_in(folder / "crash-reports");
      co_await sleep_for(5ms);
    }

    // The store is killed: not ready, and ready again when it is back.
    mark = program.next_line();
    ::kill(pid_of(program, "store"), SIGKILL);
    co_await wait_status(pages, "/ready", 503);
    co_await program.event("store", "ready", mark);
    co_await wait_status(pages, "/ready", 200);

    program.it.send(signal_number(SIGINT));
    const int code = co_await program.end();
    co_return code;
  };
  CHECK(complete(context, story) == 0);
  const auto killed = std::ranges::find_if(reports, is_of_killed_worker);
  REQUIRE(killed != reports.end());
  CHECK_FALSE(killed->at("last_lines").empty());
  CHECK(alive_of(program).empty());
  CHECK_FALSE(std::filesystem::exists(folder));
  const std::vector<std::string> stops = program.order_of("stopped");
  CHECK(std::ranges::find(stops, "store") > std::ranges::find(stops, "api"));
  CHECK(program.order_of("completed").back() == "tidy");
  CHECK(program.text(line_source::err).empty());
}

/// The programs of the services stack that are not there.
std::string missing_servers() {
  namespace fs = std::filesystem;
  std::string missing;
  const auto is_on_path = [](const std::string& name) {
    const std::string path = path_with("/usr/sbin:/usr/local/sbin");
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find(':', begin), path.size());
      if (fs::exists(path.substr(begin, end - begin) + "/" + name)) return true;
      begin = end + 1;
    }
    return false;
  };
  for (const char* name : {"redis-server", "nats-server", "nginx", "curl", "setpriv"}) {
    if (!is_on_path(name)) missing += std::string(" ") + name;
  }
  bool has_postgres = is_on_path("initdb");
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    has_postgres = has_postgres || fs::exists(version.path() / "bin/initdb");
  }
  if (!has_postgres) missing += " postgresql";
  return missing;
}

TEST_CASE("four real servers come up and stop without an error line") {
  const std::string missing = missing_servers();
  if (!missing.empty()) SKIP("not installed:" << missing);
  const no_leaks nothing_left;
  const ovrseer_test::disk_folder above;
  std::filesystem::permissions(above.path(), std::filesystem::perms(0755));  // the servers' own users go through it
  const std::filesystem::path folder = above / "services";
  const std::vector<std::uint16_t> ports = free_ports(5);
  command what = up("services");
  what.env("PATH", path_with(std::string(OVRSEER_DEMO_DIR) + ":/usr/sbin:/usr/local/sbin"));
  what.env("POSTGRES_PORT", std::to_string(ports[0])).env("REDIS_PORT", std::to_string(ports[1]));
  what.env("NATS_PORT", std::to_string(ports[2])).env("NATS_HTTP_PORT", std::to_string(ports[3]));
  what.env("NGINX_PORT", std::to_string(ports[4])).env("SERVICES_FOLDER", folder.string());
  asio::io_context context;
  program_run program(context.get_executor(), what);
  auto story = [&]() -> task<int> {
    for (const char* server : {"postgres", "redis", "nats", "nginx"}) co_await program.event(server, "ready");
    co_await wait_status(ports[4], "/", 200);
    co_await wait_status(ports[3], "/healthz", 200);
    program.it.send(signal_number(SIGINT));
    const int code = co_await program.end();
    co_return code;
  };
  CHECK(complete(context, story) == 0);
  CHECK(program.order_of("crashed").empty());
  const std::vector<std::string> started = program.order_of("ready");
  CHECK(std::ranges::count(started, "postgres") == 1);
  CHECK(alive_of(program).empty());
  CHECK_FALSE(std::filesystem::exists(folder));
  for (const json& each : program.json()) {
    if (each.at("kind") != "line") continue;
    const std::string text = each.at("text");
    INFO(text);
    CHECK(text.find("ERROR") == std::string::npos);
    CHECK(text.find("FATAL") == std::string::npos);
    CHECK(text.find("PANIC") == std::string::npos);
    CHECK(text.find("[emerg]") == std::string::npos);
    CHECK(text.find("[error]") == std::string::npos);
  }
}

}  // namespace t_stacks

#endif  // OVRSEER_PROGRAM
