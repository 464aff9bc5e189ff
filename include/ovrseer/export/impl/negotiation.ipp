// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/export/negotiation.hpp>.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <ovrseer/export/negotiation.hpp>
#include <ovrseer/net/http.hpp>

namespace ovrseer::export_detail {

using net_detail::equal_ignoring_case;
using net_detail::trimmed;

/// Takes what stands before the next `separator` outside of quotes.
inline std::string_view take_until(std::string_view& rest, char separator) {
  bool is_quoted = false;
  std::size_t i = 0;
  for (; i < rest.size() && (is_quoted || rest[i] != separator); ++i) {
    if (rest[i] == '"') is_quoted = !is_quoted;
    if (rest[i] == '\\' && is_quoted) ++i;
  }
  const std::string_view taken = rest.substr(0, i);
  rest.remove_prefix(i < rest.size() ? i + 1 : rest.size());
  return trimmed(taken);
}

/// A weight such as `0.75` in thousandths; nothing where it is none.
inline std::optional<int> weight_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int weight = (text[0] - '0') * 1000;
  int unit = 100;
  for (const char digit : text.substr(text.size() > 1 ? 2 : 1)) {
    if (!net_detail::is_digit(digit)) return std::nullopt;
    weight += (digit - '0') * unit;
    unit /= 10;
  }
  return weight <= 1000 ? std::optional(weight) : std::nullopt;
}

/// One element of the header.
struct media_range {
  std::string_view type;
  std::string_view version;
  int weight = 1000;
};

inline std::optional<media_range> read_range(std::string_view text) {
  media_range range;
  range.type = take_until(text, ';');
  while (!text.empty()) {
    std::string_view value = take_until(text, ';');
    const std::string_view name = take_until(value, '=');
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (equal_ignoring_case(name, "version")) range.version = value;
    if (!equal_ignoring_case(name, "q")) continue;
    const std::optional<int> weight = weight_of(value);
    if (!weight) return std::nullopt;
    range.weight = *weight;
  }
  return range;
}

/// How closely a range describes a format; the closest one decides.
enum class closeness : std::uint8_t { none, any, type, name, version };

/// What can be said of one format.
struct offered_format {
  std::string_view type;       // "text/plain"
  std::string_view any_of_it;  // "text/*"
  std::array<std::string_view, 2> versions;
  closeness best = closeness::none;
  int weight = 0;

  closeness measure(const media_range& range) const {
    if (range.type == "*/*") return closeness::any;
    if (equal_ignoring_case(range.type, any_of_it)) return closeness::type;
    if (!equal_ignoring_case(range.type, type)) return closeness::none;
    if (range.version.empty()) return closeness::name;
    return range.version == versions[0] || range.version == versions[1] ? closeness::version : closeness::none;
  }
  void hear(const media_range& range) {
    const closeness found = measure(range);
    if (found == closeness::none || found < best) return;
    weight = found > best || range.weight > weight ? range.weight : weight;
    best = found;
  }
};

}  // namespace ovrseer::export_detail

namespace ovrseer {

OVRSEER_DECL metric_format negotiated_format(std::string_view accept) {
  using export_detail::closeness;
  export_detail::offered_format openmetrics{"application/openmetrics-text", "application/*", {"1.0.0", "0.0.1"}};
  export_detail::offered_format older{"text/plain", "text/*", {"0.0.4", "0.0.4"}};
  while (!accept.empty()) {
    const auto range = export_detail::read_range(export_detail::take_until(accept, ','));
    if (!range) continue;
    openmetrics.hear(*range);
    older.hear(*range);
  }
  const bool is_named = openmetrics.best >= closeness::name && openmetrics.weight > 0;
  return is_named && openmetrics.weight >= older.weight ? metric_format::openmetrics : metric_format::prometheus;
}

}  // namespace ovrseer
