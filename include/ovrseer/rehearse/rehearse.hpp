// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A configuration run in the simulated world: what would happen in thirty days, in seconds and without starting
// anything.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/config/model.hpp>
#include <ovrseer/rehearse/detail/company.hpp>
#include <ovrseer/rehearse/detail/witness.hpp>
#include <ovrseer/rehearse/options.hpp>
#include <ovrseer/rehearse/result.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/supervisor.hpp>
#include <ovrseer/supervise/why.hpp>

namespace ovrseer {

namespace rehearse_detail {

/// One rehearsal, from the first start to the last end.
class rehearsal {
 public:
  rehearsal(const stack_configuration& stack, const rehearsal_options& options);
  rehearsal(const rehearsal&) = delete;
  rehearsal& operator=(const rehearsal&) = delete;

  rehearsal_result run();

  /// Nothing of it runs any more, so that it can be destroyed.
  bool is_over() const noexcept { return is_over_; }

 private:
  // More handlers than a stack needs at one moment: who comes so far goes round in a circle.
  std::uint64_t most_at_once() const { return 20'000 + 1'000 * units_.size(); }
  static constexpr std::size_t most_notices = 50;

  static supervisor_options options_of(const stack_configuration& stack, const rehearsal_options& options);

  std::vector<unit_spec> enlisted();

  // ---- the run

  void play();
  bool is_late() const {
    return stop_began_ && world_.elapsed() > *stop_began_ + witness_.plan().stop_bound + std::chrono::minutes(1);
  }

  // The last means against a supervisor that does not end, and the way out when a callback has thrown.
  enum class onlookers : std::uint8_t { told, spared };
  void abandon(onlookers whom);

  void end_it();

  void watch();

  void take(const event& entry);

  void begin_stop(const event& entry);

  void note_failure(const failure_notice& notice);

  void keep(timeline_entry entry);

  // ---- the verdict

  rehearsal_result verdict();

  const stack_configuration& stack_;
  const rehearsal_options& options_;
  simulated_world world_;
  company company_;
  std::vector<unit_spec> units_;
  supervisor target_;
  witness witness_;
  timeline_builder timeline_;
  rehearsal_result result_;
  bool is_over_ = true;
  std::exception_ptr failure_;
  std::optional<int> code_;
  std::uint64_t seen_ = 1;
  std::optional<nanoseconds> stop_began_;
  std::string stop_reason_;
  std::vector<std::string> unready_;
  std::vector<std::string> notices_;
  bool was_ended_ = false;      // by us, when its time was over
  bool was_abandoned_ = false;  // by force
  bool was_ready_at_end_ = false;
  bool was_told_ready_ = false;
};

/// Where coroutines of it never end it is better lost than destroyed under them; its result says so.
struct careful_end {
  void operator()(rehearsal* ended) const {
    if (ended->is_over()) delete ended;
  }
};

}  // namespace rehearse_detail

/// Runs a configuration in the simulated world and says what came of it.
///
///     rehearsal_options how;
///     how.duration = 720h;
///     how.faults = {rehearsal_fault::crash_at("db", 5min, 3), rehearsal_fault::random_crash("worker", 1h)};
///     const rehearsal_result result = rehearse(*stack, how);
///     REQUIRE(result.is_ok());  // or print to_text(result)
///
/// The stack is started, runs for `duration`, and is stopped as by a request; the stop is part of the verdict. Units,
/// orders, restarts, checks and stop plans are those of the configuration; processes are scripts (`process_behavior`),
/// whatever their commands are. Nothing real is touched: no process, no port, no file. Log files, crash reports,
/// metrics and the guard are left out; HTTP checks are answered by the world, whichever client the configuration was
/// read with. The exception is a check of one's own that reaches outside by itself; the result remarks it.
///
/// While it runs it is looked whether what the supervisor promises holds: one process a unit, no start before its
/// dependencies, every stop within the bound of the plan, cleanup always run, everything at rest at the end.
///
/// Same configuration, same options: the same result, to the byte.
/// Cost: seconds for thirty days of ten units that crash every hour. Memory does not grow with the duration, unless
/// the events are kept.
/// Errors: those of the graph; `errc::unknown_unit` for a fault of a unit that is not there; what the callbacks throw.
OVRSEER_DECL rehearsal_result rehearse(const stack_configuration& stack, const rehearsal_options& options = {});

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/rehearse/impl/rehearse.ipp>
#endif
