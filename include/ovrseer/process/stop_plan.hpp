// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How to end a process: gently, then firmly. A description; `stop` carries it out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/fwd.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/process/command.hpp>
#include <ovrseer/process/exit_status.hpp>
#include <ovrseer/process/signal.hpp>

namespace ovrseer {

/// Whom a signal of a stop step reaches.
enum class stop_scope : std::uint8_t {
  leader,  ///< the process itself
  group,   ///< its process group
  tree,    ///< its group and every descendant, also those in sessions and groups of their own
};

/// What a stop step waits for beside the end of the process.
struct stop_condition {
  /// Completes when it holds. Called when the step begins, before its action; what it returns is awaited after that.
  std::function<task<void>(process&)> holds;
  std::string text;  ///< for plans: "no file /run/x.lock"
};

/// One step of a stop: an action, how long it may take to bear fruit, and perhaps a condition.
class stop_step {
 public:
  using action = std::variant<signal_number, command>;

  /// Sends a signal. `grace` is how long to wait for the end before the next step.
  explicit stop_step(signal_number signal, std::chrono::nanoseconds grace, stop_scope scope = stop_scope::group)
      : action_(signal), grace_(grace), scope_(scope) {}
  /// Runs a command, such as `nginx -s quit`; it is killed when the grace has passed. Its environment has
  /// `OVRSEER_PID`, the process to stop.
  explicit stop_step(command what, std::chrono::nanoseconds grace) : action_(std::move(what)), grace_(grace) {}

  /// Ends the step before its grace when the awaited condition completes (connections drained, a file
  /// gone). It is cancelled when the process ends or the grace has passed; its failure ends nothing.
  stop_step& until(std::function<task<void>(process&)> condition) {
    return until(stop_condition{std::move(condition), "a condition holds"});
  }
  stop_step& until(stop_condition condition) {
    condition_ = std::move(condition);
    return *this;
  }

  const action& what() const noexcept { return action_; }
  std::chrono::nanoseconds grace() const noexcept { return grace_; }
  stop_scope scope() const noexcept { return scope_; }
  const stop_condition& condition() const noexcept { return condition_; }

 private:
  action action_;
  std::chrono::nanoseconds grace_;
  stop_scope scope_ = stop_scope::leader;
  stop_condition condition_;
};

/// Steps, tried in order until the process and all that belongs to it have ended.
class stop_plan {
 public:
  /// SIGTERM to the group, 10 s, SIGKILL to the tree, 2 s.
  stop_plan() : stop_plan(signal_number(SIGTERM), std::chrono::seconds(10)) {}
  /// `signal` to the group, `grace`, then SIGKILL to the tree, 2 s.
  explicit stop_plan(signal_number signal, std::chrono::nanoseconds grace) {
    steps_.emplace_back(signal, grace);
    steps_.emplace_back(signal_number(SIGKILL), std::chrono::seconds(2), stop_scope::tree);
  }
  /// No steps yet; see `then`.
  static stop_plan empty() {
    stop_plan plan;
    plan.steps_.clear();
    return plan;
  }
  /// SIGKILL to the tree at once, 2 s.
  static stop_plan kill() { return empty().then_kill(); }

  stop_plan& then(stop_step step) {
    steps_.push_back(std::move(step));
    return *this;
  }
  stop_plan& then_kill(std::chrono::nanoseconds grace = std::chrono::seconds(2)) {
    return then(stop_step(signal_number(SIGKILL), grace, stop_scope::tree));
  }

  /// Processes of the tree whose command line has a match are left alone: no signal to the group or the tree reaches
  /// them, nobody waits for their end, and the report names them. The process itself is never left. A command line is
  /// the arguments with one blank between two. May be called several times. Whoever is left had better write to a file:
  /// nobody reads the pipes of a process that has been stopped.
  stop_plan& leave(pattern<> what) {
    leave_.push_back(std::move(what));
    return *this;
  }

  const std::vector<stop_step>& steps() const noexcept { return steps_; }
  const std::vector<pattern<>>& leave() const noexcept { return leave_; }

  /// The longest time that the plan can take.
  std::chrono::nanoseconds bound() const {
    std::chrono::nanoseconds sum{};
    for (const stop_step& step : steps_) sum += step.grace();
    return sum;
  }

 private:
  std::vector<stop_step> steps_;
  std::vector<pattern<>> leave_;
};

/// A process that was still there at the end of a stop.
struct survivor {
  pid_t pid = 0;
  std::string name;
};

/// What a stop came to.
struct stop_report {
  /// The step (from 0) after which the process had ended; nothing where it had ended before, or never did.
  std::optional<std::size_t> ended_by;
  std::chrono::nanoseconds took{};
  /// How the process ended; nothing while it survives.
  std::optional<exit_status> status;
  /// Who was still there when the grace of a step had passed, or somebody forced the end: those that held the stop up.
  std::vector<survivor> held_up;
  /// Processes of the tree that survived the last step.
  std::vector<survivor> survivors;
  /// Processes of the tree that the plan says to leave alone, and that were there at the end.
  std::vector<survivor> left_alone;
  /// Steps that could not be carried out, in words.
  std::vector<std::string> problems;

  bool is_clean() const noexcept { return status.has_value() && survivors.empty(); }
};

/// "SIGTERM to the group, 10s or until no file x.lock; SIGKILL to the tree, 2s; leaves alone /backup/".
inline std::string to_text(const stop_plan& plan) {
  std::string text;
  for (const stop_step& step : plan.steps()) {
    if (!text.empty()) text += "; ";
    if (const auto* signal = std::get_if<signal_number>(&step.what())) {
      static constexpr const char* names[] = {"process", "group", "tree"};
      text += to_text(*signal) + " to the " + names[static_cast<std::size_t>(step.scope())];
    } else {
      text += "run " + to_text(std::get<command>(step.what()));
    }
    text += ", " + to_text(step.grace());
    if (step.condition().holds) text += " or until " + step.condition().text;
  }
  for (std::size_t i = 0; i < plan.leave().size(); ++i) {
    text += (i == 0 ? "; leaves alone " : ", ") + to_text(plan.leave()[i]);
  }
  return text;
}

}  // namespace ovrseer
