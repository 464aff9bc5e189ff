// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The commands of the program that start nothing: check, plan, grep and version.
#include <catch.hpp>

#include <cstdlib>

#include "leaks.hpp"
#include "program_run.hpp"
#include "run.hpp"

#ifdef OVRSEER_PROGRAM

namespace t_program_commands {

using namespace ovrseer;
using namespace ovrseer::test;

using said = program_result;

/// A folder of its own with a configuration, in which commands run.
struct place {
  explicit place(std::string_view yaml) { write_file(folder / "ovrseer.yml", yaml); }
  template <class... Words>
  said run(Words&&... words) const {
    command what(OVRSEER_PROGRAM, std::forward<Words>(words)...);
    const no_leaks nothing_left;
    what.working_directory(folder.path());
    return run_to_end(what);
  }
  ovrseer_test::disk_folder folder;
};

constexpr std::string_view good = R"(processes:
  - id: db
    type: dependency
    command: sleep
    args: ["100"]
    readyChecks:
      - tcp: 127.0.0.1:5432
        timeout: 5s
  - id: api
    command: sleep
    args: ["100"]
  - id: tidy
    type: cleanup
    command: "true"
)";

TEST_CASE("check says that a configuration is fine") {
  const place p(good);
  const said answer = p.run("check");
  CHECK(answer.code == 0);
  CHECK(answer.out == "fine: 3 units\n");
  CHECK(answer.err.empty());
}

TEST_CASE("check says every error with its place and its cure and exits with 2") {
  const place p("processes:\n  - id: a\n    comand: sleep\n  - id: b\n    command: sleep\n    dependsOn: [nobody]\n");
  const said answer = p.run("check", "-f", "ovrseer.yml");
  CHECK(answer.code == 2);
  CHECK(answer.out.empty());
  CHECK_THAT(answer.err, catchx::ContainsSubstring("ovrseer.yml:3:5: error: unknown key \"comand\""));
  CHECK_THAT(answer.err, catchx::ContainsSubstring("help: did you mean \"command\"?"));
  CHECK_THAT(answer.err, catchx::ContainsSubstring("ovrseer.yml:6:17: error:"));
  for (const char* verb : {"up", "plan"}) {
    const said same = p.run(verb);
    CHECK(same.code == 2);
    CHECK(same.err == answer.err);
  }
  const said machine = p.run("check", "--json");
  CHECK(machine.code == 2);
  const auto first = nlohmann::json::parse(machine.err.substr(0, machine.err.find('\n')));
  CHECK(first.at("line").is_number());
  CHECK(first.at("cure").is_string());
}

TEST_CASE("plan shows orders and bounds and starts nothing") {
  const place p(good);
  const said text = p.run("plan");
  CHECK(text.code == 0);
  CHECK_THAT(text.out, catchx::ContainsSubstring("1. db\n"));
  CHECK_THAT(text.out, catchx::ContainsSubstring("2. api\n"));
  CHECK_THAT(text.out, catchx::ContainsSubstring("waits for db"));
  CHECK_THAT(text.out, catchx::ContainsSubstring("needed by api"));
  const said machine = p.run("plan", "--json");
  const auto plan = nlohmann::json::parse(machine.out);
  CHECK(plan.at("start_layers") == nlohmann::json::parse(R"([["db"],["api"]])"));
  CHECK(plan.at("stop_layers") == nlohmann::json::parse(R"([["api"],["tidy"],["db"]])"));
  CHECK(plan.at("start_bound_ms") == 5000);
  CHECK(plan.at("stop_bound_ms") == 12000 + 12000 + 7000);
}

constexpr std::string_view shop = R"(name: shop
groups: [{ id: web, strategy: oneForAll }]
processes:
  - id: db
    type: dependency
    command: sleep
    tags: [data]
    stop: { timeout: 1s }
  - id: cache
    type: dependency
    command: sleep
  - id: api
    command: sleep
    group: web
    tags: [http, slow]
    dependsOn: [db, { id: cache, required: false, onLoss: restart }]
  - id: lamp
    command: sleep
    dependsOn: []
    onDemand: true
  - id: tidy
    type: cleanup
    command: "true"
)";

TEST_CASE("list shows who is meant with group and tags and needs") {
  const place p(shop);
  const said all = p.run("list");
  CHECK(all.code == 0);
  CHECK(all.out ==
        "UNIT   ROLE             GROUP  TAGS        WAITS FOR\n"
        "db     dependency       -      data        -\n"
        "cache  dependency       -      -           -\n"
        "api    main             web    http, slow  db, cache\n"
        "lamp   main, on demand  -      -           -\n"
        "tidy   cleanup          -      -           -\n");
  CHECK(p.run("list", "tag:data or group:web", "--json").out ==
        R"({"namespace":"default","unit":"db","role":"dependency","one_shot":false,"on_demand":false,"tags":["data"],)"
        R"("depends_on":[]})"
        "\n"
        R"({"namespace":"default","unit":"api","role":"main","one_shot":false,"on_demand":false,"group":"web",)"
        R"("tags":["http","slow"],"depends_on":["db","cache"]})"
        "\n");
}

TEST_CASE("an expression that is wrong exits with 2 and one that means nobody with 1") {
  const place p(shop);
  for (const auto& wrong : {p.run("list", "tag:web or"), p.run("plan", "--only", "tag:web or")}) {
    CHECK(wrong.code == 2);
    CHECK(wrong.out.empty());
    CHECK(wrong.err ==
          "ovrseer: column 11: expected which units are meant\n  tag:web or\n            ^\n"
          "  help: write what is to stand here\n");
  }
  CHECK(p.run("plan", "--only", "").code == 2);
  const said states = p.run("list", "state:ready");
  CHECK(states.code == 2);
  CHECK_THAT(states.err, catchx::ContainsSubstring("a configuration has none"));
  for (const auto& nobody : {p.run("list", "tag:web"), p.run("plan", "--only", "tag:web")}) {
    CHECK(nobody.code == 1);
    CHECK(nobody.out.empty());
    CHECK_THAT(nobody.err, catchx::ContainsSubstring("no unit is tag:web"));
  }
}

TEST_CASE("plan of some shows them and what they need") {
  const place p(shop);
  const said machine = p.run("plan", "--only", "db or tidy", "--format", "json");
  const auto plan = nlohmann::json::parse(machine.out);
  CHECK(plan.at("start_layers") == nlohmann::json::parse(R"([["db"]])"));
  CHECK(plan.at("stop_layers") == nlohmann::json::parse(R"([["tidy"],["db"]])"));
  const said text = p.run("plan", "--only", "api");
  CHECK_THAT(text.out, catchx::ContainsSubstring("1. cache, db\n  2. api\n"));
  CHECK_THAT(text.out, !catchx::ContainsSubstring("lamp"));
}

TEST_CASE("plan draws the graph for other tools") {
  const place p(shop);
  const said dot = p.run("plan", "--format", "dot");
  CHECK(dot.code == 0);
  CHECK_THAT(dot.out, catchx::StartsWith("digraph \"shop\" {\n"));
  CHECK_THAT(dot.out,
             catchx::ContainsSubstring("\"api\" -> \"cache\" [label=\"ready\\nonLoss restart\", style=dashed];"));
  CHECK_THAT(
      p.run("plan", "--format", "mermaid", "--only", "group:web").out,
      catchx::StartsWith("flowchart LR\n  u1([\"db\"])\n  u2([\"cache\"])\n  subgraph g1[\"web (one_for_all)\"]"));
  const auto graph = nlohmann::json::parse(p.run("plan", "--json").out).at("graph");
  CHECK(graph.at("units").size() == 5);
  CHECK(graph.at("edges").size() == 2);
  CHECK(graph.at("edges").at(1).at("required") == false);
  CHECK(p.run("plan", "--format", "svg").code == 2);
  CHECK(p.run("plan", "--format", "dot", "--json").code == 2);
}

TEST_CASE("plan of a change shows who comes and goes and restarts and in which order") {
  const place p(shop);
  std::string old(shop);
  old.replace(old.find("stop: { timeout: 1s }"), 21, "args: [SECRET]");
  old.replace(old.find("id: lamp"), 8, "id: gone");
  std::filesystem::create_directory(p.folder / "elsewhere");
  write_file(p.folder / "elsewhere/old.yml", old);
  const said text = p.run("plan", "--against", "elsewhere/old.yml");
  CHECK(text.code == 0);
  CHECK(text.err.empty());
  CHECK(text.out ==
        "added      lamp\n"
        "removed    gone\n"
        "changed    db: args, stop\n"
        "stops (each line together, when the line before has ended)\n"
        "  1. db, gone\n"
        "starts (each line together, when the line before is ready)\n"
        "  1. db\n");
  const auto machine = nlohmann::json::parse(p.run("plan", "--against", "elsewhere/old.yml", "--json").out);
  CHECK(machine.at("changed") == nlohmann::json::parse(R"([{"unit":"db","keys":["args","stop"],"restarts":true}])"));
  CHECK(machine.at("start_layers") == nlohmann::json::parse(R"([["db"]])"));
  CHECK(p.run("plan", "--against", "ovrseer.yml").out == "no change\n");
  CHECK(p.run("plan", "--against", "no-such-file.yml").code == 2);
  CHECK(p.run("plan", "--against", "elsewhere/old.yml", "--format", "dot").code == 2);
  CHECK(p.run("plan", "--against", "elsewhere/old.yml", "--only", "db").code == 2);
}

TEST_CASE("version and help say what there is and wrong usage exits with 2") {
  const place p(good);
  CHECK_THAT(p.run("version").out, catchx::StartsWith("ovrseer "));
  CHECK(p.run("--version").code == 0);
  const said help = p.run("up", "--help");
  CHECK(help.code == 0);
  CHECK_THAT(help.out, catchx::ContainsSubstring("Exit codes"));
  CHECK(p.run("no-such-command").code == 2);
  CHECK(p.run().code == 2);
  CHECK(p.run("grep").code == 2);
  CHECK(p.run("up", "-f", "no-such-file.yml").code == 2);
}

TEST_CASE("grep finds what a pattern finds and says it by its exit code") {
  const place p(good);
  write_file(p.folder / "log", "one\nan Error here\nthree\nerror\nlast line");
  const said found = p.run("grep", "-n", "-i", "error", "log");
  CHECK(found.code == 0);
  CHECK(found.out == "2:an Error here\n4:error\n");
  CHECK(p.run("grep", "nothing of it", "log").code == 1);
  CHECK(p.run("grep", "x", "no-such-file").code == 2);
  const said broken = p.run("grep", "a(b", "log");
  CHECK(broken.code == 2);
  CHECK_FALSE(broken.err.empty());
  CHECK(p.run("grep", "-v", "-c", "error", "log").out == "4\n");
  CHECK(p.run("grep", "-C", "1", "three", "log").out == "an Error here\nthree\nerror\n");
  CHECK(p.run("grep", "line$", "log").out == "last line\n");
  CHECK(p.run("grep", "-e", "bad=/ERROR/i", "-c", "log").out == "2\n");
}

TEST_CASE("grep reads what is compressed and says when it is damaged") {
  const place p(good);
  write_file(p.folder / "log", std::string(300'000, 'x') + "\nan error\nno newline error");
  command pack("gzip", "log");
  pack.working_directory(p.folder.path());
  REQUIRE(run_to_end(pack).code == 0);
  CHECK(p.run("grep", "-n", "error", "log.gz").out == "2:an error\n3:no newline error\n");
  const auto size = std::filesystem::file_size(p.folder / "log.gz");
  std::filesystem::resize_file(p.folder / "log.gz", size - 20);
  const said cut = p.run("grep", "-c", "x", "log.gz");
  CHECK(cut.code == 2);
  CHECK(cut.err.find("log.gz: damaged or cut short") != std::string::npos);
}

TEST_CASE("grep explains a pattern") {
  const place p(good);
  const said told = p.run("grep", "--explain", "error.*refused\\b");
  CHECK(told.code == 0);
  CHECK(told.out.find("/error.*refused\\b/\n") == 0);
  CHECK(told.out.find("note: ") != std::string::npos);
}

TEST_CASE("grep reads standard input") {
  const place p(good);
  command what(OVRSEER_PROGRAM, "grep", "-c", "a|c");
  what.input(stdin_source(stdin_source::text{"a\nb\nc\na"}));
  CHECK(run_to_end(what).out == "3\n");
}

TEST_CASE("grep counts as grep does") {
  const char* const given = std::getenv("OVRSEER_TEST_DATA");
  const std::string logs = (given != nullptr ? std::string(given) : OVRSEER_SOURCE_DIR "/../shared/data") + "/logs";
  if (!std::filesystem::is_directory(logs)) SKIP("no real log lines: set OVRSEER_TEST_DATA to the folder with logs/");
  const place p(good);
  for (const char* name : {"Apache", "HDFS", "Hadoop", "Linux", "OpenSSH", "Spark", "Zookeeper"}) {
    const std::string file = logs + "/" + name + ".log";
    for (const char* words :
         {"error|fail(ed|ure)", "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}", "^[A-Z].*INFO", "for user .*$"}) {
      INFO(name << ": " << words);
      command other("grep", "-a", "-c", "-E", words, file);
      other.env("LC_ALL", "C");
      CHECK(p.run("grep", "-c", words, file).out == run_to_end(other).out);
    }
  }
}

}  // namespace t_program_commands

#endif  // OVRSEER_PROGRAM
