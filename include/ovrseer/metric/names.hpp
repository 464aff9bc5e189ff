// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What Prometheus accepts as the name of a metric or a label.
#pragma once

#include <string_view>

namespace ovrseer {

namespace metric_detail {

constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace metric_detail

/// Whether `name` may name a metric: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
constexpr bool is_valid_metric_name(std::string_view name) noexcept {
  if (name.empty() || metric_detail::is_digit(name.front())) return false;
  for (const char c : name) {
    if (!metric_detail::is_letter(c) && !metric_detail::is_digit(c) && c != ':') return false;
  }
  return true;
}

/// Whether `name` may name a label: `[a-zA-Z_][a-zA-Z0-9_]*`, not beginning with `__`, which is reserved.
constexpr bool is_valid_label_name(std::string_view name) noexcept {
  if (name.empty() || metric_detail::is_digit(name.front()) || name.starts_with("__")) return false;
  for (const char c : name) {
    if (!metric_detail::is_letter(c) && !metric_detail::is_digit(c)) return false;
  }
  return true;
}

/// The name of a counter without the `_total` that its sample ends in: the name of its family in OpenMetrics.
constexpr std::string_view counter_base(std::string_view name) noexcept {
  constexpr std::string_view total = "_total";
  return name.size() > total.size() && name.ends_with(total) ? name.substr(0, name.size() - total.size()) : name;
}

}  // namespace ovrseer
