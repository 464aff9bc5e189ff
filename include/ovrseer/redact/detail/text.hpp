// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Classes of ASCII characters and small looks around a position; bytes beyond ASCII belong to no class.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
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

constexpr char first_letter(std::string_view word) noexcept { return word[0]; }

/// Rows ordered by the ASCII character that `first_letter` says they begin with, so that those of one are found at once; among them
/// the greater come first, so that a longer prefix is tried before a shorter one.
template <class Row, std::size_t Count>
class letter_table {
 public:
  constexpr explicit letter_table(std::array<Row, Count> rows) : rows_(rows) {
    std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
      return first_letter(a) != first_letter(b) ? first_letter(a) < first_letter(b) : b < a;
    });
    for (const Row& row : rows_) ++begins_[static_cast<std::size_t>(first_letter(row)) + 1];
    for (std::size_t c = 1; c < begins_.size(); ++c)
      begins_[c] = static_cast<std::uint8_t>(begins_[c] + begins_[c - 1]);
  }

  constexpr auto begin() const noexcept { return rows_.begin(); }
  constexpr auto end() const noexcept { return rows_.end(); }
  constexpr std::span<const Row> of(char letter) const noexcept {
    const auto at = static_cast<unsigned char>(letter);
    if (at >= 128) return {};
    return std::span(rows_).subspan(begins_[at], begins_[at + 1U] - begins_[at]);
  }

 private:
  static_assert(Count < 256);
  std::array<Row, Count> rows_;
  std::array<std::uint8_t, 129> begins_{};
};

template <class Row, std::size_t Count>
constexpr letter_table<Row, Count> by_first_letter(std::array<Row, Count> rows) {
  return letter_table<Row, Count>(rows);
}

/// Whether a token looks made by a machine: letters and digits mixed, and no plain hexadecimal number.
constexpr bool looks_random(std::string_view word, std::size_t shortest) noexcept {
  if (word.size() < shortest || word.starts_with("0x")) return false;
  return std::any_of(word.begin(), word.end(), is_letter) && std::any_of(word.begin(), word.end(), is_digit);
}

}  // namespace ovrseer::redact_detail
