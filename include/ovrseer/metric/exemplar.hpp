// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One occurrence that stands for a number, so that a reader of a chart finds the trace or the line behind it.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/metric/names.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer {

/// Names one occurrence of what a counter or a histogram counts, mostly by the identifier of its trace.
struct exemplar {
  exemplar() = default;
  exemplar(std::string name, std::string text) { label(std::move(name), std::move(text)); }

  exemplar& label(std::string name, std::string text) {
    labels.emplace_back(std::move(name), std::move(text));
    return *this;
  }
  /// When it happened. The instrument has no clock: without it, a reader takes the time of the scrape.
  exemplar& at(std::chrono::system_clock::time_point when) {
    time = when;
    return *this;
  }

  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;  ///< what was added or observed; the instrument sets it
  std::optional<std::chrono::system_clock::time_point> time;

  friend bool operator==(const exemplar&, const exemplar&) = default;
};

/// Characters that the labels of an exemplar may have together, names included (OpenMetrics 1.0).
inline constexpr std::size_t exemplar_characters = 128;

/// Whether OpenMetrics allows it: label names that are valid and distinct, and not too long. An encoder leaves out what is
/// not, because a scraper would refuse the whole page.
inline bool is_showable(const exemplar& one) {
  std::size_t characters = 0;
  for (auto label = one.labels.begin(); label != one.labels.end(); ++label) {
    const auto& [name, text] = *label;
    if (!is_valid_label_name(name)) return false;
    for (auto before = one.labels.begin(); before != label; ++before) {
      if (before->first == name) return false;
    }
    for (std::size_t i = 0; i < text.size(); ++characters) {
      const std::size_t length = utf8_length(std::string_view(text).substr(i));
      i += length == 0 ? 1 : length;
    }
    characters += name.size();
    if (characters > exemplar_characters) return false;
  }
  return true;
}

}  // namespace ovrseer
