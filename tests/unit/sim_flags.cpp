// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Flags that act: a line leads to a report, a restart, a stop, or another unit, in the simulated world.
#include <catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <ovrseer/check/log_line.hpp>

#include "simulated.hpp"

namespace t_sim_flags {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::names;

struct stack : test::simulated {
  stack() {
    world.os().program("api", [](const command&, std::uint32_t nth) {
      return process_script().say("up").wait(10s).say(nth < 3 ? "ERROR token=hunter2 lost" : "fine");
    });
    world.os().program("alert", process_script().say("told somebody").exit(0));
    it.on_error([this](const failure_notice& notice) { failures.push_back(notice.message); });
  }

  unit_spec api(flag_reaction on_match, flag_reaction on_target = {}, std::uint64_t target = 0) {
    unit_spec made("api", command("api"));
    made.ready_when(log_line(pattern<"up">{})).restart(restart_rules().delays(backoff::constant(1s)));
    made.flag(flag_spec("errors", pattern<"ERROR">{}).target(target), std::move(on_match), std::move(on_target));
    return made;
  }
  unit_spec alert() {
    unit_spec made("alert", command("alert"));
    made.of_kind(unit_spec::kind::one_shot).on_demand().restart(restart_rules(restart_rules::when::never));
    return made;
  }

  names failures;
};

TEST_CASE("a flag that restarts lets the restart rules decide") {
  stack s;
  s.it.add(s.api(flag_reaction::restart()));
  CHECK(s.run_for(1min) == 0);
  const names story = s.story("api");
  CHECK(std::ranges::count(story, "restarted") == 2);
  CHECK(s.reports().size() == 2);
  CHECK(s.reports().at(0)->kind == crash_kind::flag_matched);
  const event stopping = s.first("api", event_type::stopping);
  const auto& data = std::get<transition_data>(stopping.data);
  CHECK(data.why.rule == "flag");
  CHECK(data.why.what == "the flag \"errors\" matched \"ERROR token=<redacted> lost\"");
  const event* cause = s.it.events().at(stopping.cause_seq);
  REQUIRE(cause != nullptr);
  CHECK(cause->type == event_type::flag_matched);
}

TEST_CASE("a flag that stops leaves the unit stopped") {
  stack s;
  s.it.add(s.api(flag_reaction::stop()));
  CHECK(s.run_for(1h) == 4);
  CHECK(s.story("api").back() == "stopped");
  CHECK(s.reports().size() == 0);
  CHECK(s.world.elapsed() < 1min);
}

TEST_CASE("a flag that reports does not disturb its unit") {
  stack s;
  s.it.add(s.api(flag_reaction::report()));
  CHECK(s.run_for(1min) == 0);
  REQUIRE(s.reports().size() == 1);
  const std::shared_ptr<const crash_report> kept = s.reports().at(0);
  const crash_report& report = *kept;
  CHECK(report.kind == crash_kind::flag_matched);
  CHECK(report.state == unit_state::ready);
  CHECK(report.message.starts_with("api goes on; the flag \"errors\" matched"));
  CHECK(s.it.events().at(report.event_seq)->type == event_type::flag_matched);
  CHECK_FALSE(report.status);
  const names story = s.story("api");
  CHECK(std::ranges::count(story, "stopping") == 1);
}

TEST_CASE("a flag acts on the very first line") {
  stack s;
  s.world.os().program("hasty", process_script().say("ERROR no such host"));
  unit_spec hasty("hasty", command("hasty"));
  hasty.flag(flag_spec("errors", pattern<"ERROR">{}), flag_reaction::report());
  s.it.add(std::move(hasty));
  CHECK(s.run_for(1min) == 0);
  REQUIRE(s.reports().size() == 1);
  CHECK(s.reports().at(0)->state == unit_state::ready);
}

TEST_CASE("a flag starts another unit when its target is reached") {
  stack s;
  s.it.add(s.alert());
  s.it.add(s.api(flag_reaction::restart(), flag_reaction::run("alert"), 2));
  CHECK(s.run_for(1min) == 0);
  CHECK(std::ranges::count(s.story("alert"), "completed") == 1);
  CHECK(s.first("alert", event_type::completed).seq > s.first("api", event_type::flag_reached).seq);
}

TEST_CASE("a flag that starts a unit that is not there is an error and nothing else") {
  stack s;
  s.it.add(s.api(flag_reaction::run("nobody")));
  CHECK(s.run_for(1min) == 0);
  REQUIRE(s.failures.size() == 1);
  CHECK_THAT(s.failures.front(), catchx::ContainsSubstring("no unit nobody to start"));
}

}  // namespace t_sim_flags
