// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Everything that a supervisor is told of one unit: a description, built synchronously.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/check/check.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/log/flag.hpp>
#include <ovrseer/log/log_limits.hpp>
#include <ovrseer/log/rotation.hpp>
#include <ovrseer/process/command.hpp>
#include <ovrseer/process/stop_plan.hpp>
#include <ovrseer/supervise/restart_policy.hpp>

namespace ovrseer {

/// What must hold of a dependency before the unit that names it may start.
enum class edge_condition : std::uint8_t {
  standard,  ///< ready; of a one-shot unit: completed successfully
  started,   ///< spawned
  ready,
  completed,  ///< ended by itself, in whatever way
  completed_successfully,
};

/// One dependency of a unit.
struct dependency_edge {
  enum class need : std::uint8_t {
    required,  ///< where it cannot be had, the unit is skipped
    wanted,    ///< where it cannot be had, the unit starts without it
  };
  unit_id on;
  edge_condition condition = edge_condition::standard;
  need strength = need::required;
};

/// Describes a unit. All setters return the description, so that they chain.
class unit_spec {
 public:
  enum class kind : std::uint8_t {
    service,   ///< expected to keep running
    one_shot,  ///< expected to end by itself; it is ready for others when it has completed
  };

  unit_spec(unit_id id, command what) : id_(std::move(id)), command_(std::move(what)) {}

  unit_spec& as(role value) {
    role_ = value;
    return *this;
  }
  unit_spec& of_kind(kind value) {
    kind_ = value;
    return *this;
  }
  /// An explicit list, also an empty one, replaces the default "a main waits for all dependencies".
  unit_spec& depends_on(std::vector<dependency_edge> edges) {
    edges_ = std::move(edges);
    return *this;
  }
  unit_spec& depends_on(unit_id on, edge_condition condition = edge_condition::standard) {
    if (!edges_) edges_.emplace();
    edges_->push_back({std::move(on), condition, dependency_edge::need::required});
    return *this;
  }
  unit_spec& restart(restart_rules rules) {
    restart_ = std::move(rules);
    return *this;
  }
  /// Without one, the unit is ready as soon as it is spawned.
  unit_spec& ready_when(any_check check) {
    ready_ = std::move(check);
    return *this;
  }
  unit_spec& stop_by(stop_plan plan) {
    stop_ = std::move(plan);
    return *this;
  }
  unit_spec& flag(flag_spec flag) {
    flags_.push_back(std::move(flag));
    return *this;
  }
  unit_spec& log(log_limits limits) {
    log_limits_ = limits;
    return *this;
  }
  /// Writes the lines to a file as well, rotated.
  unit_spec& log_file(log_file_spec file) {
    log_file_ = std::move(file);
    return *this;
  }
  unit_spec& tag(std::string word) {
    tags_.push_back(std::move(word));
    return *this;
  }
  /// Cleanup units: how long one may take before it is killed. Default 5 s.
  unit_spec& time_limit(std::chrono::nanoseconds limit) {
    time_limit_ = limit;
    return *this;
  }

  const unit_id& id() const noexcept { return id_; }
  const command& what() const noexcept { return command_; }
  command& what() noexcept { return command_; }
  ovrseer::role role() const noexcept { return role_; }
  kind of_kind() const noexcept { return kind_; }
  const std::optional<std::vector<dependency_edge>>& dependencies() const noexcept { return edges_; }
  const restart_rules& restart() const noexcept { return restart_; }
  const any_check& ready_when() const noexcept { return ready_; }
  const stop_plan& stop_by() const noexcept { return stop_; }
  const std::vector<flag_spec>& flags() const noexcept { return flags_; }
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
  any_check ready_;
  stop_plan stop_;
  std::vector<flag_spec> flags_;
  log_limits log_limits_;
  std::optional<log_file_spec> log_file_;
  std::vector<std::string> tags_;
  std::chrono::nanoseconds time_limit_ = std::chrono::seconds(5);
};

}  // namespace ovrseer
