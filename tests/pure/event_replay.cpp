// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A replay: each event's share in the state, what becomes of it where events are missing, and differences.
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <ovrseer/event/replay.hpp>
#include <ovrseer/event/replay_difference.hpp>
#include <ovrseer/event/replay_json.hpp>

#include "catch.hpp"
#include "journal_samples.hpp"

namespace t_event_replay {

using namespace ovrseer;
using namespace ovrseer_test;
using namespace std::chrono_literals;
using enum unit_state;

event ended(std::uint64_t seq, unit_state from, unit_state to, std::optional<exit_status> status) {
  event made = change_event(seq, "api", from, to);
  std::get<transition_data>(made.data).status = status;
  return made;
}

const replayed_unit& unit(const replayed_stack& stack, const char* name) {
  const replayed_unit* const found = stack.find(name);
  REQUIRE(found != nullptr);
  return *found;
}

TEST_CASE("a unit is what its events made of it") {
  journal_replay past("life");
  past.apply(plain_event(1, "api", event_type::unit_added));
  CHECK(unit(past.state(), "api").state == created);
  CHECK(unit(past.state(), "api").is_whole);
  past.apply(change_event(2, "api", created, waiting, 0));
  past.apply(change_event(3, "api", waiting, starting));
  CHECK_FALSE(unit(past.state(), "api").pid);
  past.apply(change_event(4, "api", starting, running));
  past.apply(change_event(5, "api", running, ready));
  const replayed_unit& api = unit(past.state(), "api");
  CHECK(api.state == ready);
  CHECK(api.incarnation == 1);
  CHECK(api.restarts == 0);
  CHECK(api.pid == 1004);
  CHECK(api.spawned_ns == 4'000'000'000);
  CHECK(api.since_seq == 5);
  CHECK(api.since == wall_time(1'900'000'005s));
  CHECK(api.why.what == "because of 5");
  CHECK_FALSE(api.last_status);
  CHECK_FALSE(api.is_outdated);
  past.apply(plain_event(6, "api", event_type::flag_matched, flag_data{"f", 1, std::nullopt, ""}));
  CHECK(unit(past.state(), "api").since_seq == 5);
  past.apply(change_event(7, "api", ready, crashed));
  CHECK(unit(past.state(), "api").last_status == exit_status::exited(7));
  CHECK_FALSE(unit(past.state(), "api").pid);
  past.apply(change_event(8, "api", crashed, backing_off));
  CHECK(unit(past.state(), "api").last_status == exit_status::exited(7));
  past.apply(change_event(9, "api", backing_off, waiting));
  past.apply(change_event(10, "api", waiting, starting, 2));
  past.apply(plain_event(11, "api", event_type::restarted));
  past.apply(change_event(12, "api", starting, running, 2));
  CHECK(unit(past.state(), "api").restarts == 1);
  CHECK(unit(past.state(), "api").incarnation == 2);
  CHECK_FALSE(unit(past.state(), "api").last_status);
  past.apply(plain_event(13, "api", event_type::unit_removed));
  CHECK(past.state().units.empty());
  CHECK(past.state().last_seq == 13);
  CHECK(past.state().missing == 0);
  CHECK(past.state().boot_id == "life");
}

TEST_CASE("the last end is the one that the unit knows itself") {
  const auto after = [](const event& last) {
    journal_replay past;
    past.apply(plain_event(1, "api", event_type::unit_added));
    past.apply(ended(2, running, crashed, exit_status::exited(9)));
    past.apply(last);
    return unit(past.state(), "api").last_status;
  };
  const auto nine = exit_status::exited(9);
  const auto killed = exit_status::signaled(signal_number(SIGKILL));
  CHECK(after(ended(3, starting, running, std::nullopt)) == std::nullopt);
  CHECK(after(ended(3, starting, crashed, std::nullopt)) == std::nullopt);
  CHECK(after(ended(3, ready, crashed, std::nullopt)) == exit_status::lost());
  CHECK(after(ended(3, stopping, crashed, killed)) == killed);
  CHECK(after(ended(3, running, completed, exit_status::exited(0))) == exit_status::exited(0));
  CHECK(after(ended(3, stopping, stopped, killed)) == killed);
  CHECK(after(ended(3, waiting, stopped, std::nullopt)) == nine);
  CHECK(after(ended(3, crashed, failed, nine)) == nine);
  CHECK(after(ended(3, stopping, failed, std::nullopt)) == std::nullopt);
  CHECK(after(ended(3, waiting, skipped, std::nullopt)) == nine);
}

TEST_CASE("the supervisor's own phases are told") {
  journal_replay past;
  CHECK(past.state().phase == supervisor_phase::configured);
  past.apply(plain_event(1, "", event_type::supervisor_started));
  CHECK(past.state().phase == supervisor_phase::running);
  past.apply(plain_event(2, "", event_type::supervisor_stopping, supervisor_data{{"SIGINT", "", ""}, std::nullopt}));
  CHECK(past.state().phase == supervisor_phase::stopping);
  CHECK(past.state().why.what == "SIGINT");
  past.apply(plain_event(3, "", event_type::supervisor_stopped, supervisor_data{{}, 130}));
  CHECK(past.state().phase == supervisor_phase::stopped);
  CHECK(past.state().exit_code == 130);
  CHECK(past.state().why.what == "SIGINT");
  CHECK(past.state().units.empty());
}

TEST_CASE("where events are missing nothing is told as certain until the next change") {
  const std::vector<event> all = story(40);
  journal_replay past;
  for (const event& each : all) {
    if (each.seq <= 12 || each.seq > 15) past.apply(each);
    if (each.seq == 16) break;
  }
  // 16 is a change of the api; the others may be anything by now.
  CHECK(all[15].unit == unit_id("api"));
  CHECK(past.state().missing == 3);
  CHECK(unit(past.state(), "db").is_outdated);
  CHECK(unit(past.state(), "worker").is_outdated);
  CHECK_FALSE(unit(past.state(), "api").is_outdated);
  CHECK_FALSE(unit(past.state(), "api").is_whole);
  CHECK(past.state().is_phase_outdated);
  for (const event& each : all) past.apply(each);
  for (const auto& [id, each] : past.state().units) {
    CHECK_FALSE(each.is_outdated);
    CHECK_FALSE(each.is_whole);
  }
  CHECK(past.state().missing == 3);
}

TEST_CASE("a journal whose beginning is gone tells what it can") {
  const std::vector<event> all = story(60);
  const std::vector<event> late(all.begin() + 30, all.end());
  const replayed_stack whole = replay(all);
  const replayed_stack part = replay(late);
  CHECK(part.phase == supervisor_phase::unknown);
  CHECK(part.missing == 30);
  REQUIRE(part.units.size() == whole.units.size());
  for (const auto& [id, each] : part.units) {
    CHECK_FALSE(each.is_whole);
    if (each.is_outdated) continue;
    CHECK(each.state == whole.find(id)->state);
    CHECK(each.incarnation == whole.find(id)->incarnation);
    CHECK(each.pid == whole.find(id)->pid);
    CHECK(each.last_status == whole.find(id)->last_status);
  }
}

TEST_CASE("what was taken before changes nothing and a run may be cut anywhere") {
  const std::vector<event> all = story(80);
  journal_replay step_by_step;
  for (std::size_t n = 0; n < all.size(); ++n) {
    step_by_step.apply(all[n]);
    step_by_step.apply(all[n / 2]);
    const std::vector<event> prefix(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n) + 1);
    CHECK(replay(prefix) == step_by_step.state());
    CHECK(replay(all, replay_until::seq(n + 1)) == step_by_step.state());
    CHECK(replay(all, replay_until::time(all[n].time)) == step_by_step.state());
    CHECK(replay(all, replay_until::time(all[n].time + 999ms)) == step_by_step.state());
  }
  CHECK(replay(all, replay_until::seq(0)) == replayed_stack());
  CHECK(replay(all, replay_until::time(wall_time())) == replayed_stack());
}

TEST_CASE("a difference names who came and went and changed") {
  std::vector<event> all = story(22);
  const replayed_stack before = replay(all, replay_until::seq(8), "life");
  CHECK(unit(before, "db").state == ready);
  const replayed_stack after = replay(all, replay_until::seq(10), "life");
  const replay_difference one = difference(before, after);
  REQUIRE(one.units.size() == 1);
  CHECK(to_text(one.units[0]) ==
        "db: ready -> backing_off, process 1007 has gone, last end: exited with code 9, since "
        "2030-03-17T17:46:50.000Z: because of 10 (rule: decision)");
  CHECK(one.is_same_life());
  CHECK_FALSE(one.is_empty());
  CHECK(difference(after, after).is_empty());
  CHECK(to_text(difference(after, after)).empty());

  all.push_back(plain_event(23, "api", event_type::unit_removed));
  all.push_back(plain_event(24, "new", event_type::unit_added));
  const replay_difference two = difference(after, replay(all, replay_until::end(), "life"));
  std::vector<std::string> names;
  for (const unit_difference& each : two.units) names.push_back(each.id.name);
  CHECK(names == std::vector<std::string>{"api", "new", "worker"});
  CHECK_THAT(to_text(two.units[0]), catchx::StartsWith("api: removed; it was created"));
  CHECK_THAT(to_text(two.units[1]), catchx::StartsWith("new: added; created, since"));
  const replay_difference lives = difference(before, replay(all, replay_until::end(), "other"));
  CHECK_THAT(to_text(lives), catchx::StartsWith("another life: life -> other\n"));
}

TEST_CASE("a unit that came back to its state has changed all the same") {
  const std::vector<event> all = story(60);
  const replayed_stack before = replay(all, replay_until::seq(8));
  std::uint64_t again = 9;
  while (unit(replay(all, replay_until::seq(again)), "db").state != ready ||
         unit(replay(all, replay_until::seq(again)), "db").incarnation != 2) {
    ++again;
  }
  const replay_difference what = difference(before, replay(all, replay_until::seq(again)));
  REQUIRE_FALSE(what.units.empty());
  std::string text;
  for (const unit_difference& each : what.units) {
    if (each.id == unit_id("db")) text = to_text(each);
  }
  CHECK_THAT(text, catchx::StartsWith("db: again ready, incarnation 1 -> 2, 1 restart, process 1007 -> "));
}

TEST_CASE("a past state and a difference are JSON too") {
  const std::vector<event> all = story(22);
  const replayed_stack before = replay(all, replay_until::seq(8), "life");
  const ordered_json state = to_json(before);
  CHECK(state["v"] == 1);
  CHECK(state["boot_id"] == "life");
  CHECK(state["last_seq"] == 8);
  CHECK(state["phase"] == "running");
  REQUIRE(state["units"].size() == 3);
  CHECK(state["units"][1]["unit"] == "db");
  CHECK(state["units"][1]["state"] == "ready");
  CHECK(state["units"][1]["pid"] == 1007);
  CHECK(state["units"][1]["whole"] == true);
  CHECK_FALSE(state["units"][0].contains("pid"));
  const ordered_json change = to_json(difference(before, replay(all, replay_until::seq(10), "life")));
  CHECK(change["before"]["last_seq"] == 8);
  CHECK(change["after"]["last_seq"] == 10);
  REQUIRE(change["units"].size() == 1);
  CHECK(change["units"][0]["after"]["state"] == "backing_off");
  CHECK(change["units"][0]["after"]["last_exit"]["code"] == 9);
}

TEST_CASE("what nobody has told yet is as it was configured") {
  const replayed_stack nothing;
  CHECK(nothing.last_seq == 0);
  CHECK(nothing.mono_ns == 0);
  CHECK(nothing.missing == 0);
  CHECK(nothing.phase == supervisor_phase::configured);
  CHECK_FALSE(nothing.is_phase_outdated);
  CHECK(nothing.find("api") == nullptr);
  CHECK(replayed_unit().since_ns == 0);
  CHECK(replayed_unit().since_seq == 0);
  journal_replay past;
  past.apply(plain_event(1, "api", event_type::unit_added));
  const replayed_unit& api = unit(past.state(), "api");
  CHECK(api.incarnation == 0);
  CHECK(api.restarts == 0);
  CHECK(api.spawned_ns == 0);
  CHECK(api.since_seq == 1);
  CHECK(api.since == wall_time(1'900'000'001s));
  CHECK(api.since_ns == 1'000'000'000);
  CHECK(api.is_whole);
  CHECK_FALSE(api.is_outdated);
  CHECK_FALSE(past.state().is_phase_outdated);
}

TEST_CASE("the time of the stack is that of its newest event") {
  journal_replay past;
  past.apply(plain_event(1, "api", event_type::unit_added));
  past.apply(plain_event(2, "api", event_type::flag_matched));
  CHECK(past.state().time == wall_time(1'900'000'002s));
  CHECK(past.state().mono_ns == 2'000'000'000);
  past.apply(change_event(3, "api", created, waiting));
  CHECK(unit(past.state(), "api").since_ns == 3'000'000'000);
}

TEST_CASE("an event that was taken before is not counted again") {
  journal_replay past;
  past.apply(plain_event(1, "api", event_type::unit_added));
  past.apply(plain_event(2, "api", event_type::restarted));
  past.apply(plain_event(2, "api", event_type::restarted));
  past.apply(plain_event(1, "api", event_type::restarted));
  CHECK(unit(past.state(), "api").restarts == 1);
  past.skip(2);
  past.skip(1);
  CHECK(past.state().last_seq == 2);
  CHECK(past.state().missing == 0);
  CHECK_FALSE(unit(past.state(), "api").is_outdated);
  CHECK_FALSE(past.state().is_phase_outdated);
}

TEST_CASE("one event that is missing is enough and none is none") {
  journal_replay past;
  past.apply(plain_event(1, "", event_type::supervisor_started));
  past.apply(plain_event(2, "api", event_type::unit_added));
  CHECK(past.state().missing == 0);
  past.apply(plain_event(4, "db", event_type::unit_added));
  CHECK(past.state().missing == 1);
  CHECK(past.state().last_seq == 4);
  CHECK(unit(past.state(), "api").is_outdated);
  CHECK_FALSE(unit(past.state(), "api").is_whole);
  CHECK_FALSE(unit(past.state(), "db").is_outdated);
  CHECK(past.state().phase == supervisor_phase::running);
  CHECK(past.state().is_phase_outdated);
  past.apply(plain_event(5, "", event_type::supervisor_stopping));
  CHECK(past.state().phase == supervisor_phase::stopping);
  CHECK_FALSE(past.state().is_phase_outdated);
  past.skip(7);
  CHECK(past.state().missing == 3);
  CHECK(past.state().last_seq == 7);
  CHECK(past.state().phase == supervisor_phase::stopping);
}

TEST_CASE("behind a gap the same incarnation has the same process and its end is not known") {
  const auto after_a_gap = [](std::uint32_t incarnation) {
    journal_replay past;
    past.apply(plain_event(1, "api", event_type::unit_added));
    past.apply(ended(2, ready, crashed, exit_status::exited(9)));
    event spawned = change_event(3, "api", starting, running, 2);
    past.apply(spawned);
    past.skip(5);
    past.apply(change_event(6, "api", running, ready, incarnation));
    return unit(past.state(), "api");
  };
  const replayed_unit same = after_a_gap(2);
  CHECK(same.pid == 1003);
  CHECK(same.spawned_ns == 3'000'000'000);
  const replayed_unit other = after_a_gap(3);
  CHECK_FALSE(other.pid);
  CHECK(other.spawned_ns == 0);
  CHECK(other.incarnation == 3);
  CHECK(other.state == ready);
  CHECK_FALSE(other.is_outdated);
  CHECK_FALSE(other.is_whole);
  journal_replay past;
  past.apply(plain_event(1, "api", event_type::unit_added));
  past.apply(ended(2, ready, crashed, exit_status::exited(9)));
  past.skip(3);
  past.apply(change_event(4, "api", crashed, backing_off));
  CHECK_FALSE(unit(past.state(), "api").last_status);
}

TEST_CASE("a unit that nobody saw being added is known from its first event on") {
  journal_replay past;
  past.apply(plain_event(1, "", event_type::supervisor_started));
  event restarted = plain_event(2, "api", event_type::restarted);
  restarted.incarnation = 4;
  past.apply(restarted);
  const replayed_unit& api = unit(past.state(), "api");
  CHECK(api.id == unit_id("api"));
  CHECK(api.incarnation == 4);
  CHECK(api.restarts == 1);
  CHECK(api.is_outdated);
  CHECK_FALSE(api.is_whole);
  CHECK(api.since_seq == 2);
  CHECK(api.since_ns == 2'000'000'000);
  past.apply(change_event(3, "api", starting, running, 4));
  CHECK_FALSE(unit(past.state(), "api").is_outdated);
  CHECK_FALSE(unit(past.state(), "api").is_whole);
}

TEST_CASE("an event without its data changes the state and says nothing more") {
  journal_replay past;
  past.apply(change_event(1, "api", created, waiting));
  event bare = plain_event(2, "api", event_type::running);
  bare.incarnation = 1;
  past.apply(bare);
  CHECK(unit(past.state(), "api").state == running);
  CHECK_FALSE(unit(past.state(), "api").pid);
  CHECK(unit(past.state(), "api").why == cause{});
  past.apply(plain_event(3, "", event_type::supervisor_stopping));
  past.apply(plain_event(4, "", event_type::supervisor_stopped));
  CHECK(past.state().phase == supervisor_phase::stopped);
  CHECK_FALSE(past.state().exit_code);
}

TEST_CASE("the process is there for as long as it can be alive") {
  for (const unit_state state : {ready, unhealthy, paused, stopping}) {
    journal_replay past;
    past.apply(change_event(1, "api", starting, running));
    past.apply(change_event(2, "api", running, state));
    INFO(to_text(state));
    CHECK(unit(past.state(), "api").pid == 1001);
  }
  for (const unit_state state : {waiting, stopped, completed, crashed, backing_off, failed, skipped}) {
    journal_replay past;
    past.apply(change_event(1, "api", starting, running));
    past.apply(change_event(2, "api", running, state));
    INFO(to_text(state));
    CHECK_FALSE(unit(past.state(), "api").pid);
  }
}

TEST_CASE("a removal and a start of the supervisor each change one thing") {
  journal_replay past;
  past.apply(plain_event(1, "api", event_type::unit_added));
  past.apply(plain_event(2, "db", event_type::unit_added));
  past.apply(plain_event(3, "api", event_type::unit_removed));
  CHECK(past.state().units.size() == 1);
  CHECK(past.state().phase == supervisor_phase::configured);
  past.apply(plain_event(4, "db", event_type::restarted));
  CHECK(past.state().phase == supervisor_phase::configured);
  past.apply(plain_event(5, "", event_type::supervisor_started));
  CHECK(past.state().phase == supervisor_phase::running);
  CHECK_FALSE(past.state().exit_code);
}

}  // namespace t_event_replay
