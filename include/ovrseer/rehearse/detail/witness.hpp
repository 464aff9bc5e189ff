// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Watches a rehearsal event by event: keeps the numbers of each unit, and looks whether what a supervisor promises
// holds at every moment.
#pragma once

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/rehearse/result.hpp>
#include <ovrseer/supervise/plan.hpp>

namespace ovrseer::rehearse_detail {

class witness {
 public:
  using nanoseconds = std::chrono::nanoseconds;

  /// The units must outlive it. Errors: those of `make_plan`.
  explicit witness(const std::vector<unit_spec>& units, const std::vector<group_spec>& groups = {});

  const supervisor_plan& plan() const noexcept { return plan_; }
  bool is_stopping() const noexcept { return stop_began_.has_value(); }

  void look_at(const event& entry);

  /// Asked whenever a unit has started: how many processes it has now.
  void count_processes(const unit_id& id, std::size_t alive, nanoseconds now) {
    if (alive > 1) report(to_text(id) + " has " + std::to_string(alive) + " processes at once", now);
  }
  /// Asked whenever something has happened.
  void note_ready(bool is_ready, nanoseconds now);

  void finish(std::size_t processes_left, nanoseconds now);
  /// Somebody has forced the end: cleanup may be left out.
  void forgive_cleanup() noexcept { is_forced_ = true; }

  void report(std::string what, nanoseconds now) {
    if (broken_.size() < most_reports) broken_.push_back(timeline_time(now) + " " + std::move(what));
  }

  void fill(rehearsal_result& result) const;

 private:
  struct observed {
    const unit_spec* spec = nullptr;
    rehearsed_unit tally;
    nanoseconds stop_bound{};
    nanoseconds changed{};  // when the state was entered, or time was last counted
    nanoseconds down{};     // of the present downtime
    std::optional<nanoseconds> stopping_since;
    std::vector<std::string> problems;
    std::vector<std::string> remarks;
  };
  static constexpr std::size_t most_reports = 20;

  static double share_of(nanoseconds part, nanoseconds whole) {
    return static_cast<double>(part.count()) / static_cast<double>(whole.count());
  }

  void must(bool holds, const std::string& what, const event& entry);

  void look_at_change(observed& unit, unit_state to, const transition_data& change, const event& entry,
                      nanoseconds now);

  static bool is_service(const observed& unit) { return unit.spec->of_kind() == unit_spec::kind::service; }

  // What is said again and again is said a few times.
  static void add(std::vector<std::string>& to, std::string text);

  // Counts the time since the last change as up or down.
  void pass_time(observed& unit, nanoseconds now);

  void check_start(observed& unit, const event& entry);
  std::vector<dependency_edge> edges_of(const unit_spec& spec) const;

  void check_stop(observed& unit, unit_state to, const transition_data& change, const event& entry, nanoseconds now);

  void begin_stop(const event& entry, nanoseconds now);
  void end_stop(const event& entry, nanoseconds now);

  supervisor_plan plan_;
  std::map<unit_id, observed> units_;
  std::vector<unit_id> order_;
  std::vector<std::string> broken_;
  std::uint64_t next_seq_ = 1;
  std::optional<nanoseconds> stop_began_;
  std::optional<nanoseconds> stop_ended_;
  std::optional<nanoseconds> first_all_ready_;
  nanoseconds all_ready_for_{};
  nanoseconds ready_changed_{};
  bool is_all_ready_ = false;
  bool is_forced_ = false;
};

}  // namespace ovrseer::rehearse_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/rehearse/detail/impl/witness.ipp>
#endif
