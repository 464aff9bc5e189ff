// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What depends on something that comes back late: told in the simulated world.
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/check/log_line.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/why.hpp>

namespace t_sim_recovery {

using namespace ovrseer;
using namespace std::chrono_literals;

unit_spec main_unit(const char* name) {
  unit_spec made(name, command(name));
  made.restart(restart_rules(restart_rules::when::never)).depends_on(std::vector<dependency_edge>{});
  return made;
}

TEST_CASE("a unit that was skipped starts when what it needs can be had again") {
  simulated_world world;
  world.os().program("keeper", process_script());
  world.os().program("db", [](const command&, std::uint32_t nth) {
    process_script made;
    if (nth == 1) return made.exit(1);
    return made.wait(3s).say("ready");
  });
  world.os().program("api", process_script());
  supervisor stack(world.get_executor());
  stack.add(main_unit("keeper"));
  stack.add(main_unit("db").ready_when(log_line(*pattern<>::compile("ready"))));
  stack.add(main_unit("api").depends_on("db"));

  unit_state before = unit_state::created;
  unit_state after = unit_state::created;
  std::string told;
  world.at(1min, [&] {
    before = stack.state("api");
    asio::co_spawn(world.context(), stack.start("db"), [](const std::exception_ptr&, unit_state) {});
  });
  world.at(2min, [&] {
    after = stack.state("api");
    told = to_text(why(stack, "api"));
    stack.request_stop("enough");
  });
  world.run(stack.run());
  CHECK(before == unit_state::skipped);
  CHECK(after == unit_state::ready);
  CHECK_THAT(
      told, catchx::ContainsSubstring("because api came to be waiting at 2030-01-01T00:01:03.000Z: db can be had again "
                                      "(request: start)\n  because db came to be ready"));
}

TEST_CASE("a policy and why know that a unit ran out of memory") {
  simulated_world world;
  world.os().program("keeper", process_script());
  world.os().program("glutton",
                     [](const command&, std::uint32_t) { return process_script().wait(3s).run_out_of_memory(); });
  std::vector<std::string> asked;
  unit_spec glutton("glutton", command("glutton"));
  glutton.depends_on(std::vector<dependency_edge>{}).decide_by([&asked](const restart_question& question) {
    asked.push_back(question.what);
    restart_decision made = question.standard;
    // Started anew it would only eat it all again.
    if (question.status.was_out_of_memory()) made.what = restart_decision::verdict::not_wanted;
    return made;
  });
  supervisor stack(world.get_executor());
  stack.add(main_unit("keeper"));
  stack.add(glutton);
  std::string told;
  world.at(1min, [&] {
    told = to_text(why(stack, "glutton"));
    stack.request_stop("enough");
  });
  world.run(stack.run());
  CHECK(asked == std::vector<std::string>{"killed for want of memory after 3s"});
  CHECK_THAT(told, catchx::ContainsSubstring("killed for want of memory after 3s"));
}

TEST_CASE("a unit that is stopped by request stays so when what it needs comes back") {
  simulated_world world;
  world.os().program("keeper", process_script());
  world.os().program("db", [](const command&, std::uint32_t) { return process_script().wait(3s).say("ready"); });
  world.os().program("api", process_script());
  supervisor stack(world.get_executor());
  stack.add(main_unit("keeper"));
  stack.add(main_unit("db").ready_when(log_line(*pattern<>::compile("ready"))));
  stack.add(main_unit("api").depends_on("db"));
  const auto ask = [&world](task<unit_state> operation) {
    asio::co_spawn(world.context(), std::move(operation), [](const std::exception_ptr&, unit_state) {});
  };
  world.at(1min, [&] { ask(stack.stop("api")); });
  world.at(2min, [&] { ask(stack.restart("db")); });
  unit_state after = unit_state::created;
  world.at(3min, [&] {
    after = stack.state("api");
    stack.request_stop("enough");
  });
  world.run(stack.run());
  CHECK(after == unit_state::stopped);
}

}  // namespace t_sim_recovery
