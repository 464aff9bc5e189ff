// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/plan.hpp>.
#pragma once

#include <algorithm>
#include <utility>

#include <ovrseer/supervise/graph.hpp>
#include <ovrseer/supervise/group_tree.hpp>
#include <ovrseer/supervise/plan.hpp>

namespace ovrseer::supervise_detail {

OVRSEER_DECL bool have_priorities(const std::vector<const unit_spec*>& units) {
  return std::ranges::any_of(units,
                             [&](const unit_spec* each) { return each->priority() != units.front()->priority(); });
}

}  // namespace ovrseer::supervise_detail

namespace ovrseer {

OVRSEER_DECL supervisor_plan make_plan(const std::vector<unit_spec>& specs, const std::vector<group_spec>& groups) {
  group_tree tree(groups);
  for (const unit_spec& spec : specs) {
    if (spec.role() != role::cleanup) tree.add(spec);
  }
  std::vector<const unit_spec*> working;
  std::vector<const unit_spec*> cleanup;
  for (const unit_spec& spec : specs) (spec.role() == role::cleanup ? cleanup : working).push_back(&spec);
  const dependency_graph graph(working, tree.order_edges());
  const auto spec_of = [&](const unit_id& id) -> const unit_spec& {
    return **std::ranges::find(working, id, [](const unit_spec* spec) { return spec->id(); });
  };
  const auto ready_cost = [&](const unit_id& id) { return spec_of(id).ready_when().bound(); };

  supervisor_plan plan;
  plan.start_layers = graph.layers();
  for (const bool above : {true, false}) {
    if (!above) {
      for (const unit_spec* spec : cleanup) plan.stop_layers.push_back({spec->id()});
    }
    for (auto layer = plan.start_layers.rbegin(); layer != plan.start_layers.rend(); ++layer) {
      std::vector<unit_id> part;
      std::ranges::copy_if(*layer, std::back_inserter(part),
                           [&](const unit_id& id) { return graph.is_above_mains(id) == above; });
      if (!part.empty()) plan.stop_layers.push_back(std::move(part));
    }
  }
  for (const unit_spec& spec : specs) {
    planned_unit unit;
    unit.id = spec.id();
    unit.role = spec.role();
    if (spec.role() == role::cleanup) {
      unit.stop_bound = spec.time_limit() + stop_plan::kill().bound();
      plan.stop_bound += unit.stop_bound;
    } else {
      for (const dependency_edge& edge : graph.dependencies_of(spec.id())) unit.depends_on.push_back(edge.on);
      unit.dependents = graph.dependents_of(spec.id());
      unit.ready_bound = spec.ready_when().bound();
      unit.has_ready_bound = !spec.ready_when() || unit.ready_bound != std::chrono::nanoseconds::zero();
      unit.stop_bound = spec.stop_by().bound();
      plan.has_start_bound = plan.has_start_bound && unit.has_ready_bound;
      plan.start_bound = std::max(plan.start_bound, graph.longest_to(spec.id(), ready_cost));
    }
    plan.units.push_back(std::move(unit));
  }
  // Stops go down the graph: in each part the longest chain, where each waits for its dependents. The second part
  // waits for the first, whether it is needed there or not.
  if (supervise_detail::have_priorities(working)) {
    // Who stops first then depends on who happens to be free: at worst one after the other.
    for (const unit_spec* spec : working) plan.stop_bound += spec->stop_by().bound();
    return plan;
  }
  for (const bool above : {true, false}) {
    const auto cost = [&](const unit_id& id) {
      return graph.is_above_mains(id) == above ? spec_of(id).stop_by().bound() : std::chrono::nanoseconds::zero();
    };
    std::chrono::nanoseconds chain{};
    for (const unit_spec* spec : working) chain = std::max(chain, graph.longest_from(spec->id(), cost));
    plan.stop_bound += chain;
  }
  return plan;
}

}  // namespace ovrseer
