// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where a piece of YAML ends, which its parser does not tell: for carets of the right length, and so that a
// secret is hidden whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <ovrseer/config/document.hpp>

namespace ovrseer::config_detail {

/// Where the content begins after `&anchor` and `!tag`.
inline std::size_t yaml_content_begin(std::string_view text, std::size_t at) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    at = std::min(text.find_first_of(blanks, at), text.size());
    at = std::min(text.find_first_not_of(blanks, at), text.size());
  }
  return at;
}

/// Behind the closing quote, or npos where there is none.
inline std::size_t end_of_yaml_quotes(std::string_view text, std::size_t begin) noexcept {
  const char quote = text[begin];
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return std::string_view::npos;
}

/// A block of text (`|`, `>`) ends before the first line that is indented less than its first one.
inline std::size_t end_of_yaml_block(const source_text& source, std::size_t begin) noexcept {
  const std::string_view text = source.text();
  std::size_t end = source.line_around(begin).end;
  std::size_t deep = 0;
  for (std::size_t next = text.find('\n', end); next != std::string_view::npos && next + 1 < text.size();) {
    const text_span line = source.line_around(next + 1);
    const std::size_t word = text.find_first_not_of(' ', line.begin);
    if (word < line.end) {
      const std::size_t indentation = word - line.begin;
      if (deep == 0) deep = indentation;
      if (deep == 0 || indentation < deep) break;
      end = line.end;
    }
    next = text.find('\n', line.end);
  }
  return end;
}

/// The end of a scalar, with its quotes; npos where a quote is not closed.
inline std::size_t end_of_yaml_scalar(const source_text& source, std::size_t begin, std::string_view value) noexcept {
  const std::string_view text = source.text();
  const char first = begin < text.size() ? text[begin] : '\0';
  if (first == '"' || first == '\'') return end_of_yaml_quotes(text, begin);
  if (first == '|' || first == '>') return end_of_yaml_block(source, begin);
  // Plain text over several lines differs from its value in white space alone.
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  std::size_t i = begin;
  for (const char c : value) {
    if (is_blank(c)) continue;
    while (i < text.size() && is_blank(text[i])) ++i;
    if (i == text.size() || text[i] != c) return begin;
    ++i;
  }
  return i;
}

/// The end of the last entry; of `[ ]` and `{ }`, with the bracket.
inline std::size_t end_of_yaml_collection(std::string_view text, const config_node& node) noexcept {
  std::size_t end = node.where.begin;
  for (const config_node& item : node.items) end = std::max(end, item.where.end);
  const char first = node.where.begin < text.size() ? text[node.where.begin] : '\0';
  if (first != '[' && first != '{') return end;
  const std::size_t close = text.find_first_not_of(" \t\r\n,", node.items.empty() ? end + 1 : end);
  const bool is_bracket = close != std::string_view::npos && (text[close] == ']' || text[close] == '}');
  return is_bracket ? close + 1 : end;
}

}  // namespace ovrseer::config_detail
