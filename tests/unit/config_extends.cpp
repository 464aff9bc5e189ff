// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Configurations of several files: what holds of which, where paths and variables come from, and where faults stand.
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/config/find.hpp>
#include <ovrseer/config/yaml.hpp>

#include "catch.hpp"
#include "memory_file_system.hpp"

namespace t_config_extends {

using namespace ovrseer;
using namespace std::chrono_literals;
using ovrseer_test::memory_file_system;

std::optional<std::string> variable(std::string_view name) {
  if (name == "HOME") return "/home/ada";
  return std::nullopt;
}
result<stack_configuration, diagnostics> load(memory_file_system& files, const std::string& path = "/srv/app.yml") {
  return load_configuration(path, read_yaml_or_json, read_options().files(&files).variables(variable));
}
stack_configuration model(memory_file_system& files) {
  auto made = load(files);
  if (!made) FAIL(to_text(made.reason()));
  CHECK(to_text(made->warnings).empty());
  return *std::move(made);
}
std::string errors(memory_file_system& files) {
  const auto made = load(files);
  return made ? to_text(made->warnings) + "accepted" : to_text(made.reason());
}
const unit_spec& unit(const stack_configuration& stack, std::string_view name) {
  for (const unit_spec& each : stack.units) {
    if (each.id().name == name) return each;
  }
  throw std::logic_error("no unit " + std::string(name));
}
std::string variable_of(const unit_spec& of, const std::string& name) {
  const auto found = of.what().environment().find(name);
  return found == of.what().environment().end() ? "(none)" : found->second.value_or("(removed)");
}

TEST_CASE("mappings of two files are merged and lists and words are replaced") {
  memory_file_system files;
  files.put("/srv/base.yml", R"(
name: base
description: Of the base.
env: { A: base, B: base }
defaults: { tags: [base], log: { ringLines: 5, keptMatches: 7 }, restartPolicy: always }
reports: { maxCount: 3, lines: 9 }
processes:
  - { id: db, type: dependency, command: postgres, args: [-p, "1"], stop: { signal: SIGINT, timeout: 3s } }
  - { id: api, command: api, env: { C: base } }
)");
  files.put("/srv/app.yml", R"(
extends: base.yml
name: app
env: { B: app, D: null }
defaults: { tags: [app], log: { ringLines: 6 }, restartPolicy: { delay: 7s } }
reports: { maxCount: 4 }
processes:
  - { id: web, command: web }
  - { id: db, args: [-q], stop: { timeout: 4s } }
)");
  const stack_configuration stack = model(files);
  CHECK(stack.name == "app");
  CHECK(stack.description == "Of the base.");
  CHECK(stack.reports->max_files == 4);
  CHECK(stack.supervision.report_lines == 9U);
  REQUIRE(stack.units.size() == 3);
  CHECK(stack.units[0].id() == unit_id("db"));
  CHECK(stack.units[2].id() == unit_id("web"));
  const unit_spec& db = stack.units[0];
  CHECK(to_text(db.what()) == "postgres -q");
  CHECK(db.role() == role::dependency);
  CHECK(to_text(db.stop_by()) == "SIGINT to the group, 4s; SIGKILL to the tree, 2s");
  CHECK(db.tags() == std::vector<std::string>{"app"});
  CHECK(db.log().ring_lines() == 6);
  CHECK(db.log().kept_matches() == 7);
  CHECK(db.restart().restart() == restart_rules::when::on_failure);  // a word gives way to a mapping
  CHECK(db.restart().delays().first() == 7s);
  const unit_spec& api = stack.units[1];
  CHECK(variable_of(api, "A") == "base");
  CHECK(variable_of(api, "B") == "app");
  CHECK(variable_of(api, "C") == "base");
  CHECK(variable_of(api, "D") == "(removed)");
}

TEST_CASE("of several files the later ones win and each may extend others") {
  memory_file_system files;
  files.put("/srv/app.yml", "extends: [one.yml, sub/two.json]\nprocesses: [{ id: a, tags: [app] }]\n");
  files.put("/srv/one.yml", "processes: [{ id: a, command: one, cwd: one }]\nname: one\n");
  files.put("/srv/sub/two.json", R"({"extends": ["../root.yml"], "processes": [{"id": "a", "command": "two"}]})");
  files.put("/srv/root.yml", "processes: [{ id: a, command: root, cwd: root, priority: 4 }]\nname: root\n");
  const stack_configuration stack = model(files);
  CHECK(stack.name == "root");
  CHECK(stack.units[0].what().program() == "two");
  CHECK(stack.units[0].what().working_directory() == "/srv/root");
  CHECK(stack.units[0].priority() == 4);
  CHECK(stack.units[0].tags() == std::vector<std::string>{"app"});
}

TEST_CASE("processes of both forms and of namespaces find each other by their ids") {
  memory_file_system files;
  files.put("/srv/base.yml", R"(
processes:
  api: { command: api }
  x-old: { nonsense: 1 }
  tool: { command: tool, namespace: tools }
  job: { command: job, namespace: jobs }
)");
  files.put("/srv/app.yml", R"(
extends: base.yml
processes:
  - { id: api, tags: [mine] }
  - { id: tool, tags: [mine] }
  - { id: job, command: other, namespace: more }
)");
  const stack_configuration stack = model(files);
  REQUIRE(stack.units.size() == 4);
  CHECK(stack.units[0].tags() == std::vector<std::string>{"mine"});
  CHECK(stack.units[1].id() == unit_id("tools", "tool"));
  CHECK(stack.units[1].tags() == std::vector<std::string>{"mine"});
  CHECK(stack.units[2].id() == unit_id("jobs", "job"));
  CHECK(stack.units[3].id() == unit_id("more", "job"));
  files.put("/srv/base.yml", "processes: [{ id: api, command: api }, { id: web, command: web }]\n");
  files.put("/srv/app.yml", "extends: base.yml\nprocesses: { api: { tags: [mine] }, new: { command: new } }\n");
  CHECK(model(files).units.size() == 3);
}

TEST_CASE("groups are merged by their ids as well") {
  memory_file_system files;
  files.put("/srv/base.yml",
            "groups: [{ id: a, strategy: oneForAll }, { id: b }]\n"
            "processes: [{ id: x, command: x, group: b }]\n");
  files.put("/srv/app.yml", "extends: base.yml\ngroups: [{ id: c }, { id: a, stayDown: true }]\n");
  const stack_configuration stack = model(files);
  REQUIRE(stack.groups.size() == 3);
  CHECK(stack.groups[0].by().name() == "one_for_all");
  CHECK(stack.groups[0].stays_down());
}

TEST_CASE("null takes a key away where it is no value") {
  memory_file_system files;
  files.put("/srv/base.yml",
            "journal: /j\nprocesses: { a: { command: a, args: [b], stdin: pipe, env: { X: y } }, "
            "b: { command: b } }\n");
  files.put("/srv/app.yml",
            "extends: base.yml\njournal: null\nprocesses:\n"
            "  b:\n  a: { command: null, args: null, shell: echo, stdin: null, env: { X: null } }\n");
  const stack_configuration stack = model(files);
  CHECK_FALSE(stack.journal);
  REQUIRE(stack.units.size() == 1);
  CHECK(stack.units[0].what().program() == "/bin/sh");
  CHECK(variable_of(stack.units[0], "X") == "(removed)");
}

TEST_CASE("variables come from the environment and the env files of the file that asks") {
  memory_file_system files;
  files.put("/srv/conf/base.yml",
            "envFile: base.env\nprocesses:\n"
            "  - { id: a, command: \"${PROGRAM}\", args: [\"${MISSING}\"], tags: [\"${HOME}\"] }\n");
  files.put("/srv/conf/base.env", "PROGRAM=of-base\nONLY=base\n");
  files.put("/srv/app.yml",
            "extends: ${HOME}/../../srv/conf/base.yml\nenvFile: app.env\nprocesses:\n"
            "  - { id: a, args: [\"${PROGRAM}\"] }\n");
  files.put("/srv/app.env", "PROGRAM=of-app\n");
  const stack_configuration stack = model(files);
  CHECK(to_text(unit(stack, "a").what()) == "of-base of-app");  // what was replaced is never asked for
  CHECK(unit(stack, "a").tags() == std::vector<std::string>{"/home/ada"});
  CHECK(variable_of(unit(stack, "a"), "ONLY") == "(none)");  // a list of one file was replaced by another
}

TEST_CASE("a fault is told in the file that it stands in") {
  memory_file_system files;
  files.put("/srv/base.yml", "\nprocesses:\n  - { id: a, command: a, nice: 99 }\n  - { id: a, command: b }\n");
  files.put("/srv/app.yml", "extends: base.yml\nprocesses:\n  - { id: b, comand: x, cwd: \"${NONE}\" }\n");
  CHECK(errors(files) == R"(/srv/app.yml:3:14: error: unknown key "comand"
      - { id: b, comand: x, cwd: "${NONE}" }
                 ^~~~~~
  help: did you mean "command"?
/srv/app.yml:3:31: error: the variable NONE is not set
      - { id: b, comand: x, cwd: "${NONE}" }
                                  ^~~~~~~
  help: set it, write ${NONE:-default}, or $${NONE} to leave it to the shell
/srv/base.yml:3:32: error: "nice" is "99"; expected a whole number from -20 to 19
      - { id: a, command: a, nice: 99 }
                                   ^~
/srv/base.yml:4:11: error: two processes with the id "a"
      - { id: a, command: b }
              ^
  note: the first is here (/srv/base.yml:3:11)
  help: choose another id, or another namespace
)");
}

TEST_CASE("secrets of an extended file stay hidden") {
  memory_file_system files;
  files.put("/srv/base.yml", "env: { DB_PASSWORD: s3cret, X: [] }\nprocesses: [{ id: a, command: a }]\n");
  files.put("/srv/app.yml", "extends: base.yml\n");
  CHECK_THAT(errors(files), catchx::ContainsSubstring("/srv/base.yml:1:32"));
  CHECK(errors(files).find("s3cret") == std::string::npos);
}

TEST_CASE("files that extend each other are refused with their way") {
  memory_file_system files;
  files.put("/srv/app.yml", "extends: sub/b.yml\nprocesses: []\n");
  files.put("/srv/sub/b.yml", "extends: [c.yml]\n");
  files.put("/srv/sub/c.yml", "extends: ../sub/b.yml\n");
  CHECK_THAT(errors(files), catchx::ContainsSubstring("/srv/sub/c.yml:1:10: error: files extend each other: "
                                                      "/srv/sub/b.yml -> /srv/sub/c.yml -> /srv/sub/b.yml\n"));
  files.put("/srv/sub/b.yml", "extends: ../app.yml\n");
  CHECK_THAT(errors(files), catchx::ContainsSubstring("/srv/app.yml -> /srv/sub/b.yml -> /srv/app.yml"));
}

TEST_CASE("a crowd of files is refused before all of them are read") {
  memory_file_system files;
  for (int i = 0; i < 20; ++i) {
    const std::string next = std::to_string(i + 1) + ".yml";
    files.put("/srv/" + std::to_string(i) + ".yml", "extends: [" + next + ", " + next + ", " + next + "]\n");
  }
  files.put("/srv/20.yml", "processes: [{ id: a, command: a }]\n");
  files.put("/srv/app.yml", "extends: 0.yml\n");
  CHECK_THAT(errors(files), catchx::ContainsSubstring("too many files extend each other; expected at most 64 files"));
}

TEST_CASE("what cannot be read of several files is told of all of them") {
  memory_file_system files;
  files.put("/srv/app.yml", "extends: [gone.yml, bad.json, list.yml]\nprocesses: []\n");
  files.put("/srv/bad.json", "{,}");
  files.put("/srv/list.yml", "- a\n");
  const std::string all = errors(files);
  CHECK_THAT(all, catchx::ContainsSubstring("/srv/app.yml:1:11: error: \"/srv/gone.yml\" cannot be read: "));
  CHECK_THAT(all, catchx::ContainsSubstring("relative paths start from the folder of the file that they stand in"));
  CHECK_THAT(all, catchx::ContainsSubstring("/srv/bad.json:1:2: error: "));
  CHECK_THAT(all, catchx::ContainsSubstring("/srv/list.yml:1:1: error: the configuration is a list"));
  files.put("/srv/app.yml", "extends: { a: b }\nprocesses: [{ id: a, command: a }]\n");
  CHECK_THAT(errors(files), catchx::ContainsSubstring("/srv/app.yml:1:10: error: \"extends\" is a mapping"));
}

}  // namespace t_config_extends
