// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/metric/text.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/metric/names.hpp>
#include <ovrseer/metric/text.hpp>
#include <ovrseer/utf8.hpp>

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

OVRSEER_DECL std::string canonical_text(double value) {
  if (!std::isfinite(value)) return number_text(value);
  std::array<char, 32> buffer{};
  const auto written = std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::general);
  std::string text(buffer.data(), written.ptr);
  if (text.find_first_of(".e") == std::string::npos) text.append(".0");
  return text;
}

OVRSEER_DECL void append_escaped(std::string& out, std::string_view text, escapes which) {
  const auto is_special = [which](char c) { return c == '\\' || c == '\n' || (c == '"' && which == escapes::quoted); };
  for (;;) {
    const auto plain = std::find_if(text.begin(), text.end(), is_special);
    out.append(text.begin(), plain);
    if (plain == text.end()) return;
    out.push_back('\\');
    out.push_back(*plain == '\n' ? 'n' : *plain);
    text = {plain + 1, text.end()};
  }
}

OVRSEER_DECL void append_label(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append("=\"");
  append_escaped(out, value, escapes::quoted);
  out.push_back('"');
}

OVRSEER_DECL void page_writer::append(const metric_family& family) {
  const bool is_counter = is_openmetrics() && family.type == metric_type::counter;
  name_ = is_counter ? counter_base(family.name) : family.name;
  page_.append("# HELP ").append(name_).append(" ");
  append_escaped(page_, family.help, is_openmetrics() ? escapes::quoted : escapes::line);
  page_.append("\n# TYPE ").append(name_).append(" ").append(to_text(family.type)).append("\n");
  for (const metric_sample& sample : family.samples) append_sample(family, sample);
}

OVRSEER_DECL std::string page_writer::finish() {
  if (is_openmetrics()) page_.append("# EOF\n");
  return std::move(page_);
}

OVRSEER_DECL void page_writer::append_sample(const metric_family& family, const metric_sample& sample) {
  labels_.clear();
  for (std::size_t i = 0; i < family.label_names.size() && i < sample.label_values.size(); ++i) {
    if (i != 0) labels_.push_back(',');
    append_label(labels_, family.label_names[i], sample.label_values[i]);
  }
  if (const auto* distribution = std::get_if<histogram_value>(&sample.value)) {
    append_histogram(*distribution, sample.exemplars);
    return;
  }
  const bool is_total = is_openmetrics() && family.type == metric_type::counter;
  append_line(is_total ? "_total" : "", number_text(std::get<double>(sample.value)));
  if (is_total && !sample.exemplars.empty()) append_exemplar(sample.exemplars.back());
  page_.push_back('\n');
}

OVRSEER_DECL void page_writer::append_histogram(const histogram_value& value, const std::vector<exemplar>& exemplars) {
  auto example = exemplars.begin();
  std::uint64_t at_most = 0;
  for (std::size_t i = 0; i < value.counts.size(); ++i) {
    at_most += value.counts[i];
    const double bound = i < value.bounds.size() ? value.bounds[i] : std::numeric_limits<double>::infinity();
    const exemplar* of_this = nullptr;
    for (; example != exemplars.end() && example->value <= bound; ++example) of_this = &*example;
    append_bucket(bound, at_most, of_this);
  }
  // OpenMetrics wants a sum that never falls, and no count without one.
  if (is_openmetrics() && !value.bounds.empty() && value.bounds.front() < 0) return;
  append_line("_sum", number_text(value.sum));
  page_.push_back('\n');
  append_line("_count", std::to_string(at_most));
  page_.push_back('\n');
}

OVRSEER_DECL void page_writer::append_line(std::string_view suffix, std::string_view number) {
  page_.append(name_).append(suffix);
  if (!labels_.empty()) page_.append("{").append(labels_).append("}");
  page_.append(" ").append(number);
}

OVRSEER_DECL void page_writer::append_bucket(double bound, std::uint64_t count, const exemplar* example) {
  page_.append(name_).append("_bucket{").append(labels_);
  if (!labels_.empty()) page_.push_back(',');
  append_label(page_, "le", is_openmetrics() ? canonical_text(bound) : number_text(bound));
  page_.append("} ").append(std::to_string(count));
  if (example != nullptr) append_exemplar(*example);
  page_.push_back('\n');
}

OVRSEER_DECL void page_writer::append_exemplar(const exemplar& example) {
  if (!is_openmetrics() || !is_showable(example)) return;
  page_.append(" # {");
  for (const auto& [name, text] : example.labels) {
    if (page_.back() != '{') page_.push_back(',');
    append_label(page_, name, valid_utf8(text));
  }
  page_.append("} ").append(number_text(example.value));
  if (!example.time) return;
  const std::chrono::duration<double> since_1970 = example.time->time_since_epoch();
  page_.append(" ").append(number_text(since_1970.count()));
}

}  // namespace ovrseer::metric_detail

namespace ovrseer {

OVRSEER_DECL std::string to_prometheus_text(const metric_snapshot& snapshot) {
  return to_text(snapshot, metric_format::prometheus);
}

OVRSEER_DECL std::string to_openmetrics_text(const metric_snapshot& snapshot) {
  return to_text(snapshot, metric_format::openmetrics);
}

OVRSEER_DECL std::string to_text(const metric_snapshot& snapshot, metric_format format) {
  metric_detail::page_writer page(format);
  for (const metric_family& family : snapshot) page.append(family);
  return page.finish();
}

}  // namespace ovrseer
