// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One unit at work: the driver of its state machine. It carries out what the machine decides, one
// activity a decision, and tells the machine what came of it.
#pragma once

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/async/alarm.hpp>
#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/mailbox.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/check/notify.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/log/line_feed.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/log/pump.hpp>
#include <ovrseer/process/stop.hpp>
#include <ovrseer/supervise/error_handler.hpp>
#include <ovrseer/supervise/unit_machine.hpp>

namespace ovrseer {

class unit;

/// What a unit tells of itself, and whom it asks; the supervisor is one.
class unit_host {
 public:
  virtual void on_transition(unit& which, unit_transition change, std::uint64_t cause_seq) = 0;
  virtual void on_restarted(unit& which) = 0;
  /// The unit waits: answer by `tell` when its dependencies are met or cannot be had.
  virtual void on_waiting(unit& which) = 0;
  /// Asked when it comes to start because of that answer: whether it still holds. Where it does not, the unit
  /// goes on waiting.
  virtual bool may_start(unit& which) = 0;
  virtual void on_report(unit& which, const unit_action& what) = 0;
  /// A watch of its health has had a bad answer.
  virtual void on_check_failed(unit& which, check_data what) = 0;
  /// All watches of its health have had a good answer, for the first time in this incarnation.
  virtual void on_proven(unit& which) = 0;
  virtual void on_failure(failure_notice notice) = 0;
  /// The unit has dealt with an input, whether it changed something or not; or its driver has ended.
  virtual void on_handled(unit& which) = 0;

 protected:
  ~unit_host() = default;
};

/// A unit in a supervisor. Lives as long as its driver runs.
class unit {
 public:
  unit(const executor& ex, unit_spec what, unit_host& host);
  unit(const unit&) = delete;
  unit& operator=(const unit&) = delete;

  const unit_spec& spec() const noexcept { return spec_; }
  const unit_id& id() const noexcept { return spec_.id(); }
  const unit_machine& machine() const noexcept { return machine_; }
  unit_state state() const noexcept { return machine_.state(); }
  line_feed& feed() noexcept { return *feed_; }
  const line_feed& feed() const noexcept { return *feed_; }
  /// The present process, or the last one; empty before the first.
  process& current() noexcept { return process_; }
  const process& current() const noexcept { return process_; }
  /// What a check of the present process looks at.
  check_target target() noexcept { return {feed_.get(), &process_, first_line_, notify_ ? &*notify_ : nullptr}; }
  /// What its processes say by the notify protocol; null where they are not asked to.
  const notify_channel* notify() const noexcept { return notify_ ? &*notify_ : nullptr; }
  /// Whether all watches of its health have had a good answer; true where there are none.
  bool is_proven() const noexcept {
    return std::ranges::all_of(proven_, [](bool is_good) { return is_good; });
  }

  /// Those who look for lines in what the present process writes.
  nursery& line_watch() noexcept { return line_watch_; }

  /// Something happened, or somebody wants something.
  void tell(unit_input input) { inbox_.try_push(std::move(input)); }

  /// Speeds up a stop that runs: partial goes to its next step, terminal to its last. After terminal every
  /// stop to come kills at once.
  void push_stop(cancellation_type type);

  /// Supervised by another description of itself from now on, while its process goes on: see `supervisor::change`.
  void describe(unit_spec what);
  /// Only the flags of this description, and what follows them, from the next line on; the counts of those that stay go on.
  void look_for(const unit_spec& what);

  /// No more input: the driver ends. What still runs is killed.
  void close() { inbox_.close(); }

  /// Drives the unit until it is closed; then nothing of it runs any more.
  ///
  /// Cancellation: every type closes it.
  task<void> drive();

  /// No input waits to be dealt with.
  bool is_idle() const noexcept { return inbox_.size() == 0; }
  /// The driver has ended.
  bool is_over() const noexcept { return is_over_; }

 private:
  using input_kind = unit_input::kind;

  executor get_executor() { return activity_.get_executor(); }
  steady_time now() { return clock_of(get_executor()).now(); }

  void take(const unit_input& input);

  void perform(const unit_action& action);

  void send(int signal);

  void begin_watch();

  void end_watch();

  task<void> watch_health(std::size_t index);

  void hear(std::size_t index, const check_result& answer);

  void spawn_now();

  // What the process wrote before its end is in the pipes still, and belongs before the news of its end.
  // A descendant that holds the pipes, or a reader that does not read, must not delay that news for long.
  task<void> watch_exit();

  task<void> check();

  task<void> limit_time();

  task<void> delay(std::chrono::nanoseconds duration);

  task<void> end_process();

  // The process is gone; what it left behind goes as well, before anything takes its place.
  task<void> sweep();

  void note(const stop_report& report);

  void fail(std::string operation, std::string message) {
    host_.on_failure({std::move(operation), id(), severity::error, std::move(message)});
  }

  task<void> end_all();

  unit_spec spec_;
  unit_host& host_;
  unit_machine machine_;
  std::shared_ptr<line_feed> feed_;  // shared with the processes whose lines it takes
  std::optional<notify_channel> notify_;
  process process_;
  std::uint64_t first_line_ = 0;  // the number that the first line of this incarnation gets
  mailbox<unit_input> inbox_;
  std::vector<health_state> verdicts_;  // one a watch
  std::vector<bool> proven_;            // which of them have had a good answer in this incarnation
  std::uint64_t watch_round_ = 0;       // an answer of an earlier one counts no more
  nursery activity_;                    // the check, the delay, or the time limit
  nursery health_;                      // the watches
  nursery line_watch_;
  nursery ending_;    // the stop or the sweep
  nursery reading_;   // the output
  nursery watching_;  // the end
  bool is_over_ = false;
  bool is_forced_ = false;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/unit.ipp>
#endif
