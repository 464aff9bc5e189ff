// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/service/text.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/service/text.hpp>
#include <ovrseer/units.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer {

OVRSEER_DECL std::string headline_of(const crash_report& report) {
  const std::string unit = to_text(report.unit);
  if (report.message.empty()) return unit + ": " + std::string(to_text(report.kind));
  return report.message.starts_with(unit) ? report.message : unit + ": " + report.message;
}

OVRSEER_DECL std::vector<std::pair<std::string, std::string>> facts_of(const crash_report& report) {
  std::vector<std::pair<std::string, std::string>> facts{{"Unit", to_text(report.unit)},
                                                         {"Kind", std::string(to_text(report.kind))}};
  if (report.status) facts.emplace_back("Ended by", to_text(*report.status));
  if (report.uptime.count() != 0) facts.emplace_back("Uptime", to_text(report.uptime));
  if (report.retry_count != 0) facts.emplace_back("Restarts", std::to_string(report.retry_count));
  if (report.occurrences > 1) facts.emplace_back("Seen", std::to_string(report.occurrences) + " times");
  if (!report.program.empty()) facts.emplace_back("Program", report.program);
  facts.insert(facts.end(), report.fields.begin(), report.fields.end());
  return facts;
}

OVRSEER_DECL std::string tail_of(const std::vector<std::string>& lines, std::size_t characters) {
  std::string made;
  std::size_t left = characters;
  std::size_t first = lines.size();
  while (first != 0) {
    const std::string line = valid_utf8(lines[first - 1]);
    const std::size_t size = count_characters(line) + (made.empty() ? 0 : 1);
    if (size > left) {
      // The last line alone may be too long: then its end is kept.
      if (made.empty() && left != 0) {
        made = last_characters(line, left);
        --first;
      }
      break;
    }
    left -= size;
    made.insert(0, made.empty() ? line : line + "\n");
    --first;
  }
  if (first == 0 || made.empty()) return made;
  const std::string note = "(" + std::to_string(first) + " lines before)\n";
  if (note.size() <= left) return note + made;
  return made;
}

OVRSEER_DECL std::string fenced(std::string text) {
  for (std::size_t at = text.find("```"); at != std::string::npos; at = text.find("```", at + 3)) {
    text.replace(at, 3, "'''");
  }
  return text;
}

}  // namespace ovrseer
