// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Why a unit is as it is and why it is not ready, in the words that people read; told in the simulated world.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <catch.hpp>

#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/within.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/why.hpp>

namespace t_supervise_why {

using namespace ovrseer;
using namespace std::chrono_literals;

/// A database that takes its time, and an api that crashes after ten seconds; asked at a time.
class stack {
 public:
  stack() : it(world_.get_executor()) {
    world_.os().program("db", process_script().wait(30s).say("ready").on(SIGTERM, signal_reaction::exits(0)));
    world_.os().program("api", process_script().wait(10s).exit(1));
    unit_spec db("db", command("db"));
    db.as(role::dependency).ready_when(within(log_line(*pattern<>::compile("ready")), 60s));
    it.add(std::move(db));
    unit_spec api("api", command("api"));
    api.restart(restart_rules().max_retries(2).delays(backoff::constant(5s)).stable_after(1h));
    it.add(std::move(api));
  }

  void run() { world_.run(it.run()); }

  template <class Ask>
  std::string asked_at(std::chrono::nanoseconds time, Ask ask) {
    std::string answer;
    world_.at(time, [&] {
      answer = ask();
      it.request_stop("enough");
    });
    world_.run(it.run());
    return answer;
  }
  std::string why_at(std::chrono::nanoseconds time, const char* unit) {
    return asked_at(time, [this, unit] { return to_text(why(it, unit_id(unit))); });
  }
  std::string why_not_at(std::chrono::nanoseconds time, const char* unit) {
    return asked_at(time, [this, unit] {
      const std::optional<obstacle> found = why_not_ready(it, unit_id(unit));
      return found ? to_text(*found) : "is ready";
    });
  }

 private:
  simulated_world world_;

 public:
  supervisor it;
};

TEST_CASE("a unit that crashed says what followed from what back to the beginning") {
  CHECK(
      stack().why_at(42s, "api") ==
      "api came to be backing_off at 2030-01-01T00:00:40.000Z: backoff: start again\n"
      "  because api came to be crashed at 2030-01-01T00:00:40.000Z: exited with code 1 after 10s "
      "(restartPolicy on-failure: restart 1 of 2 in 5s)\n"
      "  because api came to be ready at 2030-01-01T00:00:30.000Z: spawned (no ready check: ready)\n"
      "  because api came to be running at 2030-01-01T00:00:30.000Z: spawned\n"
      "  because api came to be starting at 2030-01-01T00:00:30.000Z: its dependencies are met (dependencies: spawn)\n"
      "  because db came to be ready at 2030-01-01T00:00:30.000Z: the ready check passed (log line /ready/: ready)\n"
      "  because db came to be running at 2030-01-01T00:00:00.000Z: spawned\n"
      "  because db came to be starting at 2030-01-01T00:00:00.000Z: nothing to wait for (dependencies: spawn)\n"
      "  because db came to be waiting at 2030-01-01T00:00:00.000Z: the supervisor starts (request: start)\n"
      "  because the supervisor started at 2030-01-01T00:00:00.000Z");
}

TEST_CASE("a unit that was given up says by which rule") {
  const std::string told = stack().why_at(29s, "db");
  CHECK_THAT(told, catchx::StartsWith("db came to be running at 2030-01-01T00:00:00.000Z: spawned\n"));
  stack s;
  s.run();
  CHECK_THAT(to_text(why(s.it, unit_id("api"))),
             catchx::StartsWith("api came to be failed at 2030-01-01T00:01:10.000Z: exited with code 1 after 10s "
                                "(restartPolicy on-failure, maxRetries 2: given up)"));
}

TEST_CASE("a unit that waits says for whom and why that one is not ready") {
  CHECK(stack().why_not_at(10s, "api") == "api: waits for\n  db: its ready check has not passed yet: log line /ready/");
  CHECK(stack().why_not_at(42s, "api") ==
        "api: backing_off: exited with code 1 after 10s (restartPolicy on-failure: restart 1 of 2 in 5s)");
  CHECK(stack().why_not_at(35s, "api") == "is ready");
}

TEST_CASE("what has not begun says so and a stranger is refused") {
  stack s;
  CHECK(to_text(why(s.it, unit_id("api"))) == "api is created: nothing has happened to it");
  CHECK(why_not_ready(s.it, unit_id("api")).value().reason == "has not been started");
  CHECK(why_not_ready(s.it).size() == 2);
  CHECK_THROWS_AS(why(s.it, unit_id("nobody")), error);
}

/// Two dependencies, one of which is up and is still waited for, and who waits for both.
struct waiting_stack {
  simulated_world world;
  supervisor it;
  explicit waiting_stack(supervisor_options options = supervisor_options())
      : it(world.get_executor(), std::move(options)) {
    world.os().program("db", process_script());
    world.os().program("cache", process_script().say("not yet"));
    world.os().program("api", process_script());
    unit_spec db("db", command("db"));
    it.add(db.as(role::dependency));
    unit_spec cache("cache", command("cache"));
    it.add(cache.as(role::dependency).ready_when(log_line(*pattern<>::compile("ready"))));
    unit_spec api("api", command("api"));
    it.add(api.depends_on("db", edge_condition::completed).depends_on("cache"));
  }
};

TEST_CASE("a unit that waits for several names them in the order of its list and says what is wrong with each") {
  waiting_stack s;
  std::string one;
  std::string all;
  s.world.at(5s, [&] {
    one = to_text(why_not_ready(s.it, unit_id("api")).value());
    for (const obstacle& each : why_not_ready(s.it)) all += to_text(each) + "\n";
    s.it.request_stop("enough");
  });
  s.world.run(s.it.run());
  CHECK(one ==
        "api: waits for\n  db: is not what is waited for\n  cache: its ready check has not passed yet: log line "
        "/ready/");
  CHECK(all == "cache: its ready check has not passed yet: log line /ready/\n" + one + "\n");
}

TEST_CASE("a unit that runs to its end says that it has not completed") {
  simulated_world world;
  supervisor it(world.get_executor());
  world.os().program("job", process_script());
  unit_spec job("job", command("job"));
  it.add(job.of_kind(unit_spec::kind::one_shot));
  std::string told;
  world.at(5s, [&] {
    told = to_text(why_not_ready(it, unit_id("job")).value());
    it.request_stop("enough");
  });
  world.run(it.run());
  CHECK(told == "job: has not completed yet");
}

TEST_CASE("a chain whose beginning has left the journal says so and a whole one does not") {
  for (const bool is_whole : {true, false}) {
    simulated_world world;
    supervisor it(world.get_executor(), supervisor_options().journal_capacity(is_whole ? 100 : 8));
    world.os().program("api", process_script().wait(1s).exit(1));
    unit_spec api("api", command("api"));
    it.add(api.restart(restart_rules().max_retries(2).delays(backoff::constant(1s))));
    world.run(it.run());
    const explanation told = why(it, unit_id("api"));
    CHECK(told.is_complete == is_whole);
    CHECK(told.links.empty() == false);
    const std::string end = "because of something that is no longer kept";
    CHECK((to_text(told).find(end) == std::string::npos) == is_whole);
  }
  CHECK(explanation().is_complete);
}

TEST_CASE("a unit that is asked while it is spawned says that it is being started") {
  simulated_world world;
  supervisor it(world.get_executor());
  std::string told;
  world.os().program("api", [&](const command&, std::uint32_t) {
    told = to_text(why_not_ready(it, unit_id("api")).value());
    return process_script().wait(1s).exit(0);
  });
  it.add(unit_spec("api", command("api")));
  world.run(it.run());
  CHECK(told == "api: is being started");
}

TEST_CASE("of a unit whose changes have all left the journal nobody says that nothing has happened to it") {
  simulated_world world;
  supervisor it(world.get_executor(), supervisor_options().journal_capacity(8));
  world.os().program("gone", process_script().exit(1));
  unit_spec gone("gone", command("gone"));
  it.add(gone.restart(restart_rules(restart_rules::when::never)));
  world.os().program("busy", process_script().wait(1s).exit(1));
  unit_spec busy("busy", command("busy"));
  it.add(busy.restart(restart_rules().max_retries(9).delays(backoff::constant(1s))));
  explanation told;
  std::string missing;
  world.at(5500ms, [&] {
    told = why(it, unit_id("gone"));
    missing = to_text(why_not_ready(it, unit_id("gone")).value());
    it.request_stop("enough");
  });
  world.run(it.run());
  CHECK(told.links.empty());
  CHECK_FALSE(told.is_complete);
  CHECK(to_text(told) == "gone is failed because of something that is no longer kept");
  CHECK(missing == "gone: failed");
}

}  // namespace t_supervise_why
