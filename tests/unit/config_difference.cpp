// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The difference of two configurations: which keys, who restarts because of them, and in which order.
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch.hpp>
#include <nlohmann/json.hpp>

#include <ovrseer/config/difference.hpp>
#include <ovrseer/config/json.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/yaml.hpp>

namespace t_config_difference {

using namespace ovrseer;
using effect = affected_unit::effect;
using names = std::vector<std::string>;
using layers = std::vector<std::vector<unit_id>>;

const std::string folder = OVRSEER_SOURCE_DIR "/tests/golden/config/good";

read_options options() {
  const auto variable = [](std::string_view name) -> std::optional<std::string> {
    if (name == "PORT") return "9000";
    return std::nullopt;
  };
  const compression some(".gz", [] { return std::unique_ptr<compressor>(); });
  return read_options().directory(folder).variables(variable).http(any_http_client()).compress(some);
}
stack_configuration model(std::string_view text) {
  auto document = read_yaml(source_text("x.yml", std::string(text)));
  if (!document) FAIL(to_text(document.reason()));
  auto made = read_configuration(*std::move(document), options());
  if (!made) FAIL(to_text(made.reason()));
  return *std::move(made);
}
configuration_difference between(std::string_view from, std::string_view to) {
  return difference(model(from), model(to));
}

/// The keys that are named when the only process, `a`, has these lines before and after.
names keys(const std::string& before, const std::string& after) {
  const std::string head = "processes:\n  - id: a\n    command: sleep\n";
  const configuration_difference found = between(head + before, head + after);
  return found.changed.empty() ? names{} : found.changed.front().keys;
}

constexpr std::string_view shop = R"(processes:
  - { id: db, type: dependency, command: db }
  - { id: api, command: api, dependsOn: [{ id: db, onLoss: restart }] }
  - { id: web, command: web, dependsOn: [{ id: api, onLoss: stop, onReturn: start }] }
  - { id: job, command: job, dependsOn: [{ id: api, onLoss: stop }] }
  - { id: idle, command: idle, dependsOn: [{ id: db, onLoss: pause }] }
  - { id: calm, command: calm, dependsOn: [db] }
  - { id: tidy, type: cleanup, command: "true" }
)";

std::string with(std::string_view text, std::string_view what, std::string_view instead) {
  std::string made(text);
  const std::size_t at = made.find(what);
  REQUIRE(at != std::string::npos);
  return made.replace(at, what.size(), instead);
}

TEST_CASE("a configuration does not differ from itself") {
  CHECK(between(shop, shop).is_empty());
  CHECK(between(shop, shop).start_layers.empty());
}

TEST_CASE("the way in which something is written does not count") {
  CHECK(keys("    timeLimit: 5s\n    stop: { signal: TERM, timeout: 1m }\n",
             "    stop: { timeout: 60000, signal: 15 }\n    timeLimit: 5000ms\n")
            .empty());
  CHECK(keys("    log: { ringSize: 1KiB }\n", "    log:\n      ringSize: \"1024\"\n").empty());
  CHECK(keys("    env: { A: 1 }\n", "    env:\n      A: '1'\n").empty());
  CHECK(between("processes: [{ id: a, command: x, nice: 5 }]", "processes: { a: { nice: 5, command: x } }").is_empty());
  CHECK(between("processes: [{ id: a, command: x, nice: 5 }]",
                "defaults: { nice: 5 }\nprocesses: [{ id: a, command: x }]")
            .is_empty());
}

TEST_CASE("a changed key is named and its value is not") {
  CHECK(keys("    args: [\"1\"]\n", "    args: [\"2\"]\n    cwd: sub\n") == names{"args", "cwd"});
  CHECK(keys("    args: [a, b]\n", "    args: [ab]\n") == names{"args"});
  CHECK(keys("    env: { TOKEN: a, SAME: b }\n", "    env: { TOKEN: c, SAME: b, NEW: null }\n") ==
        names{"env.NEW", "env.TOKEN"});
  CHECK(keys("    log: { ringSize: 1KiB }\n", "    log: { ringSize: 1MiB }\n") == names{"log"});
}

TEST_CASE("what defaults and the environment of all change is a change of each process") {
  const configuration_difference found = between(
      "env: { A: 1 }\ndefaults: { nice: 1, restartPolicy: { delay: 1s } }\n"
      "processes: [{ id: a, command: x, restartPolicy: { type: always } }, { id: b, command: x, nice: 3 }]",
      "env: { A: 2 }\ndefaults: { nice: 2, restartPolicy: { delay: 2s } }\n"
      "processes: [{ id: a, command: x, restartPolicy: { type: always } }, { id: b, command: x, nice: 3 }]");
  REQUIRE(found.changed.size() == 2);
  CHECK(found.changed[0].keys == names{"nice", "restartPolicy", "env.A"});
  CHECK(found.changed[1].keys == names{"restartPolicy", "env.A"});
  CHECK(found.settings.empty());
}

TEST_CASE("a change of how a process is supervised does not restart it") {
  const configuration_difference found =
      between(shop, with(shop, "command: db", "command: db, tags: [a], priority: 3"));
  REQUIRE(found.changed.size() == 1);
  CHECK(found.changed[0].id == "db");
  CHECK(found.changed[0].keys == names{"priority", "tags"});
  CHECK_FALSE(found.changed[0].restarts);
  CHECK(found.affected.empty());
  CHECK(found.stop_layers.empty());
}

TEST_CASE("a restart takes those along whose edges say so and the order is that of the graph") {
  const configuration_difference found = between(shop, with(shop, "command: db", "command: other"));
  REQUIRE(found.changed.size() == 1);
  CHECK(found.changed[0].restarts);
  REQUIRE(found.affected.size() == 4);
  const auto is = [&](std::size_t i, const char* id, effect what, const char* because) {
    const affected_unit& each = found.affected[i];
    return each.id == id && each.what == what && each.because == because;
  };
  CHECK(is(0, "api", effect::restarted, "db"));
  CHECK(is(1, "web", effect::restarted, "api"));
  CHECK(is(2, "job", effect::stopped, "api"));
  CHECK(is(3, "idle", effect::paused, "db"));
  CHECK(found.stop_layers == layers{{"job", "web"}, {"api"}, {"db"}});
  CHECK(found.start_layers == layers{{"db"}, {"api"}, {"web"}});
}

TEST_CASE("what comes and what goes has its place in the order") {
  std::string to = with(shop, "  - { id: calm, command: calm, dependsOn: [db] }\n",
                        "  - { id: late, command: late, dependsOn: [fresh] }\n"
                        "  - { id: fresh, type: dependency, command: fresh }\n"
                        "  - { id: asked, command: x, onDemand: true, dependsOn: [] }\n");
  const configuration_difference found = between(shop, to);
  CHECK(found.added == std::vector<unit_id>{"late", "fresh", "asked"});
  CHECK(found.removed == std::vector<unit_id>{"calm"});
  CHECK(found.changed.empty());
  CHECK(found.stop_layers == layers{{"calm"}});
  CHECK(found.start_layers == layers{{"fresh"}, {"late"}});
}

TEST_CASE("a process that is disabled goes and one of another namespace is another") {
  const configuration_difference gone = between(shop, with(shop, "command: calm", "command: calm, disabled: true"));
  CHECK(gone.removed == std::vector<unit_id>{"calm"});
  const configuration_difference moved = between(
      shop, with(shop, "command: calm, dependsOn: [db]", "command: calm, namespace: far, dependsOn: [default/db]"));
  CHECK(moved.removed == std::vector<unit_id>{"calm"});
  CHECK(moved.added == std::vector<unit_id>{{"far", "calm"}});
}

TEST_CASE("a changed cleanup process restarts nobody") {
  const configuration_difference found = between(shop, with(shop, "\"true\"", "\"false\""));
  REQUIRE(found.changed.size() == 1);
  CHECK_FALSE(found.changed[0].restarts);
  CHECK(found.stop_layers.empty());
}

TEST_CASE("the changes of a difference put what restarts or comes and describe what goes on") {
  std::string to = with(shop, "command: api", "command: other");
  to = with(to, "id: calm, command: calm", "id: fresh, command: calm");
  to = with(to, "command: idle", "command: idle, tags: [a]");
  to = with(to, "\"true\"", "\"false\"");
  const stack_configuration next = model(to);
  const unit_changes made = changes_of(difference(model(shop), next), next);
  const auto ids = [](const std::vector<unit_spec>& specs) {
    names all;
    for (const unit_spec& each : specs) all.push_back(each.id().name);
    return all;
  };
  CHECK(made.remove == std::vector<unit_id>{"calm"});
  CHECK(ids(made.put) == names{"api", "fresh"});
  CHECK(ids(made.describe) == names{"idle", "tidy"});
  CHECK(made.put[0].what().program() == "other");
}

TEST_CASE("keys beside those of processes are named with their group") {
  const std::string rest = "processes: [{ id: a, command: x, group: web }]\n";
  const configuration_difference found =
      between("name: x\ngroups: [{ id: web }, { id: same }]\nshutdown: { timeout: 60s }\n" + rest,
              "name: y\ngroups: [{ strategy: oneForAll, id: web }, { id: same }]\nshutdown: { timeout: 1m }\n"
              "metrics: { idleFor: 1h }\nexporters: [{ id: agent, datadog: {} }]\n" +
                  rest);
  CHECK(found.settings == names{"exporters", "groups.web", "metrics", "name"});
  CHECK(found.changed.empty());
  CHECK_FALSE(found.is_empty());
}

// So no key, also none to come, can change without being named.
TEST_CASE("every key of the example with everything is named when it goes") {
  std::ifstream file(folder + "/everything.json");
  using json = nlohmann::ordered_json;
  json whole = json::parse(file, nullptr, true, true);
  for (json& each : whole.at("processes")) each.erase("disabled");
  const auto read = [](const json& text) {
    auto document = read_json(source_text("x.json", text.dump()));
    REQUIRE(document);
    return read_configuration(*std::move(document), options());
  };
  const auto before = read(whole);
  if (!before) FAIL(to_text(before.reason()));
  std::set<std::string> seen;
  for (std::size_t i = 0; i < whole.at("processes").size(); ++i) {
    for (const auto& [key, value] : whole.at("processes")[i].items()) {
      json less = whole;
      less["processes"][i].erase(key);
      const auto after = read(less);
      if (!after) continue;  // others need it
      const configuration_difference found = difference(*before, *after);
      CAPTURE(key);
      CHECK_FALSE(found.is_empty());
      for (const changed_unit& each : found.changed) {
        for (const std::string& name : each.keys) seen.insert(name.substr(0, name.find('.')));
      }
      if (!found.added.empty() || !found.removed.empty()) seen.insert(key);
    }
  }
  for (const auto& [key, value] : whole.items()) {
    json less = whole;
    less.erase(key);
    const auto after = key == "version" ? before : read(less);
    if (!after || key == "version") continue;
    CAPTURE(key);
    CHECK_FALSE(difference(*before, *after).is_empty());
  }
  for (const key_entry& each : config_detail::section_for<config_detail::process_draft>().keys) {
    // An env file is told by its variables; the others are needed, or the test has taken them away.
    const std::set<std::string_view> cannot_go{"id",    "namespace", "command", "shell",
                                               "group", "type",      "envFile", "disabled"};
    CAPTURE(each.key);
    CHECK((cannot_go.contains(each.key) || seen.contains(std::string(each.key))));
  }
}

}  // namespace t_config_difference
