// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/usual_values.hpp>.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/config/detail/usual_values.hpp>

namespace ovrseer::config_detail {

inline std::optional<config_node> usual_value(const config_node& section, const key_entry& entry,
                                              const variable_lookup& lookup) {
  const variable_lookup unless_empty = [&](std::string_view name) {
    std::optional<std::string> value = lookup ? lookup(name) : std::nullopt;
    return value && value->empty() ? std::nullopt : std::move(value);
  };
  interpolated_text text = interpolate(entry.fallback, unless_empty);
  if (!text.faults.empty()) return std::nullopt;
  config_node made;
  made.what = config_node::kind::scalar;
  made.expanded = config_node::expansion::usual;
  made.where = {section.where.begin, section.where.begin};
  made.text = std::move(text.text);
  if (entry.shape->kind != value_kind::list) return made;
  config_node list;
  list.what = config_node::kind::sequence;
  list.where = made.where;
  list.items.push_back(std::move(made));
  return list;
}

inline void add_usual_values(config_node& node, const value_shape& shape, const lookup_choice& choose) {
  if (shape.section != nullptr) add_usual_values(node, shape.section(), choose);
  if (shape.element == nullptr) return;
  for (config_node& item : node.items) add_usual_values(item, *shape.element, choose);
}

OVRSEER_DECL void add_usual_values(config_node& node, const section_shape& shape, const lookup_choice& choose) {
  if (!node.is_mapping()) return;
  for (const key_entry& entry : shape.keys) {
    const auto key = std::ranges::find(node.keys, entry.key, &config_node::text);
    if (key != node.keys.end()) {
      add_usual_values(node.items[static_cast<std::size_t>(key - node.keys.begin())], *entry.shape, choose);
      continue;
    }
    if (!entry.has_variables()) continue;
    std::optional<config_node> value = usual_value(node, entry, choose(node));
    if (!value) continue;
    config_node& added = node.keys.emplace_back();
    added.what = config_node::kind::scalar;
    added.where = {node.where.begin, node.where.begin};
    added.text = entry.key;
    node.items.push_back(*std::move(value));
  }
}

}  // namespace ovrseer::config_detail
