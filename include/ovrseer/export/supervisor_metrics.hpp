// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a supervisor does, as metrics, learnt from its journal alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <ovrseer/build.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/metric/registry.hpp>

namespace ovrseer {

/// Keeps the series of a registry up to date with a journal. One strand; the registry must outlive it.
///
/// With the labels `namespace` and `unit`: `ovrseer_unit_state` (one series a state, 1 for the present one),
/// `ovrseer_unit_up` (a process exists), `ovrseer_unit_ready`, `ovrseer_unit_start_time_seconds`,
/// `ovrseer_unit_last_exit_code` (128 + n for signals, 255 where it is lost), `ovrseer_unit_starts_total`,
/// `ovrseer_unit_stops_total`, `ovrseer_unit_completions_total`, `ovrseer_unit_restarts_total`,
/// `ovrseer_unit_crashes_total` (and `kind`: exit_code, signal, out_of_memory, lost, spawn_failed, or unfit for what was stopped
/// because a check failed or its time was over), `ovrseer_unit_flag_matches_total` and
/// `ovrseer_unit_flag_targets_reached_total` (and `flag`), `ovrseer_unit_check_failures_total` (and `check`),
/// `ovrseer_dropped_total` (and `what`), and the histograms `ovrseer_unit_ready_seconds` and
/// `ovrseer_unit_stop_seconds`. Without: `ovrseer_up`, `ovrseer_stopping`, `ovrseer_build_info` (`version`),
/// `ovrseer_events_total` (`type`) and `ovrseer_events_missed_total`. The series of a removed unit go with it.
///
/// After a gap, counters lack what was missed, and the states of a unit are right again with its next change.
class supervisor_metrics {
 public:
  /// `units` bounds how many units have a state; the other families keep to the limit of the registry.
  explicit supervisor_metrics(registry& metrics, std::size_t units = registry::default_series_per_family);

  /// Takes in one entry of the journal.
  void apply(const journal_entry& entry);

  void apply(const event& what);

  /// Takes in what `reader` yields until the journal is closed.
  ///
  /// Errors: `errc::overrun` for a reader that chose to fail.
  /// Cancellation: every type ends it.
  task<void> run(journal::reader reader);

 private:
  static constexpr std::size_t state_count = static_cast<std::size_t>(unit_state::skipped) + 1;

  static std::vector<std::string> unit_labels() { return {"namespace", "unit"}; }

  template <class Instrument>
  static std::shared_ptr<Instrument> of(family<Instrument>& all, const unit_id& unit) {
    return all.with(unit.name_space, unit.name);
  }

  // Counters are there with zero before the first increment, so that a rate has a beginning.
  void introduce(const unit_id& unit);

  void show_state(const unit_id& unit, unit_state present);

  void enter(const event& what, unit_state state);

  static std::string_view crash_label(const transition_data* data);

  // The event has the count since the flag was set, so that matches between two events are not lost; it
  // begins anew when the flag is replaced.
  void count_matches(const event& what);

  void count_dropped(const event& what);

  template <class Data>
  static void count_named(family<counter>& all, const event& what, std::string Data::* name) {
    const auto* data = std::get_if<Data>(&what.data);
    if (data != nullptr) all.with(what.unit.name_space, what.unit.name, data->*name)->add();
  }

  void forget(const unit_id& unit);

  family<gauge>& state_;
  family<gauge>& up_;
  family<gauge>& ready_;
  family<gauge>& start_time_;
  family<gauge>& last_exit_;
  family<counter>& starts_;
  family<counter>& stops_;
  family<counter>& completions_;
  family<counter>& restarts_;
  family<counter>& crashes_;
  family<counter>& flag_matches_;
  family<counter>& flag_targets_;
  family<counter>& check_failures_;
  family<counter>& dropped_;
  family<histogram>& ready_seconds_;
  family<histogram>& stop_seconds_;
  family<counter>& events_;
  std::shared_ptr<counter> missed_;
  std::shared_ptr<gauge> supervisor_up_;
  std::shared_ptr<gauge> stopping_;
  std::map<std::pair<unit_id, std::string>, std::uint64_t> matches_seen_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/export/impl/supervisor_metrics.ipp>
#endif
