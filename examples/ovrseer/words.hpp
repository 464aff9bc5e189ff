// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lists of units, for people and as JSON: what several commands show.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <ovrseer/event/vocabulary.hpp>

#include "console.hpp"

namespace program {

/// "a, b".
inline std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& each : words) text += (text.empty() ? "" : ", ") + each;
  return text;
}

inline std::vector<std::string> words_of(const std::vector<ovrseer::unit_id>& ids) {
  std::vector<std::string> words;
  for (const ovrseer::unit_id& id : ids) words.push_back(to_text(id));
  return words;
}

inline nlohmann::ordered_json names(const std::vector<ovrseer::unit_id>& ids) { return words_of(ids); }

/// A line for each layer, numbered, under a title; nothing where there is none.
inline void show_layers(console& out, const char* title, const std::vector<std::vector<ovrseer::unit_id>>& layers) {
  if (layers.empty()) return;
  out.line(title, color::bold);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    out.line("  " + std::to_string(i + 1) + ". " + joined(words_of(layers[i])));
  }
}

}  // namespace program
