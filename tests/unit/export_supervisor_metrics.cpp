// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Metrics from events alone: every series, removal, gaps, and a whole life through a journal.
#include <csignal>

#include <catch.hpp>
#include <ovrseer/export/supervisor_metrics.hpp>
#include <ovrseer/version.hpp>

namespace t_export_supervisor_metrics {

using namespace ovrseer;
using namespace std::chrono_literals;

// The value of a series by its name and label values; nothing where it is not there.
std::optional<double> value_of(const registry& metrics, std::string_view name, std::vector<std::string> labels) {
  for (const metric_family& family : metrics.collect()) {
    if (family.name != name) continue;
    for (const metric_sample& sample : family.samples) {
      if (sample.label_values != labels) continue;
      if (const auto* seen = std::get_if<histogram_value>(&sample.value)) return static_cast<double>(seen->count());
      return std::get<double>(sample.value);
    }
  }
  return std::nullopt;
}

struct bench {
  registry metrics;
  supervisor_metrics shown{metrics};

  void tell(event_type type, event_data data = {}, const unit_id& unit = "api") {
    event entry;
    entry.time = wall_time(1700s);
    entry.unit = unit;
    entry.type = type;
    entry.data = std::move(data);
    shown.apply(entry);
  }
  std::optional<double> unit(std::string_view name) const { return value_of(metrics, name, {"default", "api"}); }
  std::optional<double> unit(std::string_view name, std::string third) const {
    return value_of(metrics, name, {"default", "api", std::move(third)});
  }
};

transition_data from(unit_state state) {
  transition_data data;
  data.from = state;
  return data;
}

TEST_CASE("exactly one state of a unit is the present one") {
  bench on;
  on.tell(event_type::unit_added);
  CHECK(on.unit("ovrseer_unit_state", "created") == 1);
  CHECK(on.unit("ovrseer_unit_up") == 0);
  for (std::size_t i = 0; i <= static_cast<std::size_t>(unit_state::skipped); ++i) {
    const auto state = static_cast<unit_state>(i);
    on.tell(type_of(state), from(unit_state::created));
    double sum = 0;
    for (std::size_t j = 0; j <= static_cast<std::size_t>(unit_state::skipped); ++j) {
      sum += on.unit("ovrseer_unit_state", std::string(to_text(static_cast<unit_state>(j)))).value_or(-100);
    }
    CHECK(sum == 1);
    CHECK(on.unit("ovrseer_unit_state", std::string(to_text(state))) == 1);
    CHECK(on.unit("ovrseer_unit_up") == (is_alive(state) ? 1 : 0));
    CHECK(on.unit("ovrseer_unit_ready") == (state == unit_state::ready ? 1 : 0));
  }
}

TEST_CASE("a start is counted and timed until it is ready") {
  bench on;
  on.tell(event_type::unit_added);
  for (const char* name : {"starts", "stops", "completions", "restarts"}) {
    CHECK(on.unit("ovrseer_unit_" + std::string(name) + "_total") == 0);
  }
  CHECK(on.unit("ovrseer_unit_crashes_total", "signal") == 0);
  CHECK(on.unit("ovrseer_unit_crashes_total", "out_of_memory") == 0);
  on.tell(event_type::starting, from(unit_state::waiting));
  CHECK(on.unit("ovrseer_unit_starts_total") == 1);
  on.tell(event_type::running, from(unit_state::starting));
  CHECK(on.unit("ovrseer_unit_start_time_seconds") == 1700);
  transition_data ready = from(unit_state::running);
  ready.took = 250ms;
  on.tell(event_type::ready, ready);
  CHECK(on.unit("ovrseer_unit_ready_seconds") == 1);
  ready.from = unit_state::unhealthy;  // healthy again is not a start
  on.tell(event_type::ready, ready);
  CHECK(on.unit("ovrseer_unit_ready_seconds") == 1);
  on.tell(event_type::restarted);
  CHECK(on.unit("ovrseer_unit_restarts_total") == 1);
}

TEST_CASE("crashes are told apart by their kind") {
  bench on;
  transition_data data = from(unit_state::ready);
  data.status = exit_status::exited(3);
  on.tell(event_type::crashed, data);
  CHECK(on.unit("ovrseer_unit_crashes_total", "exit_code") == 1);
  CHECK(on.unit("ovrseer_unit_last_exit_code") == 3);
  data.status = exit_status::signaled(signal_number(SIGKILL));
  on.tell(event_type::crashed, data);
  CHECK(on.unit("ovrseer_unit_crashes_total", "signal") == 1);
  CHECK(on.unit("ovrseer_unit_last_exit_code") == 137);
  data.status = exit_status::out_of_memory();
  on.tell(event_type::crashed, data);
  CHECK(on.unit("ovrseer_unit_crashes_total", "out_of_memory") == 1);
  CHECK(on.unit("ovrseer_unit_crashes_total", "signal") == 1);
  data.status = exit_status::lost();
  on.tell(event_type::crashed, data);
  on.tell(event_type::crashed, from(unit_state::running));
  on.tell(event_type::crashed);
  CHECK(on.unit("ovrseer_unit_crashes_total", "lost") == 3);
  on.tell(event_type::crashed, from(unit_state::starting));
  CHECK(on.unit("ovrseer_unit_crashes_total", "spawn_failed") == 1);
  data = from(unit_state::stopping);
  data.status = exit_status::exited(0);
  on.tell(event_type::crashed, data);
  CHECK(on.unit("ovrseer_unit_crashes_total", "unfit") == 1);
}

TEST_CASE("ends that were asked for and ends with success are counted apart") {
  bench on;
  transition_data data = from(unit_state::stopping);
  data.status = exit_status::signaled(signal_number(SIGTERM));
  data.took = 2s;
  on.tell(event_type::stopped, data);
  CHECK(on.unit("ovrseer_unit_stops_total") == 1);
  CHECK(on.unit("ovrseer_unit_stop_seconds") == 1);
  CHECK(on.unit("ovrseer_unit_last_exit_code") == 143);
  data.status = exit_status::exited(0);
  on.tell(event_type::completed, data);
  CHECK(on.unit("ovrseer_unit_completions_total") == 1);
  CHECK(on.unit("ovrseer_unit_last_exit_code") == 0);
}

TEST_CASE("matches between two events are counted and a replaced flag begins anew") {
  bench on;
  on.tell(event_type::flag_matched, flag_data{"oom", 1, 5, ""});
  on.tell(event_type::flag_matched, flag_data{"oom", 4, 5, ""});
  CHECK(on.unit("ovrseer_unit_flag_matches_total", "oom") == 4);
  on.tell(event_type::flag_matched, flag_data{"oom", 5, 5, ""});
  on.tell(event_type::flag_reached, flag_data{"oom", 5, 5, ""});
  CHECK(on.unit("ovrseer_unit_flag_matches_total", "oom") == 5);
  CHECK(on.unit("ovrseer_unit_flag_targets_reached_total", "oom") == 1);
  on.tell(event_type::flag_matched, flag_data{"oom", 1, 5, ""});
  on.tell(event_type::flag_matched, flag_data{"other", 2, std::nullopt, ""});
  CHECK(on.unit("ovrseer_unit_flag_matches_total", "oom") == 6);
  CHECK(on.unit("ovrseer_unit_flag_matches_total", "other") == 2);
  on.tell(event_type::flag_matched);  // without data: nothing to count
  CHECK(on.unit("ovrseer_unit_flag_matches_total", "oom") == 6);
}

TEST_CASE("failed checks and drops and the supervisor itself are shown") {
  bench on;
  on.tell(event_type::check_failed, check_data{"tcp", "refused"});
  on.tell(event_type::dropped, dropped_data{"lines", 7});
  CHECK(on.unit("ovrseer_unit_check_failures_total", "tcp") == 1);
  CHECK(on.unit("ovrseer_dropped_total", "lines") == 7);
  CHECK(value_of(on.metrics, "ovrseer_up", {}) == 0);
  on.tell(event_type::supervisor_started, {}, {});
  CHECK(value_of(on.metrics, "ovrseer_up", {}) == 1);
  on.tell(event_type::supervisor_stopping, {}, {});
  CHECK(value_of(on.metrics, "ovrseer_stopping", {}) == 1);
  on.tell(event_type::supervisor_stopped, {}, {});
  CHECK(value_of(on.metrics, "ovrseer_up", {}) == 0);
  CHECK(value_of(on.metrics, "ovrseer_stopping", {}) == 0);
  CHECK(value_of(on.metrics, "ovrseer_events_total", {"check_failed"}) == 1);
  CHECK(value_of(on.metrics, "ovrseer_build_info", {version}) == 1);
}

TEST_CASE("a removed unit takes all of its series with it and no others") {
  bench on;
  const auto live = [&](const unit_id& unit) {
    on.tell(event_type::unit_added, {}, unit);
    on.tell(event_type::starting, {}, unit);
    transition_data data = from(unit_state::running);
    data.took = 1s;
    data.status = exit_status::exited(1);
    for (const auto type : {event_type::running, event_type::ready, event_type::crashed, event_type::stopped,
                            event_type::completed, event_type::restarted}) {
      on.tell(type, data, unit);
    }
    on.tell(event_type::flag_matched, flag_data{"f", 1, 1, ""}, unit);
    on.tell(event_type::flag_reached, flag_data{"f", 1, 1, ""}, unit);
    on.tell(event_type::check_failed, check_data{"c", ""}, unit);
    on.tell(event_type::dropped, dropped_data{"d", 1}, unit);
  };
  const auto series_of = [&](const unit_id& unit) {
    std::size_t count = 0;
    for (const metric_family& family : on.metrics.collect()) {
      for (const metric_sample& sample : family.samples) {
        const auto& values = sample.label_values;
        if (values.size() >= 2 && values[0] == unit.name_space && values[1] == unit.name) ++count;
      }
    }
    return count;
  };
  live("api");
  live(unit_id("other", "api"));
  CHECK(series_of("api") == 14 + 20);
  CHECK(series_of(unit_id("other", "api")) == 14 + 20);
  on.tell(event_type::unit_removed);
  CHECK(series_of("api") == 0);
  CHECK(series_of(unit_id("other", "api")) == 14 + 20);
  on.tell(event_type::flag_matched, flag_data{"f", 1, 1, ""});
  CHECK(on.unit("ovrseer_unit_flag_matches_total", "f") == 1);
}

TEST_CASE("more units than the bound share no state and are counted as refused") {
  registry metrics;
  supervisor_metrics shown(metrics, 1);
  for (const char* name : {"a", "b"}) {
    event entry;
    entry.unit = name;
    entry.type = event_type::running;
    shown.apply(entry);
  }
  CHECK(value_of(metrics, "ovrseer_unit_state", {"default", "a", "running"}) == 1);
  CHECK_FALSE(value_of(metrics, "ovrseer_unit_state", {"default", "b", "running"}));
  CHECK(value_of(metrics, std::string(registry::overflow_metric), {"ovrseer_unit_state"}) == 14);
}

TEST_CASE("a journal is followed to its end and what was missed is counted") {
  asio::io_context context;
  virtual_clock time(context);
  journal events(context.get_executor(), 4);
  registry metrics;
  supervisor_metrics shown(metrics);
  std::optional<std::exception_ptr> ended;
  for (int i = 0; i < 6; ++i) events.append("api", 1, event_type::starting, severity::info);
  asio::co_spawn(context, shown.run(events.subscribe_from(1)), [&](std::exception_ptr failure) { ended = failure; });
  time.run();
  CHECK(value_of(metrics, "ovrseer_events_missed_total", {}) == 2);
  CHECK(value_of(metrics, "ovrseer_unit_starts_total", {"default", "api"}) == 4);
  events.append("api", 1, event_type::running, severity::info, 0, from(unit_state::starting));
  time.run();
  CHECK(value_of(metrics, "ovrseer_unit_up", {"default", "api"}) == 1);
  CHECK_FALSE(ended);
  events.close();
  time.run();
  REQUIRE(ended);
  CHECK_FALSE(*ended);
}

TEST_CASE("following a journal ends with cancellation of every type") {
  for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
    asio::io_context context;
    journal events(context.get_executor());
    registry metrics;
    supervisor_metrics shown(metrics);
    asio::cancellation_signal cancel;
    std::exception_ptr ended;
    asio::co_spawn(context, shown.run(events.subscribe()),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr failure) { ended = failure; }));
    context.poll();
    cancel.emit(type);
    context.restart();
    context.poll();
    CHECK(ended);
  }
}

}  // namespace t_export_supervisor_metrics
