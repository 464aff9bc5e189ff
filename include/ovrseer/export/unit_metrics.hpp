// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What each unit uses and how long it was up, as metrics: time from the journal, exactly; the rest from samples.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/first_of.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/metric/registry.hpp>
#include <ovrseer/process/os.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

/// Keeps series of a registry up to date that `supervisor_metrics` cannot have from the journal alone. One strand;
/// the registry must outlive it.
///
/// With the labels `namespace` and `unit`: `ovrseer_unit_uptime_seconds` (of the present process, 0 without one),
/// `ovrseer_unit_up_seconds_total` and `ovrseer_unit_down_seconds_total` (with a process, and without one though it
/// should have one: waiting, starting, crashed, backing off, failed or skipped; what rests because somebody asked or
/// because its work is done is neither), `ovrseer_unit_cpu_seconds_total` (user and system of all its processes so
/// far; from the end of a process on with the children that it waited for), `ovrseer_unit_resident_memory_bytes`,
/// `ovrseer_unit_open_descriptors` and `ovrseer_unit_threads` (of the present process, without its children; 0
/// without one). The series of a removed unit go with it.
///
/// The time that a gap in the journal hides counts by the state before it.
class unit_metrics {
 public:
  /// `interval` is the time between two samples of a unit, not less than 100 ms.
  explicit unit_metrics(registry& metrics, std::chrono::nanoseconds interval = std::chrono::seconds(10))
      : interval_(std::max<std::chrono::nanoseconds>(interval, std::chrono::milliseconds(100))),
        uptime_(
            metrics.gauges("ovrseer_unit_uptime_seconds", "How long the present process has been running.", labels())),
        resident_(
            metrics.gauges("ovrseer_unit_resident_memory_bytes", "Resident memory of the present process.", labels())),
        descriptors_(
            metrics.gauges("ovrseer_unit_open_descriptors", "Open file descriptors of the present process.", labels())),
        threads_(metrics.gauges("ovrseer_unit_threads", "Threads of the present process.", labels())),
        up_(metrics.counters("ovrseer_unit_up_seconds_total", "Time with a process.", labels())),
        down_(metrics.counters("ovrseer_unit_down_seconds_total",
                               "Time without a process in which the unit should have had one.", labels())),
        cpu_(metrics.counters("ovrseer_unit_cpu_seconds_total", "Processor time, user and system.", labels())) {}

  /// Takes in one entry of the journal.
  void apply(const journal_entry& entry) {
    if (const auto* what = std::get_if<event>(&entry)) apply(*what);
  }
  void apply(const event& what) {
    if (what.type == event_type::unit_removed) return forget(what.unit);
    if (what.type == event_type::supervisor_stopped) return advance(what.mono_ns);
    const std::optional<unit_state> state = state_of(what.type);
    if (!state && what.type != event_type::unit_added) return;
    life& its = life_of(what.unit, what.mono_ns);
    settle(its, what.mono_ns);
    if (state) enter(its, what, *state);
  }

  /// Brings the times up to a moment, in nanoseconds since the journal began.
  void advance(std::int64_t mono_ns) {
    for (auto& [unit, its] : lives_) settle(its, mono_ns);
  }

  /// Takes in a sample of the present process of a unit; of one that has none it changes nothing.
  void observe(const unit_id& unit, const process_sample& now) {
    const auto found = lives_.find(unit);
    if (found == lives_.end() || !is_alive(found->second.state)) return;
    life& its = found->second;
    add_cpu(its, now.cpu_time);
    its.resident->set(static_cast<double>(now.resident.count()));
    its.threads->set(now.threads);
    if (now.descriptors) its.descriptors->set(*now.descriptors);
  }

  /// The units that have a process now.
  std::vector<unit_id> alive() const {
    std::vector<unit_id> ids;
    for (const auto& [unit, its] : lives_) {
      if (is_alive(its.state)) ids.push_back(unit);
    }
    return ids;
  }

  /// Follows a supervisor from what its journal still has to its end, and samples what is alive at each interval,
  /// now for the first time. `of` must outlive it.
  ///
  /// Errors: none.
  /// Cancellation: every type ends it.
  /// Cost: a sample reads one file of /proc and asks for the size of one folder, some 10 µs a unit; a handler
  /// samples sixteen.
  task<void> run(supervisor& of) { return follow(of, of.events().subscribe_from(1)); }

 private:
  /// One unit: its state, and its series at hand.
  struct life {
    unit_state state = unit_state::created;
    std::int64_t settled_ns = 0;            // the times are right up to here
    std::int64_t began_ns = 0;              // of the present process
    std::chrono::microseconds cpu_known{};  // of the present process, counted already
    std::shared_ptr<gauge> uptime;
    std::shared_ptr<gauge> resident;
    std::shared_ptr<gauge> descriptors;
    std::shared_ptr<gauge> threads;
    std::shared_ptr<counter> up;
    std::shared_ptr<counter> down;
    std::shared_ptr<counter> cpu;
  };

  static std::vector<std::string> labels() { return {"namespace", "unit"}; }

  static constexpr bool is_down(unit_state state) noexcept {
    return state == unit_state::waiting || state == unit_state::starting || state == unit_state::crashed ||
           state == unit_state::backing_off || state == unit_state::failed || state == unit_state::skipped;
  }

  life& life_of(const unit_id& unit, std::int64_t mono_ns) {
    const auto [place, is_new] = lives_.try_emplace(unit);
    life& its = place->second;
    if (!is_new) return its;
    its.settled_ns = mono_ns;
    const auto series = [&](auto& family) { return family.with(unit.name_space, unit.name); };
    its.uptime = series(uptime_);
    its.resident = series(resident_);
    its.descriptors = series(descriptors_);
    its.threads = series(threads_);
    its.up = series(up_);
    its.down = series(down_);
    its.cpu = series(cpu_);
    return its;
  }

  static void settle(life& its, std::int64_t mono_ns) {
    const std::chrono::nanoseconds passed(std::max<std::int64_t>(mono_ns - its.settled_ns, 0));
    its.settled_ns += passed.count();
    if (is_alive(its.state)) {
      its.up->add(passed);
      its.uptime->set(std::chrono::duration<double>(std::chrono::nanoseconds(its.settled_ns - its.began_ns)).count());
    } else if (is_down(its.state)) {
      its.down->add(passed);
    }
  }

  static void enter(life& its, const event& what, unit_state state) {
    const bool was_alive = is_alive(its.state);
    its.state = state;
    if (is_alive(state) && (!was_alive || state == unit_state::running)) begin(its, what.mono_ns);
    if (!was_alive || is_alive(state)) return;
    const auto* data = std::get_if<transition_data>(&what.data);
    if (data != nullptr && data->status) {
      const resource_usage& used = data->status->usage();
      add_cpu(its, used.user_time + used.system_time);
    }
    for (gauge* each : {its.uptime.get(), its.resident.get(), its.descriptors.get(), its.threads.get()}) each->set(0);
  }

  static void begin(life& its, std::int64_t mono_ns) {
    its.began_ns = mono_ns;
    its.cpu_known = std::chrono::microseconds::zero();
  }

  static void add_cpu(life& its, std::chrono::microseconds total) {
    if (total <= its.cpu_known) return;
    its.cpu->add(std::chrono::nanoseconds(total - its.cpu_known));
    its.cpu_known = total;
  }

  void forget(const unit_id& unit) {
    const auto is_of_unit = [&](std::span<const std::string> values) {
      return values[0] == unit.name_space && values[1] == unit.name;
    };
    for (family<gauge>* each : {&uptime_, &resident_, &descriptors_, &threads_}) each->remove_if(is_of_unit);
    for (family<counter>* each : {&up_, &down_, &cpu_}) each->remove_if(is_of_unit);
    lives_.erase(unit);
  }

  task<void> follow(supervisor& of, journal::reader reader) {
    co_await first_of(take_events(of, reader), sample_at_intervals(of, reader));
  }

  task<void> take_events(supervisor& of, journal::reader& reader) {
    for (;;) {
      const std::optional<journal_entry> entry = co_await reader.next();
      if (!entry) co_return;
      take(of, *entry);
    }
  }

  void take(supervisor& of, const journal_entry& entry) {
    apply(entry);
    if (std::holds_alternative<journal_gap>(entry)) catch_up(of);
  }

  // Whose last change the journal no longer has would stay unknown until the next one, which may be months away.
  void catch_up(supervisor& of) {
    const std::int64_t now_ns = (clock_of(of.get_executor()).now() - of.events().began()).count();
    for (const unit_snapshot& each : of.snapshot().units) {
      if (of.events().last_transition_of(each.id) != nullptr) continue;
      life& its = life_of(each.id, now_ns);
      settle(its, now_ns);
      if (is_alive(each.state) && !is_alive(its.state)) begin(its, now_ns - each.uptime.count());
      its.state = each.state;
    }
  }

  task<void> sample_at_intervals(supervisor& of, journal::reader& reader) {
    const executor ex = co_await asio::this_coro::executor;
    steady_time next = clock_of(ex).now();
    for (;;) {
      // What has happened comes first: a sample belongs to the process of now.
      while (const std::optional<journal_entry> entry = reader.try_next()) take(of, *entry);
      advance((clock_of(ex).now() - of.events().began()).count());
      const std::vector<unit_id> units = alive();
      for (std::size_t i = 0; i < units.size(); ++i) {
        if (i % most_in_row == most_in_row - 1) co_await asio::post(ex, use_task);
        sample(of, units[i]);
      }
      next = std::max(next + interval_, clock_of(ex).now());
      co_await sleep_until(next);
    }
  }

  void sample(supervisor& of, const unit_id& unit) {
    try {
      if (const std::optional<process_sample> now = of.usage(unit)) observe(unit, *now);
    } catch (const std::system_error&) {  // removed meanwhile
    }
  }

  static constexpr std::size_t most_in_row = 16;

  std::chrono::nanoseconds interval_;
  family<gauge>& uptime_;
  family<gauge>& resident_;
  family<gauge>& descriptors_;
  family<gauge>& threads_;
  family<counter>& up_;
  family<counter>& down_;
  family<counter>& cpu_;
  std::map<unit_id, life> lives_;
};

}  // namespace ovrseer
