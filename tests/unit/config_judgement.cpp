// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a configuration says of groups, edges, health and giving up, and what it refuses of them.
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/config/read.hpp>
#include <ovrseer/config/yaml.hpp>

#include "catch.hpp"

namespace t_config_judgement {

using namespace ovrseer;
using namespace std::chrono_literals;

result<stack_configuration, diagnostics> read(std::string text) {
  auto document = read_yaml(source_text("x.yml", std::move(text)));
  if (!document) return failure(document.reason());
  return read_configuration(*std::move(document), read_options().directory("/srv/shop").http(any_http_client()));
}
stack_configuration model(std::string text) {
  auto made = read(std::move(text));
  if (!made) FAIL(to_text(made.reason()));
  return *std::move(made);
}
std::string errors(std::string text) {
  const auto made = read(std::move(text));
  return made ? to_text(made->warnings) + "accepted" : to_text(made.reason());
}

TEST_CASE("groups stand behind the ones that they are in whatever the file says first") {
  const stack_configuration stack = model(R"(
groups:
  - { id: web, within: shop, strategy: restForOne, intensity: { restarts: 3, period: 10s } }
  - { id: shop, strategy: oneForAll, autoShutdown: allSignificant, stayDown: true, whenGivenUp: { action: stopAll, exitCode: 9 } }
processes:
  - { id: api, command: api, group: web }
  - { id: job, command: job, group: shop, significant: true, restartPolicy: on-failure, priority: -3 }
)");
  REQUIRE(stack.groups.size() == 2);
  const group_spec& shop = stack.groups[0];
  CHECK(shop.name() == "shop");
  CHECK(shop.by().name() == "one_for_all");
  CHECK(shop.auto_shutdown() == group_spec::shutdown::all_significant);
  CHECK(shop.stays_down());
  CHECK(shop.when_given_up().what() == give_up::action::stop_all);
  CHECK(shop.when_given_up().exit_code() == 9);
  const group_spec& web = stack.groups[1];
  CHECK(web.parent() == "shop");
  CHECK(web.start_order() == group_spec::order::declared);
  CHECK(web.intensity() == 3);
  CHECK(web.period() == 10s);
  CHECK(stack.units[0].group() == "web");
  CHECK(stack.units[1].is_significant());
  CHECK(stack.units[1].priority() == -3);
}

TEST_CASE("what does not fit together in groups is an error at its place") {
  CHECK_THAT(errors("groups: [{ id: web, within: shop }]\nprocesses: [{ id: a, command: a }]\n"),
             catchx::ContainsSubstring("x.yml:1:29: error: there is no group \"shop\""));
  CHECK_THAT(errors("groups: [{ id: a, within: b }, { id: b, within: a }]\nprocesses: [{ id: a, command: a }]\n"),
             catchx::ContainsSubstring("no group within itself"));
  CHECK_THAT(errors("processes: [{ id: a, command: a, group: web }]\n"),
             catchx::ContainsSubstring("x.yml:1:41: error: the unit a is in the group \"web\", which is not there"));
  CHECK_THAT(errors("groups: [{ id: web }]\nprocesses: [{ id: a, command: a, group: web, significant: true }]\n"),
             catchx::ContainsSubstring("never shuts down by itself"));
  CHECK_THAT(errors("groups: [{ id: web, strategy: restForOne }]\nprocesses:\n"
                    "  - { id: a, command: a, group: web, dependsOn: [b] }\n  - { id: b, command: b, group: web }\n"),
             catchx::ContainsSubstring("a -> b -> a"));
  CHECK_THAT(errors("groups: [{ id: web, strategy: allForOne }]\nprocesses: [{ id: a, command: a }]\n"),
             catchx::ContainsSubstring("one of oneForOne, oneForAll or restForOne"));
}

const unit_spec& unit_of(const stack_configuration& stack, std::string_view name) {
  for (const unit_spec& each : stack.units) {
    if (each.id().name == name) return each;
  }
  throw std::logic_error("no unit " + std::string(name));
}

TEST_CASE("a watchdog and a ready check by the notify protocol give the process its socket") {
  const stack_configuration stack = model(R"(
defaults: { watchdog: { timeout: 1m, onFailure: stop } }
processes:
  - { id: server, command: x, watchdog: 10s, readyChecks: [{ notify: true, timeout: 20s }] }
  - { id: lines, command: x, watchdog: { timeout: 100ms, logPattern: /tick \d+/ } }
  - { id: announcer, command: x, watchdog: 0, readyChecks: [{ notify: true }] }
  - { id: quiet, command: x, watchdog: { timeout: 0 } }
)");
  const unit_spec& server = unit_of(stack, "server");
  CHECK(server.watchdog() == 10s);
  CHECK(server.ready_when().describe() == "READY=1");
  CHECK(server.ready_when().bound() == 20s);
  REQUIRE(server.watches().size() == 1);
  const health_watch& watch = server.watches()[0];
  CHECK(watch.check().describe() == "WATCHDOG=1 every 10s");
  CHECK(watch.initial_delay() == 0s);
  CHECK(watch.interval() == 2500ms);
  CHECK(watch.failures() == 1);
  CHECK(watch.otherwise() == health_watch::action::stop);  // of the defaults
  const unit_spec& lines = unit_of(stack, "lines");
  CHECK_FALSE(lines.watchdog());
  REQUIRE(lines.watches().size() == 1);
  CHECK(lines.watches()[0].check().describe() == "log line /tick \\d+/ every 100ms");
  CHECK(lines.watches()[0].interval() == 25ms);
  const unit_spec& announcer = unit_of(stack, "announcer");
  CHECK(announcer.watchdog() == 0s);
  CHECK(announcer.watches().empty());
  CHECK(announcer.ready_when().bound() == 60s);
  CHECK_FALSE(unit_of(stack, "quiet").watchdog());
  CHECK(model("processes: [{ id: a, command: a, watchdog: 1h }]").units[0].watches()[0].otherwise() ==
        health_watch::action::restart);
}

TEST_CASE("a watchdog without its time is an error and the words of others are known") {
  CHECK_THAT(errors("processes: [{ id: a, command: a, watchdog: { onFailure: stop } }]\n"),
             catchx::ContainsSubstring("a watchdog has no \"timeout\""));
  CHECK_THAT(errors("processes: [{ id: a, command: a, WatchdogSec: 30 }]\n"),
             catchx::ContainsSubstring("did you mean \"watchdog\"?"));
  CHECK_THAT(errors("processes: [{ id: b, command: b }, { id: a, type: cleanup, command: a, watchdog: 3s }]\n"),
             catchx::ContainsSubstring("\"watchdog\" has no effect on a cleanup process"));
}

TEST_CASE("an edge says what is done when its condition is lost and when it is back") {
  const stack_configuration stack = model(R"(
processes:
  - { id: db, type: dependency, command: db }
  - id: api
    command: api
    dependsOn:
      - { id: db, condition: healthy, onLoss: pause, onReturn: restart }
  - id: late
    command: late
    dependsOn:
      - { id: db, logPattern: 'schema \d+ loaded', onLoss: stop, onReturn: start }
)");
  const dependency_edge& first = stack.units[1].dependencies()->front();
  CHECK(first.condition == edge_condition::healthy);
  CHECK(first.on_loss == edge_action::pause);
  CHECK(first.on_return == edge_action::restart);
  const dependency_edge& second = stack.units[2].dependencies()->front();
  CHECK(second.condition == edge_condition::log_line);
  REQUIRE(second.line);
  CHECK(second.line->matches("schema 12 loaded"));
  CHECK(second.on_loss == edge_action::stop);
  CHECK(second.on_return == edge_action::start);
}

TEST_CASE("a line to wait for and another condition contradict each other") {
  const std::string head = "processes:\n  - { id: db, type: dependency, command: db }\n  - id: api\n    command: api\n";
  CHECK_THAT(errors(head + "    dependsOn: [{ id: db, condition: started, logPattern: up }]\n"),
             catchx::ContainsSubstring("\"logPattern\" beside another condition"));
  CHECK_THAT(errors(head + "    dependsOn: [{ id: db, condition: logLine }]\n"),
             catchx::ContainsSubstring("\"logLine\" without a \"logPattern\""));
}

TEST_CASE("health checks become watches") {
  const stack_configuration stack = model(R"(
processes:
  - id: api
    command: api
    healthChecks:
      - { tcp: "127.0.0.1:8080", interval: 5s, relaxTo: 1m, failureThreshold: 2, onFailure: restart }
      - { exec: "check --fast", successThreshold: 3, initialDelay: 0 }
)");
  const std::vector<health_watch>& watches = stack.units[0].watches();
  REQUIRE(watches.size() == 2);
  CHECK(watches[0].check().describe() == "TCP 127.0.0.1:8080");
  CHECK(watches[0].interval() == 5s);
  CHECK(watches[0].longest_interval() == 1min);
  CHECK(watches[0].failures() == 2);
  CHECK(watches[0].otherwise() == health_watch::action::restart);
  CHECK(watches[1].attempt_limit() == 10s);
  CHECK(watches[1].successes() == 3);
  CHECK(watches[1].initial_delay() == 0s);
  CHECK(watches[1].otherwise() == health_watch::action::nothing);
}

TEST_CASE("a health check asks one question and not all the time") {
  const std::string head = "processes:\n  - id: api\n    command: api\n    healthChecks:\n";
  CHECK_THAT(errors(head + "      - { interval: 5s }\n"),
             catchx::ContainsSubstring("a health check without a question"));
  CHECK_THAT(errors(head + "      - { tcp: '127.0.0.1:80', interval: 1ms }\n"),
             catchx::ContainsSubstring("at least 10ms"));
}

TEST_CASE("a process says what follows when it is given up") {
  const stack_configuration stack = model(R"(
processes:
  - { id: api, command: api, whenGivenUp: { action: nothing, run: medic } }
  - { id: medic, command: medic, onDemand: true, oneShot: true }
  - { id: web, command: web, whenGivenUp: stopAll }
)");
  CHECK(stack.units[0].when_given_up().what() == give_up::action::nothing);
  CHECK(stack.units[0].when_given_up().run() == unit_id("medic"));
  CHECK(stack.units[1].is_on_demand());
  CHECK(stack.units[2].when_given_up().what() == give_up::action::stop_all);
  CHECK_THAT(errors("processes: [{ id: a, command: a, whenGivenUp: { run: nobody } }]\n"),
             catchx::ContainsSubstring("there is no process \"nobody\""));
}

TEST_CASE("restart policies know a breaker and a lifetime") {
  const stack_configuration stack = model(R"(
processes:
  - { id: api, command: api, restartPolicy: { maxRestarts: 20, breaker: { openFor: 1m, longest: 10m } } }
)");
  const restart_rules& rules = stack.units[0].restart();
  CHECK(rules.max_restarts() == 20);
  CHECK(rules.has_breaker());
  CHECK(rules.open_for(1) == 1min);
  CHECK(rules.open_for(3) == 4min);
  CHECK(rules.open_for(9) == 10min);
}

TEST_CASE("a stop says whom it leaves alone") {
  const stack_configuration stack = model(R"(
processes:
  - { id: api, command: api, stop: { signal: SIGINT, leave: [pg_dump, /backup/i] } }
  - { id: web, command: web, stop: { steps: [{ signal: SIGQUIT, grace: 1s }], leave: [upload] } }
)");
  CHECK(stack.units[0].stop_by().leave().size() == 2);
  CHECK(stack.units[0].stop_by().leave()[1].matches("sh BACKUP.sh"));
  CHECK(to_text(stack.units[0].stop_by()) ==
        "SIGINT to the group, 10s; SIGKILL to the tree, 2s; leaves alone /pg_dump/, /backup/i");
  CHECK(stack.units[1].stop_by().leave().size() == 1);
}

TEST_CASE("flags say what follows them") {
  const stack_configuration stack = model(R"(
processes:
  - id: api
    command: api
    namespace: shop
    flags:
      - { name: oom, pattern: out of memory, onMatch: restart }
      - { name: slow, pattern: took, target: 5, onMatch: report, onTarget: { run: alert } }
      - { name: quiet, pattern: hush }
  - { id: alert, command: alert, namespace: shop, onDemand: true }
)");
  const unit_spec& api = stack.units[0];
  using enum flag_reaction::action;
  REQUIRE(api.reactions_to("oom") != nullptr);
  CHECK(api.reactions_to("oom")->on_match.what() == restart);
  CHECK(api.reactions_to("oom")->on_target.what() == nothing);
  REQUIRE(api.reactions_to("slow") != nullptr);
  CHECK(api.reactions_to("slow")->on_match.what() == report);
  CHECK(api.reactions_to("slow")->on_target.what() == run);
  CHECK(api.reactions_to("slow")->on_target.unit() == unit_id("shop", "alert"));
  CHECK(api.reactions_to("quiet") == nullptr);
}

TEST_CASE("what cannot follow a flag is refused with a cure") {
  const std::string told = errors(R"(
processes:
  - id: api
    command: api
    flags:
      - { name: a, pattern: a, onTarget: stop }
      - { name: b, pattern: b, onMatch: { run: alrt } }
      - { name: c, pattern: c, onMatch: { action: stop, run: alert } }
      - { name: d, pattern: d, onMatch: reboot }
  - { id: alert, command: alert, onDemand: true }
)");
  INFO(told);
  CHECK_THAT(told, catchx::ContainsSubstring("x.yml:6:32: error: \"onTarget\" without a target"));
  CHECK_THAT(told, catchx::ContainsSubstring("there is no process \"alrt\""));
  CHECK_THAT(told, catchx::ContainsSubstring("did you mean \"alert\"?"));
  CHECK_THAT(told, catchx::ContainsSubstring("\"run\" beside \"action\""));
  CHECK_THAT(told, catchx::ContainsSubstring("\"reboot\""));
}

}  // namespace t_config_judgement
