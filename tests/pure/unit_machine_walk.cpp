// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Random walks of the state machine: a world that carries out what it is told, in any order that is possible, and
// people who ask for anything at any time. It must never wait for what nobody will say.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/check/log_line.hpp>
#include <ovrseer/supervise/unit_machine.hpp>

namespace t_unit_machine_walk {

using namespace ovrseer;
using namespace std::chrono_literals;
using input = unit_input::kind;
using action = unit_action::kind;

constexpr std::array<const char*, 21> input_names{
    "start",   "stop",         "restart",      "dependencies_met", "dependency_unavailable",
    "spawned", "spawn_failed", "check_passed", "check_failed",     "time_limit_passed",
    "exited",  "swept",        "stop_done",    "delay_passed",     "group_gave_up",
    "pause",   "resume",       "health_lost",  "health_returned",  "health_proven",
    "flagged"};

/// The outside of one machine: what it has asked for and has not been told yet.
class walk {
 public:
  explicit walk(std::uint64_t seed) : random_(seed), spec_(random_spec()), machine_(spec_) {}

  /// Gives it one possible input; says what it was and in which state.
  std::pair<unit_state, input> go() {
    const unit_input given = next();
    const std::pair<unit_state, input> pair(machine_.state(), given.what);
    now_ += std::chrono::milliseconds(number(0, 900));
    take_note_of(given.what);
    unit_state state = machine_.state();
    const unit_step step = machine_.on(given, now_, std::generate_canonical<double, 53>(random_));
    for (const unit_transition& change : step.transitions) {
      REQUIRE(change.data.from == state);
      REQUIRE(change.to != state);
      state = change.to;
    }
    REQUIRE(state == machine_.state());
    for (const unit_action& each : step.actions) obey(each);
    check();
    return pair;
  }

 private:
  int number(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool chance(int percent) { return number(1, 100) <= percent; }

  unit_spec random_spec() {
    using enum restart_rules::when;
    constexpr std::array all{never, always, on_failure, unless_stopped};
    constexpr std::array roles{role::main, role::dependency, role::cleanup};
    unit_spec made("unit", command("unit"));
    made.as(roles[static_cast<std::size_t>(number(0, 2))]);
    if (chance(50)) made.of_kind(unit_spec::kind::one_shot);
    if (chance(50)) made.ready_when(log_line(*pattern<>::compile("ready")));
    restart_rules rules(all[static_cast<std::size_t>(number(0, 3))]);
    rules.max_retries(static_cast<std::uint32_t>(number(0, 3))).stable_after(std::chrono::seconds(number(0, 5)));
    if (chance(50)) rules.intensity(static_cast<std::uint32_t>(number(1, 4)), 10s);
    if (chance(20)) rules.breaker(5s, 20s);
    if (chance(20)) rules.max_restarts(static_cast<std::uint32_t>(number(1, 6)));
    made.restart(rules);
    if (chance(50)) made.watch(health_watch(log_line(*pattern<>::compile("well"))));
    return made;
  }

  // What the world may say now: the answers that are due, the end of a process at any time; and what people ask.
  unit_input next() {
    std::vector<input> possible{input::start,         input::stop,  input::restart,
                                input::group_gave_up, input::pause, input::resume};
    if (is_watching_)
      possible.insert(possible.end(), {input::health_lost, input::health_returned, input::health_proven});
    for (const auto& [asked, answers] : answers_) {
      if (due_.contains(asked)) possible.insert(possible.end(), answers.begin(), answers.end());
    }
    if (is_alive_) possible.insert(possible.end(), {input::exited, input::flagged});
    if (is_alive_ && spec_.role() == role::cleanup) possible.push_back(input::time_limit_passed);
    unit_input given{possible[static_cast<std::size_t>(number(0, static_cast<int>(possible.size()) - 1))], "walk"};
    constexpr std::array statuses{exit_status::exited(0), exit_status::exited(1), exit_status::lost()};
    if (given.what == input::exited || (given.what == input::stop_done && !chance(5))) {
      given.status = statuses[static_cast<std::size_t>(number(0, 2))];
    }
    if (given.what == input::spawned) given.pid = 1;
    given.otherwise = static_cast<health_watch::action>(number(0, 2));
    return given;
  }

  void take_note_of(input what) {
    for (const auto& [asked, answers] : answers_) {
      if (std::count(answers.begin(), answers.end(), what) != 0) due_.erase(asked);
    }
    if (what == input::spawned) is_alive_ = true;
    if (what == input::exited || what == input::stop_done) is_alive_ = is_paused_ = false;
    if (what == input::stop_done) due_.erase(action::begin_check);
  }

  void obey(const unit_action& what) {
    switch (what.what) {
      case action::report: return;
      case action::end_check: due_.erase(action::begin_check); return;
      case action::end_delay: due_.erase(action::begin_delay); return;
      case action::begin_watch: REQUIRE_FALSE(std::exchange(is_watching_, true)); return;
      case action::end_watch: REQUIRE(std::exchange(is_watching_, false)); return;
      case action::pause: REQUIRE_FALSE(std::exchange(is_paused_, true)); return;
      case action::resume: REQUIRE(std::exchange(is_paused_, false)); return;
      case action::spawn: REQUIRE_FALSE(is_alive_); break;
      case action::begin_stop:
      case action::sweep: REQUIRE(machine_.incarnation() > 0); break;
      default: break;
    }
    if (what.what != action::watch_dependencies) REQUIRE_FALSE(due_.contains(what.what));
    due_.insert(what.what);
  }

  // Whatever it is in, somebody will say something, or it rests and says so.
  void check() const {
    const unit_state state = machine_.state();
    const bool is_up = state == unit_state::ready || state == unit_state::unhealthy;
    REQUIRE(is_watching_ == (is_up && !spec_.watches().empty()));
    if (is_alive_) REQUIRE(is_paused_ == (state == unit_state::paused));
    if (machine_.is_settled()) return;
    const bool is_awaited = due_.contains(action::spawn) || due_.contains(action::sweep) ||
                            due_.contains(action::begin_stop) || due_.contains(action::begin_delay) ||
                            due_.contains(action::watch_dependencies) || is_alive_;
    INFO("in " << to_text(state));
    REQUIRE(is_awaited);
    if (ovrseer::is_alive(state) && state != unit_state::stopping) REQUIRE(is_alive_);
    if (state == unit_state::backing_off) REQUIRE(due_.contains(action::begin_delay));
    if (state == unit_state::stopping) REQUIRE(due_.contains(action::begin_stop));
  }

  inline static const std::map<action, std::vector<input>> answers_{
      {action::watch_dependencies, {input::dependencies_met, input::dependency_unavailable}},
      {action::spawn, {input::spawned, input::spawn_failed}},
      {action::begin_check, {input::check_passed, input::check_failed}},
      {action::begin_stop, {input::stop_done}},
      {action::sweep, {input::swept}},
      {action::begin_delay, {input::delay_passed}}};

  std::mt19937_64 random_;
  unit_spec spec_;
  unit_machine machine_;
  steady_time now_{};
  std::set<action> due_;
  bool is_alive_ = false;
  bool is_watching_ = false;
  bool is_paused_ = false;
};

TEST_CASE("whatever happens in any order somebody knows what comes next") {
  std::map<std::pair<unit_state, input>, int> reached;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    INFO("seed " << seed);
    walk one(seed);
    for (int i = 0; i < 100; ++i) ++reached[one.go()];
  }
  CHECK(reached.size() >= 54);  // a walk that goes nowhere would find nothing
  std::printf("pairs of state and input that were reached: %zu\n%-24s", reached.size(), "");
  for (int state = 0; state <= static_cast<int>(unit_state::skipped); ++state) {
    std::printf("%8.7s", std::string(to_text(static_cast<unit_state>(state))).c_str());
  }
  std::printf("\n");
  for (std::size_t what = 0; what != input_names.size(); ++what) {
    std::printf("%-24s", input_names[what]);
    for (int state = 0; state <= static_cast<int>(unit_state::skipped); ++state) {
      const auto found = reached.find({static_cast<unit_state>(state), static_cast<input>(what)});
      std::printf("%8d", found == reached.end() ? 0 : found->second);
    }
    std::printf("\n");
  }
}

}  // namespace t_unit_machine_walk
