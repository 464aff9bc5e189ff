// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The program and its journal on disk: what `up` writes, `journal` shows, also of the past and beside an `up` that runs.
#include <catch.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <ovrseer/event/read_journal.hpp>

#include "leaks.hpp"
#include "program_run.hpp"
#include "run.hpp"

#ifdef OVRSEER_PROGRAM

namespace t_program_journal {

using namespace ovrseer;
using namespace ovrseer::test;
using nlohmann::json;

using said = program_result;

std::vector<json> lines_of(const said& what) {
  std::vector<json> all;
  std::istringstream text(what.out);
  for (std::string line; std::getline(text, line);) all.push_back(json::parse(line));
  return all;
}

/// A folder with a configuration whose journal is in the folder `events`.
struct place {
  place() {
    write_file(folder / "ovrseer.yml", R"(journal: { path: events, fsync: always }
processes:
  - id: db
    type: dependency
    command: sleep
    args: ["100"]
  - id: job
    command: "true"
  - id: broken
    shell: exit 3
    restartPolicy: no
)");
  }
  template <class... Words>
  said run(Words&&... words) const {
    command what(OVRSEER_PROGRAM, std::forward<Words>(words)...);
    what.working_directory(folder.path());
    return run_to_end(what);
  }
  no_leaks nothing_left;
  ovrseer_test::disk_folder folder;
};

TEST_CASE("what up did is in its journal with every life") {
  const place p;
  const said first = p.run("up", "--json");
  CHECK(first.code == 3);
  std::vector<json> told;
  for (const json& each : lines_of(first)) {
    if (each.at("kind") == "event") told.push_back(each);
  }
  const said shown = p.run("journal", "--json");
  CHECK(shown.code == 0);
  CHECK(shown.err.empty());
  CHECK(lines_of(shown) == told);
  CHECK(told.back().at("type") == "supervisor_stopped");

  CHECK(p.run("up", "--json").code == 3);
  const std::vector<json> both = lines_of(p.run("journal", "--json", p.folder / "events"));
  CHECK(both.size() > told.size());
  const std::string boot = told.front().at("boot_id");
  CHECK(lines_of(p.run("journal", "--json", "--boot", boot.substr(0, 13))) == told);
  const std::vector<json> last = lines_of(p.run("journal", "--json", "--boot", "last"));
  CHECK(last.size() + told.size() == both.size());
  CHECK(last.front().at("boot_id") != boot);
}

TEST_CASE("events are chosen by unit and type and severity and time") {
  const place p;
  CHECK(p.run("up", "--json").code == 3);
  const auto count = [&](auto... words) {
    const said answer = p.run("journal", "--json", words...);
    const std::size_t lines = lines_of(answer).size();
    CHECK(answer.code == (lines == 0 ? 1 : 0));
    return lines;
  };
  const std::size_t all = count();
  CHECK(all > 15);
  CHECK(count("--unit", "broken", "--type", "crashed") == 1);
  CHECK(count("--unit", "broken", "--unit", "job", "--type", "crashed", "--type", "completed") == 2);
  CHECK(count("--severity", "error") >= 2);
  CHECK(count("--severity", "error") < all);
  CHECK(count("--since", "1h") == all);
  CHECK(count("--until", "1h") == 0);
  CHECK(count("--since", "2200-01-01") == 0);
  CHECK(count("--until", "2200-01-01T00:00") == all);
  CHECK(count("--unit", "nobody") == 0);
  const said text = p.run("journal", "--unit", "broken", "--type", "crashed");
  CHECK_THAT(text.out, catchx::ContainsSubstring("broken"));
  CHECK_THAT(text.out, catchx::ContainsSubstring("exited with code 3"));
}

TEST_CASE("the state at a number and at a time and what changed between") {
  const place p;
  const said up = p.run("up", "--json");
  std::uint64_t ready = 0;
  std::string time;
  for (const json& each : lines_of(up)) {
    if (each.at("kind") != "event" || each.at("unit") != "db" || each.at("type") != "ready") continue;
    ready = each.at("seq");
    time = each.at("time");
  }
  REQUIRE(ready != 0);
  const auto state_of_db = [](const said& answer) {
    REQUIRE(answer.code == 0);
    const json state = lines_of(answer).at(0);
    for (const json& unit : state.at("units")) {
      if (unit.at("unit") == "db") return unit.at("state").get<std::string>();
    }
    return std::string("none");
  };
  CHECK(state_of_db(p.run("journal", "--json", "--at", std::to_string(ready))) == "ready");
  CHECK(state_of_db(p.run("journal", "--json", "--at", std::to_string(ready - 1))) != "ready");
  CHECK(state_of_db(p.run("journal", "--json", "--at", "end")) == "stopped");
  CHECK(state_of_db(p.run("journal", "--json", "--at", "2200-01-01")) == "stopped");
  const json past = lines_of(p.run("journal", "--json", "--at", time)).at(0);
  CHECK(past.at("last_seq").get<std::uint64_t>() >= ready);
  const said difference = p.run("journal", "--diff", std::to_string(ready), "end");
  CHECK(difference.code == 0);
  CHECK_THAT(difference.out, catchx::ContainsSubstring("db: ready -> stopped"));
  CHECK_THAT(difference.out, catchx::ContainsSubstring("the supervisor: running -> stopped"));
  CHECK(p.run("journal", "--at", "2001-01-01").code == 2);
  CHECK(p.run("journal", "--diff", "end", "end").out.find("nothing has changed") != std::string::npos);
}

TEST_CASE("an export is a file of events") {
  const place p;
  CHECK(p.run("up", "--json").code == 3);
  CHECK(p.run("journal", "--unit", "job", "--export", "out.jsonl").code == 0);
  std::ifstream file(p.folder / "out.jsonl");
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    CHECK(event_from_text(line).entry.unit == unit_id("job"));
  }
  CHECK(lines >= 5);
  CHECK_FALSE(std::filesystem::exists(p.folder / "out.jsonl.tmp"));
  CHECK(p.run("journal", "--export", "no/such/folder/out").code == 2);
}

TEST_CASE("a journal is read while up writes it and after up was killed") {
  const place p;
  write_file(
      p.folder / "ovrseer.yml",
      "journal: events\nsupervisor: { guard: false }\nprocesses: [{ id: api, command: sleep, args: [\"100\"] }]\n");
  asio::io_context context;
  command what(OVRSEER_PROGRAM, "up", "--json");
  what.working_directory(p.folder.path());
  program_run running(context.get_executor(), what);
  auto story = [&]() -> task<int> {
    co_await running.event("api", "ready");
    // The event is on its way to the file by then.
    CHECK(eventually([&] { return p.run("journal", "--json", "--unit", "api", "--type", "ready").code == 0; }));
    ::kill(running.it.pid(), SIGKILL);
    const int code = co_await running.end();
    co_return code;
  };
  CHECK(complete(context, story) == 128 + SIGKILL);
  const said after = p.run("journal", "--json", "--at", "end");
  CHECK(after.code == 0);
  CHECK(lines_of(after).at(0).at("units").at(0).at("state") == "ready");
  CHECK(lines_of(after).at(0).at("phase") == "running");
}

TEST_CASE("damage is told and wrong usage exits with 2") {
  const place p;
  CHECK(p.run("up", "--json").code == 3);
  const std::string segment = p.folder / "events/00000000000000000001.0000000001.seg";
  std::filesystem::resize_file(segment, std::filesystem::file_size(segment) - 5);
  const said torn = p.run("journal");
  CHECK(torn.code == 0);
  CHECK_THAT(torn.out, catchx::ContainsSubstring("bytes at the end are not a whole event"));
  const std::vector<json> lines = lines_of(p.run("journal", "--json"));
  CHECK(lines.back().at("kind") == "loss");
  CHECK(lines.back().at("why") == "unfinished");
  CHECK_THAT(p.run("journal", "--at", "end").err, catchx::ContainsSubstring("not a whole event"));
  CHECK(p.run("journal", "nowhere").code == 2);
  CHECK(p.run("journal", "--type", "exploded").code == 2);
  CHECK(p.run("journal", "--severity", "loud").code == 2);
  CHECK(p.run("journal", "--since", "yesterday").code == 2);
  CHECK(p.run("journal", "--boot", "zzz").code == 2);
  CHECK(p.run("journal", "--at", "1", "--diff", "1", "2").code == 2);
  write_file(p.folder / "ovrseer.yml", "processes: [{ id: a, command: x }]\n");
  const said none = p.run("journal");
  CHECK(none.code == 2);
  CHECK_THAT(none.err, catchx::ContainsSubstring("keeps no journal"));
  const said help = p.run("journal", "--help");
  CHECK(help.code == 0);
  CHECK_THAT(help.out, catchx::ContainsSubstring("--diff"));
}

}  // namespace t_program_journal

#endif
