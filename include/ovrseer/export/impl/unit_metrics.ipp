// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/export/unit_metrics.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include <ovrseer/async/first_of.hpp>
#include <ovrseer/export/unit_metrics.hpp>

namespace ovrseer {

OVRSEER_DECL unit_metrics::unit_metrics(registry& metrics, std::chrono::nanoseconds interval)
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
      cpu_(metrics.counters("ovrseer_unit_cpu_seconds_total", "Processor time, user and system.", labels())),
      lines_(metrics.counters("ovrseer_unit_log_lines_total", "Lines that the unit wrote.", labels())),
      bytes_(metrics.counters("ovrseer_unit_log_bytes_total", "Bytes that the unit wrote.", labels())),
      missed_(metrics.counters("ovrseer_unit_log_missed_total", "Lines that a reader came too late for.", labels())) {}

OVRSEER_DECL void unit_metrics::apply(const event& what) {
  if (what.type == event_type::unit_removed) return forget(what.unit);
  if (what.type == event_type::supervisor_stopped) return advance(what.mono_ns);
  const std::optional<unit_state> state = state_of(what.type);
  if (!state && what.type != event_type::unit_added) return;
  life& its = life_of(what.unit, what.mono_ns);
  settle(its, what.mono_ns);
  if (state) enter(its, what, *state);
}

OVRSEER_DECL void unit_metrics::observe(const unit_id& unit, const process_sample& now) {
  const auto found = lives_.find(unit);
  if (found == lives_.end() || !is_alive(found->second.state)) return;
  life& its = found->second;
  add_cpu(its, now.cpu_time);
  its.resident->set(static_cast<double>(now.resident.count()));
  its.threads->set(now.threads);
  if (now.descriptors) its.descriptors->set(*now.descriptors);
}

OVRSEER_DECL void unit_metrics::observe(const unit_id& unit, const log_counters& so_far) {
  const auto found = lives_.find(unit);
  if (found == lives_.end()) return;
  life& its = found->second;
  const log_counters before = std::exchange(its.logged, so_far);
  // A unit that was removed and added again begins with nothing.
  const auto add = [](counter& to, std::uint64_t now, std::uint64_t then) { to.add(now < then ? now : now - then); };
  add(*its.lines, so_far.lines, before.lines);
  add(*its.bytes, so_far.bytes, before.bytes);
  add(*its.missed, so_far.missed, before.missed);
}

OVRSEER_DECL std::vector<unit_id> unit_metrics::alive() const {
  std::vector<unit_id> ids;
  for (const auto& [unit, its] : lives_) {
    if (is_alive(its.state)) ids.push_back(unit);
  }
  return ids;
}

OVRSEER_DECL unit_metrics::life& unit_metrics::life_of(const unit_id& unit, std::int64_t mono_ns) {
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
  its.lines = series(lines_);
  its.bytes = series(bytes_);
  its.missed = series(missed_);
  return its;
}

OVRSEER_DECL void unit_metrics::settle(life& its, std::int64_t mono_ns) {
  const std::chrono::nanoseconds passed(std::max<std::int64_t>(mono_ns - its.settled_ns, 0));
  its.settled_ns += passed.count();
  if (is_alive(its.state)) {
    its.up->add(passed);
    its.uptime->set(std::chrono::duration<double>(std::chrono::nanoseconds(its.settled_ns - its.began_ns)).count());
  } else if (is_down(its.state)) {
    its.down->add(passed);
  }
}

OVRSEER_DECL void unit_metrics::enter(life& its, const event& what, unit_state state) {
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

OVRSEER_DECL void unit_metrics::begin(life& its, std::int64_t mono_ns) {
  its.began_ns = mono_ns;
  its.cpu_known = std::chrono::microseconds::zero();
}

OVRSEER_DECL void unit_metrics::add_cpu(life& its, std::chrono::microseconds total) {
  if (total <= its.cpu_known) return;
  its.cpu->add(std::chrono::nanoseconds(total - its.cpu_known));
  its.cpu_known = total;
}

OVRSEER_DECL void unit_metrics::forget(const unit_id& unit) {
  const auto is_of_unit = [&](std::span<const std::string> values) {
    return values[0] == unit.name_space && values[1] == unit.name;
  };
  for (family<gauge>* each : {&uptime_, &resident_, &descriptors_, &threads_}) each->remove_if(is_of_unit);
  for (family<counter>* each : {&up_, &down_, &cpu_, &lines_, &bytes_, &missed_}) each->remove_if(is_of_unit);
  lives_.erase(unit);
}

OVRSEER_DECL task<void> unit_metrics::follow(supervisor& of, journal::reader reader) {
  co_await first_of(take_events(of, reader), sample_at_intervals(of, reader));
  sample_logs(of);  // the last lines
}

OVRSEER_DECL task<void> unit_metrics::take_events(supervisor& of, journal::reader& reader) {
  for (;;) {
    const std::optional<journal_entry> entry = co_await reader.next();
    if (!entry) co_return;
    take(of, *entry);
  }
}

OVRSEER_DECL void unit_metrics::take(supervisor& of, const journal_entry& entry) {
  apply(entry);
  if (std::holds_alternative<journal_gap>(entry)) catch_up(of);
}

OVRSEER_DECL void unit_metrics::catch_up(supervisor& of) {
  const std::int64_t now_ns = (clock_of(of.get_executor()).now() - of.events().began()).count();
  for (const unit_snapshot& each : of.snapshot().units) {
    if (of.events().last_transition_of(each.id) != nullptr) continue;
    life& its = life_of(each.id, now_ns);
    settle(its, now_ns);
    if (is_alive(each.state) && !is_alive(its.state)) begin(its, now_ns - each.uptime.count());
    its.state = each.state;
  }
}

OVRSEER_DECL task<void> unit_metrics::sample_at_intervals(supervisor& of, journal::reader& reader) {
  const executor ex = co_await asio::this_coro::executor;
  steady_time next = clock_of(ex).now();
  for (;;) {
    // What has happened comes first: a sample belongs to the process of now.
    while (const std::optional<journal_entry> entry = reader.try_next()) take(of, *entry);
    advance((clock_of(ex).now() - of.events().began()).count());
    sample_logs(of);
    const std::vector<unit_id> units = alive();
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (i % most_in_row == most_in_row - 1) co_await asio::post(ex, use_task);
      sample(of, units[i]);
    }
    next = std::max(next + interval_, clock_of(ex).now());
    co_await sleep_until(next);
  }
}

OVRSEER_DECL void unit_metrics::sample_logs(supervisor& of) {
  for (const auto& [unit, its] : lives_) {
    try {
      observe(unit, of.lines(unit).counters());
    } catch (const std::system_error&) {  // removed meanwhile
    }
  }
}

OVRSEER_DECL void unit_metrics::sample(supervisor& of, const unit_id& unit) {
  try {
    if (const std::optional<process_sample> now = of.usage(unit)) observe(unit, *now);
  } catch (const std::system_error&) {  // removed meanwhile
  }
}

}  // namespace ovrseer
