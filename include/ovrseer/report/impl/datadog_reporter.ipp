// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/report/datadog_reporter.hpp>.
#pragma once

#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/report/datadog_reporter.hpp>
#include <ovrseer/service/digest.hpp>
#include <ovrseer/service/text.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer::report_detail {

// "@all" in a log line must not call anybody; "user@example.com" calls nobody.
inline std::string without_mentions(std::string text) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    const bool is_inside = at != 0 && is_word(text[at - 1]);
    if (!is_inside && at + 1 != text.size() && is_word(text[at + 1])) text.insert(at + 1, " ");
  }
  return text;
}

inline statsd_check check_of(const unit_id& unit, statsd_check::state state, wall_time when) {
  statsd_check made(std::string(datadog_check_name), state);
  if (when != wall_time()) made.time = when;
  made.tags = {{"unit", unit.name}, {"namespace", unit.name_space}};
  return made;
}

}  // namespace ovrseer::report_detail

namespace ovrseer {

OVRSEER_DECL statsd_event datadog_event(const crash_report& report) {
  std::string text;
  for (const auto& [name, value] : facts_of(report)) {
    text.append(name).append(": ").append(first_characters(valid_utf8(value), 200)).append("\n");
  }
  if (!report.last_lines.empty()) text.append("\n").append(tail_of(report.last_lines, 4000));
  statsd_event made(report_detail::without_mentions(headline_of(report)),
                    report_detail::without_mentions(std::move(text)));
  if (report.time != wall_time()) made.time = report.time;
  made.aggregation = hex_digest(item_facts<crash_report>::fingerprint(report));
  made.source = "ovrseer";
  made.type = severity_of(report.kind) == severity::warning ? statsd_event::alert::warning : statsd_event::alert::error;
  made.tags = {
      {"unit", report.unit.name}, {"namespace", report.unit.name_space}, {"kind", std::string(to_text(report.kind))}};
  return made;
}

OVRSEER_DECL statsd_check datadog_check(const crash_report& report) {
  using state = statsd_check::state;
  const bool still_works = severity_of(report.kind) == severity::warning;
  statsd_check made = report_detail::check_of(report.unit, still_works ? state::warning : state::critical, report.time);
  made.message = first_characters(valid_utf8(headline_of(report)), 500);
  return made;
}

OVRSEER_DECL statsd_check datadog_check(const recovery& over) {
  return report_detail::check_of(over.unit, statsd_check::state::ok, over.time);
}

}  // namespace ovrseer
