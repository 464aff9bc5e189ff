// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer up` as a person runs it: exit codes, JSON lines, Ctrl-C once and twice, and an end by SIGKILL.
#include <catch.hpp>

#include <algorithm>
#include <csignal>
#include <map>

#include "leaks.hpp"
#include "program_run.hpp"
#include "run.hpp"

#ifdef OVRSEER_PROGRAM

namespace t_program_up {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using nlohmann::json;

/// A folder with a configuration, and the program on it.
struct place {
  explicit place(const json& stack, const std::string& file = "ovrseer.json") {
    write_file(folder / file, stack.dump());
  }

  command up(const std::string& form = "--json") const {
    command made(OVRSEER_PROGRAM, "up");
    if (!form.empty()) made.args(form);
    made.working_directory(folder.path());
    return made;
  }
  /// Runs it to its end; yields the exit code.
  int run() {
    program_run program(context.get_executor(), up());
    const int code = complete(context, program.end());
    lines = program.json();
    errors = program.text(line_source::err);
    return code;
  }

  no_leaks nothing_left;
  ovrseer_test::disk_folder folder;
  asio::io_context context;
  std::vector<json> lines;
  std::string errors;
};

json unit(const std::string& id, std::vector<std::string> words) {
  return {{"id", id}, {"command", OVRSEER_TEST_CHILD}, {"args", std::move(words)}};
}
json service(const std::string& id) {
  json made = unit(id, {"print", "up", "wait"});
  made["readyChecks"] = json::array({{{"logPattern", "up"}}});
  return made;
}
json as(const char* type, json unit) {
  unit["type"] = type;
  return unit;
}
json never(json unit) {
  unit["restartPolicy"] = "no";
  return unit;
}
template <class... Units>
json stack(Units... units) {
  json list = json::array();
  (list.push_back(std::move(units)), ...);
  return {{"processes", std::move(list)}};
}

TEST_CASE("the exit code of up says how it went") {
  SECTION("0: all mains have completed") {
    place p(stack(as("dependency", service("db")), unit("a", {"exit", "0"})));
    CHECK(p.run() == 0);
  }
  SECTION("the code of the first main that failed") {
    place p(stack(never(unit("a", {"exit", "7"})), unit("b", {"exit", "0"})));
    CHECK(p.run() == 7);
  }
  SECTION("128 and the signal that ended it") {
    place p(stack(never(unit("a", {"no-core", "die", "ABRT"}))));
    CHECK(p.run() == 128 + SIGABRT);
  }
  SECTION("3: a main that cannot be started") {
    json lost{{"id", "a"}, {"command", "/no/such/program"}, {"restartPolicy", "no"}};
    place p(stack(lost));
    CHECK(p.run() == 3);
  }
  SECTION("3: a dependency that never becomes ready") {
    json db = as("dependency", never(service("db")));
    db["args"] = json::array({"exit", "1"});
    place p(stack(db, service("a")));
    CHECK(p.run() == 3);
  }
  SECTION("2: no configuration") {
    place p(stack(unit("a", {"exit", "0"})), "other.json");
    CHECK(p.run() == 2);
    CHECK_THAT(p.errors, catchx::ContainsSubstring("there is no configuration here"));
  }
}

TEST_CASE("a dependency that is given up after it was ready ends up with 4") {
  place p(stack(as("dependency", never(service("db"))), service("api")));
  program_run program(p.context.get_executor(), p.up());
  auto story = [&]() -> task<int> {
    co_await program.event("api", "ready");
    const json db = co_await program.event("db", "running");
    ::kill(db.at("data").at("pid").get<pid_t>(), SIGKILL);
    const int code = co_await program.end();
    co_return code;
  };
  CHECK(complete(p.context, story) == 4);
  CHECK(program.order_of("stopped") == std::vector<std::string>{"api"});
}

TEST_CASE("with json every line of up is an object of a known kind") {
  const json talker{{"id", "talker"}, {"shell", "echo out; echo 'a \"quoted\" word' >&2; printf 'bytes \\377\\001'"}};
  place p(stack(talker, never(unit("fails", {"exit", "3"}))));
  CHECK(p.run() == 3);
  std::map<std::string, std::size_t> kinds;
  std::uint64_t expected = 1;
  for (const json& line : p.lines) {
    ++kinds[line.at("kind")];
    CHECK(line.at("v") == 1);
    if (line.at("kind") == "event")
      CHECK(line.at("seq") == expected++);
    else
      CHECK(line.at("unit") == "talker");
  }
  CHECK(kinds.size() == 2);
  CHECK(kinds["line"] == 3);
  CHECK(p.lines.back().at("type") == "supervisor_stopped");
  CHECK(p.lines.back().at("data").at("exit_code") == 3);
  CHECK(p.errors.empty());
}

TEST_CASE("an interrupt stops in reverse and runs cleanup and ends with 0") {
  const int signal = GENERATE(SIGINT, SIGTERM);
  json tidy = as("cleanup", unit("tidy", {"create", "tidied"}));
  json cache = as("dependency", service("cache"));
  cache["dependsOn"] = json::array({"db"});
  place p(stack(as("dependency", service("db")), cache, service("api"), tidy));
  program_run program(p.context.get_executor(), p.up());
  auto story = [&]() -> task<int> {
    co_await program.event("api", "ready");
    program.it.send(signal_number(signal));
    const int code = co_await program.end();
    co_return code;
  };
  CHECK(complete(p.context, story) == 0);
  CHECK(program.order_of("ready") == std::vector<std::string>{"db", "cache", "api"});
  CHECK(program.order_of("stopped") == std::vector<std::string>{"api", "cache", "db"});
  CHECK(program.order_of("completed") == std::vector<std::string>{"tidy"});
  CHECK(std::filesystem::exists(p.folder / "tidied"));
}

TEST_CASE("a hangup reads the configuration again and the stack follows it") {
  const auto with_tags = [](json unit, std::vector<std::string> tags) {
    unit["tags"] = std::move(tags);
    return unit;
  };
  json slow = service("api");
  slow["env"] = {{"SPEED", "slow"}};
  place p(stack(as("dependency", service("db")), service("old"), service("api"), service("same")));
  program_run program(p.context.get_executor(), p.up());
  auto story = [&]() -> task<int> {
    co_await program.event("same", "ready");
    co_await program.event("api", "ready");
    co_await program.event("old", "ready");
    write_file(p.folder / "ovrseer.json", "{\"processes\": [");
    program.it.send(signal_number(SIGHUP));
    co_await program.line("in error, nothing changes");
    const json changed =
        stack(as("dependency", service("db")), slow, with_tags(service("same"), {"web"}), service("new"));
    write_file(p.folder / "ovrseer.json", changed.dump());
    program.it.send(signal_number(SIGHUP));
    co_await program.line("the configuration is followed");
    const std::uint64_t seen = program.next_line();
    program.it.send(signal_number(SIGHUP));
    co_await program.line("has not changed", seen);
    program.it.send(signal_number(SIGTERM));
    const int code = co_await program.end();
    co_return code;
  };
  CHECK(complete(p.context, story) == 0);
  const std::vector<std::string> ready = program.order_of("ready");
  CHECK(std::ranges::count(ready, "db") == 1);
  CHECK(std::ranges::count(ready, "same") == 1);
  CHECK(std::ranges::count(ready, "api") == 2);
  CHECK(std::ranges::count(ready, "new") == 1);
  CHECK(program.order_of("unit_removed") == std::vector<std::string>{"old", "api"});
  std::map<std::string, int> heard;
  std::string notices;
  for (const json& each : program.json()) {
    if (each.at("kind") == "line") ++heard[each.at("unit")];
    if (each.at("kind") == "notice") notices += each.at("text").get<std::string>() + "\n";
  }
  CHECK(heard == std::map<std::string, int>{{"db", 1}, {"old", 1}, {"api", 2}, {"same", 1}, {"new", 1}});
  CHECK(notices ==
        "the configuration is in error, nothing changes\nchanged: api: env.SPEED\nchanged: same: tags\n"
        "the configuration is followed\nthe configuration has not changed\n");
}

TEST_CASE("only some units are started with what they need") {
  json api = service("api");
  api["dependsOn"] = json::array({"db"});
  place p(stack(as("dependency", service("db")), api, service("web"), as("cleanup", unit("tidy", {"exit", "0"}))));
  SECTION("those that are meant") {
    program_run program(p.context.get_executor(), p.up().args("--only", "api"));
    auto story = [&]() -> task<int> {
      co_await program.event("api", "ready");
      program.it.send(signal_number(SIGTERM));
      const int code = co_await program.end();
      co_return code;
    };
    CHECK(complete(p.context, story) == 0);
    CHECK(program.order_of("starting") == std::vector<std::string>{"db", "api"});
  }
  SECTION("nobody is meant") {
    program_run program(p.context.get_executor(), p.up().args("--only", "tag:no"));
    CHECK(complete(p.context, program.end()) == 2);
    CHECK_THAT(program.text(line_source::err), catchx::ContainsSubstring("no unit is tag:no"));
  }
}

TEST_CASE("a second interrupt kills and ends with 130") {
  json deaf = service("deaf");
  deaf["args"] = json::array({"ignore", "TERM", "print", "up", "wait"});
  deaf["stop"] = {{"timeout", "1h"}};
  place p(stack(deaf));
  program_run program(p.context.get_executor(), p.up());
  auto story = [&]() -> task<int> {
    co_await program.event("deaf", "ready");
    program.it.send(signal_number(SIGINT));
    co_await program.event("deaf", "stopping");
    program.it.send(signal_number(SIGINT));
    const int code = co_await program.end();
    co_return code;
  };
  CHECK(complete(p.context, story) == 130);
}

TEST_CASE("a program that is killed leaves nobody behind") {
  json parent = service("parent");
  parent["args"] = json::array({"fork", "{", "pid",    "wait", "}",   "fork", "{", "setsid", "ignore", "TERM", "pid",
                                "wait", "}", "daemon", "{",    "pid", "wait", "}", "pid",    "print",  "up",   "wait"});
  place p(stack(as("dependency", service("db")), parent));
  program_run program(p.context.get_executor(), p.up());
  std::vector<pid_t> pids;
  auto story = [&]() -> task<int> {
    co_await program.event("parent", "ready");
    for (std::uint64_t from = 0; pids.size() < 4;) {
      const owned_line said = co_await program.line("\"text\":\"pid ", from);
      from = said.seq + 1;
      pids.push_back(std::stoi(json::parse(said.text).at("text").get<std::string>().substr(4)));
    }
    for (const char* name : {"db", "parent"}) {
      const json up = co_await program.event(name, "running");
      pids.push_back(up.at("data").at("pid").get<pid_t>());
    }
    program.it.send(signal_number(SIGKILL));
    const exit_status status = co_await program.it.wait();
    co_return status.shell_code();
  };
  CHECK(complete(p.context, story) == 128 + SIGKILL);
  for (const pid_t pid : pids) CHECK(eventually([pid] { return !test::is_alive(pid); }));
}

TEST_CASE("what a person reads has a prefix for each unit and a summary") {
  json api = service("api");
  place p(stack(as("dependency", service("db")), api));
  program_run program(p.context.get_executor(), p.up(""));
  auto story = [&]() -> task<int> {
    co_await program.line("all ready");
    program.it.send(signal_number(SIGINT));
    const int code = co_await program.end();
    co_return code;
  };
  CHECK(complete(p.context, story) == 0);
  const std::string text = program.text();
  CHECK_THAT(text, catchx::ContainsSubstring("db      | up"));
  CHECK_THAT(text, catchx::ContainsSubstring("api     | up"));
  CHECK_THAT(text, catchx::ContainsSubstring("stopping: SIGINT"));
  CHECK_THAT(text, catchx::ContainsSubstring("exit code 0"));
  CHECK(text.find('\x1b') == std::string::npos);  // no colours: nobody watches
  CHECK(program.text(line_source::err).empty());
}

TEST_CASE("a crash writes a report where the configuration says") {
  json made = stack(never(unit("a", {"print", "the reason", "exit", "5"})));
  made["reports"] = {{"directory", "reports"}};
  place p(made);
  CHECK(p.run() == 5);
  std::vector<json> reports;
  for (const auto& entry : std::filesystem::directory_iterator(p.folder / "reports")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    reports.push_back(json::parse(file));
  }
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].at("unit") == "a");
  CHECK(reports[0].at("last_lines").back() == "the reason");
}

}  // namespace t_program_up

#endif  // OVRSEER_PROGRAM
