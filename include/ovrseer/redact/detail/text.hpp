// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Classes of ASCII characters and small looks around a position; bytes beyond ASCII belong to no class.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace ovrseer::redact_detail {

using std::string_view_literals::operator""sv;

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) noexcept { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_alnum(char c) noexcept { return is_letter(c) || is_digit(c); }
constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_line_end(char c) noexcept { return c == '\n' || c == '\r'; }
constexpr bool is_quote(char c) noexcept { return c == '"' || c == '\'' || c == '`'; }
/// What names of settings are made of: DB_PASSWORD, db.password, X-Api-Key.
constexpr bool is_name(char c) noexcept { return is_alnum(c) || c == '_' || c == '-' || c == '.'; }
/// What tokens are made of (RFC 6750, `b64token`).
constexpr bool is_token(char c) noexcept {
  return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '+' || c == '/' || c == '=';
}

/// The character at `i`, or a line end where the text has none: every scan stops there.
constexpr char at(std::string_view text, std::size_t i) noexcept { return i < text.size() ? text[i] : '\n'; }

constexpr bool equal_fold(std::string_view a, std::string_view lower_case) noexcept {
  if (a.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower_case[i]) return false;
  }
  return true;
}
constexpr bool begins_fold(std::string_view text, std::size_t i, std::string_view lower_case) noexcept {
  return i <= text.size() && equal_fold(text.substr(i, lower_case.size()), lower_case);
}

template <class Words>
constexpr bool is_one_of(std::string_view word, const Words& words) noexcept {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}
template <class Words>
constexpr bool is_one_of_fold(std::string_view word, const Words& words) noexcept {
  return std::any_of(std::begin(words), std::end(words), [&](std::string_view each) { return equal_fold(word, each); });
}

template <class Is>
constexpr std::size_t skip(std::string_view text, std::size_t i, Is is, std::size_t most = std::string_view::npos) {
  for (std::size_t n = 0; n < most && i < text.size() && is(text[i]); ++n) ++i;
  return i;
}

constexpr std::size_t line_end(std::string_view text, std::size_t i) noexcept {
  const auto found = text.find_first_of("\r\n", i);
  return found == std::string_view::npos ? text.size() : found;
}

/// Whether a token looks made by a machine: letters and digits mixed, and no plain hexadecimal number.
constexpr bool looks_random(std::string_view word, std::size_t shortest) noexcept {
  if (word.size() < shortest || word.starts_with("0x")) return false;
  return std::any_of(word.begin(), word.end(), is_letter) && std::any_of(word.begin(), word.end(), is_digit);
}

}  // namespace ovrseer::redact_detail
