// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The witness of a rehearsal: a promise that does not hold is reported, and the numbers are right. Fed with events
// that no supervisor would write.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>

#include <ovrseer/rehearse/detail/witness.hpp>

namespace t_rehearse_witness {

using namespace ovrseer;
using namespace std::chrono_literals;
using rehearse_detail::witness;

/// A database, an api on it, and cleanup; each stop takes 5s and 2s more at the most.
std::vector<unit_spec> shop() {
  const auto made = [](const char* name, role what) {
    unit_spec unit(name, command(name));
    unit.as(what).stop_by(stop_plan(signal_number(SIGTERM), 5s));
    return unit;
  };
  return {made("db", role::dependency), made("api", role::main), made("tidy", role::cleanup)};
}

class scene {
 public:
  scene& change(std::chrono::nanoseconds time, const char* unit, unit_state to) {
    transition_data data;
    data.from = std::exchange(states_[unit], to);
    data.why.what = "the test wants it";
    if (to == unit_state::starting) ++incarnations_[unit];
    return tell(time, unit, type_of(to), std::move(data));
  }
  /// From the beginning to ready.
  scene& up(std::chrono::nanoseconds time, const char* unit) {
    using enum unit_state;
    return change(time, unit, waiting)
        .change(time, unit, starting)
        .change(time, unit, running)
        .change(time, unit, ready);
  }
  scene& tell(std::chrono::nanoseconds time, const char* unit, event_type type, event_data data = {}) {
    event entry;
    entry.seq = ++seq_;
    entry.mono_ns = time.count();
    entry.unit = unit_id(unit);
    entry.incarnation = incarnations_[unit];
    entry.type = type;
    entry.data = std::move(data);
    seen.look_at(entry);
    return *this;
  }
  rehearsal_result result() const {
    rehearsal_result made;
    seen.fill(made);
    return made;
  }
  void skip_event() { ++seq_; }

 private:
  std::vector<unit_spec> units_ = shop();
  std::map<std::string, unit_state> states_;
  std::map<std::string, std::uint32_t> incarnations_;
  std::uint64_t seq_ = 0;

 public:
  witness seen{units_};
};

bool has(const std::vector<std::string>& all, const std::string& words) {
  for (const std::string& each : all) {
    if (each.find(words) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("a witness counts up and down time until the stop") {
  using enum unit_state;
  scene one;
  one.up(1s, "db").up(2s, "api");
  one.seen.note_ready(true, 2s);
  one.change(10s, "db", crashed);
  one.seen.note_ready(false, 10s);
  one.change(10s, "db", backing_off).change(11s, "db", waiting).change(11s, "db", starting);
  one.change(12s, "db", running).change(13s, "db", ready);
  one.seen.note_ready(true, 13s);
  one.tell(22s, "", event_type::supervisor_stopping, supervisor_data());
  one.change(22s, "api", stopping).change(25s, "api", stopped);
  one.change(25s, "tidy", waiting).change(25s, "tidy", starting).change(25s, "tidy", running);
  one.change(26s, "tidy", completed).change(26s, "db", stopping).change(27s, "db", stopped);
  one.tell(27s, "", event_type::supervisor_stopped, supervisor_data());
  one.seen.finish(0, 27s);
  const rehearsal_result made = one.result();
  CHECK(made.is_ok());
  CHECK(made.ran == 22s);
  CHECK(made.stop_took == 5s);
  CHECK(made.ready_after == 2s);
  CHECK(made.availability == 17.0 / 20.0);
  const rehearsed_unit& db = made.units.at(0);
  CHECK(db.uptime == 18s);
  CHECK(db.downtime == 3s);
  CHECK(db.longest_downtime == 3s);
  CHECK(db.availability == 18.0 / 21.0);
  CHECK(db.starts == 2);
  CHECK(db.crashes == 1);
  CHECK(db.ready_after == 1s);
  CHECK(made.units.at(1).availability == 1.0);
  CHECK_FALSE(made.units.at(2).availability);
}

TEST_CASE("a witness reports every promise that does not hold") {
  using enum unit_state;
  scene one;
  one.up(1s, "api");  // before its dependency
  one.seen.count_processes("api", 2, 1s);
  one.skip_event();
  one.up(2s, "db");
  one.tell(3s, "", event_type::supervisor_stopping, supervisor_data());
  one.change(3s, "api", stopping).change(11s, "api", stopped);  // a second too late
  one.change(12s, "api", waiting).change(12s, "api", starting);
  one.tell(60s, "", event_type::supervisor_stopped, supervisor_data());
  one.seen.finish(1, 60s);
  const std::vector<std::string> broken = one.result().broken;
  CHECK(has(broken, "00:00:01.000 api: it starts although db is not what it waits for (event 2)"));
  CHECK(has(broken, "00:00:01.000 api has 2 processes at once"));
  CHECK(has(broken, "there is a gap in the journal"));
  CHECK(has(broken, "api: its stop took 8s, more than 7s"));
  CHECK(has(broken, "api: it starts while everything stops"));
  CHECK(has(broken, "the stop took 57s, more than the"));
  CHECK(has(broken, "1 processes are left at the end"));
  CHECK(has(broken, "the cleanup unit tidy did not run"));
  CHECK(has(broken, "db is ready at the end, and not at rest"));
}

TEST_CASE("a witness reports states that do not follow one another") {
  scene one;
  transition_data wrong;
  wrong.from = unit_state::ready;
  one.tell(1s, "db", event_type::waiting, wrong);
  CHECK(has(one.result().broken, "db: it comes from a state in which it was not"));
  CHECK(has(one.result().broken, "db: it changes without a cause"));
  for (int i = 0; i < 100; ++i) one.tell(1s, "db", event_type::waiting, wrong);
  CHECK(one.result().broken.size() <= 20);
}

TEST_CASE("a witness tells who was given up and who was skipped") {
  using enum unit_state;
  scene one;
  one.change(1s, "db", waiting).change(1s, "db", starting).change(1s, "db", crashed).change(2s, "db", failed);
  one.change(2s, "api", waiting).change(2s, "api", skipped);
  const std::vector<std::string> problems = one.result().problems;
  CHECK(has(problems, "db was given up at 00:00:02.000: the test wants it"));
  CHECK(has(problems, "api was skipped at 00:00:02.000"));
}

}  // namespace t_rehearse_witness
