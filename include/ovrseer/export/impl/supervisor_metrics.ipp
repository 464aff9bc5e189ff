// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/export/supervisor_metrics.hpp>.
#pragma once

#include <optional>
#include <span>

#include <ovrseer/export/supervisor_metrics.hpp>
#include <ovrseer/version.hpp>

namespace ovrseer {

OVRSEER_DECL supervisor_metrics::supervisor_metrics(registry& metrics, std::size_t units)
    : state_(
          metrics.gauges("ovrseer_unit_state", "Whether the unit is in this state.", {"namespace", "unit", "state"})),
      up_(metrics.gauges("ovrseer_unit_up", "Whether the unit has a process.", unit_labels())),
      ready_(metrics.gauges("ovrseer_unit_ready", "Whether the unit is ready.", unit_labels())),
      start_time_(metrics.gauges("ovrseer_unit_start_time_seconds",
                                 "When the present process began, in seconds since 1970.", unit_labels())),
      last_exit_(metrics.gauges("ovrseer_unit_last_exit_code",
                                "The last exit code; 128 and the signal's number where one ended it.", unit_labels())),
      starts_(metrics.counters("ovrseer_unit_starts_total", "Attempts to start the unit.", unit_labels())),
      stops_(metrics.counters("ovrseer_unit_stops_total", "Ends that were asked for.", unit_labels())),
      completions_(metrics.counters("ovrseer_unit_completions_total", "Ends with success.", unit_labels())),
      restarts_(metrics.counters("ovrseer_unit_restarts_total", "Restarts after a first start.", unit_labels())),
      crashes_(metrics.counters("ovrseer_unit_crashes_total", "Ends without success.", {"namespace", "unit", "kind"})),
      flag_matches_(metrics.counters("ovrseer_unit_flag_matches_total", "Lines that matched the flag.",
                                     {"namespace", "unit", "flag"})),
      flag_targets_(metrics.counters("ovrseer_unit_flag_targets_reached_total", "Flags that reached their target.",
                                     {"namespace", "unit", "flag"})),
      check_failures_(
          metrics.counters("ovrseer_unit_check_failures_total", "Checks that failed.", {"namespace", "unit", "check"})),
      dropped_(metrics.counters("ovrseer_dropped_total", "What was lost because a bound was reached.",
                                {"namespace", "unit", "what"})),
      ready_seconds_(metrics.histograms("ovrseer_unit_ready_seconds", "From the spawn to ready.", unit_labels(),
                                        exponential_buckets(0.01, 2, 16))),
      stop_seconds_(metrics.histograms("ovrseer_unit_stop_seconds", "How long the stop took.", unit_labels(),
                                       exponential_buckets(0.01, 2, 12))),
      events_(metrics.counters("ovrseer_events_total", "Events of the journal.", {"type"})),
      missed_(metrics.counters("ovrseer_events_missed_total", "Events that the metrics came too late for.").with()),
      supervisor_up_(metrics.gauges("ovrseer_up", "Whether the supervisor runs.").with()),
      stopping_(metrics.gauges("ovrseer_stopping", "Whether the supervisor stops.").with()) {
  state_.limit(units * state_count);
  metrics.gauges("ovrseer_build_info", "The version that runs, as a label.", {"version"}).with(version)->set(1);
}

OVRSEER_DECL void supervisor_metrics::apply(const journal_entry& entry) {
  if (const auto* gap = std::get_if<journal_gap>(&entry)) {
    missed_->add(gap->count);
  } else {
    apply(std::get<event>(entry));
  }
}

OVRSEER_DECL void supervisor_metrics::apply(const event& what) {
  events_.with(to_text(what.type))->add();
  if (const auto state = state_of(what.type)) {
    enter(what, *state);
    return;
  }
  switch (what.type) {
    case event_type::unit_added: introduce(what.unit); break;
    case event_type::unit_removed: forget(what.unit); break;
    case event_type::restarted: of(restarts_, what.unit)->add(); break;
    case event_type::flag_matched: count_matches(what); break;
    case event_type::flag_reached: count_named<flag_data>(flag_targets_, what, &flag_data::flag); break;
    case event_type::check_failed: count_named<check_data>(check_failures_, what, &check_data::check); break;
    case event_type::dropped: count_dropped(what); break;
    case event_type::supervisor_started:
      supervisor_up_->set(1);
      stopping_->set(0);
      break;
    case event_type::supervisor_stopping: stopping_->set(1); break;
    case event_type::supervisor_stopped:
      supervisor_up_->set(0);
      stopping_->set(0);
      break;
    default: break;
  }
}

OVRSEER_DECL task<void> supervisor_metrics::run(journal::reader reader) {
  co_await detail::admit_all_cancellation();
  for (;;) {
    const std::optional<journal_entry> entry = co_await reader.next();
    if (!entry) co_return;
    apply(*entry);
  }
}

OVRSEER_DECL void supervisor_metrics::introduce(const unit_id& unit) {
  show_state(unit, unit_state::created);
  for (family<counter>* each : {&starts_, &stops_, &completions_, &restarts_}) of(*each, unit);
  for (const char* kind : {"exit_code", "signal", "out_of_memory", "lost", "spawn_failed", "unfit"}) {
    crashes_.with(unit.name_space, unit.name, kind);
  }
}

OVRSEER_DECL void supervisor_metrics::show_state(const unit_id& unit, unit_state present) {
  for (std::size_t i = 0; i < state_count; ++i) {
    const auto each = static_cast<unit_state>(i);
    state_.with(unit.name_space, unit.name, to_text(each))->set(each == present ? 1 : 0);
  }
  of(up_, unit)->set(is_alive(present) ? 1 : 0);
  of(ready_, unit)->set(present == unit_state::ready ? 1 : 0);
}

OVRSEER_DECL void supervisor_metrics::enter(const event& what, unit_state state) {
  const unit_id& unit = what.unit;
  show_state(unit, state);
  const auto* data = std::get_if<transition_data>(&what.data);
  switch (state) {
    case unit_state::starting: of(starts_, unit)->add(); break;
    case unit_state::running: of(start_time_, unit)->set(what.time); break;
    case unit_state::ready:
      if (data != nullptr && data->took && data->from == unit_state::running) {
        of(ready_seconds_, unit)->observe(*data->took);
      }
      break;
    case unit_state::stopped:
      of(stops_, unit)->add();
      if (data != nullptr && data->took) of(stop_seconds_, unit)->observe(*data->took);
      break;
    case unit_state::completed: of(completions_, unit)->add(); break;
    case unit_state::crashed: crashes_.with(unit.name_space, unit.name, crash_label(data))->add(); break;
    default: break;
  }
  if (data != nullptr && data->status) of(last_exit_, unit)->set(data->status->shell_code());
}

OVRSEER_DECL std::string_view supervisor_metrics::crash_label(const transition_data* data) {
  if (data == nullptr) return "lost";
  if (data->from == unit_state::starting) return "spawn_failed";
  if (data->from == unit_state::stopping) return "unfit";
  if (!data->status || data->status->how() == exit_status::kind::lost) return "lost";
  if (data->status->was_out_of_memory()) return "out_of_memory";
  return data->status->is_signaled() ? "signal" : "exit_code";
}

OVRSEER_DECL void supervisor_metrics::count_matches(const event& what) {
  const auto* data = std::get_if<flag_data>(&what.data);
  if (data == nullptr) return;
  std::uint64_t& seen = matches_seen_[{what.unit, data->flag}];
  const std::uint64_t more = data->count > seen ? data->count - seen : data->count;
  seen = data->count;
  flag_matches_.with(what.unit.name_space, what.unit.name, data->flag)->add(more);
}

OVRSEER_DECL void supervisor_metrics::count_dropped(const event& what) {
  const auto* data = std::get_if<dropped_data>(&what.data);
  if (data != nullptr) dropped_.with(what.unit.name_space, what.unit.name, data->what)->add(data->count);
}

OVRSEER_DECL void supervisor_metrics::forget(const unit_id& unit) {
  const auto is_of_unit = [&](std::span<const std::string> values) {
    return values[0] == unit.name_space && values[1] == unit.name;
  };
  for (family<gauge>* each : {&state_, &up_, &ready_, &start_time_, &last_exit_}) each->remove_if(is_of_unit);
  for (family<counter>* each : {&starts_, &stops_, &completions_, &restarts_, &crashes_, &flag_matches_, &flag_targets_,
                                &check_failures_, &dropped_}) {
    each->remove_if(is_of_unit);
  }
  for (family<histogram>* each : {&ready_seconds_, &stop_seconds_}) each->remove_if(is_of_unit);
  std::erase_if(matches_seen_, [&](const auto& entry) { return entry.first.first == unit; });
}

}  // namespace ovrseer
