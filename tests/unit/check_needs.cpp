// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What checks say that they ask, through every wrapper.
#include <chrono>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/check/combine.hpp>
#include <ovrseer/check/exec.hpp>
#include <ovrseer/check/file.hpp>
#include <ovrseer/check/heartbeat.hpp>
#include <ovrseer/check/http.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/needs.hpp>
#include <ovrseer/check/notify.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/check/tcp.hpp>
#include <ovrseer/check/within.hpp>

namespace t_check_needs {

using namespace ovrseer;
using namespace std::chrono_literals;

/// A check of somebody who does not say what it asks.
struct silent {
  task<check_result> operator()(check_target) const { return say(); }
  std::string describe() const { return "the moon"; }
  static task<check_result> say() { co_return check_result{}; }
};

TEST_CASE("every check of the library says what it asks") {
  http_check health = http(any_http_client(), url("http://127.0.0.1:9000/health"));
  health.expect_status(204).expect_body(*pattern<>::compile("ok"));
  const any_check both =
      all_of(probing(health), within(log_line(*pattern<>::compile("up")), 5s), tcp("db", 5432),
             any_of(probing(exec(command("pg_isready", "-q"))), any_check(file("/run/x").non_empty())), always_ready(),
             any_check());
  const check_needs needs = both.needs();
  REQUIRE(needs.answers.size() == 1);
  CHECK(needs.answers[0].target.path() == "/health");
  CHECK(needs.answers[0].first_status == 204);
  CHECK(needs.answers[0].body->text() == "ok");
  REQUIRE(needs.lines.size() == 1);
  CHECK(needs.lines[0].text() == "up");
  REQUIRE(needs.ports.size() == 1);
  CHECK(needs.ports[0].host == "db");
  CHECK(needs.ports[0].port == 5432);
  REQUIRE(needs.commands.size() == 1);
  CHECK(to_text(needs.commands[0]) == "pg_isready -q");
  REQUIRE(needs.files.size() == 1);
  CHECK(needs.files[0].path == "/run/x");
  CHECK(needs.files[0].is_non_empty);
  CHECK(needs.untold.empty());
}

TEST_CASE("what a process must say by itself is among the needs") {
  const any_check all = all_of(notified().limit(5s), heartbeat(10s), heartbeat(*pattern<>::compile("tick"), 3s));
  const check_needs needs = all.needs();
  CHECK(needs.notices == std::vector<std::string>{"READY=1"});
  REQUIRE(needs.beats.size() == 2);
  CHECK_FALSE(needs.beats[0].line);
  CHECK(needs.beats[0].every == 10s);
  CHECK(needs.beats[1].line->text() == "tick");
  CHECK(needs.beats[1].every == 3s);
  CHECK(needs.untold.empty());
}

TEST_CASE("a check that does not say what it asks is named") {
  const any_check one = probing(any_of(any_check(silent()), any_check(tcp("h", 1))));
  CHECK(one.needs().untold == std::vector<std::string>{"the moon"});
  CHECK(one.needs().ports.size() == 1);
  CHECK(any_check().needs().untold.empty());
}

}  // namespace t_check_needs
