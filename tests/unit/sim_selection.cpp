// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Requests for many units at once, told in the simulated world: who is meant, and in which order they go.
#include <chrono>
#include <exception>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/check/log_line.hpp>

#include "simulated.hpp"

namespace t_sim_selection {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::names;

/// db, over it api, over that front, all ready a second after their start; beside them lamp and the cleanup tidy.
struct stack : test::simulated {
  std::vector<unit_id> meant;
  std::exception_ptr failed;

  stack() {
    it.add(group_spec("web"));
    add("db", {}, {"data"});
    add("api", {"db"}, {"http"}, "web");
    add("front", {"api"}, {"http"}, "web");
    add("lamp", {}, {});
    world.os().program("tidy", process_script().exit(0));
    unit_spec tidy("tidy", command("tidy"));
    it.add(tidy.as(role::cleanup).tag("http"));
  }
  void add(const char* name, const std::vector<unit_id>& needs, const names& tags, const char* group = "") {
    world.os().program(name, process_script().wait(1s).say("up"));
    unit_spec made(name, command(name));
    made.within(group).ready_when(log_line(*pattern<>::compile("up")));
    for (const std::string& each : tags) made.tag(each);
    std::vector<dependency_edge> edges;
    for (const unit_id& each : needs) edges.push_back({each});
    it.add(made.depends_on(std::move(edges)));
  }
  /// Asks at a time for what `make()` does.
  template <class Make>
  void ask(std::chrono::nanoseconds when, Make make) {
    world.at(when, [this, make] {
      asio::co_spawn(world.context(), make(), [this](const std::exception_ptr& why, std::vector<unit_id> ids) {
        failed = why;
        meant = std::move(ids);
      });
    });
  }
  void run() { CHECK(run_for(1min) == 0); }
  /// "name state" from the tenth second to the thirtieth.
  names told() const {
    names all;
    for (const event& each : events()) {
      if (!state_of(each.type) || each.mono_ns < 10'000'000'000 || each.mono_ns > 30'000'000'000) continue;
      if (each.type == event_type::ready || each.type == event_type::stopped || each.type == event_type::starting)
        all.push_back(each.unit.name + " " + std::string(to_text(each.type)));
    }
    return all;
  }
};

selection read(const char* text) { return *selection::parse(text); }

TEST_CASE("a restart of a selection stops in reverse order and starts in order and leaves the others alone") {
  stack s;
  s.ask(10s, [&] { return s.it.restart(selection::tag("http") || selection::tag("data")); });
  s.run();
  CHECK(s.meant == std::vector<unit_id>{"db", "api", "front"});
  CHECK(s.told() == names{"front stopped", "api stopped", "db stopped", "db starting", "db ready", "api starting",
                          "api ready", "front starting", "front ready"});
}

TEST_CASE("a selection that is stopped rests until a selection that is started brings it back") {
  stack s;
  s.ask(10s, [&] { return s.it.stop(selection::group("web")); });
  s.world.at(15s, [&] {
    CHECK(s.meant == std::vector<unit_id>{"api", "front"});
    CHECK(s.it.select(selection::state(unit_state::stopped)) == s.meant);
    CHECK(s.it.state("db") == unit_state::ready);
  });
  s.ask(20s, [&] { return s.it.start(read("state:stopped and not lamp")); });
  s.run();
  CHECK(s.meant == std::vector<unit_id>{"api", "front"});
  CHECK(s.told() ==
        names{"front stopped", "api stopped", "api starting", "api ready", "front starting", "front ready"});
}

TEST_CASE("cleanup units are listed by a selection and not asked by one") {
  stack s;
  s.ask(10s, [&] { return s.it.stop(read("tag:http")); });
  s.world.at(15s, [&] {
    CHECK(s.it.select(read("tag:http")) == std::vector<unit_id>{"api", "front", "tidy"});
    CHECK(s.it.state("tidy") == unit_state::created);
  });
  s.run();
  CHECK(s.meant == std::vector<unit_id>{"api", "front"});
}

TEST_CASE("a selection that means nobody does nothing") {
  stack s;
  s.ask(10s, [&] { return s.it.restart(selection::tag("nothing of it")); });
  s.run();
  CHECK(s.meant.empty());
  CHECK_FALSE(s.failed);
  CHECK(s.told().empty());
}

TEST_CASE("a start of many that includes a stranger is refused and none of them is started") {
  stack s;
  s.ask(10s, [&] { return s.it.stop(read("group:web")); });
  std::exception_ptr refused;
  s.world.at(20s, [&] {
    asio::co_spawn(s.world.context(), s.it.start(std::vector<unit_id>{"api", "stranger"}),
                   [&](const std::exception_ptr& why) { refused = why; });
  });
  s.run();
  CHECK(refused);
  CHECK(s.told() == names{"front stopped", "api stopped"});
}

TEST_CASE("a selection cannot be started while the supervisor stops") {
  stack s;
  std::exception_ptr refused;
  s.world.at(10s, [&] {
    s.it.request_stop("enough");
    asio::co_spawn(s.world.context(), s.it.start(selection::all()),
                   [&](const std::exception_ptr& why, const std::vector<unit_id>&) { refused = why; });
  });
  s.run();
  REQUIRE(refused);
  CHECK_THROWS_AS(std::rethrow_exception(refused), error);
}

}  // namespace t_sim_selection
