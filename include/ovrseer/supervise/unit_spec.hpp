// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Everything that a supervisor is told of one unit: a description, built synchronously.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/check/health.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/log/flag.hpp>
#include <ovrseer/log/log_limits.hpp>
#include <ovrseer/log/rotation.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/process/command.hpp>
#include <ovrseer/process/stop_plan.hpp>
#include <ovrseer/supervise/flag_reaction.hpp>
#include <ovrseer/supervise/group.hpp>
#include <ovrseer/supervise/restart_policy.hpp>

namespace ovrseer {

/// What must hold of a dependency before the unit that names it may start.
enum class edge_condition : std::uint8_t {
  standard,  ///< ready; of a one-shot unit: completed successfully
  started,   ///< spawned
  ready,
  completed,  ///< ended by itself, in whatever way
  completed_successfully,
  healthy,   ///< ready, and its health has been asked for and is good
  log_line,  ///< it has written a line that `line` matches
};

/// What a unit does when a condition that it started with is lost, or holds again.
enum class edge_action : std::uint8_t {
  nothing,  ///< it goes on; a restart does not wait for the condition either
  hold,     ///< it goes on; a restart waits until the condition holds again
  pause,    ///< it is paused by SIGSTOP; on return it goes on
  restart,
  stop,
  start,  ///< on return: it is started, where it was stopped by the loss
};

/// The words of a configuration.
constexpr std::string_view to_text(edge_condition value) noexcept {
  constexpr std::string_view names[] = {"standard", "started", "ready", "completed", "completedSuccessfully",
                                        "healthy",  "logLine"};
  return names[static_cast<std::size_t>(value)];
}
constexpr std::string_view to_text(edge_action value) noexcept {
  constexpr std::string_view names[] = {"nothing", "hold", "pause", "restart", "stop", "start"};
  return names[static_cast<std::size_t>(value)];
}

/// One dependency of a unit.
struct dependency_edge {
  enum class need : std::uint8_t {
    required,  ///< where it cannot be had, the unit is skipped
    wanted,    ///< where it cannot be had, the unit starts without it
  };
  unit_id on;
  edge_condition condition = edge_condition::standard;
  need strength = need::required;
  edge_action on_loss = edge_action::hold;       ///< start is none
  edge_action on_return = edge_action::nothing;  ///< restart or start; who was paused by the loss goes on in any case
  std::optional<pattern<>> line = {};            ///< edge_condition::log_line
};

/// Describes a unit. All setters return the description, so that they chain.
class unit_spec {
 public:
  enum class kind : std::uint8_t {
    service,   ///< expected to keep running
    one_shot,  ///< expected to end by itself; it is ready for others when it has completed
  };

  unit_spec(unit_id id, command what) : id_(std::move(id)), command_(std::move(what)) {}

  unit_spec& as(role value);
  unit_spec& of_kind(kind value);
  /// An explicit list, also an empty one, replaces the default "a main waits for all dependencies".
  unit_spec& depends_on(std::vector<dependency_edge> edges);
  unit_spec& depends_on(unit_id on, edge_condition condition = edge_condition::standard);
  unit_spec& depends_on(dependency_edge edge);
  unit_spec& restart(restart_rules rules);
  /// Has the last word on what the rules decide.
  unit_spec& decide_by(any_restart_policy policy);
  /// What follows when it is given up.
  unit_spec& when_given_up(give_up what);
  /// The group that it is in; add that first. Default: the root. Cleanup units are in none.
  unit_spec& within(std::string group);
  /// Its group ends with it, as that says. Only for a unit that is not always restarted.
  unit_spec& significant();
  /// Where the graph leaves the choice, units of a lower priority stop first. Default 0.
  unit_spec& priority(int value);
  /// It starts only when somebody asks for it, by a request or as `give_up::run`. Nobody waits for it.
  unit_spec& on_demand();
  /// Gives it a socket for the notify protocol of sd_notify(3), which `notified` and `heartbeat` listen to. `watchdog` is
  /// the time within which it is asked to send WATCHDOG=1 each time; zero: it is not asked.
  unit_spec& notifies(std::chrono::nanoseconds watchdog = {});
  /// Watches it once it is ready. All watches count.
  unit_spec& watch(health_watch how);
  /// Without one, the unit is ready as soon as it is spawned.
  unit_spec& ready_when(any_check check);
  unit_spec& stop_by(stop_plan plan);
  /// Looks for a flag in its lines. `on_match` follows each match, `on_target` the one that reaches the target. One of the
  /// same name is replaced.
  unit_spec& flag(flag_spec flag, flag_reaction on_match = {}, flag_reaction on_target = {});
  /// Takes the flags of another, with what follows them, in place of its own.
  unit_spec& flags_of(const unit_spec& other);
  unit_spec& log(log_limits limits);
  /// Writes the lines to a file as well, rotated; `std::nullopt`: to none.
  unit_spec& log_file(std::optional<log_file_spec> file);
  unit_spec& tag(std::string word);
  /// Cleanup units: how long one may take before it is killed. Default 5 s.
  unit_spec& time_limit(std::chrono::nanoseconds limit);

  const unit_id& id() const noexcept { return id_; }
  const command& what() const noexcept { return command_; }
  command& what() noexcept { return command_; }
  ovrseer::role role() const noexcept { return role_; }
  kind of_kind() const noexcept { return kind_; }
  const std::optional<std::vector<dependency_edge>>& dependencies() const noexcept { return edges_; }
  const restart_rules& restart() const noexcept { return restart_; }
  const any_restart_policy& decide_by() const noexcept { return policy_; }
  const give_up& when_given_up() const noexcept { return give_up_; }
  const std::string& group() const noexcept { return group_; }
  bool is_significant() const noexcept { return significant_; }
  int priority() const noexcept { return priority_; }
  bool is_on_demand() const noexcept { return on_demand_; }
  const std::vector<health_watch>& watches() const noexcept { return watches_; }
  /// Of the notify protocol; nothing where it has no socket for that.
  const std::optional<std::chrono::nanoseconds>& watchdog() const noexcept { return watchdog_; }
  const any_check& ready_when() const noexcept { return ready_; }
  const stop_plan& stop_by() const noexcept { return stop_; }
  const std::vector<flag_spec>& flags() const noexcept { return flags_; }
  /// What follows a match of a flag, and what when its target is reached.
  struct reactions {
    flag_reaction on_match;
    flag_reaction on_target;
  };
  /// Those of the flag of a name; null where nothing follows.
  const reactions* reactions_to(std::string_view flag) const;
  const log_limits& log() const noexcept { return log_limits_; }
  const std::optional<log_file_spec>& log_file() const noexcept { return log_file_; }
  const std::vector<std::string>& tags() const noexcept { return tags_; }
  std::chrono::nanoseconds time_limit() const noexcept { return time_limit_; }

 private:
  unit_id id_;
  command command_;
  ovrseer::role role_ = role::main;
  kind kind_ = kind::service;
  std::optional<std::vector<dependency_edge>> edges_;
  restart_rules restart_;
  any_restart_policy policy_;
  give_up give_up_;
  std::string group_;
  bool significant_ = false;
  int priority_ = 0;
  bool on_demand_ = false;
  any_check ready_;
  std::vector<health_watch> watches_;
  std::optional<std::chrono::nanoseconds> watchdog_;
  stop_plan stop_;
  std::vector<flag_spec> flags_;
  std::map<std::string, reactions, std::less<>> reactions_;
  log_limits log_limits_;
  std::optional<log_file_spec> log_file_;
  std::vector<std::string> tags_;
  std::chrono::nanoseconds time_limit_ = std::chrono::seconds(5);
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/unit_spec.ipp>
#endif
