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
  rehearsal(const stack_configuration& stack, const rehearsal_options& options)
      : stack_(stack),
        options_(options),
        world_(options.seed, options.epoch),
        company_(world_, options),
        units_(enlisted()),
        target_(world_.get_executor(), options_of(stack, options)),
        witness_(units_, stack.groups),
        timeline_([this](timeline_entry entry) { keep(std::move(entry)); }, options.unfolded) {
    for (const group_spec& group : stack.groups) target_.add(group);
    for (const unit_spec& unit : units_) target_.add(unit);
    for (const rehearsal_fault& fault : options.faults) company_.suffer(fault);
    target_.on_error([this](const failure_notice& notice) { note_failure(notice); });
  }
  rehearsal(const rehearsal&) = delete;
  rehearsal& operator=(const rehearsal&) = delete;

  rehearsal_result run() {
    if (options_.prepare) options_.prepare(target_, world_);
    is_over_ = false;
    asio::co_spawn(world_.context(), target_.run(), [this](std::exception_ptr failure, int code) {
      is_over_ = true;
      failure_ = std::move(failure);
      if (!failure_) code_ = code;
    });
    world_.at(options_.duration, [this] { end_it(); });
    try {
      play();
    } catch (...) {  // of a callback
      abandon(onlookers::spared);
      throw;
    }
    if (!is_over_) abandon(onlookers::told);
    if (failure_) std::rethrow_exception(failure_);
    // What only has to be taken from the table; time does not go on.
    world_.context().restart();
    world_.context().poll();
    watch();
    return verdict();
  }

  /// Nothing of it runs any more, so that it can be destroyed.
  bool is_over() const noexcept { return is_over_; }

 private:
  // More handlers than a stack needs at one moment: who comes so far goes round in a circle.
  std::uint64_t most_at_once() const { return 20'000 + 1'000 * units_.size(); }
  static constexpr std::size_t most_notices = 50;

  static supervisor_options options_of(const stack_configuration& stack, const rehearsal_options& options) {
    supervisor_options made;
    made.boot_id("rehearsal-" + std::to_string(options.seed)).max_reports(1).report_lines(0);
    if (stack.supervision.max_units) made.max_units(*stack.supervision.max_units);
    return made;
  }

  std::vector<unit_spec> enlisted() {
    std::vector<unit_spec> made;
    for (const unit_spec& unit : stack_.units) {
      const auto told = options_.behaviors.find(unit.id());
      const auto said = stack_.simulated.find(unit.id());
      const process_behavior* how = nullptr;
      if (said != stack_.simulated.end()) how = &said->second;
      if (told != options_.behaviors.end()) how = &told->second;
      made.push_back(company_.enlist(unit, how));
    }
    return made;
  }

  // ---- the run

  void play() {
    std::uint64_t at_once = 0;
    nanoseconds then = world_.elapsed();
    while (!is_over_) {
      if (!world_.step()) return witness_.report("nothing will ever happen again", world_.elapsed());
      watch();
      if (world_.elapsed() != then) {
        then = world_.elapsed();
        at_once = 0;
        if (is_late()) return witness_.report("the stop does not come to its end", then);
      } else if (++at_once == most_at_once()) {
        notices_.push_back("time stands still at " + timeline_time(then) +
                           ": units end and start again without a pause; give their restarts a delay");
        return;
      }
    }
  }
  bool is_late() const {
    return stop_began_ && world_.elapsed() > *stop_began_ + witness_.plan().stop_bound + std::chrono::minutes(1);
  }

  // The last means against a supervisor that does not end, and the way out when a callback has thrown.
  enum class onlookers : std::uint8_t { told, spared };
  void abandon(onlookers whom) {
    witness_.forgive_cleanup();
    target_.force_stop("the rehearsal is abandoned");
    was_abandoned_ = true;
    for (std::uint64_t i = 0; i != 100 * most_at_once() && !is_over_ && world_.step(); ++i) {
      if (whom == onlookers::told) watch();
    }
  }

  void end_it() {
    if (target_.is_stopping()) return;
    was_ended_ = true;
    was_ready_at_end_ = target_.is_ready();
    for (const obstacle& each : why_not_ready(target_)) unready_.push_back(to_text(each));
    target_.request_stop("the rehearsal is over");
  }

  void watch() {
    const journal& events = target_.events();
    if (seen_ == events.end_seq()) return;
    for (; seen_ != events.end_seq(); ++seen_) {
      const event* const entry = events.at(seen_);
      if (entry == nullptr) {
        witness_.report("more events at one moment than the journal keeps", world_.elapsed());
        seen_ = events.begin_seq();
        continue;
      }
      take(*entry);
    }
    const bool is_ready = target_.is_ready();
    witness_.note_ready(is_ready, world_.elapsed());
    if (is_ready && !std::exchange(was_told_ready_, true)) {
      timeline_.remark(world_.elapsed(), timeline_entry::tone::good, "all ready");
    }
  }

  void take(const event& entry) {
    witness_.look_at(entry);
    timeline_.take(entry);
    if (entry.type == event_type::running) {
      witness_.count_processes(entry.unit, company_.living(entry.unit), nanoseconds(entry.mono_ns));
    }
    if (entry.type == event_type::supervisor_stopping) begin_stop(entry);
    if (options_.history == rehearsal_options::events::kept) result_.events.push_back(entry);
    if (options_.on_event) options_.on_event(entry);
  }

  void begin_stop(const event& entry) {
    stop_began_ = nanoseconds(entry.mono_ns);
    if (const cause* why = cause_of(entry)) stop_reason_ = why->what;
    const nanoseconds limit = stack_.supervision.shutdown_timeout;
    if (limit <= nanoseconds::zero()) return;
    world_.at(*stop_began_ + limit, [this, limit] {
      if (is_over_) return;
      witness_.forgive_cleanup();
      notices_.push_back("the stop took longer than the shutdown timeout, " + to_text(limit) + ", and was forced");
      target_.force_stop("the shutdown takes longer than " + to_text(limit));
    });
  }

  void note_failure(const failure_notice& notice) {
    if (notices_.size() == most_notices) return;
    const std::string whose = notice.unit.name.empty() ? "" : to_text(notice.unit) + ": ";
    notices_.push_back(whose + notice.operation + ": " + notice.message);
  }

  void keep(timeline_entry entry) {
    if (options_.on_entry) options_.on_entry(entry);
    if (result_.timeline.size() < options_.max_timeline)
      result_.timeline.push_back(std::move(entry));
    else
      ++result_.dropped_entries;
  }

  // ---- the verdict

  rehearsal_result verdict() {
    std::size_t left = 0;
    for (const auto& each : world_.os().children()) left += each->members().size();
    witness_.finish(left, world_.elapsed());
    rehearsal_result made = std::move(result_);
    made.seed = options_.seed;
    made.boot_id = target_.events().boot_id();
    made.exit_code = code_.value_or(-1);
    witness_.fill(made);
    for (rehearsed_unit& unit : made.units) unit.state = target_.state(unit.id);
    if (!was_ended_ && !was_abandoned_) {
      const std::string told = "it ended by itself at " + timeline_time(made.ran) + ": " + stop_reason_ +
                               ", exit code " + std::to_string(made.exit_code);
      (made.exit_code == 0 ? made.remarks : made.problems).push_back(told);
    } else if (was_ended_ && !made.ready_after) {
      std::string told = "it never was all ready; at the end:";
      for (const std::string& each : unready_) told += "\n" + each;
      made.problems.insert(made.problems.begin(), std::move(told));
    } else if (was_ended_ && !was_ready_at_end_) {
      std::string told = "not all was ready when it was stopped:";
      for (const std::string& each : unready_) told += "\n" + each;
      made.remarks.push_back(std::move(told));
    }
    for (const rehearsed_unit& each : made.units) {
      if (!options_.least_availability || !each.availability || *each.availability >= *options_.least_availability)
        continue;
      made.problems.push_back(to_text(each.id) + " was available for " + availability_text(each.availability) +
                              " of the time, less than " + availability_text(options_.least_availability));
    }
    for (std::string& each : notices_) made.problems.push_back(std::move(each));
    for (const unit_spec& unit : units_) {
      for (const std::string& each : company_.obstacles(unit.id()))
        made.remarks.push_back(to_text(unit.id()) + ": " + each);
    }
    return made;
  }

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
inline rehearsal_result rehearse(const stack_configuration& stack, const rehearsal_options& options = {}) {
  const std::unique_ptr<rehearse_detail::rehearsal, rehearse_detail::careful_end> running(
      new rehearse_detail::rehearsal(stack, options));
  return running->run();
}

}  // namespace ovrseer
