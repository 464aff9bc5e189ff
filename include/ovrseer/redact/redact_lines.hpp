// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Redacts lines that were cut out of a stream: a private key may begin before the first of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/redact/detail/text.hpp>
#include <ovrseer/redact/line_redactor.hpp>
#include <ovrseer/redact/redaction.hpp>

namespace ovrseer {

namespace redact_detail {

/// What a line of a key ends in; before it there may be a date.
constexpr bool ends_in_base64(std::string_view line, std::size_t least) noexcept {
  const auto is_base64 = [](char c) { return is_alnum(c) || c == '+' || c == '/' || c == '='; };
  std::size_t begin = line.size();
  while (begin > 0 && is_base64(line[begin - 1])) --begin;
  return line.size() - begin >= least && (begin == 0 || is_blank(line[begin - 1]));
}

/// How many lines in front of a private key's last one belong to it, where its first line is not among them.
inline std::size_t torn_key_end(const std::vector<std::string>& lines) {
  constexpr auto none = std::string::npos;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find("PRIVATE KEY") == none) continue;
    if (lines[i].find("-----BEGIN ") != none) return 0;
    if (lines[i].find("-----END ") != none) return i;
  }
  return 0;
}

}  // namespace redact_detail

/// Whether one of the lines looks like the inside of a private key, whose first line may then stand before them.
inline bool may_begin_in_key(const std::vector<std::string>& lines) noexcept {
  return std::ranges::any_of(lines, [](const std::string& each) { return redact_detail::ends_in_base64(each, 40); });
}

/// Redacts lines that follow each other, in place; says whether any was changed. A private key is hidden in all of them,
/// also one whose end alone is among them: then the lines before it that look like a key's. For every line there is one after it.
template <redaction R>
bool redact_lines(std::vector<std::string>& lines, const R& rules) {
  if (std::ranges::none_of(lines, [&](const std::string& each) { return rules.may_contain_secret(each); }))
    return false;
  basic_line_redactor<R> in_order(rules);
  const std::size_t torn = redact_detail::torn_key_end(lines);
  std::size_t torn_begin = torn;
  // The last of them may be short.
  while (torn_begin > 0 && redact_detail::ends_in_base64(lines[torn_begin - 1], torn_begin == torn ? 4 : 40))
    --torn_begin;
  bool has_changed = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool is_torn = i >= torn_begin && i < torn;
    std::string hidden = is_torn ? std::string(rules.replacement()) : in_order.redact(lines[i]);
    if (hidden == lines[i]) continue;
    lines[i] = std::move(hidden);
    has_changed = true;
  }
  return has_changed;
}

}  // namespace ovrseer
