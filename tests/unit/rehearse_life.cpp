// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From checks to duties, and from duties and behaviour to the script of one life; and the dice.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <catch.hpp>

#include <ovrseer/rehearse/detail/life.hpp>
#include <ovrseer/sim/detail/script_player.hpp>

namespace t_rehearse_life {

using namespace ovrseer;
using namespace std::chrono_literals;
using namespace ovrseer::rehearse_detail;

/// What a life does until a time, in words.
std::string played(const process_script& script, std::chrono::nanoseconds until) {
  sim_detail::script_player player(std::make_shared<const process_script>(script), steady_time());
  std::string all;
  for (steady_time at{}; at <= steady_time(until); at = player.due()) {
    while (const process_script::step* const next = player.advance(at)) {
      all += to_text(at.time_since_epoch()) + " ";
      if (const auto* write = std::get_if<process_script::write_step>(next)) all += write->bytes;
      if (const auto* listen = std::get_if<process_script::listen_step>(next))
        all += "listens on " + std::to_string(listen->port) + "\n";
      if (const auto* file = std::get_if<process_script::file_step>(next)) all += "makes " + file->path + "\n";
      if (const auto* notice = std::get_if<process_script::notify_step>(next)) all += "sends " + notice->text + "\n";
      if (std::holds_alternative<process_script::memory_step>(*next)) all += "uses memory\n";
      if (std::holds_alternative<process_script::hang_step>(*next)) all += "hangs\n";
    }
    if (player.status()) return all + to_text(at.time_since_epoch()) + " " + to_text(*player.status()) + "\n";
  }
  return all;
}

check_needs some_needs() {
  check_needs needs;
  needs.lines.push_back(*pattern<>::compile("ready|up and running"));
  needs.ports.push_back({"127.0.0.1", 5432});
  needs.answers.push_back({url("http://127.0.0.1:5432/health"), 200, 200, pattern<>::compile("ok+").value()});
  needs.answers.push_back({url("unix:/run/x.sock:/"), 200, 399, std::nullopt});
  needs.files.push_back({"/run/x.pid", pattern<>::compile("^\\d+$").value(), true});
  return needs;
}

TEST_CASE("duties are what a process must do to pass its checks") {
  const duties made = duties_of(some_needs());
  CHECK(made.lines == std::vector<std::string>{"ready"});
  CHECK(made.ports == std::vector<std::uint16_t>{5432});  // once
  REQUIRE(made.files.size() == 2);
  CHECK(made.files[0].path == "/run/x.sock");
  CHECK(made.files[1].content == "0");
  CHECK(made.impossible.empty());
  check_needs never;
  never.lines.push_back(*pattern<>::compile("a\\bb"));
  never.lines.push_back(*pattern<>::compile("two\\nlines"));
  never.files.push_back({"/x", pattern<>::compile("^$").value(), true});
  CHECK(duties_of(never).impossible == std::vector<std::string>{"no line matches /a\\bb/",
                                                                "no line matches /two\\nlines/",
                                                                "no content of /x passes its check"});
}

TEST_CASE("a life does its duties when it has come up and its lines at their times") {
  process_behavior how;
  how.memory = byte_size(1);
  how.lines = {{1s, "starting", 0s}, {std::nullopt, "hello", 0s}, {3s, "tick", 2s}};
  fate decided;
  decided.up_after = 2s;
  CHECK(played(life_of(how, duties_of(some_needs()), decided, {}), 6s) ==
        "0ns uses memory\n1s starting\n2s listens on 5432\n2s makes /run/x.sock\n2s makes /run/x.pid\n2s ready\n"
        "2s hello\n3s tick\n5s tick\n");
}

TEST_CASE("a life gives its signs of life twice as often as it must") {
  check_needs needs;
  needs.notices.push_back("READY=1");
  needs.beats.push_back({std::nullopt, 4s});
  needs.beats.push_back({*pattern<>::compile("tick"), 2s});
  needs.beats.push_back({std::nullopt, 0s});
  needs.beats.push_back({*pattern<>::compile("a\\bb"), 2s});
  const duties made = duties_of(needs);
  CHECK(made.beats.size() == 2);
  CHECK(made.impossible == std::vector<std::string>{"no line matches /a\\bb/"});
  fate decided;
  decided.up_after = 1s;
  CHECK(played(life_of({}, made, decided, {}), 3s) ==
        "0ns sends WATCHDOG=1\n1s sends READY=1\n1s tick\n2s sends WATCHDOG=1\n2s tick\n3s tick\n");
}

TEST_CASE("a life ends or hangs as it was decided") {
  fate decided;
  decided.up_after = 1s;
  decided.ends_after = 3s;
  decided.ends_with = exit_status::signaled(signal_number(SIGSEGV));
  CHECK(played(life_of({}, {}, decided, {}), 10s) == "3s killed by SIGSEGV\n");
  decided.hangs_after = 2s;
  CHECK(played(life_of({}, {}, decided, {}), 10s) == "2s hangs\n");
}

TEST_CASE("a life takes the signals of its stop plan and ignores what it was told to") {
  process_behavior how;
  how.stop_time = 3s;
  how.ignores = {signal_number(SIGINT)};
  const process_script made = life_of(how, {}, {}, {signal_number(SIGUSR1)});
  CHECK(made.reaction(SIGTERM)->end() == exit_status::exited(0));
  CHECK(made.reaction(SIGTERM)->after() == 3s);
  CHECK(made.reaction(SIGUSR1)->end() == exit_status::exited(0));
  CHECK(made.reaction(SIGINT)->is_ignored());
  CHECK(made.reaction(SIGHUP) == nullptr);
}

TEST_CASE("the dice are fair enough and the same for a seed") {
  chance one(7);
  chance same(7);
  std::chrono::nanoseconds sum{};
  for (int i = 0; i < 10'000; ++i) {
    const auto next = one.until_next(1h);
    CHECK(next == same.until_next(1h));
    sum += next;
    const auto around = one.around(1s, 0.2);
    CHECK(around == same.around(1s, 0.2));
    if (around < 800ms || around > 1200ms) FAIL("out of its bounds");
  }
  CHECK(sum / 10'000 > 58min);
  CHECK(sum / 10'000 < 62min);
  CHECK(chance(8).share() != chance(7).share());
}

}  // namespace t_rehearse_life
