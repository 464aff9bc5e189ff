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

inline config_node key_in(const config_node& section, std::string_view name) {
  config_node made;
  made.what = config_node::kind::scalar;
  made.where = {section.where.begin, section.where.begin};
  made.text = name;
  return made;
}

// Writes a text out that stands for the first key of a section whose other keys have usual values.
inline void write_out(config_node& node, const value_shape& shape) {
  const bool is_short = node.is_scalar() && shape.short_form != nullptr && shape.short_form->kind == value_kind::text;
  const section_shape& section = shape.section();
  if (!is_short || std::ranges::none_of(section.keys, &key_entry::has_variables)) return;
  config_node made;
  made.what = config_node::kind::mapping;
  made.where = node.where;
  made.keys.push_back(key_in(node, section.keys.front().key));
  made.items.push_back(std::move(node));
  node = std::move(made);
}

inline void add_usual_values(config_node& node, const value_shape& shape, const lookup_choice& choose) {
  if (shape.section != nullptr) {
    write_out(node, shape);
    add_usual_values(node, shape.section(), choose);
  }
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
    node.keys.push_back(key_in(node, entry.key));
    node.items.push_back(*std::move(value));
  }
}

}  // namespace ovrseer::config_detail
