// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/merge.hpp>.
#pragma once

#include <ovrseer/config/detail/merge.hpp>

namespace ovrseer::config_detail {

inline const key_entry* entry_of(const section_shape* shape, std::string_view key) {
  if (shape == nullptr) return nullptr;
  const auto found = std::ranges::find(shape->keys, key, &key_entry::key);
  return found == shape->keys.end() ? nullptr : &*found;
}

/// One key of a mapping over the same of another, where that has it; `merge_values` does what is to be done then.
template <class Merge>
void merge_key(config_node& base, config_node& key, config_node& value, bool null_is_value, Merge merge_values) {
  const auto at = std::ranges::find(base.keys, key.text, &config_node::text);
  const auto index = at - base.keys.begin();
  if (at == base.keys.end()) {
    base.keys.push_back(std::move(key));
    base.items.push_back(std::move(value));
  } else if (value.is_null() && !null_is_value) {
    base.keys.erase(at);
    base.items.erase(base.items.begin() + index);
  } else {
    *at = std::move(key);
    merge_values(base.items[static_cast<std::size_t>(index)], std::move(value));
  }
}

OVRSEER_DECL void merge_over(config_node& base, config_node over, const section_shape* shape) {
  if (!base.is_mapping() || !over.is_mapping()) {
    base = std::move(over);
    return;
  }
  base.where = over.where;
  for (std::size_t i = 0; i < over.keys.size(); ++i) {
    const key_entry* const entry = entry_of(shape, over.keys[i].text);
    const bool null_is_value = entry == nullptr || entry->shape->accepts_null;
    const section_shape* const inner = entry == nullptr ? nullptr : entry->shape->inner_section();
    merge_key(base, over.keys[i], over.items[i], null_is_value,
              [&](config_node& below, config_node value) { merge_over(below, std::move(value), inner); });
  }
}

/// A mapping of ids to processes as a list of processes with ids.
inline void become_list(config_node& named) {
  if (!named.is_mapping()) return;
  config_node list;
  list.what = config_node::kind::sequence;
  list.where = named.where;
  for (std::size_t i = 0; i < named.keys.size(); ++i) {
    const config_node& name = named.keys[i];
    config_node& item = named.items[i];
    if (name.text.starts_with("x-")) continue;
    if (item.is_mapping() && item.find("id") == nullptr) {
      config_node id = name;
      id.text = "id";
      item.keys.insert(item.keys.begin(), std::move(id));
      item.items.insert(item.items.begin(), name);
    }
    list.items.push_back(std::move(item));
  }
  named = std::move(list);
}

inline bool is_same_process(const config_node& a, const config_node& b) {
  const auto differs = [&](std::string_view key, bool also_where_missing) {
    const config_node* const of_a = a.find(key);
    const config_node* const of_b = b.find(key);
    if (of_a == nullptr || of_b == nullptr) return also_where_missing;
    return of_a->text != of_b->text;
  };
  return a.is_mapping() && b.is_mapping() && !differs("id", true) && !differs("namespace", false);
}

inline void merge_by_id(config_node& base, config_node over, const section_shape* shape) {
  if (base.is_mapping() && over.is_mapping()) {
    for (std::size_t i = 0; i < over.keys.size(); ++i) {
      merge_key(base, over.keys[i], over.items[i], false,
                [&](config_node& below, config_node value) { merge_over(below, std::move(value), shape); });
    }
    base.where = over.where;
    return;
  }
  become_list(base);
  become_list(over);
  if (!base.is_sequence() || !over.is_sequence()) {
    base = std::move(over);
    return;
  }
  base.where = over.where;
  for (config_node& each : over.items) {
    const auto known =
        std::ranges::find_if(base.items, [&](const config_node& one) { return is_same_process(one, each); });
    if (known == base.items.end())
      base.items.push_back(std::move(each));
    else
      merge_over(*known, std::move(each), shape);
  }
}

OVRSEER_DECL void merge_configurations(config_node& base, config_node over, const section_shape& shape) {
  // What is merged in its own way is taken out, and put in its place again.
  for (const std::string_view key : {"processes", "groups"}) {
    const auto at = std::ranges::find(over.keys, key, &config_node::text);
    const auto below = std::ranges::find(base.keys, key, &config_node::text);
    if (at == over.keys.end() || below == base.keys.end()) continue;
    config_node& value = over.items[static_cast<std::size_t>(at - over.keys.begin())];
    config_node& known = base.items[static_cast<std::size_t>(below - base.keys.begin())];
    if (value.is_null()) continue;
    merge_by_id(known, std::move(value), entry_of(&shape, key)->shape->inner_section());
    value = std::move(known);
    known = config_node();
  }
  merge_over(base, std::move(over), &shape);
}

}  // namespace ovrseer::config_detail
