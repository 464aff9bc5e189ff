// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What each unit uses and how long it was up, as metrics: time from the journal, exactly; the rest from samples.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/log/line_feed.hpp>
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
/// without one); and of its log, over all its processes: `ovrseer_unit_log_lines_total` (each piece of an over-long one by
/// itself), `ovrseer_unit_log_bytes_total` (as read, line ends included) and `ovrseer_unit_log_missed_total` (lines that a
/// reader, such as a sink, came too late for). The series of a removed unit go with it.
///
/// The time that a gap in the journal hides counts by the state before it.
class unit_metrics {
 public:
  /// `interval` is the time between two samples of a unit, not less than 100 ms.
  explicit unit_metrics(registry& metrics, std::chrono::nanoseconds interval = std::chrono::seconds(10));

  /// Takes in one entry of the journal.
  void apply(const journal_entry& entry) {
    if (const auto* what = std::get_if<event>(&entry)) apply(*what);
  }
  void apply(const event& what);

  /// Brings the times up to a moment, in nanoseconds since the journal began.
  void advance(std::int64_t mono_ns) {
    for (auto& [unit, its] : lives_) settle(its, mono_ns);
  }

  /// Takes in a sample of the present process of a unit; of one that has none it changes nothing.
  void observe(const unit_id& unit, const process_sample& now);

  /// Takes in what went through the log of a unit so far; of one that the journal has not named it changes nothing.
  void observe(const unit_id& unit, const log_counters& so_far);

  /// The units that have a process now.
  std::vector<unit_id> alive() const;

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
    log_counters logged;  // counted already
    std::shared_ptr<counter> lines;
    std::shared_ptr<counter> bytes;
    std::shared_ptr<counter> missed;
  };

  static std::vector<std::string> labels() { return {"namespace", "unit"}; }

  static constexpr bool is_down(unit_state state) noexcept {
    return state == unit_state::waiting || state == unit_state::starting || state == unit_state::crashed ||
           state == unit_state::backing_off || state == unit_state::failed || state == unit_state::skipped;
  }

  life& life_of(const unit_id& unit, std::int64_t mono_ns);

  static void settle(life& its, std::int64_t mono_ns);

  static void enter(life& its, const event& what, unit_state state);

  static void begin(life& its, std::int64_t mono_ns);

  static void add_cpu(life& its, std::chrono::microseconds total);

  void forget(const unit_id& unit);

  task<void> follow(supervisor& of, journal::reader reader);

  task<void> take_events(supervisor& of, journal::reader& reader);

  void take(supervisor& of, const journal_entry& entry);

  // Whose last change the journal no longer has would stay unknown until the next one, which may be months away.
  void catch_up(supervisor& of);

  task<void> sample_at_intervals(supervisor& of, journal::reader& reader);

  void sample(supervisor& of, const unit_id& unit);
  void sample_logs(supervisor& of);

  static constexpr std::size_t most_in_row = 16;

  std::chrono::nanoseconds interval_;
  family<gauge>& uptime_;
  family<gauge>& resident_;
  family<gauge>& descriptors_;
  family<gauge>& threads_;
  family<counter>& up_;
  family<counter>& down_;
  family<counter>& cpu_;
  family<counter>& lines_;
  family<counter>& bytes_;
  family<counter>& missed_;
  std::map<unit_id, life> lives_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/export/impl/unit_metrics.ipp>
#endif
