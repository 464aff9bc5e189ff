// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/metric/text.hpp>.
#pragma once

#include <array>
#include <charconv>
#include <variant>
#include <vector>

#include <ovrseer/metric/text.hpp>

namespace ovrseer::metric_detail {

OVRSEER_DECL std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  constexpr double exact = 9007199254740992.0;  // 2^53
  std::array<char, 32> buffer{};
  const bool is_whole = value == std::trunc(value) && std::fabs(value) < exact;
  const auto written = is_whole ? std::to_chars(buffer.begin(), buffer.end(), static_cast<std::int64_t>(value))
                                : std::to_chars(buffer.begin(), buffer.end(), value);
  return {buffer.data(), written.ptr};
}

OVRSEER_DECL void append_help(std::string& page, std::string_view help) {
  for (const char c : help) {
    if (c == '\\') {
      page.append("\\\\");
    } else if (c == '\n') {
      page.append("\\n");
    } else {
      page.push_back(c);
    }
  }
}

OVRSEER_DECL void append_label(std::string& page, std::string_view name, std::string_view value) {
  page.append(name).append("=\"");
  for (const char c : value) {
    if (c == '"') {
      page.append("\\\"");
    } else {
      append_help(page, std::string_view(&c, 1));
    }
  }
  page.push_back('"');
}

OVRSEER_DECL sample_line::sample_line(const metric_family& family, const metric_sample& sample) : family_(family) {
  for (std::size_t i = 0; i < family.label_names.size() && i < sample.label_values.size(); ++i) {
    if (i != 0) labels_.push_back(',');
    append_label(labels_, family.label_names[i], sample.label_values[i]);
  }
}

OVRSEER_DECL void sample_line::append(std::string& page, std::string_view suffix, std::string_view number) const {
  page.append(family_.name).append(suffix);
  if (!labels_.empty()) page.append("{").append(labels_).append("}");
  page.append(" ").append(number).append("\n");
}

OVRSEER_DECL void sample_line::append_bucket(std::string& page, std::string_view bound, std::uint64_t count) const {
  page.append(family_.name).append("_bucket{").append(labels_);
  if (!labels_.empty()) page.push_back(',');
  append_label(page, "le", bound);
  page.append("} ").append(std::to_string(count)).append("\n");
}

OVRSEER_DECL void append_sample(std::string& page, const metric_family& family, const metric_sample& sample) {
  const sample_line line(family, sample);
  const auto* distribution = std::get_if<histogram_value>(&sample.value);
  if (distribution == nullptr) {
    line.append(page, "", number_text(std::get<double>(sample.value)));
    return;
  }
  std::uint64_t at_most = 0;
  for (std::size_t i = 0; i < distribution->bounds.size(); ++i) {
    at_most += distribution->counts[i];
    line.append_bucket(page, number_text(distribution->bounds[i]), at_most);
  }
  line.append_bucket(page, "+Inf", distribution->count());
  line.append(page, "_sum", number_text(distribution->sum));
  line.append(page, "_count", std::to_string(distribution->count()));
}

}  // namespace ovrseer::metric_detail

namespace ovrseer {

OVRSEER_DECL std::string to_prometheus_text(const metric_snapshot& snapshot) {
  std::string page;
  for (const metric_family& family : snapshot) {
    page.append("# HELP ").append(family.name).append(" ");
    metric_detail::append_help(page, family.help);
    page.append("\n# TYPE ").append(family.name).append(" ").append(to_text(family.type)).append("\n");
    for (const metric_sample& sample : family.samples) metric_detail::append_sample(page, family, sample);
  }
  return page;
}

}  // namespace ovrseer
