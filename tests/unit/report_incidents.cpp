// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crashes and recoveries of a supervisor to one receiver, in virtual time.
#include <ovrseer/report/incidents.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <catch.hpp>

#include <ovrseer/async/when_all.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/supervisor.hpp>

#include "misbehaving.hpp"
#include "run.hpp"

namespace t_report_incidents {

using namespace ovrseer;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

/// What is told, and how the next tries fail: nothing, or with this code.
struct log_of_calls {
  texts told;
  std::vector<std::error_code> failures;
};

struct pager {
  log_of_calls* calls;

  task<void> deliver(const incident_update& update) {
    const auto* report = std::get_if<crash_report>(&update.what);
    std::string what = report == nullptr ? "recovery of " + update.unit().name
                                         : std::to_string(report->occurrences) + " crash of " + update.unit().name;
    if (!calls->failures.empty()) {
      const std::error_code code = calls->failures.front();
      calls->failures.erase(calls->failures.begin());
      calls->told.push_back(what + " failed");
      throw error(code, "deliver", "");
    }
    calls->told.push_back(std::move(what));
    co_return;
  }
};

/// A supervisor of one unit that fails so many times before it stays, and its incidents.
struct world_of_one {
  explicit world_of_one(std::uint32_t crashes) {
    world.os().program("api", [crashes](const command&, std::uint32_t nth) {
      return nth <= crashes ? process_script().say("serving").wait(1s).exit(1)
                            : process_script().say("serving").wait(1h).exit(0);
    });
    unit_spec api("api", command("api"));
    api.ready_when(log_line(pattern<"serving">()));
    api.restart(restart_rules().delays(backoff::constant(1s)).max_retries(100));
    stack.add(std::move(api));
    stack.on_error(
        [this](const failure_notice& notice) { errors.push_back(notice.operation + ": " + notice.message); });
  }
  void run(incident_options options = {}) {
    incidents told(world.get_executor(), pager{&calls}, std::move(options));
    run(told);
    status = status_of(told);
  }
  void run(incidents& told) {
    const auto both = [&]() -> task<void> { co_await when_all(stack.run(), told.run(stack)); };
    world.run(both());
  }

  simulated_world world;
  supervisor stack{world.get_executor()};
  log_of_calls calls;
  texts errors;
  delivery_status status;
};

TEST_CASE("a loop of crashes opens one incident and the recovery ends it") {
  world_of_one at(20);
  at.run();
  CHECK(at.calls.told == texts{"1 crash of api", "19 crash of api", "recovery of api"});
  CHECK(at.status.delivered == 3);
  CHECK(at.status.folded == 18);
  CHECK(at.status.waiting == 0);
  CHECK(at.errors.empty());
}

TEST_CASE("what happens while a receiver is slow is told next") {
  struct slow_pager {
    texts* told;
    task<void> deliver(const incident_update& update) {
      told->push_back(update.unit().name);
      co_await sleep_for(5s);
    }
  };
  world_of_one at(1);
  at.world.os().program("db", process_script().wait(3s).exit(1));
  unit_spec db("db", command("db"));
  db.restart(restart_rules().delays(backoff::constant(1s)).max_retries(1));
  at.stack.add(std::move(db));
  texts told;
  incidents all(at.world.get_executor(), slow_pager{&told});
  at.run(all);
  REQUIRE(told.size() > 2);
  CHECK(told[0] == "api");
  CHECK(told[1] == "db");
}

TEST_CASE("without time to settle each recovery is told") {
  world_of_one at(2);
  incident_options options;
  options.settled_after = 0s;
  at.run(options);
  CHECK(at.calls.told == texts{"1 crash of api", "recovery of api", "1 crash of api", "recovery of api"});
}

TEST_CASE("an update that failed is told a minute later as it then is") {
  world_of_one at(20);
  at.calls.failures = {make_error_code(errc::unavailable)};
  at.run();
  CHECK(at.calls.told == texts{"1 crash of api failed", "20 crash of api", "recovery of api"});
  CHECK(at.status.failed == 1);
  REQUIRE(at.errors.size() == 1);
  CHECK(at.errors.front().find("incident: ") == 0);
}

TEST_CASE("what the receiver refuses for good is not told again") {
  world_of_one at(1);
  at.calls.failures = {make_error_code(errc::rejected)};
  texts heard;
  incident_options options;
  options.on_error = [&heard](const incident_update& update, const caught&) {
    heard.push_back(update.unit().name);
    throw std::runtime_error("ignored");
  };
  at.run(options);
  CHECK(at.calls.told == texts{"1 crash of api failed", "recovery of api"});
  CHECK(heard == texts{"api"});
}

TEST_CASE("a unit that is well when all ends has recovered") {
  world_of_one at(1);
  incident_options options;
  options.settled_after = 2h;
  at.run(options);
  CHECK(at.calls.told == texts{"1 crash of api", "recovery of api"});
}

TEST_CASE("a receiver that never answers is given up at its limit and the supervisor is not held up") {
  world_of_one at(3);
  incidents told(at.world.get_executor(), test::stuck_reporter());
  at.run(told);
  CHECK(status_of(told).failed > 1);
  CHECK(at.errors.front() == "incident: deliver: after 30s: timed out");
}

TEST_CASE("a cancelled run ends with the delivery under way") {
  world_of_one at(3);
  incidents told(at.world.get_executor(), test::stuck_reporter());
  asio::cancellation_signal cancel;
  std::exception_ptr how;
  asio::co_spawn(at.world.context(), told.run(at.stack),
                 asio::bind_cancellation_slot(cancel.slot(), [&how](const std::exception_ptr& why) { how = why; }));
  const auto cancel_later = [&]() -> task<void> {
    co_await sleep_for(5s);
    cancel.emit(asio::cancellation_type::terminal);
  };
  asio::co_spawn(at.world.context(), cancel_later(), [](const std::exception_ptr&) {});
  CHECK(at.world.run(at.stack.run()) == 0);
  REQUIRE(how);
  CHECK(caught(how).is_cancellation());
}

}  // namespace t_report_incidents
