// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/spelling.hpp>.
#pragma once

#include <set>

#include <ovrseer/config/detail/spelling.hpp>
#include <ovrseer/config/values.hpp>

namespace ovrseer::config_detail {

/// With its length before it, so that no two lists of texts become the same.
inline std::string measured(const std::string& text) { return std::to_string(text.size()) + ":" + text; }

OVRSEER_DECL std::string spelled_scalar(const std::string& text, const value_shape* shape) {
  switch (shape == nullptr ? value_kind::text : shape->kind) {
    case value_kind::duration:
      if (const auto value = parse_duration(text)) return std::to_string(value->count()) + "ns";
      break;
    case value_kind::size:
      if (const auto value = parse_size(text)) return std::to_string(value->count()) + "B";
      break;
    case value_kind::signal:
      if (const auto value = parse_signal_value(text)) return to_text(*value);
      break;
    default: break;
  }
  return text;
}

OVRSEER_DECL const value_shape* shape_of_key(const value_shape* shape, std::string_view key) {
  if (shape == nullptr) return nullptr;
  if (shape->kind != value_kind::section) return shape->element;
  for (const key_entry& each : shape->section().keys) {
    if (each.key == key) return each.shape;
  }
  return nullptr;
}

OVRSEER_DECL std::string spelled(const config_node* base, const config_node* own, const value_shape* shape) {
  if (own == nullptr) return spelled(nullptr, base, shape);
  std::string made;
  if (base != nullptr && base->is_mapping() != own->is_mapping()) made = spelled(nullptr, base, shape) + " and ";
  const config_node* const below = base != nullptr && base->is_mapping() ? base : nullptr;
  switch (own->what) {
    case config_node::kind::null: return made + "null";
    case config_node::kind::scalar: return made + "\"" + spelled_scalar(own->text, shape);
    case config_node::kind::sequence:
      made += "[";
      for (const config_node& item : own->items) {
        made += measured(spelled(nullptr, &item, shape == nullptr ? nullptr : shape->element));
      }
      return made;
    case config_node::kind::mapping: break;
  }
  std::set<std::string> keys;
  for (const config_node& key : own->keys) keys.insert(key.text);
  if (below != nullptr) {
    for (const config_node& key : below->keys) keys.insert(key.text);
  }
  made += "{";
  for (const std::string& key : keys) {
    const config_node* const inherited = below == nullptr ? nullptr : below->find(key);
    made += measured(key) + measured(spelled(inherited, own->find(key), shape_of_key(shape, key)));
  }
  return made;
}

OVRSEER_DECL std::map<std::string, std::string> spelled_keys(const config_node* base, const config_node* own,
                                                             const section_shape& section) {
  std::map<std::string, std::string> made;
  for (const key_entry& each : section.keys) {
    const config_node* const inherited = base == nullptr ? nullptr : base->find(each.key);
    const config_node* const written = own == nullptr ? nullptr : own->find(each.key);
    if (inherited == nullptr && written == nullptr) continue;
    made[std::string(each.key)] = spelled(inherited, written, each.shape);
  }
  return made;
}

}  // namespace ovrseer::config_detail
