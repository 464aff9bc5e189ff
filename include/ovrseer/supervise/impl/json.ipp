// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/json.hpp>.
#pragma once

#include <ovrseer/supervise/json.hpp>

namespace ovrseer {

OVRSEER_DECL nlohmann::ordered_json to_json(const graph_view::node& unit) {
  nlohmann::ordered_json json{{"namespace", unit.id.name_space},
                              {"unit", unit.id.name},
                              {"role", to_text(unit.role)},
                              {"one_shot", unit.kind == unit_spec::kind::one_shot},
                              {"on_demand", unit.is_on_demand}};
  if (!unit.group.empty()) json["group"] = unit.group;
  json["tags"] = unit.tags;
  return json;
}

OVRSEER_DECL nlohmann::ordered_json to_json(const graph_view::edge& edge) {
  return {{"from", to_text(edge.from)},
          {"on", to_text(edge.needs.on)},
          {"condition", to_text(edge.needs.condition)},
          {"required", edge.needs.strength == dependency_edge::need::required},
          {"on_loss", to_text(edge.needs.on_loss)},
          {"on_return", to_text(edge.needs.on_return)},
          {"because", to_text(edge.because)}};
}

OVRSEER_DECL nlohmann::ordered_json to_json(const graph_view& graph) {
  nlohmann::ordered_json json;
  for (const char* list : {"units", "edges", "groups"}) json[list] = nlohmann::ordered_json::array();
  for (const graph_view::node& each : graph.nodes) json["units"].push_back(to_json(each));
  for (const graph_view::edge& each : graph.edges) json["edges"].push_back(to_json(each));
  for (const graph_view::group& each : graph.groups) {
    json["groups"].push_back({{"group", each.name}, {"within", each.parent}, {"strategy", each.strategy}});
  }
  return json;
}

}  // namespace ovrseer
