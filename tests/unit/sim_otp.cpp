// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The behaviour that OTP documents for its supervisors, in the simulated world: each test is named after what it shows.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <catch.hpp>
#include <otp_stories.hpp>

namespace t_sim_otp {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using enum group_spec::shutdown;

names restarted_states() { return {"starting", "ready"}; }

names twice_up_by(const names& between) {
  names all = restarted_states();
  all.insert(all.end(), between.begin(), between.end());
  for (const std::string& each : restarted_states()) all.push_back(each);
  all.insert(all.end(), {"stopping", "stopped"});
  return all;
}

TEST_CASE("children start in order and are terminated in reverse order") {
  const outcome_of_story seen = tell_in_simulation(three_and_a_kill(strategy::one_for_one()));
  CHECK(seen.order_of("ready") == names{"a", "b", "c", "b"});
  CHECK(seen.order_of("stopped") == names{"c", "b", "a"});
  CHECK(seen.code == 0);
}

TEST_CASE("under one_for_one only the child that terminated is restarted") {
  const outcome_of_story seen = tell_in_simulation(three_and_a_kill(strategy::one_for_one()));
  CHECK(seen.order_of("starting") == names{"a", "b", "c", "b"});
}

TEST_CASE("under one_for_all all other children are terminated in reverse order and all are restarted in order") {
  const outcome_of_story seen = tell_in_simulation(three_and_a_kill(strategy::one_for_all()));
  CHECK(seen.order_of("stopping") == names{"c", "a", "c", "b", "a"});
  CHECK(seen.order_of("starting") == names{"a", "b", "c", "a", "b", "c"});
  CHECK(seen.states_of("a") == twice_up_by({"stopping", "stopped"}));
  CHECK(seen.states_of("b") == twice_up_by({"crashed"}));
}

TEST_CASE("under rest_for_one the children that started after it are terminated and restarted with it") {
  const outcome_of_story seen = tell_in_simulation(three_and_a_kill(strategy::rest_for_one()));
  CHECK(seen.order_of("starting") == names{"a", "b", "c", "b", "c"});
  CHECK(seen.states_of("c") == twice_up_by({"stopping", "stopped"}));
}

TEST_CASE("a permanent child is always restarted") {
  CHECK(tell_in_simulation(one_ends(ends_with(permanent("child"), "0"), event_type::ready, 3)).code == 0);
  CHECK(tell_in_simulation(one_ends(ends_with(permanent("child"), "1"), event_type::ready, 3)).code == 0);
}

TEST_CASE("a transient child is restarted only if it terminates abnormally") {
  const outcome_of_story normal =
      tell_in_simulation(one_ends(ends_with(transient("child"), "0"), event_type::completed, 1));
  CHECK(normal.order_of("starting") == names{"keeper", "child"});
  CHECK(tell_in_simulation(one_ends(ends_with(transient("child"), "1"), event_type::ready, 3)).code == 0);
}

TEST_CASE("a temporary child is never restarted") {
  const outcome_of_story seen = tell_in_simulation(one_ends(ends_with(temporary("child"), "1"), event_type::failed, 1));
  CHECK(seen.order_of("starting") == names{"keeper", "child"});
}

TEST_CASE("a temporary child is not restarted either when the restart of a sibling terminates it") {
  const outcome_of_story seen = tell_in_simulation(temporary_bystander());
  CHECK(seen.states_of("guest") == names{"starting", "ready", "stopping", "stopped"});
  CHECK(seen.order_of("starting") == names{"a", "b", "guest", "a", "b"});
}

TEST_CASE("more restarts than the intensity within the period terminate all children and then the supervisor") {
  const outcome_of_story seen = tell_in_simulation(too_intense());
  CHECK(seen.order_of("starting") == names{"a", "b", "a", "a"});
  CHECK(seen.states_of("b") == names{"starting", "ready", "stopping", "stopped"});
  CHECK(seen.code == static_cast<int>(supervisor_exit::gave_up));
}

TEST_CASE("restarts that are further apart than the period go on for ever") {
  simulated_world world;
  world.os().program("a", process_script().wait(3s).exit(1));
  supervisor it(world.get_executor());
  it.add(group_spec("web").intensity(1, 2s));
  it.add(unit_spec("a", command("a"))
             .within("web")
             .restart(restart_rules(restart_rules::when::always).max_retries(0).delays(backoff::constant(0s))));
  world.at(10h, [&] { it.request_stop("enough"); });
  CHECK(world.run(it.run()) == 0);
  CHECK(world.os().starts("a") == 12'000);
}

TEST_CASE("a supervisor that gives up is restarted by its own supervisor and that counts there") {
  const outcome_of_story seen = tell_in_simulation(escalation());
  CHECK(seen.order_of("starting") == names{"db", "a", "b", "a", "a", "b", "b"});
  CHECK(seen.states_of("db") == names{"starting", "ready", "stopping", "stopped"});
  CHECK(seen.code == static_cast<int>(supervisor_exit::gave_up));
}

TEST_CASE("any_significant shuts down when any significant child terminates") {
  const outcome_of_story seen = tell_in_simulation(significant_child(any_significant));
  CHECK(seen.order_of("stopped") == names{"second", "keeper"});
}

TEST_CASE("all_significant shuts down when all significant children have terminated") {
  const outcome_of_story seen = tell_in_simulation(significant_child(all_significant));
  CHECK(seen.order_of("failed") == names{"first", "second"});
  CHECK(seen.order_of("stopped") == names{"keeper"});
}

TEST_CASE("a significant child that a sibling takes down does not shut its supervisor down") {
  const story told(
      [](supervisor& it) {
        it.add(group_spec("web").by(strategy::one_for_all()).auto_shutdown(any_significant));
        it.add(permanent("a", "web"));
        it.add(transient("b", "web").significant());
      },
      [](world_under_test& world) -> task<void> {
        co_await world.next("a", event_type::ready);
        co_await world.next("b", event_type::ready);
        world.strike("a", SIGKILL);
        co_await world.next("b", event_type::ready, 2);
        co_await world.next("a", event_type::ready, 2);
        world.it().request_stop("enough");
      });
  CHECK(tell_in_simulation(told).code == 0);
}

TEST_CASE("when a restart fails to start the children after it stay down and every retry counts") {
  simulated_world world;
  const auto refuse = std::make_error_code(std::errc::no_such_file_or_directory);
  world.os().program("a", [&](const command&, std::uint32_t nth) {
    return nth == 1 ? process_script().wait(10s).exit(1) : process_script().cannot_start(refuse);
  });
  world.os().program("b", process_script());
  supervisor it(world.get_executor());
  it.add(group_spec("web").by(strategy::rest_for_one()).intensity(4, 1h));
  const restart_rules always = restart_rules(restart_rules::when::always).max_retries(0).delays(backoff::constant(1s));
  it.add(unit_spec("a", command("a")).within("web").restart(always));
  it.add(unit_spec("b", command("b")).within("web").restart(always));
  const int code = world.run(it.run());
  CHECK(code == static_cast<int>(supervisor_exit::gave_up));
  CHECK(world.os().starts("a") == 5);
  CHECK(world.os().starts("b") == 1);
  CHECK(it.state("b") == unit_state::stopped);
}

TEST_CASE("a manual restart does not count in the intensity") {
  simulated_world world;
  world.os().program("a", process_script());
  supervisor it(world.get_executor());
  it.add(group_spec("web").intensity(1, 1h));
  it.add(unit_spec("a", command("a")).within("web").restart(restart_rules(restart_rules::when::always)));
  for (int i = 1; i <= 5; ++i) {
    world.at(std::chrono::minutes(i), [&] {
      asio::co_spawn(world.context(), it.restart(unit_id("a")), [](const std::exception_ptr&, unit_state) {});
    });
  }
  world.at(10min, [&] { it.request_stop("enough"); });
  CHECK(world.run(it.run()) == 0);
  CHECK(world.os().starts("a") == 6);
}

TEST_CASE("a restart by a sibling waits until the stop of a stubborn child is through") {
  simulated_world world;
  world.os().program("a", [](const command&, std::uint32_t nth) {
    return nth == 1 ? process_script().wait(5s).exit(1) : process_script();
  });
  world.os().program("b", process_script().on(SIGTERM, signal_reaction::exits(0, 4s)));
  supervisor it(world.get_executor());
  it.add(group_spec("web").by(strategy::one_for_all()));
  const restart_rules always = restart_rules(restart_rules::when::always).delays(backoff::constant(0s));
  it.add(unit_spec("a", command("a")).within("web").restart(always));
  it.add(unit_spec("b", command("b")).within("web").restart(always));
  std::chrono::nanoseconds again{};
  world.at(8s, [&] { CHECK(it.state("a") == unit_state::waiting); });
  world.at(30s, [&] {
    again = std::chrono::nanoseconds(it.events().last_transition_of("a")->mono_ns);
    it.request_stop("enough");
  });
  CHECK(world.run(it.run()) == 0);
  CHECK(again == 9s);
}

TEST_CASE("many children under one supervisor") {
  simulated_world world;
  constexpr int many = 1'000;
  world.os().program("child", [](const command& what, std::uint32_t nth) {
    const auto index = static_cast<std::uint32_t>(std::atoi(what.arguments().front().c_str()));
    return nth <= many && index % 10 == 0 ? process_script().wait(5s).exit(1) : process_script();
  });
  supervisor it(world.get_executor());
  it.add(group_spec("many"));
  for (int i = 0; i < many; ++i) {
    it.add(unit_spec("child-" + std::to_string(i), command("child", std::to_string(i)))
               .within("many")
               .restart(restart_rules(restart_rules::when::always).delays(backoff::constant(0s))));
  }
  bool was_ready = false;
  world.at(10s, [&] {
    was_ready = it.is_ready();
    it.request_stop("enough");
  });
  CHECK(world.run(it.run()) == 0);
  CHECK(was_ready);
  CHECK(world.os().starts("child") == many + many / 10);
}

}  // namespace t_sim_otp
