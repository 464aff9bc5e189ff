// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The outbox of a reporter in the program: reports outlive a run, and what is refused for good waits for a person.
#include <catch.hpp>

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include <ovrseer/disk/read_file.hpp>

#include "leaks.hpp"
#include "program_run.hpp"

#ifdef OVRSEER_PROGRAM

namespace t_program_outbox {

using namespace ovrseer;
using namespace ovrseer::test;

/// A folder with a configuration whose reporter runs a command: `exit` decides what becomes of reports.
struct place {
  place() {
    write_file(folder / "ovrseer.yml",
               "processes:\n  - { id: api, shell: \"echo the end; exit 3\", restartPolicy: no }\n"
               "reports: { enabled: false }\n"
               "reporters:\n  - { id: page, exec: \"cat >> told; exit $(cat answer)\", outbox: box }\n");
  }
  void answer(const std::string& code) const { write_file(folder / "answer", code + "\n"); }
  template <class... Words>
  program_result run(Words&&... words) const {
    command what(OVRSEER_PROGRAM, std::forward<Words>(words)...);
    what.working_directory(folder.path());
    return run_to_end(what);
  }
  ovrseer_test::disk_folder folder;
};

TEST_CASE("a report that is refused for good is a dead letter until it is sent again") {
  const no_leaks nothing_left;
  const place p;
  p.answer("1");
  CHECK(p.run("up").code == 3);
  const program_result listed = p.run("dead", "--json");
  CHECK(listed.code == 0);
  const auto letter = nlohmann::json::parse(listed.out);
  CHECK(letter["reporter"] == "page");
  CHECK(letter["unit"] == "api");
  const std::string reason = letter["reason"];
  CHECK(reason.find("exited with code 1") != std::string::npos);
  CHECK(p.run("dead", "page", "--send").code == 1);
  CHECK_FALSE(p.run("dead").out.empty());
  p.answer("0");
  const program_result sent = p.run("dead", "--send");
  CHECK(sent.code == 0);
  CHECK(sent.out.find("delivered") != std::string::npos);
  CHECK(p.run("dead").out.empty());
}

TEST_CASE("dead letters may be forgotten and unknown reporters are told") {
  const no_leaks nothing_left;
  const place p;
  p.answer("1");
  CHECK(p.run("up").code == 3);
  CHECK(p.run("dead", "--forget").out.find("forgotten") != std::string::npos);
  CHECK(p.run("dead").out.empty());
  const program_result unknown = p.run("dead", "nobody");
  CHECK(unknown.code == 2);
  CHECK(unknown.err.find("there is no reporter nobody with an outbox") != std::string::npos);
}

TEST_CASE("a report that could not be delivered is delivered by the next run") {
  const no_leaks nothing_left;
  const place p;
  p.answer("75");  // later
  CHECK(p.run("up").code == 3);
  std::filesystem::remove(p.folder / "told");
  p.answer("0");
  CHECK(p.run("up").code == 3);
  const auto text = read_file(p.folder / "told");
  REQUIRE(text);
  const std::string& told = *text;
  CHECK(nlohmann::json::accept(told) == false);  // two reports, one after the other: of this run and of the one before
  CHECK(told.find("\"unit\"") != told.rfind("\"unit\""));
}

}  // namespace t_program_outbox

#endif
