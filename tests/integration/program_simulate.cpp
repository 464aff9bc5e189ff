// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer simulate`: what it prints, how it judges, and what it says of wrong requests.
#include <catch.hpp>

#include <filesystem>

#include "leaks.hpp"
#include "program_run.hpp"
#include "run.hpp"

#ifdef OVRSEER_PROGRAM

namespace t_program_simulate {

using namespace ovrseer;
using namespace ovrseer::test;

using said = program_result;

/// A folder of its own with a configuration that must not touch it.
struct place {
  explicit place(std::string_view yaml) { write_file(folder / "ovrseer.yml", yaml); }
  template <class... Words>
  said run(Words&&... words) const {
    const no_leaks nothing_left;
    command what(OVRSEER_PROGRAM, "simulate", std::forward<Words>(words)...);
    what.working_directory(folder.path());
    return run_to_end(what);
  }
  ovrseer_test::disk_folder folder;
};

constexpr std::string_view shop = R"(reports: { directory: reports }
processes:
  - id: db
    type: dependency
    shell: touch started
    log: { file: db.log }
    readyChecks: [{ tcp: "127.0.0.1:5432" }]
  - id: api
    command: no-such-program
    readyChecks: [{ http: "http://127.0.0.1:9000/health" }]
)";

TEST_CASE("simulate prints a timeline and a verdict and touches nothing") {
  const place p(shop);
  const said answer = p.run("--for", "30d", "--crash", "db@5m x3", "ovrseer.yml");
  CHECK(answer.code == 0);
  CHECK(answer.err.empty());
  CHECK_THAT(answer.out, catchx::StartsWith("00:00:00.000  db       started\n"));
  CHECK_THAT(answer.out, catchx::ContainsSubstring("00:05:00.000  db       crashed: exited with code 1 after"));
  CHECK_THAT(answer.out, catchx::ContainsSubstring("30d 00:00:00.000  ovrseer  stopping: the rehearsal is over\n"));
  CHECK_THAT(answer.out, catchx::ContainsSubstring("\nverdict: ok\n"));
  CHECK(p.run("-f", "ovrseer.yml", "--for", "30d", "--crash", "db@5m x3").out == answer.out);
  std::size_t files = 0;
  for (const auto& each : std::filesystem::directory_iterator(p.folder.path())) files += each.exists() ? 1U : 0U;
  CHECK(files == 1);
}

TEST_CASE("simulate says by its exit code what the verdict is") {
  const place p(shop);
  const said answer = p.run("--quiet", "--crash", "db@5m x9");
  CHECK(answer.code == 1);
  CHECK_THAT(answer.out, catchx::StartsWith("verdict: NOT OK\n  problem: db was given up at 00:05:"));
  CHECK(p.run("--quiet", "--fail-start", "db x9").code == 1);
  CHECK(p.run("-q", "--hang", "api@10m").code == 0);
  CHECK(p.run("-q", "--crash", "api@10m", "--require", "99.5%").code == 0);
  CHECK(p.run("-q", "--crash", "api@10m", "--require", "99.999").code == 1);
  CHECK(p.run("-q", "--crash", "db@1m", "--crash", "api@2m", "--fail-start", "db").code == 0);
}

TEST_CASE("simulate prints events as JSON lines and the verdict behind them") {
  const place p(shop);
  const said answer = p.run("--json", "--seed", "7", "--for", "10m");
  CHECK(answer.code == 0);
  std::istringstream lines(answer.out);
  std::string line;
  nlohmann::json last;
  std::size_t count = 0;
  while (std::getline(lines, line)) {
    last = nlohmann::json::parse(line);
    if (last.at("kind") == "event") CHECK(last.at("boot_id") == "rehearsal-7");
    ++count;
  }
  CHECK(last.at("kind") == "verdict");
  CHECK(last.at("ok") == true);
  CHECK(last.at("seed") == 7);
  CHECK(last.at("event_count") == count - 1);
  CHECK(last.at("units").size() == 2);
}

TEST_CASE("simulate says what is wrong with a request and where") {
  const place p(shop);
  const said wrong = p.run("--crash", "db@5x", "--hang", "dbb@5m", "--for", "soon", "--require", "most");
  CHECK(wrong.code == 2);
  CHECK(wrong.out.empty());
  CHECK_THAT(wrong.err, catchx::ContainsSubstring("--crash: column 5: expected a duration"));
  CHECK_THAT(wrong.err, catchx::ContainsSubstring("  db@5x\n      ^\n"));
  CHECK_THAT(wrong.err, catchx::ContainsSubstring("--hang: column 1: expected a process of the configuration"));
  CHECK_THAT(wrong.err, catchx::ContainsSubstring("help: did you mean db?"));
  CHECK_THAT(wrong.err, catchx::ContainsSubstring("--for: column 1: expected a duration"));
  CHECK_THAT(wrong.err, catchx::ContainsSubstring("--require: column 1: expected per cent"));
  CHECK(p.run("-f", "nothing.yml").code == 2);
  CHECK_THAT(p.run("--help").out, catchx::ContainsSubstring("worker~1h"));
}

}  // namespace t_program_simulate

#endif  // OVRSEER_PROGRAM
