// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The state machine of a unit: what happened goes in, changes of state with their cause and things to do
// come out. No clock, no process, no coroutine.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/supervise/restart_policy.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer {

/// Something that happened to a unit.
struct unit_input {
  enum class kind : std::uint8_t {
    start,    ///< somebody wants it to run
    stop,     ///< somebody wants it to rest
    restart,  ///< somebody wants a new incarnation
    dependencies_met,
    dependency_unavailable,  ///< something it needs cannot be had
    spawned,
    spawn_failed,
    check_passed,
    check_failed,
    time_limit_passed,  ///< of a cleanup unit
    exited,             ///< the process has ended, its output is read
    swept,              ///< nothing of its tree is left
    stop_done,          ///< the stop plan has been carried out
    delay_passed,
    group_gave_up,  ///< it was to be started again, and its group has had enough
    pause,          ///< what it needs is lost, and it is to wait where it stands
    resume,
    health_lost,      ///< a watch has failed often enough; `otherwise` says what it wants
    health_returned,  ///< all watches are content again
    health_proven,    ///< all watches have had a good answer, for the first time in this incarnation
    flagged,          ///< a line has matched a flag that acts; `otherwise` says what it wants, nothing: a report
  };
  kind what;
  std::string detail;                                 ///< for the cause: who asked, why it failed
  std::optional<exit_status> status = {};             ///< exited, stop_done
  std::optional<std::int32_t> pid = {};               ///< spawned
  std::optional<std::chrono::nanoseconds> took = {};  ///< stop_done
  std::uint64_t cause_seq = 0;                        ///< the event that led to this one; 0: the unit's own last
  std::string rule = "request";                       ///< for the cause: by which rule somebody asks
  health_watch::action otherwise = health_watch::action::nothing;  ///< health_lost, flagged
};

/// Something to do, in the order given.
struct unit_action {
  enum class kind : std::uint8_t {
    watch_dependencies,  ///< answer with dependencies_met or dependency_unavailable
    spawn,               ///< answer with spawned or spawn_failed; then watch for exited
    begin_check,         ///< answer with check_passed or check_failed
    end_check,
    begin_stop,   ///< carry out the plan; answer with stop_done
    sweep,        ///< end what the process left behind; answer with swept
    begin_delay,  ///< answer with delay_passed
    end_delay,
    report,  ///< make a crash report
    pause,   ///< stop its processes where they are
    resume,
    begin_watch,  ///< tell health_lost and health_returned from now on
    end_watch,
  };
  kind what;
  std::chrono::nanoseconds delay{};
  crash_kind report = crash_kind::crash;
  std::string message = {};
  std::uint64_t cause_seq = 0;  ///< report: the event that led to it; 0: the last crash
};

/// One change of state.
struct unit_transition {
  unit_state to;
  transition_data data;
  severity level = severity::info;
};

struct unit_step {
  std::vector<unit_transition> transitions;
  std::vector<unit_action> actions;
  bool restarted = false;  ///< the spawn among the actions is an automatic or requested restart
};

/// The state of one unit and the rules by which it changes.
class unit_machine {
 public:
  explicit unit_machine(const unit_spec& spec) : spec_(&spec) {}

  unit_state state() const noexcept { return state_; }
  /// Whether it rests: nothing will change unless somebody asks.
  bool is_settled() const noexcept { return is_at_rest(state_) && !is_sweeping_; }
  std::uint32_t incarnation() const noexcept { return incarnation_; }
  std::uint32_t restarts() const noexcept { return restarts_; }
  const std::optional<exit_status>& last_status() const noexcept { return last_status_; }
  /// Whether it has been ready in any incarnation.
  bool was_ever_ready() const noexcept { return was_ever_ready_; }
  /// What the last failure was.
  crash_kind failure_kind() const noexcept { return failure_kind_; }
  /// Why it is given up; empty while it is not.
  const std::string& failure() const noexcept { return failure_; }
  /// Whether its rules gave it up: it failed, and a restart was wanted.
  bool is_given_up() const noexcept { return state_ == unit_state::failed && was_restart_wanted_; }
  /// Whether a watch of its health has stopped it for good.
  bool is_put_down() const noexcept { return state_ == unit_state::stopped && was_put_down_; }
  /// Whether it waits or starts because it is started again.
  bool is_restarting() const noexcept { return is_restart_; }
  /// What was decided after the last end that nobody asked for.
  const restart_decision& decision() const noexcept { return decision_; }
  /// When the present incarnation was spawned.
  steady_time started() const noexcept { return started_; }

  /// Takes in what happened at `now`. `random` in [0, 1) serves the jitter of a restart.
  /// What does not concern the present state changes nothing.
  unit_step on(const unit_input& input, steady_time now, double random);

 private:
  using action = unit_action::kind;

  // What comes after the stop or the sweep that runs.
  enum class next : std::uint8_t { rest, run, decide };

  transition_data& change(unit_step& step, unit_state to, cause why, severity level = severity::info);

  void wait_for_dependencies(unit_step& step, cause why);

  void begin_incarnation(unit_step& step, const unit_input& input);

  void on_start(unit_step& step, const unit_input& input);

  void on_stop(unit_step& step, const unit_input& input);

  void on_restart(unit_step& step, const unit_input& input);

  void begin_stop(unit_step& step, cause why, next after);

  void end_questions(unit_step& step);
  bool is_watched() const {
    return !spec_->watches().empty() && (state_ == unit_state::ready || state_ == unit_state::unhealthy);
  }

  void on_group_gave_up(unit_step& step, const unit_input& input);

  void on_pause(unit_step& step, const unit_input& input);

  void on_resume(unit_step& step, const unit_input& input, steady_time now);

  void on_health_lost(unit_step& step, const unit_input& input, steady_time now);
  void on_flagged(unit_step& step, const unit_input& input);
  /// Ends what runs because it is of no use: for good, or so that the restart rules decide.
  void put_down(unit_step& step, const unit_input& input, const char* rule, crash_kind kind);

  void on_health_returned(unit_step& step, const unit_input& input, steady_time now);

  void on_spawned(unit_step& step, const unit_input& input, steady_time now);

  void on_spawn_failed(unit_step& step, const unit_input& input, steady_time now, double random);

  void become_ready(unit_step& step, cause why, steady_time now);

  void on_check_passed(unit_step& step, const unit_input& input, steady_time now) {
    if (state_ == unit_state::running) become_ready(step, {"the ready check passed", input.detail, "ready"}, now);
  }

  // It runs but is of no use: its ready check failed, or its time is over. Stopped first, decided after.
  void on_unfit(unit_step& step, const unit_input& input);

  void on_exited(unit_step& step, const unit_input& input, steady_time now, double random);

  // crashed, with the decision made and the report asked for; `on_swept` carries it out.
  void crash(unit_step& step, const std::string& what, const exit_status& status, steady_time now, double random);

  void decide(const std::string& what, const exit_status& status, steady_time now, double random);

  cause cause_of(const std::string& what) const;

  void on_swept(unit_step& step);

  void on_stop_done(unit_step& step, const unit_input& input, steady_time now, double random);

  const unit_spec* spec_;
  unit_state state_ = unit_state::created;
  std::uint32_t incarnation_ = 0;
  std::uint32_t restarts_ = 0;
  restart_history history_;
  restart_decision decision_;
  crash_kind failure_kind_ = crash_kind::crash;
  next after_ = next::rest;
  bool is_restart_ = false;
  bool is_sweeping_ = false;
  bool was_ever_ready_ = false;
  steady_time started_{};
  std::optional<steady_time> ready_since_;
  std::optional<exit_status> last_status_;
  std::string failure_;
  std::string unfit_;
  std::optional<cause> stop_wanted_;  // asked for while it was being spawned
  bool was_put_down_ = false;         // by a watch
  bool was_restart_wanted_ = false;   // when it failed
  bool was_running_ = false;          // before it was paused
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/unit_machine.ipp>
#endif
