// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/difference.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <ovrseer/config/difference.hpp>
#include <ovrseer/supervise/graph_text.hpp>
#include <ovrseer/supervise/plan.hpp>

namespace ovrseer::config_detail {

/// Two configurations, compared step by step.
class comparison {
 public:
  comparison(const stack_configuration& from, const stack_configuration& to) : from_(from), to_(to) {}

  configuration_difference run();

 private:
  using effect = affected_unit::effect;
  using layers = std::vector<std::vector<unit_id>>;

  static const unit_spec* find(const stack_configuration& stack, const unit_id& id) {
    const auto found = std::ranges::find(stack.units, id, [](const unit_spec& each) { return each.id(); });
    return found == stack.units.end() ? nullptr : &*found;
  }
  static bool is_about_the_process(const std::string& key);
  template <class Map>
  static std::vector<std::string> changed_keys(const Map& before, const Map& after);

  void units();
  void take_along();
  static std::optional<effect> effect_of(const dependency_edge& edge);
  static layers among(const layers& all, const std::set<unit_id>& chosen);
  void order();

  const stack_configuration& from_;
  const stack_configuration& to_;
  configuration_difference made_;
  std::set<unit_id> down_;  // all that end or pause, and so are lost to others
};

OVRSEER_DECL configuration_difference comparison::run() {
  units();
  made_.settings = changed_keys(from_.written.stack, to_.written.stack);
  take_along();
  order();
  return std::move(made_);
}

OVRSEER_DECL bool comparison::is_about_the_process(const std::string& key) {
  constexpr std::array<std::string_view, 15> about_supervision{
      "dependsOn",     "description", "flags",    "group", "healthChecks", "onDemand",  "priority",   "readyChecks",
      "restartPolicy", "significant", "simulate", "stop",  "tags",         "timeLimit", "whenGivenUp"};
  return std::ranges::find(about_supervision, key) == about_supervision.end();
}

template <class Map>
std::vector<std::string> comparison::changed_keys(const Map& before, const Map& after) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : before) {
    const auto other = after.find(key);
    if (other == after.end() || other->second != value) keys.push_back(key);
  }
  for (const auto& [key, value] : after) {
    if (!before.contains(key)) keys.push_back(key);
  }
  std::ranges::sort(keys);
  return keys;
}

OVRSEER_DECL void comparison::units() {
  for (const unit_spec& old : from_.units) {
    if (find(to_, old.id()) == nullptr) made_.removed.push_back(old.id());
  }
  for (const unit_spec& unit : to_.units) {
    const unit_spec* const old = find(from_, unit.id());
    if (old == nullptr) {
      made_.added.push_back(unit.id());
      continue;
    }
    changed_unit changed{unit.id(), changed_keys(from_.written.units.at(unit.id()), to_.written.units.at(unit.id()))};
    for (const std::string& name : changed_keys(old->what().environment(), unit.what().environment())) {
      changed.keys.push_back("env." + name);
    }
    if (changed.keys.empty()) continue;
    changed.restarts = unit.role() != role::cleanup && std::ranges::any_of(changed.keys, is_about_the_process);
    if (changed.restarts) down_.insert(unit.id());
    made_.changed.push_back(std::move(changed));
  }
}

OVRSEER_DECL std::optional<affected_unit::effect> comparison::effect_of(const dependency_edge& edge) {
  const bool comes_back = edge.on_return == edge_action::restart || edge.on_return == edge_action::start;
  switch (edge.on_loss) {
    case edge_action::restart: return effect::restarted;
    case edge_action::stop: return comes_back ? effect::restarted : effect::stopped;
    case edge_action::pause: return edge.on_return == edge_action::restart ? effect::restarted : effect::paused;
    case edge_action::nothing:
    case edge_action::hold:
    case edge_action::start: break;
  }
  if (edge.on_return == edge_action::restart) return effect::restarted;
  return std::nullopt;
}

OVRSEER_DECL void comparison::take_along() {
  const graph_view graph = view_graph(to_.units, to_.groups);
  const std::set<unit_id> added(made_.added.begin(), made_.added.end());
  const std::set<unit_id> own = down_;
  std::map<unit_id, affected_unit> affected;
  for (bool has_grown = true; std::exchange(has_grown, false);) {
    for (const graph_view::edge& edge : graph.edges) {
      if (!down_.contains(edge.needs.on) || added.contains(edge.from) || own.contains(edge.from)) continue;
      const std::optional<effect> what = effect_of(edge.needs);
      if (!what) continue;
      const auto [place, is_new] = affected.try_emplace(edge.from, affected_unit{edge.from, *what, edge.needs.on});
      if (!is_new && place->second.what >= *what) continue;
      place->second = {edge.from, *what, edge.needs.on};
      down_.insert(edge.from);
      has_grown = true;
    }
  }
  for (const unit_spec& unit : to_.units) {
    if (const auto found = affected.find(unit.id()); found != affected.end()) made_.affected.push_back(found->second);
  }
}

OVRSEER_DECL comparison::layers comparison::among(const layers& all, const std::set<unit_id>& chosen) {
  layers made;
  for (const std::vector<unit_id>& layer : all) {
    std::vector<unit_id> part;
    std::ranges::copy_if(layer, std::back_inserter(part), [&](const unit_id& id) { return chosen.contains(id); });
    if (!part.empty()) made.push_back(std::move(part));
  }
  return made;
}

OVRSEER_DECL void comparison::order() {
  std::set<unit_id> ends(made_.removed.begin(), made_.removed.end());
  std::set<unit_id> begins;
  for (const unit_id& id : made_.added) {
    if (!find(to_, id)->is_on_demand()) begins.insert(id);
  }
  const auto restart = [&](const unit_id& id) {
    ends.insert(id);
    begins.insert(id);
  };
  for (const changed_unit& each : made_.changed) {
    if (each.restarts) restart(each.id);
  }
  for (const affected_unit& each : made_.affected) {
    if (each.what == effect::restarted) restart(each.id);
    if (each.what == effect::stopped) ends.insert(each.id);
  }
  layers down = make_plan(from_.units, from_.groups).start_layers;
  std::ranges::reverse(down);
  made_.stop_layers = among(down, ends);
  made_.start_layers = among(make_plan(to_.units, to_.groups).start_layers, begins);
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL configuration_difference difference(const stack_configuration& from, const stack_configuration& to) {
  return config_detail::comparison(from, to).run();
}

OVRSEER_DECL unit_changes changes_of(const configuration_difference& found, const stack_configuration& to) {
  unit_changes made;
  made.remove = found.removed;
  for (const unit_spec& unit : to.units) {
    const auto changed = std::ranges::find(found.changed, unit.id(), &changed_unit::id);
    if (changed != found.changed.end())
      (changed->restarts ? made.put : made.describe).push_back(unit);
    else if (std::ranges::find(found.added, unit.id()) != found.added.end())
      made.put.push_back(unit);
  }
  return made;
}

}  // namespace ovrseer
