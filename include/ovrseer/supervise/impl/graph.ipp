// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/graph.hpp>.
#pragma once

#include <string>

#include <ovrseer/supervise/graph.hpp>

namespace ovrseer {

OVRSEER_DECL dependency_graph::dependency_graph(const std::vector<const unit_spec*>& units, const order_edges& more) {
  for (const unit_spec* unit : units) edges_[unit->id()] = {};
  for (const unit_spec* unit : units) edges_[unit->id()] = edges_of(*unit, units);
  for (const auto& [later, earlier] : more) {
    std::vector<dependency_edge>& own = edges_[later];
    if (std::ranges::find(own, earlier, &dependency_edge::on) == own.end()) own.push_back({earlier});
  }
  for (const auto& [id, edges] : edges_) {
    for (const dependency_edge& edge : edges) {
      if (!edges_.contains(edge.on)) {
        throw error(errc::unknown_dependency, "graph", to_text(id) + " depends on " + to_text(edge.on));
      }
      dependents_[edge.on].push_back(id);
    }
  }
  refuse_cycles();
  for (const unit_spec* unit : units) {
    if (unit->role() == role::main) mark_above_mains(unit->id());
  }
}

OVRSEER_DECL const std::vector<unit_id>& dependency_graph::dependents_of(const unit_id& id) const {
  static const std::vector<unit_id> nobody;
  const auto found = dependents_.find(id);
  return found == dependents_.end() ? nobody : found->second;
}

OVRSEER_DECL bool dependency_graph::any_above(const unit_id& id,
                                              const std::function<bool(const unit_id&)>& is_meant) const {
  std::set<unit_id> seen;
  return any_above(id, is_meant, seen);
}

OVRSEER_DECL std::set<unit_id> dependency_graph::with_dependencies(const std::vector<unit_id>& ids) const {
  std::set<unit_id> found(ids.begin(), ids.end());
  std::vector<unit_id> open = ids;
  while (!open.empty()) {
    const unit_id id = std::move(open.back());
    open.pop_back();
    for (const dependency_edge& edge : edges_.at(id)) {
      if (found.insert(edge.on).second) open.push_back(edge.on);
    }
  }
  return found;
}

OVRSEER_DECL std::vector<std::vector<unit_id>> dependency_graph::layers() const {
  std::map<unit_id, std::size_t> depth;
  std::size_t deepest = 0;
  for (const auto& [id, edges] : edges_) deepest = std::max(deepest, depth_of(id, depth));
  std::vector<std::vector<unit_id>> layers(edges_.empty() ? 0 : deepest + 1);
  for (const auto& [id, level] : depth) layers[level].push_back(id);
  return layers;
}

OVRSEER_DECL std::chrono::nanoseconds dependency_graph::longest_to(const unit_id& id, const cost_function& cost) const {
  known_costs known;
  return longest(id, cost, known, [this](const unit_id& at) {
    std::vector<unit_id> below;
    for (const dependency_edge& edge : edges_.at(at)) below.push_back(edge.on);
    return below;
  });
}

OVRSEER_DECL std::chrono::nanoseconds dependency_graph::longest_from(const unit_id& id,
                                                                     const cost_function& cost) const {
  known_costs known;
  return longest(id, cost, known, [this](const unit_id& at) { return dependents_of(at); });
}

OVRSEER_DECL bool dependency_graph::any_above(const unit_id& id, const std::function<bool(const unit_id&)>& is_meant,
                                              std::set<unit_id>& seen) const {
  return std::ranges::any_of(dependents_of(id), [&](const unit_id& each) {
    return seen.insert(each).second && (is_meant(each) || any_above(each, is_meant, seen));
  });
}

OVRSEER_DECL std::vector<dependency_edge> dependency_graph::edges_of(const unit_spec& unit,
                                                                     const std::vector<const unit_spec*>& units) {
  if (unit.dependencies()) return *unit.dependencies();
  std::vector<dependency_edge> edges;
  if (unit.role() != role::main) return edges;
  for (const unit_spec* other : units) {
    if (other->role() == role::dependency && !other->is_on_demand()) edges.push_back({other->id()});
  }
  return edges;
}

OVRSEER_DECL std::size_t dependency_graph::depth_of(const unit_id& id, std::map<unit_id, std::size_t>& known) const {
  if (const auto found = known.find(id); found != known.end()) return found->second;
  std::size_t depth = 0;
  for (const dependency_edge& edge : edges_.at(id)) depth = std::max(depth, depth_of(edge.on, known) + 1);
  known[id] = depth;
  return depth;
}

OVRSEER_DECL void dependency_graph::mark_above_mains(const unit_id& id) {
  if (!above_mains_.insert(id).second) return;
  for (const unit_id& dependent : dependents_of(id)) mark_above_mains(dependent);
}

OVRSEER_DECL void dependency_graph::refuse_cycles() const {
  std::set<unit_id> finished;
  std::vector<unit_id> path;
  for (const auto& [id, edges] : edges_) walk(id, path, finished);
}

OVRSEER_DECL void dependency_graph::walk(const unit_id& id, std::vector<unit_id>& path,
                                         std::set<unit_id>& finished) const {
  if (finished.contains(id)) return;
  if (const auto begin = std::ranges::find(path, id); begin != path.end()) {
    std::string text;
    for (auto it = begin; it != path.end(); ++it) text += to_text(*it) + " -> ";
    throw error(errc::dependency_cycle, "graph", text + to_text(id));
  }
  path.push_back(id);
  for (const dependency_edge& edge : edges_.at(id)) walk(edge.on, path, finished);
  path.pop_back();
  finished.insert(id);
}

OVRSEER_DECL edge_status judge_edge(const dependency_edge& edge, unit_spec::kind kind, unit_state state,
                                    const edge_evidence& more) {
  using enum unit_state;
  edge_status status = edge_status::pending;
  switch (resolved(edge.condition, kind)) {
    case edge_condition::standard: break;
    case edge_condition::started:
      if (is_alive(state) || state == completed || state == crashed) status = edge_status::met;
      if (state == failed || state == skipped) status = edge_status::impossible;
      break;
    case edge_condition::ready:
      if (state == ready) status = edge_status::met;
      if (state == failed || state == skipped || state == completed) status = edge_status::impossible;
      break;
    case edge_condition::healthy:
      if (state == ready && more.is_proven) status = edge_status::met;
      if (state == failed || state == skipped || state == completed) status = edge_status::impossible;
      break;
    case edge_condition::log_line:
      if (more.has_line && ((is_alive(state) && state != stopping) || state == completed)) return edge_status::met;
      if (state == failed || state == skipped || state == completed) status = edge_status::impossible;
      break;
    case edge_condition::completed:
      if (state == completed || state == failed) status = edge_status::met;
      if (state == skipped) status = edge_status::impossible;
      break;
    case edge_condition::completed_successfully:
      if (state == completed) status = edge_status::met;
      if (state == failed || state == skipped) status = edge_status::impossible;
      break;
  }
  const bool can_do_without = edge.strength == dependency_edge::need::wanted;
  return status == edge_status::impossible && can_do_without ? edge_status::met : status;
}

}  // namespace ovrseer
