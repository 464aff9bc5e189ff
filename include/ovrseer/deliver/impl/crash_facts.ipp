// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/deliver/crash_facts.hpp>.
#pragma once

#include <algorithm>
#include <cstddef>

#include <ovrseer/deliver/crash_facts.hpp>

namespace ovrseer {

OVRSEER_DECL std::string without_numbers(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_hex = [&](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  std::string made;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))) ++end;
    const std::string_view word = text.substr(i, end - i);
    if (word.empty()) {
      made.push_back(text[i++]);
      continue;
    }
    const bool has_digit = std::any_of(word.begin(), word.end(), is_digit);
    const bool is_all_hex = std::all_of(word.begin(), word.end(), is_hex) || word.starts_with("0x");
    if (has_digit && is_all_hex && (word.size() >= 4 || is_digit(word.front()))) {
      made.push_back('#');
    } else {
      for (std::size_t k = 0; k != word.size(); ++k) {
        if (!is_digit(word[k])) {
          made.push_back(word[k]);
        } else if (k == 0 || !is_digit(word[k - 1])) {
          made.push_back('#');
        }
      }
    }
    i = end;
  }
  return made;
}

OVRSEER_DECL std::string item_facts<crash_report>::fingerprint(const crash_report& report) {
  std::string made = report.unit.name_space + "/" + report.unit.name;
  made.append("/").append(to_text(report.kind)).append("/");
  if (report.status) made.append(to_text(*report.status));
  return made.append("/").append(without_numbers(report.message));
}

OVRSEER_DECL crash_report item_facts<crash_report>::digest(const std::vector<folded<crash_report>>& all) {
  const auto is_worse = [](const folded<crash_report>& a, const folded<crash_report>& b) {
    const auto rank = [](const folded<crash_report>& one) { return static_cast<int>(level(one.first)); };
    if (rank(a) != rank(b)) return rank(a) > rank(b);
    return a.count != b.count ? a.count > b.count : to_text(a.first.unit) < to_text(b.first.unit);
  };
  std::vector<folded<crash_report>> sorted = all;
  std::sort(sorted.begin(), sorted.end(), is_worse);
  crash_report made = sorted.front().first;
  if (sorted.size() == 1) {
    seen(made, sorted.front().count);
    return made;
  }
  made.id += "-digest";
  made.occurrences = 0;
  made.last_lines.clear();
  made.flags.clear();
  for (const folded<crash_report>& one : sorted) {
    made.occurrences += one.count * one.first.occurrences;
    made.time = std::max(made.time, one.first.time);
    made.last_lines.push_back(std::to_string(one.count * one.first.occurrences) + "x " + to_text(one.first.unit) +
                              ": " + std::string(to_text(one.first.kind)) + ": " + one.first.message);
  }
  made.message = std::to_string(made.occurrences) + " reports of " + std::to_string(sorted.size()) +
                 " faults came too fast; the worst: " + made.message;
  return made;
}

OVRSEER_DECL void item_facts<crash_report>::seen(crash_report& report, std::uint64_t times) {
  report.occurrences *= times;
  if (report.occurrences > 1) report.message += " (seen " + std::to_string(report.occurrences) + " times)";
}

}  // namespace ovrseer
