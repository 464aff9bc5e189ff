// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The whole table of the state machine: in each situation that a unit can be in, everything that can happen to it, and
// what came of that in full. OVRSEER_UPDATE_GOLDEN=1 writes the tables anew; read the difference as you would code.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/supervise/unit_machine.hpp>

namespace t_unit_machine_table {

using namespace ovrseer;
using namespace std::chrono_literals;
using input = unit_input::kind;
namespace fs = std::filesystem;

struct scripted_check {
  task<check_result> operator()(check_target) const { co_return check_result{}; }
};

/// Something that happens after a second, with the name that it has in the table.
struct happening {
  const char* name;
  input what;
  std::optional<exit_status> status = {};
  health_watch::action otherwise = health_watch::action::nothing;
};
const happening start{"start", input::start};
const happening stop{"stop", input::stop};
const happening again{"restart", input::restart};
const happening met{"dependencies_met", input::dependencies_met};
const happening unavailable{"dependency_unavailable", input::dependency_unavailable};
const happening spawned{"spawned", input::spawned};
const happening spawn_failed{"spawn_failed", input::spawn_failed};
const happening check_passed{"check_passed", input::check_passed};
const happening check_failed{"check_failed", input::check_failed};
const happening over_time{"time_limit_passed", input::time_limit_passed};
const happening exited_0{"exited 0", input::exited, exit_status::exited(0)};
const happening exited_1{"exited 1", input::exited, exit_status::exited(1)};
const happening vanished{"exited, lost", input::exited, exit_status::lost()};
const happening swept{"swept", input::swept};
const happening stop_done{"stop_done 0", input::stop_done, exit_status::exited(0)};
const happening survived{"stop_done, survives", input::stop_done};
const happening delay_passed{"delay_passed", input::delay_passed};
const happening group_gave_up{"group_gave_up", input::group_gave_up};
const happening pause_it{"pause", input::pause};
const happening go_on{"resume", input::resume};
const happening unwell{"health_lost", input::health_lost};
const happening unwell_restart{"health_lost, restart", input::health_lost, {}, health_watch::action::restart};
const happening unwell_stop{"health_lost, stop", input::health_lost, {}, health_watch::action::stop};
const happening well{"health_returned", input::health_returned};
const happening proven{"health_proven", input::health_proven};
const happening flagged{"flagged, report", input::flagged};
const happening flagged_restart{"flagged, restart", input::flagged, {}, health_watch::action::restart};
const happening flagged_stop{"flagged, stop", input::flagged, {}, health_watch::action::stop};
const std::vector<happening> everything{
    start,          stop,         again,        met,           unavailable, spawned,         spawn_failed,
    check_passed,   check_failed, over_time,    exited_0,      exited_1,    vanished,        swept,
    stop_done,      survived,     delay_passed, group_gave_up, pause_it,    go_on,           unwell,
    unwell_restart, unwell_stop,  well,         proven,        flagged,     flagged_restart, flagged_stop};

/// A machine to which one thing happens after the other.
class told {
 public:
  explicit told(const unit_spec& spec) : machine_(spec) {}

  unit_step give(const happening& what) {
    now_ += 1s;
    unit_input given{what.what, std::string("<") + what.name + ">", what.status};
    given.otherwise = what.otherwise;
    if (what.what == input::spawned) given.pid = 42;
    if (what.what == input::stop_done) given.took = 250ms;
    return machine_.on(given, now_, 0.5);
  }

  /// What can be seen of it from outside.
  std::string looks() const {
    std::string text(to_text(machine_.state()));
    if (machine_.is_settled()) text += ", settled";
    if (machine_.is_given_up()) text += ", given up";
    if (machine_.is_put_down()) text += ", put down";
    if (machine_.is_restarting()) text += ", restarting";
    if (machine_.was_ever_ready()) text += ", was ready";
    text += ", incarnation " + std::to_string(machine_.incarnation());
    text += ", restarts " + std::to_string(machine_.restarts());
    text += ", started " + ovrseer::to_text(machine_.started().time_since_epoch());
    if (machine_.last_status()) text += ", last " + to_text(*machine_.last_status());
    if (!machine_.failure().empty()) text += ", failure " + machine_.failure();
    text += ", of kind " + std::string(to_text(machine_.failure_kind()));
    return text;
  }

 private:
  unit_machine machine_;
  steady_time now_{};
};

std::string words_of(const unit_transition& change) {
  const transition_data& data = change.data;
  std::string text = "    -> " + std::string(to_text(change.to)) + " [" + std::string(to_text(change.level)) + "] " +
                     to_text(data.why);
  if (data.pid) text += "; pid " + std::to_string(*data.pid);
  if (data.status) text += "; status " + to_text(*data.status);
  if (data.uptime) text += "; uptime " + to_text(*data.uptime);
  if (data.delay) text += "; delay " + to_text(*data.delay);
  if (data.took) text += "; took " + to_text(*data.took);
  if (data.restarts != 0) text += "; in a row " + std::to_string(data.restarts);
  return text + "\n";
}

std::string words_of(const unit_action& what) {
  using kind = unit_action::kind;
  switch (what.what) {
    case kind::watch_dependencies: return "watch_dependencies";
    case kind::spawn: return "spawn";
    case kind::begin_check: return "begin_check";
    case kind::end_check: return "end_check";
    case kind::begin_stop: return "begin_stop";
    case kind::sweep: return "sweep";
    case kind::begin_delay: return "begin_delay " + to_text(what.delay);
    case kind::end_delay: return "end_delay";
    case kind::report: return "report " + std::string(to_text(what.report)) + " \"" + what.message + "\"";
    case kind::pause: return "pause";
    case kind::resume: return "resume";
    case kind::begin_watch: return "begin_watch";
    case kind::end_watch: return "end_watch";
  }
  return "?";
}

std::string words_of(const unit_step& step) {
  std::string text;
  for (const unit_transition& change : step.transitions) text += words_of(change);
  for (const unit_action& each : step.actions) text += "    do " + words_of(each) + "\n";
  if (step.restarted) text += "    is a restart\n";
  return text;
}

using way = std::vector<happening>;

std::string name_of(const way& taken) {
  std::string text;
  for (const happening& each : taken) text += (text.empty() ? "" : "; ") + std::string(each.name);
  return taken.empty() ? "nothing" : text;
}

/// All that can happen at the end of a way.
std::string table_of(const unit_spec& spec, const way& taken) {
  told before(spec);
  for (const happening& each : taken) before.give(each);
  std::string text = "after " + name_of(taken) + "\n  " + before.looks() + "\n";
  std::string silent;
  for (const happening& what : everything) {
    told it = before;
    const std::string came = words_of(it.give(what));
    const std::string looks = it.looks() == before.looks() ? "" : "    = " + it.looks() + "\n";
    if (came.empty() && looks.empty()) {
      silent += (silent.empty() ? "" : "; ") + std::string(what.name);
    } else {
      text += "  " + std::string(what.name) + "\n" + came + looks;
    }
  }
  return text + "  nothing comes of: " + silent + "\n\n";
}

void must_be_golden(const std::string& name, const unit_spec& spec, const std::vector<way>& ways) {
  const fs::path path = fs::path(OVRSEER_SOURCE_DIR) / "tests/golden/unit_machine" / (name + ".txt");
  std::string text;
  for (const way& each : ways) text += table_of(spec, each);
  if (std::getenv("OVRSEER_UPDATE_GOLDEN") != nullptr) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // Line by line: the first difference says what has changed.
  std::size_t at = 0;
  while (at < text.size() && at < expected.size() && text[at] == expected[at]) ++at;
  const auto line_at = [at](const std::string& whole) {
    const std::size_t begin = at == 0 ? 0 : whole.rfind('\n', at - 1) + 1;
    return begin >= whole.size() ? std::string() : whole.substr(begin, whole.find('\n', begin) - begin);
  };
  INFO("in " << path.filename().string() << ", byte " << at);
  CHECK(line_at(text) == line_at(expected));
  CHECK(text.size() == expected.size());
}

way operator+(way begin, const way& more) {
  begin.insert(begin.end(), more.begin(), more.end());
  return begin;
}

unit_spec plain() {
  unit_spec spec("api", command("api"));
  spec.restart(restart_rules().delays(backoff::constant(7s).jitter(0.2)).max_retries(1).stable_after(20s));
  return spec;
}

const way up{start, met, spawned};
const way once_more{swept, delay_passed, met, spawned};

TEST_CASE("a service without checks does in every situation what its table says") {
  must_be_golden("service", plain(),
                 {{},
                  {start},
                  {start, met},
                  {start, met, stop},
                  {start, met, stop, spawned},
                  {start, unavailable},
                  {start, stop},
                  up,
                  up + way{pause_it},
                  up + way{stop},
                  up + way{stop, exited_1},
                  up + way{stop, start},
                  up + way{stop, again},
                  up + way{stop, again, stop},
                  up + way{stop, stop_done},
                  up + way{stop, survived},
                  up + way{again},
                  up + way{again, stop_done},
                  up + way{again, stop_done, met},
                  up + way{exited_0},
                  up + way{exited_0, swept},
                  up + way{exited_0, again},
                  up + way{exited_0, stop},
                  up + way{exited_1},
                  up + way{exited_1, stop},
                  up + way{exited_1, again},
                  up + way{exited_1, swept},
                  up + way{exited_1, swept, again},
                  up + way{exited_1, swept, stop},
                  up + way{exited_1, swept, group_gave_up},
                  up + way{exited_1, swept, delay_passed},
                  up + way{exited_1} + once_more,
                  up + way{exited_1} + once_more + way{exited_1},
                  up + way{exited_1} + once_more + way{exited_1, swept},
                  up + way{exited_1} + once_more + way{exited_1, swept, start},
                  {start, met, spawn_failed},
                  {start, met, stop, spawn_failed},
                  {start, met, spawn_failed, delay_passed, met, spawn_failed},
                  up + way{group_gave_up}});
}

TEST_CASE("a service with a ready check and a watch does in every situation what its table says") {
  unit_spec spec = plain();
  spec.ready_when(scripted_check()).watch(health_watch(scripted_check())).as(role::dependency);
  const way ready = up + way{check_passed};
  must_be_golden("watched", spec,
                 {up,
                  up + way{check_failed},
                  up + way{check_failed, stop},
                  up + way{check_failed, again},
                  up + way{check_failed, stop_done},
                  up + way{pause_it},
                  up + way{pause_it, stop},
                  up + way{stop},
                  up + way{exited_0},
                  ready,
                  ready + way{proven},
                  ready + way{pause_it},
                  ready + way{unwell},
                  ready + way{unwell, pause_it},
                  ready + way{unwell, well},
                  ready + way{unwell, stop},
                  ready + way{unwell_restart},
                  ready + way{unwell_restart, stop},
                  ready + way{unwell_restart, stop_done},
                  ready + way{unwell_restart, stop_done, delay_passed, met, spawned, check_passed, unwell_restart},
                  ready + way{unwell_stop},
                  ready + way{unwell_stop, stop_done},
                  ready + way{unwell_stop, stop_done, start}});
}

TEST_CASE("a one-shot cleanup does in every situation what its table says") {
  unit_spec spec("tidy", command("tidy"));
  spec.as(role::cleanup).of_kind(unit_spec::kind::one_shot).restart(restart_rules(restart_rules::when::never));
  must_be_golden("cleanup", spec,
                 {up,
                  up + way{over_time},
                  up + way{over_time, stop_done},
                  up + way{exited_0},
                  up + way{exited_0, swept},
                  up + way{exited_1},
                  up + way{exited_1, swept},
                  {start, met, spawn_failed}});
}

TEST_CASE("a one-shot that is always restarted does in every situation what its table says") {
  unit_spec spec("job", command("job"));
  spec.of_kind(unit_spec::kind::one_shot)
      .ready_when(scripted_check())
      .restart(restart_rules(restart_rules::when::always).delays(backoff::constant(1s)).max_restarts(1));
  must_be_golden(
      "always", spec,
      {up, up + way{exited_0}, up + way{exited_0, swept}, up + way{exited_0, stop},
       up + way{exited_0} + once_more + way{exited_0}, up + way{exited_0} + once_more + way{exited_0, swept},
       up + way{exited_0} + once_more + way{exited_1}, up + way{exited_0} + once_more + way{exited_1, swept}});
}

}  // namespace t_unit_machine_table
