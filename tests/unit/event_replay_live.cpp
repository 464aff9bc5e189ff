// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The state that is rebuilt from the events is the one that the supervisor has, after every event of random runs;
// also when the events went through their JSON.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <catch.hpp>

#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/within.hpp>
#include <ovrseer/event/json.hpp>
#include <ovrseer/event/replay.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace t_event_replay_live {

using namespace ovrseer;
using namespace std::chrono_literals;

class watched_run {
 public:
  explicit watched_run(std::uint64_t seed)
      : world_(seed), stack_(world_.get_executor(), supervisor_options().boot_id("life")), past_("life") {
    stack_.on_error([](const failure_notice&) {});
    const int count = number(1, 4);
    for (int i = 0; i < count; ++i) add("u" + std::to_string(i), i + 1 == count ? role::main : role::dependency);
    for (int i = number(0, 5); i > 0; --i) {
      const unit_id target("u" + std::to_string(number(0, count - 1)));
      const int what = number(0, 5);
      world_.at(up_to(40s), [this, target, what] { act(target, what); });
    }
    world_.at(50s + up_to(20s), [this] { stack_.request_stop("over"); });
  }

  void run() {
    std::optional<int> code;
    asio::co_spawn(world_.context(), stack_.run(), [&](const std::exception_ptr&, int value) { code = value; });
    while (!code && world_.step()) compare();
    for (int i = 0; i < 10'000 && world_.step(); ++i) compare();
    REQUIRE(code);
    CHECK(past_.state().phase == supervisor_phase::stopped);
    CHECK(past_.state().exit_code == code);
  }
  std::uint64_t compared() const { return compared_; }

 private:
  int number(int from, int to) { return std::uniform_int_distribution<int>(from, to)(world_.random()); }
  bool chance(int percent) { return number(1, 100) <= percent; }
  std::chrono::nanoseconds up_to(std::chrono::nanoseconds most) {
    return std::chrono::nanoseconds(std::uniform_int_distribution<std::int64_t>(0, most.count())(world_.random()));
  }

  process_script script() {
    process_script made;
    if (chance(8)) return made.cannot_start(std::make_error_code(std::errc::no_such_file_or_directory));
    made.wait(up_to(3s));
    if (chance(85)) made.say("ready");
    made.wait(up_to(15s));
    if (chance(40))
      made.exit(number(0, 2));
    else if (chance(20))
      made.die(SIGSEGV);
    if (chance(40)) made.on(SIGTERM, signal_reaction::ignored());
    return made;
  }

  void add(const std::string& name, role as) {
    world_.os().program(name, [this](const command&, std::uint32_t) { return script(); });
    unit_spec made(name, command(name));
    made.as(as);
    if (chance(30)) made.of_kind(unit_spec::kind::one_shot);
    if (chance(60)) made.ready_when(within(log_line(*pattern<>::compile("ready")), up_to(5s) + 1ms));
    restart_rules rules(chance(50) ? restart_rules::when::always : restart_rules::when::on_failure);
    rules.max_retries(static_cast<std::uint32_t>(number(1, 3))).delays(backoff::constant(up_to(2s)));
    made.restart(rules);
    made.stop_by(stop_plan(signal_number(SIGTERM), up_to(4s)));
    stack_.add(made);
  }

  void act(const unit_id& target, int what) {
    const auto drop = [](const std::exception_ptr&, auto&&...) {};
    switch (what) {
      case 0: asio::co_spawn(world_.context(), stack_.start(target), drop); break;
      case 1: asio::co_spawn(world_.context(), stack_.stop(target), drop); break;
      case 2: asio::co_spawn(world_.context(), stack_.restart(target), drop); break;
      case 3: asio::co_spawn(world_.context(), stack_.remove(target), drop); break;
      default:
        for (const auto& each : world_.os().children()) {
          if (each->what.program() == target.name) each->signal(signal_number(SIGKILL), stop_scope::leader);
        }
    }
  }

  void compare() {
    const journal& events = stack_.events();
    if (seen_ == events.end_seq()) return;
    for (; seen_ != events.end_seq(); ++seen_) {
      const event& entry = *events.at(seen_);
      past_.apply(entry);
      through_text_.apply(event_from_text(to_json_text(to_json(entry, "life"))).entry);
    }
    const supervisor_snapshot now = stack_.snapshot();
    ++compared_;
    INFO("seed " << world_.seed() << ", event " << seen_ - 1);
    REQUIRE(past_.state().units.size() == now.units.size());
    for (const unit_snapshot& live : now.units) {
      INFO(to_text(live.id) << " is " << to_text(live.state));
      for (const journal_replay* from : {&past_, &through_text_}) {
        const replayed_unit* const told = from->state().find(live.id);
        REQUIRE(told != nullptr);
        REQUIRE(told->state == live.state);
        REQUIRE(told->incarnation == live.incarnation);
        REQUIRE(told->restarts == live.restarts);
        REQUIRE(told->pid == live.pid);
        REQUIRE(told->why.what == live.why);
        // While it is stopped its end is known before it is told.
        if (live.state != unit_state::stopping) REQUIRE(told->last_status == live.last_status);
        if (live.pid) {
          const auto spawned = std::chrono::nanoseconds(told->spawned_ns);
          REQUIRE(world_.elapsed() - spawned == live.uptime);
        }
        REQUIRE(told->is_whole);
        REQUIRE_FALSE(told->is_outdated);
      }
    }
  }

  simulated_world world_;
  supervisor stack_;
  journal_replay past_;
  journal_replay through_text_;
  std::uint64_t seen_ = 1;
  std::uint64_t compared_ = 0;
};

TEST_CASE("the state rebuilt from the journal is the live one after every event") {
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    watched_run one(seed);
    one.run();
    compared += one.compared();
  }
  CHECK(compared > 3'000);
}

}  // namespace t_event_replay_live
