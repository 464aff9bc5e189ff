// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crashes and recoveries to one receiver: each recovery once, behind the report that it belongs to, and none without.
#include <ovrseer/report/incidents.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/check/log_line.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/plugin.hpp>
#include <ovrseer/supervise/supervisor.hpp>

#include "run.hpp"

namespace t_report_incidents {

using namespace ovrseer;
using namespace std::chrono_literals;

/// Writes down what it is told, and fails as long as it is asked to.
struct pager {
  std::vector<std::string>* told;
  int* failures;

  task<void> deliver(const crash_report& report) {
    const std::string text = "crash of " + report.unit.name;
    return note(text);
  }
  task<void> deliver(const recovery& over) {
    const std::string text = "recovery of " + over.unit.name;
    return note(text);
  }
  task<void> note(std::string what) {
    told->push_back(std::move(what));
    if (*failures == 0) co_return;
    --*failures;
    throw error(errc::unavailable, "deliver", "");
  }
};

struct desk {
  std::vector<std::string> told;
  int failures = 0;
  incidents<pager> all{pager{&told, &failures}};
  asio::io_context context;

  void crash(const char* unit, std::uint64_t seq) {
    crash_report report;
    report.unit = unit_id(unit);
    report.event_seq = seq;
    test::run(context, all.on_crash(report));
  }
  void ready(const char* unit, std::uint64_t seq) {
    event what;
    what.type = event_type::ready;
    what.unit = unit_id(unit);
    what.seq = seq;
    test::run(context, all.on_ready(what));
  }
};

using texts = std::vector<std::string>;

TEST_CASE("a recovery is told once after a crash and never without one") {
  desk at;
  at.ready("api", 1);
  CHECK(at.told.empty());
  at.crash("api", 2);
  at.crash("api", 3);
  at.ready("db", 4);
  at.ready("api", 5);
  at.ready("api", 6);
  CHECK(at.told == texts{"crash of api", "crash of api", "recovery of api"});
}

TEST_CASE("a recovery that was heard of before its report follows the report") {
  desk at;
  at.ready("api", 7);
  at.crash("api", 3);
  CHECK(at.told == texts{"crash of api", "recovery of api"});
  at.crash("api", 8);
  CHECK(at.told.size() == 3);
}

TEST_CASE("a report that failed is recovered from all the same and a recovery that failed is told again") {
  desk at;
  at.failures = 1;
  CHECK_THROWS_AS(at.crash("api", 1), error);
  at.failures = 1;
  CHECK_THROWS_AS(at.ready("api", 2), error);
  at.ready("api", 3);
  at.ready("api", 4);
  CHECK(at.told == texts{"crash of api", "recovery of api", "recovery of api"});
}

TEST_CASE("a unit that comes back at its third start has one recovery") {
  simulated_world world;
  world.os().program("api", [](const command&, std::uint32_t nth) {
    return nth < 3 ? process_script().wait(1s).exit(1) : process_script().say("serving").wait(1h).exit(0);
  });
  supervisor stack(world.get_executor());
  unit_spec api("api", command("api"));
  api.ready_when(log_line(pattern<"serving">()));
  stack.add(std::move(api));
  std::vector<std::string> told;
  int failures = 0;
  incidents<pager> all(pager{&told, &failures});
  asio::co_spawn(world.context(), attach(stack, std::move(all)), [](const std::exception_ptr&) {});
  CHECK(world.run(stack.run()) == 0);
  CHECK(told == texts{"crash of api", "crash of api", "recovery of api"});
}

}  // namespace t_report_incidents
