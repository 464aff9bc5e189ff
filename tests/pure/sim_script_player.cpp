// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The player of a script: what is due when, and what signals change.
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <catch.hpp>

#include <ovrseer/sim/detail/script_player.hpp>

namespace t_sim_script_player {

using namespace ovrseer;
using namespace std::chrono_literals;
using sim_detail::script_player;

steady_time at(std::chrono::nanoseconds time) { return steady_time(time); }
script_player playing(process_script script) {
  return {std::make_shared<const process_script>(std::move(script)), at(0s)};
}
/// The same, when it has begun with what only waits.
script_player begun(process_script script) {
  script_player player = playing(std::move(script));
  player.advance(at(0s));
  return player;
}

/// What it writes when it is asked at a time; "-" where nothing is due.
std::string written(script_player& player, std::chrono::nanoseconds time) {
  const process_script::step* const next = player.advance(at(time));
  return next == nullptr ? "-" : std::get<process_script::write_step>(*next).bytes;
}

TEST_CASE("a script may run out of memory which is a kill with a cause") {
  script_player player(std::make_shared<const process_script>(process_script().run_out_of_memory()), steady_time{});
  CHECK(player.advance(steady_time{}) == nullptr);
  REQUIRE(player.status());
  CHECK(player.status()->was_out_of_memory());
  CHECK(player.status()->signal() == signal_number(SIGKILL));
  CHECK(player.status() != exit_status::signaled(signal_number(SIGKILL)));
}

TEST_CASE("steps come in their order when their time has come") {
  script_player player = playing(process_script().say("one").wait(2s).say("two").wait(1s).exit(3));
  CHECK(player.due() == at(0s));
  CHECK(written(player, 0s) == "one\n");
  CHECK(written(player, 0s) == "-");
  CHECK(player.due() == at(2s));
  CHECK(written(player, 1999ms) == "-");
  CHECK(written(player, 2s) == "two\n");
  CHECK_FALSE(player.status());
  CHECK(written(player, 4s) == "-");
  CHECK(player.status() == exit_status::exited(3));
  CHECK(player.due() == steady_time::max());
}

TEST_CASE("who is asked late does everything in its order") {
  script_player player = playing(process_script().wait(1s).say("one").wait(1s).say("two"));
  CHECK(written(player, 9s) == "one\n");
  CHECK(written(player, 9s) == "two\n");
  CHECK(written(player, 9s) == "-");
  CHECK(player.due() == steady_time::max());
  CHECK_FALSE(player.status());
}

TEST_CASE("a script that repeats begins anew") {
  script_player player = playing(process_script().say("tick").wait(1s).repeat());
  CHECK(written(player, 0s) == "tick\n");
  CHECK(written(player, 1s) == "tick\n");
  CHECK(written(player, 1s) == "-");
  CHECK(player.due() == at(2s));
}

TEST_CASE("without a reaction a signal does what the system does") {
  script_player killed = playing(process_script());
  killed.take_signal(SIGTERM, at(1s));
  CHECK(killed.status() == exit_status::signaled(signal_number(SIGTERM)));
  script_player untouched = playing(process_script());
  for (const int signal : {0, SIGCHLD, SIGURG, SIGWINCH, SIGCONT}) untouched.take_signal(signal, at(1s));
  CHECK_FALSE(untouched.status());
  CHECK_FALSE(untouched.is_paused());
}

TEST_CASE("a reaction ignores or ends it after a while and the first end counts") {
  script_player player =
      playing(process_script().on(SIGINT, signal_reaction::ignored()).on(SIGTERM, signal_reaction::exits(7, 3s)));
  player.take_signal(SIGINT, at(1s));
  CHECK(player.due() == steady_time::max());
  player.take_signal(SIGTERM, at(1s));
  player.take_signal(SIGTERM, at(2s));
  CHECK(player.due() == at(4s));
  player.advance(at(3s));
  CHECK_FALSE(player.status());
  player.advance(at(4s));
  CHECK(player.status() == exit_status::exited(7));
}

TEST_CASE("while it puts things in order it goes on with its script") {
  script_player player = begun(process_script().wait(2s).say("late").on(SIGTERM, signal_reaction::exits(0, 3s)));
  player.take_signal(SIGTERM, at(1s));
  CHECK(player.due() == at(2s));
  CHECK(written(player, 2s) == "late\n");
  CHECK(player.due() == at(4s));
  CHECK(written(player, 4s) == "-");
  CHECK(player.status() == exit_status::exited(0));
}

TEST_CASE("nothing helps against SIGKILL") {
  script_player player = playing(process_script().on(SIGKILL, signal_reaction::ignored()));
  player.take_signal(SIGSTOP, at(1s));
  player.take_signal(SIGKILL, at(2s));
  CHECK(player.status() == exit_status::signaled(signal_number(SIGKILL)));
  player.take_signal(SIGTERM, at(3s));
  CHECK(player.status() == exit_status::signaled(signal_number(SIGKILL)));
}

TEST_CASE("who is stopped does nothing until SIGCONT and then takes as long as before") {
  script_player player = begun(process_script().wait(10s).say("ten").on(SIGTERM, signal_reaction::exits(0, 1s)));
  player.take_signal(SIGSTOP, at(4s));
  CHECK(player.is_paused());
  CHECK(player.due() == steady_time::max());
  CHECK(written(player, 60s) == "-");
  player.take_signal(SIGTERM, at(60s));  // waits until it goes on
  CHECK(player.due() == steady_time::max());
  player.take_signal(SIGCONT, at(100s));
  CHECK_FALSE(player.is_paused());
  CHECK(player.due() == at(101s));
  player.advance(at(101s));
  CHECK(player.status() == exit_status::exited(0));
}

TEST_CASE("a stop in the middle of the last breath prolongs it") {
  script_player player = playing(process_script().on(SIGTERM, signal_reaction::exits(0, 2s)));
  player.take_signal(SIGTERM, at(0s));
  player.take_signal(SIGSTOP, at(1s));
  player.take_signal(SIGCONT, at(11s));
  CHECK(player.due() == at(12s));
}

TEST_CASE("a script that goes on is made step by step and each player has its own") {
  process_script endless;
  endless.say("first").go_on([n = 0]() mutable -> std::optional<process_script::step> {
    ++n;
    if (n > 4) return std::nullopt;
    if (n % 2 == 1) return process_script::pause_step{1s};
    return process_script::write_step{output_stream::out, std::to_string(n) + "\n"};
  });
  const auto shared = std::make_shared<const process_script>(std::move(endless));
  script_player one(shared, at(0s));
  CHECK(written(one, 0s) == "first\n");
  CHECK(one.due() == at(0s));
  CHECK(written(one, 0s) == "-");
  CHECK(one.due() == at(1s));
  CHECK(written(one, 5s) == "2\n");
  CHECK(written(one, 5s) == "4\n");
  CHECK(written(one, 5s) == "-");
  CHECK(one.due() == steady_time::max());
  script_player other(shared, at(0s));
  CHECK(written(other, 1s) == "first\n");
  CHECK(written(other, 1s) == "2\n");
}

TEST_CASE("what hangs takes no step and no signal but SIGKILL") {
  script_player player = playing(process_script().wait(1s).hang().say("never").on(SIGTERM, signal_reaction::exits(0)));
  CHECK(written(player, 0s) == "-");
  CHECK(std::holds_alternative<process_script::hang_step>(*player.advance(at(1s))));
  CHECK(player.is_hung());
  CHECK(written(player, 1h) == "-");
  for (const int signal : {SIGTERM, SIGCONT, SIGSTOP}) player.take_signal(signal, at(1h));
  player.advance(at(2h));
  CHECK_FALSE(player.status());
  CHECK(player.due() == steady_time::max());
  player.take_signal(SIGKILL, at(2h));
  CHECK(player.status() == exit_status::signaled(signal_number(SIGKILL)));
  CHECK_FALSE(player.is_hung());
}

}  // namespace t_sim_script_player
