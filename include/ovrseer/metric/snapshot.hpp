// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a registry held at one moment, as plain values: the input of every encoder and exporter.
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ovrseer/metric/exemplar.hpp>

namespace ovrseer {

enum class metric_type : std::uint8_t { counter, gauge, histogram };

/// "counter", "gauge", "histogram".
constexpr std::string_view to_text(metric_type type) noexcept {
  constexpr std::string_view names[] = {"counter", "gauge", "histogram"};
  return names[static_cast<std::size_t>(type)];
}

/// What a histogram has seen.
struct histogram_value {
  std::vector<double> bounds;         ///< upper bounds, ascending, each inclusive; infinity is implied
  std::vector<std::uint64_t> counts;  ///< observations of each bucket alone; one more than bounds
  double sum = 0;

  std::uint64_t count() const noexcept { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }
  friend bool operator==(const histogram_value&, const histogram_value&) = default;
};

/// One series: the values of the family's labels in their order, and a number or a histogram.
struct metric_sample {
  std::vector<std::string> label_values;
  std::variant<double, histogram_value> value;
  /// The latest one of a counter; of a histogram the latest of each bucket that has one, ascending by value.
  std::vector<exemplar> exemplars = {};

  friend bool operator==(const metric_sample&, const metric_sample&) = default;
};

/// All series of one name.
struct metric_family {
  std::string name;
  std::string help;
  metric_type type = metric_type::gauge;
  std::vector<std::string> label_names;
  std::vector<metric_sample> samples;  ///< ordered by their label values; the overflow series is last

  friend bool operator==(const metric_family&, const metric_family&) = default;
};

/// Families with at least one series, ordered by name.
using metric_snapshot = std::vector<metric_family>;

}  // namespace ovrseer
