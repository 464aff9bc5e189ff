// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Health over time, told in the simulated world: what is unhealthy, what follows, and what returns.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/check/tcp.hpp>

#include "simulated.hpp"

namespace t_sim_health {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::names;

health_watch port_watch() { return health_watch(tcp("localhost", 80)).interval(10s).failures(3); }

struct stack : test::simulated {
  explicit stack(process_script api = process_script().wait(1s).listen(80)) {
    world.os().program("api", std::move(api));
    world.os().program("web", process_script());
  }
  unit_spec unit(const char* name) {
    unit_spec made(name, command(name));
    return made.depends_on(std::vector<dependency_edge>{});
  }
  unit_spec api(health_watch::action otherwise) { return unit("api").watch(port_watch().otherwise(otherwise)); }
  void close_port_at(std::chrono::nanoseconds when, std::chrono::nanoseconds until) {
    world.at(when, [this] { world.os().close_port(80); });
    world.at(until, [this] { world.os().open_port(80); });
  }
};

TEST_CASE("a unit that stops answering is unhealthy and ready again when it answers") {
  stack it;
  it.it.add(it.api(health_watch::action::nothing));
  it.close_port_at(65s, 2min);
  CHECK(it.run_for(5min) == 0);
  CHECK(it.states("api") ==
        names{"waiting", "starting", "running", "ready", "unhealthy", "ready", "stopping", "stopped"});
  CHECK(it.first("api", event_type::unhealthy).mono_ns == std::chrono::nanoseconds(90s).count());
  CHECK(cause_of(it.first("api", event_type::unhealthy))->what ==
        "unhealthy: 3 times in a row, the last: connect localhost:80: Connection refused");
  CHECK(it.count(event_type::check_failed) == 5);  // at 70 to 110 s
}

TEST_CASE("liveness restarts a unit that does not answer and the rules count it as a crash") {
  stack it;
  it.it.add(it.api(health_watch::action::restart));
  it.world.at(65s, [&] { it.world.os().close_port(80); });
  CHECK(it.run_for(5min) == 0);
  CHECK(it.states("api") == names{"waiting", "starting", "running", "ready", "unhealthy", "stopping", "crashed",
                                  "backing_off", "waiting", "starting", "running", "ready", "stopping", "stopped"});
  CHECK(it.reports().size() == 1);
}

TEST_CASE("a unit that hangs with its port closed for good is given up after its retries") {
  stack it{process_script().wait(1h)};
  it.it.add(it.unit("web"));
  it.it.add(it.api(health_watch::action::restart).restart(restart_rules().max_retries(2)));
  CHECK(it.run_for(1h) == 4);
  CHECK(it.it.state("api") == unit_state::failed);
  CHECK(it.world.os().starts("api") == 3);
}

TEST_CASE("a watch that stops what is unhealthy leaves it stopped") {
  stack it;
  it.it.add(it.unit("web"));
  it.it.add(it.api(health_watch::action::stop));
  it.world.at(65s, [&] { it.world.os().close_port(80); });
  CHECK(it.run_for(5min) == 4);
  CHECK(it.states("api") == names{"waiting", "starting", "running", "ready", "unhealthy", "stopping", "stopped"});
}

TEST_CASE("the supervisor ends when a watch has stopped its last main") {
  stack it;
  it.it.add(it.api(health_watch::action::stop));
  it.world.at(65s, [&] { it.world.os().close_port(80); });
  CHECK(it.run_for(1h) == 4);
  CHECK(it.world.elapsed() < 2min);
}

TEST_CASE("whoever needs a healthy unit waits for its first good answer") {
  stack it;
  it.it.add(it.api(health_watch::action::nothing));
  it.it.add(it.unit("web").depends_on("api", edge_condition::healthy));
  CHECK(it.run_for(5min) == 0);
  CHECK(it.first("web", event_type::starting).mono_ns == std::chrono::nanoseconds(10s).count());
}

TEST_CASE("after a restart a unit has to prove its health anew") {
  stack it;
  it.it.add(it.api(health_watch::action::nothing).restart(restart_rules().delays(backoff::constant(0s))));
  dependency_edge edge{"api", edge_condition::healthy};
  edge.on_loss = edge_action::restart;
  it.it.add(it.unit("web").depends_on(edge));
  it.world.at(35s, [&] { it.strike("api", SIGKILL); });
  CHECK(it.run_for(5min) == 0);
  CHECK(it.world.os().starts("web") == 2);
  CHECK(it.it.events().last_transition_of("web") != nullptr);
}

TEST_CASE("while all is well the questions come less often") {
  stack it;
  it.it.add(it.unit("api").watch(port_watch().relax_to(80s)));
  it.world.at(5min, [&] { it.world.os().close_port(80); });
  CHECK(it.run_for(10min) == 0);
  // Asked at 10, 30, 70, 150, 230, 310, then every ten seconds.
  CHECK(it.first("api", event_type::unhealthy).mono_ns == std::chrono::nanoseconds(330s).count());
}

// OVRSEER_SIMULATED_DAYS says how many; a build without optimization takes its time.
TEST_CASE("many days of ten units with questions every ten seconds and random crashes") {
  const char* const asked = std::getenv("OVRSEER_SIMULATED_DAYS");
  const int days = asked == nullptr ? 1 : std::atoi(asked);
  const auto began = std::chrono::steady_clock::now();
  simulated_world world(7);
  supervisor it(world.get_executor(), supervisor_options().journal_capacity(1'000));
  for (int i = 0; i < 10; ++i) {
    const std::string name = "unit-" + std::to_string(i);
    const auto port = static_cast<std::uint16_t>(1'000 + i);
    world.os().program(name, [&world, port](const command&, std::uint32_t) {
      std::exponential_distribution<double> hours(1.0 / 24);
      const auto life = std::chrono::seconds(static_cast<std::int64_t>(hours(world.random()) * 3'600) + 1);
      return process_script().wait(1s).listen(port).wait(life).exit(1);
    });
    unit_spec made(unit_id{name}, command(name));
    made.restart(restart_rules().max_retries(0)).depends_on(std::vector<dependency_edge>{});
    it.add(made.watch(health_watch(tcp("localhost", port)).otherwise(health_watch::action::restart)));
  }
  world.at(24h * days, [&] { it.request_stop("enough"); });
  CHECK(world.run(it.run()) == 0);
  std::uint32_t starts = 0;
  for (int i = 0; i < 10; ++i) starts += world.os().starts("unit-" + std::to_string(i));
  CHECK(starts >= 10U + static_cast<std::uint32_t>(days) * 3);
  CHECK(starts <= 10U + static_cast<std::uint32_t>(days) * 25);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%d simulated days of ten units, %u starts: %.2f s\n", days, starts, took.count());
}

}  // namespace t_sim_health
