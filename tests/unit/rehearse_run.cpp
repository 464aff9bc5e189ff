// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whole configurations in the simulated world: what processes do where nothing is said, what goes wrong on purpose,
// and that nothing real is touched.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/config/find.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/yaml.hpp>
#include <ovrseer/rehearse/rehearse.hpp>

#include "disk_folder.hpp"

namespace t_rehearse_run {

using namespace ovrseer;
using namespace std::chrono_literals;

std::optional<std::string> no_variable(std::string_view) { return std::nullopt; }

/// A client that must not be asked: it would reach the network.
class forbidden_client {
 public:
  task<http_response> exchange(http_request) { return refuse(); }

 private:
  static task<http_response> refuse() {
    FAIL("a real HTTP client was asked");
    co_return http_response();
  }
};

stack_configuration stack(std::string text, const std::filesystem::path& folder = "/srv/none") {
  auto document = read_yaml(source_text("x.yml", std::move(text)));
  if (!document) FAIL(to_text(document.reason()));
  auto made = read_configuration(
      *std::move(document),
      read_options().directory(folder).variables(no_variable).http(any_http_client(forbidden_client())));
  if (!made) FAIL(to_text(made.reason()));
  return *std::move(made);
}
rehearsal_options lasting(std::chrono::nanoseconds duration) {
  rehearsal_options made;
  made.duration = duration;
  return made;
}
const rehearsed_unit& unit(const rehearsal_result& result, const char* name) {
  for (const rehearsed_unit& each : result.units) {
    if (each.id == unit_id(name)) return each;
  }
  throw std::logic_error(std::string("no unit ") + name);
}
/// The timeline as the program prints it.
std::string story(const rehearsal_result& result) {
  std::string all;
  for (const timeline_entry& each : result.timeline) {
    all += timeline_time(each.time) + " " + (each.unit.name.empty() ? "ovrseer" : to_text(each.unit)) + " " +
           each.text + "\n";
  }
  return all;
}
std::string told(const rehearsal_result& result) { return story(result) + to_text(result); }

constexpr const char* every_check = R"(processes:
  - id: folder
    type: dependency
    oneShot: true
    command: mkdir
  - id: db
    type: dependency
    command: postgres
    dependsOn: [folder]
    readyChecks:
      - tcp: 127.0.0.1:5432
      - exec: [pg_isready, -q]
      - logPattern: /ready to accept \d+ connections/i
      - file: { path: /run/db.pid, nonEmpty: true, newerThanStart: true, content: '^\d+$' }
  - id: api
    command: ./api
    readyChecks:
      - http: { url: "http://127.0.0.1:9000/health", status: 204, body: '"ok": ?true' }
  - id: quiet
    command: ./quiet
  - id: tidy
    type: cleanup
    command: rm
)";

TEST_CASE("every kind of check is answered by the simulated world") {
  const rehearsal_result result = rehearse(stack(every_check), lasting(1h));
  INFO(told(result));
  CHECK(result.is_ok());
  CHECK(result.remarks.empty());
  REQUIRE(result.ready_after);
  CHECK(*result.ready_after > 2s);
  CHECK(*result.ready_after < 5s);
  CHECK(result.exit_code == 0);
  CHECK(result.ran == 1h);
  CHECK(result.stop_took > 1s);  // the cleanup unit alone takes one
  CHECK(result.stop_took < 2s);
  CHECK(result.availability == 1.0);
  CHECK(unit(result, "folder").state == unit_state::completed);
  CHECK_FALSE(unit(result, "folder").availability);
  CHECK(unit(result, "db").last_status == exit_status::exited(0));
  CHECK(unit(result, "db").availability == 1.0);
  CHECK(unit(result, "tidy").starts == 1);
  CHECK(unit(result, "tidy").state == unit_state::completed);
}

TEST_CASE("the same seed gives the same bytes and another seed gives other times") {
  const stack_configuration what = stack(every_check);
  rehearsal_options how = lasting(10h);
  how.faults = {rehearsal_fault::random_crash("api", 1h)};
  const std::string first = told(rehearse(what, how));
  CHECK(told(rehearse(what, how)) == first);
  how.seed = 2;
  CHECK(told(rehearse(what, how)) != first);
}

TEST_CASE("a crash in a row comes again after each restart") {
  rehearsal_options how = lasting(1h);
  how.faults = {rehearsal_fault::crash_at("db", 5min, 3)};
  how.unfolded = 10;
  const rehearsal_result result = rehearse(stack(every_check), how);
  INFO(told(result));
  CHECK(result.is_ok());
  CHECK(unit(result, "db").crashes == 3);
  CHECK(unit(result, "db").starts == 4);
  CHECK(unit(result, "db").restarts == 3);
  CHECK(unit(result, "api").crashes == 0);
  CHECK(unit(result, "db").downtime > 0s);
  CHECK(unit(result, "db").availability < 1.0);
  CHECK(result.availability < 1.0);
  CHECK_THAT(story(result), catchx::ContainsSubstring("00:05:00.000 db crashed: exited with code 1 after"));
  CHECK_THAT(story(result), catchx::ContainsSubstring("restart 3 of 3 in"));
}

TEST_CASE("who crashes more often than its policy allows is given up and that is not ok") {
  rehearsal_options how = lasting(1h);
  how.faults = {rehearsal_fault::crash_at("db", 5min, 4)};
  const rehearsal_result result = rehearse(stack(every_check), how);
  INFO(told(result));
  CHECK_FALSE(result.is_ok());
  CHECK(result.broken.empty());
  CHECK(result.exit_code == 4);
  CHECK(result.ran < 6min);
  CHECK_THAT(result.problems.at(0), catchx::StartsWith("db was given up at 00:05:"));
  CHECK_THAT(result.problems.at(1), catchx::StartsWith("it ended by itself at 00:05:"));
  CHECK(unit(result, "tidy").starts == 1);
}

TEST_CASE("a start that fails is tried again") {
  rehearsal_options how = lasting(10min);
  how.faults = {rehearsal_fault::failing_start("db", 2)};
  const rehearsal_result result = rehearse(stack(every_check), how);
  INFO(told(result));
  CHECK(result.is_ok());
  CHECK(unit(result, "db").starts == 3);
  CHECK_THAT(story(result), catchx::ContainsSubstring("could not be started"));
  how.faults = {rehearsal_fault::failing_start("db", 9)};
  const rehearsal_result never = rehearse(stack(every_check), how);
  CHECK_FALSE(never.is_ok());
  CHECK(never.exit_code == 3);
  CHECK_FALSE(never.ready_after);
}

TEST_CASE("a process that hangs has to be killed and its stop stays within the plan") {
  rehearsal_options how = lasting(1h);
  how.faults = {rehearsal_fault::hang_at("api", 10min)};
  const rehearsal_result result = rehearse(stack(every_check), how);
  INFO(told(result));
  CHECK(result.broken.empty());
  CHECK(unit(result, "api").last_status == exit_status::signaled(signal_number(SIGKILL)));
  CHECK(result.stop_took > 10s);
  CHECK(result.stop_took <= result.stop_bound);
  CHECK_THAT(to_text(result), catchx::ContainsSubstring("remark: api had to be killed at 01:00:10.000"));
}

TEST_CASE("a hang is found by a watchdog of either kind and the process started again") {
  rehearsal_options how = lasting(1h);
  how.faults = {rehearsal_fault::hang_at("server", 10min), rehearsal_fault::hang_at("lines", 20min)};
  const rehearsal_result result = rehearse(stack(R"(processes:
  - { id: server, command: x, watchdog: 20s, readyChecks: [{ notify: true }] }
  - { id: lines, command: y, watchdog: { timeout: 20s, logPattern: '/tick \d+/' } }
  - { id: well, command: z, watchdog: 100ms }
)"),
                                           how);
  INFO(told(result));
  CHECK(result.broken.empty());
  CHECK(unit(result, "server").starts == 2);
  CHECK(unit(result, "lines").starts == 2);
  CHECK(unit(result, "well").starts == 1);
  CHECK_THAT(story(result), catchx::ContainsSubstring("no WATCHDOG=1 for "));
  CHECK_THAT(story(result), catchx::ContainsSubstring("no log line /tick \\d+/ for "));
}

TEST_CASE("a process that hangs while it comes up never gets ready") {
  rehearsal_options how = lasting(10min);
  how.faults = {rehearsal_fault::hang_at("api", 2900ms)};
  how.behaviors["folder"].start_time = 0s;
  how.behaviors["db"].start_time = 1s;
  how.behaviors["api"].start_time = 1s;
  const rehearsal_result result = rehearse(stack(every_check), how);
  INFO(told(result));
  CHECK(result.broken.empty());
  CHECK_THAT(story(result), catchx::ContainsSubstring("crashed: "));
  CHECK(unit(result, "api").starts == 2);
}

TEST_CASE("what is never ready is the first problem and says who waits for whom") {
  const rehearsal_result result = rehearse(stack(R"(processes:
  - id: db
    type: dependency
    command: db
    readyChecks: [{ logPattern: 'a\bb', timeout: 0 }]
  - { id: api, command: api }
)"),
                                           lasting(10min));
  INFO(told(result));
  CHECK_FALSE(result.is_ok());
  CHECK_FALSE(result.ready_after);
  CHECK_FALSE(result.availability);
  REQUIRE(result.problems.size() == 1);
  CHECK_THAT(result.problems[0],
             catchx::StartsWith("it never was all ready; at the end:\ndb: its ready check has not"));
  CHECK_THAT(result.problems[0], catchx::ContainsSubstring("api: waits for\n  db"));
  CHECK_THAT(to_text(result), catchx::ContainsSubstring("remark: db: no line matches /a\\bb/"));
}

TEST_CASE("what a process does is scripted in the configuration") {
  const rehearsal_result result = rehearse(stack(R"(processes:
  - id: slow
    command: slow
    readyChecks: [{ tcp: 127.0.0.1:1 }]
    simulate: { startTime: 20s, stopTime: 3s, memory: 10MiB }
    restartPolicy: no
  - id: deaf
    command: deaf
    simulate: { ignores: [SIGTERM] }
  - id: batch
    command: batch
    oneShot: true
    simulate: { runsFor: 40s, exitCode: 3 }
    restartPolicy: { successCodes: [3] }
  - id: fragile
    command: fragile
    restartPolicy: { type: always, maxRetries: 0, delay: 1s, backoff: constant, jitter: 0 }
    simulate: { startTime: 0, crash: { every: 100s, signal: SIGSEGV } }
  - id: chatty
    command: chatty
    flags: [{ name: slow, pattern: 'took \d+ms', target: 3 }]
    simulate:
      lines:
        - { after: 10s, text: took 12ms, every: 10s }
        - { text: hello }
)"),
                                           lasting(10min));
  INFO(told(result));
  CHECK(result.is_ok());
  CHECK(*unit(result, "slow").ready_after >= 20s);
  CHECK(*unit(result, "slow").ready_after <= 20250ms);
  CHECK(unit(result, "deaf").last_status == exit_status::signaled(signal_number(SIGKILL)));
  CHECK(unit(result, "batch").last_status == exit_status::exited(3));
  CHECK(unit(result, "batch").state == unit_state::completed);
  CHECK(unit(result, "fragile").crashes == 5);
  CHECK_THAT(story(result), catchx::ContainsSubstring("00:01:40.000 fragile crashed: killed by SIGSEGV after 1m 40s"));
  CHECK_THAT(story(result), catchx::ContainsSubstring("00:00:30.000 chatty flag \"slow\" has reached 3"));
  CHECK(result.stop_took >= 10s);
}

TEST_CASE("a hang at random is found by a check that asks again and a local socket is there when its process is") {
  rehearsal_options how = lasting(24h);
  how.faults = {rehearsal_fault::random_hang("api", 1s)};
  const rehearsal_result result = rehearse(stack(R"(processes:
  - id: api
    command: api
    readyChecks: [{ http: "unix:/run/api.sock:/health" }, { http: "https://localhost/health", timeout: 2s }]
    restartPolicy: { type: always, maxRetries: 5, delay: 1s }
)"),
                                           how);
  INFO(told(result));
  CHECK(result.broken.empty());
  CHECK(unit(result, "api").starts >= 1);
  CHECK(unit(result, "api").last_status == exit_status::signaled(signal_number(SIGKILL)));
}

TEST_CASE("two units that are called alike in two namespaces are two") {
  rehearsal_options how = lasting(1h);
  how.faults = {rehearsal_fault::crash_at(unit_id("shop", "db"), 1min)};
  const rehearsal_result result = rehearse(stack(R"(processes:
  - { id: db, command: postgres, readyChecks: [{ tcp: 127.0.0.1:1 }] }
  - { id: db, namespace: shop, command: postgres, readyChecks: [{ tcp: 127.0.0.1:2 }] }
)"),
                                           how);
  INFO(told(result));
  CHECK(result.is_ok());
  CHECK(result.units[0].crashes == 0);
  CHECK(result.units[1].crashes == 1);
}

TEST_CASE("a stop that takes longer than the shutdown timeout is forced and that is not ok") {
  const rehearsal_result result = rehearse(stack(R"(shutdown: { timeout: 3s }
processes:
  - { id: api, command: api, simulate: { ignores: [SIGTERM] } }
  - { id: tidy, type: cleanup, command: rm }
)"),
                                           lasting(1min));
  INFO(told(result));
  CHECK(result.broken.empty());
  CHECK_FALSE(result.is_ok());
  CHECK(result.exit_code == 130);
  CHECK(result.stop_took == 3s);
  CHECK_THAT(result.problems.at(0), catchx::ContainsSubstring("the shutdown timeout, 3s"));
}

TEST_CASE("a stack that goes round without a pause is found out") {
  const rehearsal_result result = rehearse(stack(R"(processes:
  - id: api
    command: api
    simulate: { startTime: 0, runsFor: 0, exitCode: 1 }
    restartPolicy: { type: always, maxRetries: 0, delay: 0, maxDelay: 0, jitter: 0 }
)"),
                                           lasting(1h));
  INFO(to_text(result));
  CHECK_FALSE(result.is_ok());
  CHECK_THAT(result.problems.at(0), catchx::StartsWith("time stands still at 00:00:00.000"));
}

TEST_CASE("crashes at random come as often as they should") {
  rehearsal_options how = lasting(24h * 50);
  how.faults = {rehearsal_fault::random_crash("api", 2h)};
  const rehearsal_result result = rehearse(
      stack("processes: [{ id: api, command: api, restartPolicy: { type: always, maxRetries: 0, stableAfter: 0 } }]"),
      how);
  INFO(to_text(result));
  CHECK(result.is_ok());
  CHECK(unit(result, "api").crashes > 480);
  CHECK(unit(result, "api").crashes < 720);
  CHECK(result.timeline.size() < 30);
  CHECK_THAT(story(result), catchx::ContainsSubstring("times more, the last at 49d"));
}

TEST_CASE("an availability that is asked for and not reached is a problem") {
  rehearsal_options how = lasting(1h);
  how.faults = {rehearsal_fault::crash_at("db", 5min)};
  how.least_availability = 0.999;
  const stack_configuration what = stack(every_check);
  CHECK(rehearse(what, how).is_ok());
  how.least_availability = 0.9999;
  const rehearsal_result result = rehearse(what, how);
  INFO(to_text(result));
  REQUIRE(result.problems.size() == 1);
  CHECK_THAT(result.problems[0], catchx::StartsWith("db was available for 99.9"));
  CHECK_THAT(result.problems[0], catchx::EndsWith("of the time, less than 99.990 %"));
}

TEST_CASE("a stop command ends the process as a signal would") {
  const rehearsal_result result = rehearse(stack(R"(processes:
  - id: nginx
    command: nginx
    stop: { steps: [{ command: nginx -s quit, grace: 5s }] }
)"),
                                           lasting(1min));
  INFO(told(result));
  CHECK(result.is_ok());
  CHECK(result.stop_took < 1s);
  CHECK(unit(result, "nginx").last_status == exit_status::exited(0));
}

TEST_CASE("a script of the test's own and people who interfere are part of it") {
  rehearsal_options how = lasting(1h);
  how.scripts["api"] = [](const command&, std::uint32_t nth) {
    return nth == 1 ? process_script().wait(1min).exit(9) : process_script();
  };
  how.prepare = [](supervisor& target, simulated_world& world) {
    world.at(10min, [&] {
      asio::co_spawn(world.context(), target.restart("api"), [](const std::exception_ptr&, unit_state) {});
    });
  };
  const rehearsal_result result = rehearse(stack("processes: [{ id: api, command: api }]"), how);
  INFO(told(result));
  CHECK(result.is_ok());
  CHECK(unit(result, "api").crashes == 1);
  CHECK(unit(result, "api").starts == 3);
}

TEST_CASE("a stack whose mains are done ends before its time and that is fine") {
  const rehearsal_result result =
      rehearse(stack("processes: [{ id: job, command: job, oneShot: true }]"), lasting(24h));
  INFO(told(result));
  CHECK(result.is_ok());
  CHECK(result.ran == 1s);
  CHECK_THAT(result.remarks.at(0), catchx::StartsWith("it ended by itself at 00:00:01.000"));
}

TEST_CASE("events are kept where they are asked for and told as they happen") {
  rehearsal_options how = lasting(1min);
  how.history = rehearsal_options::events::kept;
  std::uint64_t heard = 0;
  std::size_t entries = 0;
  how.on_event = [&](const event& entry) { CHECK(entry.seq == ++heard); };
  how.on_entry = [&](const timeline_entry&) { ++entries; };
  how.max_timeline = 3;
  const rehearsal_result result = rehearse(stack(every_check), how);
  CHECK(result.events.size() == heard);
  CHECK(result.event_count == heard);
  CHECK(result.timeline.size() == 3);
  CHECK(result.dropped_entries == entries - 3);
  CHECK(to_json(result).at("ok") == true);
  CHECK(to_json(result).at("units").size() == 5);
}

TEST_CASE("a fault of a unit that is not there and a callback that throws are errors") {
  const stack_configuration what = stack(every_check);
  rehearsal_options how = lasting(1h);
  how.faults = {rehearsal_fault::crash_at("nobody", 1s)};
  try {
    rehearse(what, how);
    FAIL("it ran");
  } catch (const error& failure) {
    CHECK(failure.code() == errc::unknown_unit);
  }
  how.faults.clear();
  how.on_event = [](const event& entry) {
    if (entry.type == event_type::ready) throw std::runtime_error("enough");
  };
  CHECK_THROWS_AS(rehearse(what, how), std::runtime_error);
}

TEST_CASE("nothing real is written or started or asked") {
  const ovrseer_test::disk_folder folder;
  const rehearsal_result result = rehearse(stack(R"(reports: { directory: reports }
metrics: { listen: "127.0.0.1:1" }
exporters: [{ id: page, file: metrics.prom }]
processes:
  - id: api
    shell: "touch touched"
    log: { file: logs/api.log }
    stdout: pipe
    stderr: { file: err.log }
    readyChecks: [{ http: "http://127.0.0.1:9/health" }, { file: { path: ready, content: yes } }]
    simulate: { lines: [{ text: hello, every: 1s }], crash: { every: 1m } }
    restartPolicy: { type: always, maxRetries: 0 }
)",
                                                 folder.path()),
                                           lasting(10min));
  INFO(told(result));
  CHECK(result.is_ok());
  CHECK(unit(result, "api").crashes > 5);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("days of ten units that crash now and then take seconds") {
  std::string text = "processes:\n";
  rehearsal_options how = lasting(24h * 10);
  for (int i = 0; i < 10; ++i) {
    const std::string name = "u" + std::to_string(i);
    text += "  - id: " + name + "\n    command: " + name + "\n    type: " + (i < 4 ? "dependency" : "main") +
            "\n    readyChecks: [{ tcp: 127.0.0.1:" + std::to_string(7000 + i) +
            " }]\n    restartPolicy: { type: always, maxRetries: 0 }\n    dependsOn: [" +
            (i == 0 ? "" : "u" + std::to_string(i - 1)) + "]\n";
    how.faults.push_back(rehearsal_fault::random_crash(name, 12h));
  }
  const rehearsal_result result = rehearse(stack(text), how);
  INFO(to_text(result));
  CHECK(result.is_ok());
  CHECK(result.event_count > 1'000);
  CHECK(result.timeline.size() < 200);
}

TEST_CASE("the timeline of the demo stack is as its golden file says") {
  const std::filesystem::path root = OVRSEER_SOURCE_DIR;
  auto made = load_configuration(root / "examples/stacks/demo/ovrseer.yml", read_yaml,
                                 read_options().variables(no_variable).http(any_http_client(forbidden_client())));
  REQUIRE(made);
  rehearsal_options how = lasting(24h * 30);
  how.faults = {rehearsal_fault::crash_at("store", 5min, 3), rehearsal_fault::random_crash("worker", 1h),
                rehearsal_fault::hang_at("api", 20min)};
  const std::string text = told(rehearse(*made, how));
  const std::filesystem::path expected = root / "tests/golden/rehearse/demo.expected";
  if (std::getenv("OVRSEER_UPDATE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << text;
  std::ifstream file(expected, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  CHECK(text == content.str());
}

}  // namespace t_rehearse_run
