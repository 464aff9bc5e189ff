// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/unit_spec.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer {

OVRSEER_DECL unit_spec& unit_spec::as(enum role value) {
  role_ = value;
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::of_kind(kind value) {
  kind_ = value;
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::depends_on(std::vector<dependency_edge> edges) {
  edges_ = std::move(edges);
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::depends_on(unit_id on, edge_condition condition) {
  if (!edges_) edges_.emplace();
  edges_->push_back({std::move(on), condition, dependency_edge::need::required});
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::depends_on(dependency_edge edge) {
  if (!edges_) edges_.emplace();
  edges_->push_back(std::move(edge));
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::restart(restart_rules rules) {
  restart_ = std::move(rules);
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::decide_by(any_restart_policy policy) {
  policy_ = std::move(policy);
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::when_given_up(give_up what) {
  give_up_ = std::move(what);
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::within(std::string group) {
  group_ = std::move(group);
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::significant() {
  significant_ = true;
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::priority(int value) {
  priority_ = value;
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::on_demand() {
  on_demand_ = true;
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::notifies(std::chrono::nanoseconds watchdog) {
  watchdog_ = watchdog;
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::watch(health_watch how) {
  watches_.push_back(std::move(how));
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::ready_when(any_check check) {
  ready_ = std::move(check);
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::stop_by(stop_plan plan) {
  stop_ = std::move(plan);
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::flag(flag_spec flag, flag_reaction on_match, flag_reaction on_target) {
  using enum flag_reaction::action;
  reactions_.erase(flag.name());
  if (on_match.what() != nothing || on_target.what() != nothing) {
    reactions_.insert_or_assign(flag.name(), reactions{std::move(on_match), std::move(on_target)});
  }
  const auto taken = std::ranges::find(flags_, flag.name(), &flag_spec::name);
  if (taken != flags_.end())
    *taken = std::move(flag);
  else
    flags_.push_back(std::move(flag));
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::flags_of(const unit_spec& other) {
  flags_ = other.flags_;
  reactions_ = other.reactions_;
  return *this;
}

OVRSEER_DECL const unit_spec::reactions* unit_spec::reactions_to(std::string_view flag) const {
  const auto found = reactions_.find(flag);
  return found == reactions_.end() ? nullptr : &found->second;
}

OVRSEER_DECL unit_spec& unit_spec::log(log_limits limits) {
  log_limits_ = limits;
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::log_file(std::optional<log_file_spec> file) {
  log_file_ = std::move(file);
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::tag(std::string word) {
  tags_.push_back(std::move(word));
  return *this;
}

OVRSEER_DECL unit_spec& unit_spec::time_limit(std::chrono::nanoseconds limit) {
  time_limit_ = limit;
  return *this;
}

}  // namespace ovrseer
