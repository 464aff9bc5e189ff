// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Edges that hold over time, told in the simulated world: what a dependent does when what it started with is lost,
// and when it is back.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/check/log_line.hpp>

#include "simulated.hpp"

namespace t_sim_edges {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::names;

/// A database that needs 5 s to be ready and is killed after a minute, and an api over it.
struct stack : test::simulated {
  explicit stack(dependency_edge edge, process_script api = process_script()) {
    world.os().program("db", process_script().wait(5s).say("ready"));
    world.os().program("api", std::move(api));
    unit_spec db("db", command("db"));
    db.as(role::dependency).restart(restart_rules().delays(backoff::constant(10s)));
    it.add(db.ready_when(log_line(*pattern<>::compile("ready"))));
    unit_spec made("api", command("api"));
    made.restart(restart_rules().delays(backoff::constant(0s)));
    it.add(made.depends_on(std::vector<dependency_edge>{std::move(edge)}));
    world.at(1min, [this] { strike("db", SIGKILL); });
  }
  names run() {
    run_for(5min);
    names told;
    for (const event& each : events()) {
      if (each.unit != unit_id("api") || !state_of(each.type) || each.type == event_type::running) continue;
      told.push_back(std::to_string(each.mono_ns / 1'000'000'000) + " " + std::string(to_text(each.type)));
    }
    return told;
  }
};

dependency_edge edge_with(edge_action on_loss, edge_action on_return = edge_action::nothing) {
  dependency_edge made{"db"};
  made.on_loss = on_loss;
  made.on_return = on_return;
  return made;
}

TEST_CASE("a unit that holds goes on and its own restart waits for what was lost") {
  stack it(edge_with(edge_action::hold));
  it.world.at(65s, [&] { it.strike("api", SIGKILL); });
  CHECK(it.run() == names{"0 waiting", "5 starting", "5 ready", "65 crashed", "65 backing_off", "65 waiting",
                          "75 starting", "75 ready", "300 stopping", "300 stopped"});
}

TEST_CASE("a unit that does nothing does not wait either when it restarts") {
  stack it(edge_with(edge_action::nothing));
  it.world.at(65s, [&] { it.strike("api", SIGKILL); });
  CHECK(it.run() == names{"0 waiting", "5 starting", "5 ready", "65 crashed", "65 backing_off", "65 waiting",
                          "65 starting", "65 ready", "300 stopping", "300 stopped"});
}

TEST_CASE("a unit is paused while what it needs is lost and goes on after") {
  stack it(edge_with(edge_action::pause), process_script().wait(70s).say("work").wait(1s).repeat());
  CHECK(it.run() ==
        names{"0 waiting", "5 starting", "5 ready", "60 paused", "75 ready", "300 stopping", "300 stopped"});
}

TEST_CASE("a paused unit that is stopped hears of it") {
  stack it(edge_with(edge_action::pause), process_script().on(SIGTERM, signal_reaction::exits(7, 2s)));
  it.world.at(70s, [&] { it.ask(it.it.stop("api")); });
  CHECK(it.run() == names{"0 waiting", "5 starting", "5 ready", "60 paused", "70 stopping", "72 stopped"});
  CHECK(it.it.snapshot("api").last_status == exit_status::exited(7));
}

TEST_CASE("a unit is restarted when what it needs is lost and waits for it") {
  stack it(edge_with(edge_action::restart));
  CHECK(it.run() == names{"0 waiting", "5 starting", "5 ready", "60 stopping", "60 stopped", "60 waiting",
                          "75 starting", "75 ready", "300 stopping", "300 stopped"});
  const event* const last = it.it.events().last_transition_of("api");
  REQUIRE(last != nullptr);
}

TEST_CASE("a unit is restarted when what it needs comes back") {
  stack it(edge_with(edge_action::hold, edge_action::restart));
  CHECK(it.run() == names{"0 waiting", "5 starting", "5 ready", "75 stopping", "75 stopped", "75 waiting",
                          "75 starting", "75 ready", "300 stopping", "300 stopped"});
}

TEST_CASE("a unit is stopped when what it needs is lost and started when it comes back") {
  stack it(edge_with(edge_action::stop, edge_action::start));
  CHECK(it.run() == names{"0 waiting", "5 starting", "5 ready", "60 stopping", "60 stopped", "75 waiting",
                          "75 starting", "75 ready", "300 stopping", "300 stopped"});
}

TEST_CASE("a unit that is stopped by a loss stays so where nothing else is said") {
  stack it(edge_with(edge_action::stop));
  CHECK(it.run() == names{"0 waiting", "5 starting", "5 ready", "60 stopping", "60 stopped"});
}

TEST_CASE("a request to stop between loss and return wins") {
  stack it(edge_with(edge_action::stop, edge_action::start));
  it.world.at(70s, [&] { it.ask(it.it.stop("api")); });
  CHECK(it.run() == names{"0 waiting", "5 starting", "5 ready", "60 stopping", "60 stopped"});
}

TEST_CASE("the cause of what an edge does is the change of the other unit") {
  stack it(edge_with(edge_action::restart));
  it.run();
  const event stopping = it.first("api", event_type::stopping);
  CHECK(cause_of(stopping)->what == "db is crashed");
  CHECK(cause_of(stopping)->rule == "edge");
  CHECK(it.it.events().at(stopping.cause_seq)->unit == unit_id("db"));
}

TEST_CASE("a unit waits for a line of the present incarnation of another") {
  test::simulated s;
  s.world.os().program("db", process_script().say("up").wait(20s).say("schema 12 loaded").wait(100s).exit(1));
  s.world.os().program("api", process_script());
  unit_spec db("db", command("db"));
  s.it.add(db.as(role::dependency).restart(restart_rules().delays(backoff::constant(0s))));
  dependency_edge edge{"db", edge_condition::log_line};
  edge.line = *pattern<>::compile("schema \\d+ loaded");
  edge.on_loss = edge_action::restart;
  s.it.add(unit_spec("api", command("api")).depends_on(edge));
  std::vector<std::int64_t> starts;
  s.run_for(3min);
  for (const event& each : s.events()) {
    if (each.unit == unit_id("api") && each.type == event_type::starting)
      starts.push_back(each.mono_ns / 1'000'000'000);
  }
  CHECK(starts == std::vector<std::int64_t>{20, 140});
}

TEST_CASE("units of a lower priority stop first where the graph leaves the choice") {
  test::simulated s;
  for (const char* name : {"a", "b", "c"}) {
    s.world.os().program(name, process_script().on(SIGTERM, signal_reaction::exits(0, 1s)));
  }
  const auto add = [&](const char* name, int priority) {
    s.it.add(unit_spec(name, command(name)).priority(priority).depends_on(std::vector<dependency_edge>{}));
  };
  add("a", 5);
  add("b", -1);
  add("c", 5);
  s.run_for(10s);
  std::vector<std::string> order;
  for (const event& each : s.events()) {
    if (each.type != event_type::stopping) continue;
    order.push_back(each.unit.name + std::to_string(each.mono_ns / 1'000'000'000));
  }
  CHECK(order == names{"b10", "a11", "c11"});
}

TEST_CASE("a unit on demand starts only when it is asked for") {
  test::simulated s;
  s.world.os().program("api", process_script().wait(10s).exit(1));
  s.world.os().program("medic", process_script().wait(1s).exit(0));
  s.it.add(unit_spec("medic", command("medic")).of_kind(unit_spec::kind::one_shot).on_demand());
  s.it.add(unit_spec("api", command("api"))
               .restart(restart_rules().max_retries(1).delays(backoff::constant(0s)))
               .when_given_up(give_up(give_up::action::nothing).run("medic")));
  s.it.add(unit_spec("keeper", command("medic")).restart(restart_rules(restart_rules::when::always).max_retries(0)));
  bool was_ready = false;
  s.world.at(5s, [&] { was_ready = s.it.state("medic") == unit_state::created; });
  s.run_for(1min);
  CHECK(was_ready);
  CHECK(s.it.state("medic") == unit_state::completed);
}

}  // namespace t_sim_edges
