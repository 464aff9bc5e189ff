// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What stands behind a backslash, in a class and outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ovrseer/pattern/detail/unit.hpp>
#include <ovrseer/pattern/pattern_error.hpp>

namespace ovrseer::pattern_detail {

enum class escape_kind : std::uint8_t { character, shorthand, word_boundary, no_word_boundary, refused };
enum class escape_place : std::uint8_t { in_class, outside };

struct escape {
  escape_kind kind = escape_kind::refused;
  unit_value value = 0;  // character: the code point; shorthand: its letter
  std::size_t size = 0;  // in bytes, the backslash included
  pattern_errc code{};   // refused: why
};

constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The number that `count` hexadecimal digits at `at` write, or -1.
constexpr std::int64_t hex_number(std::string_view text, std::size_t at, std::size_t count) noexcept {
  if (text.size() < at + count) return -1;
  std::int64_t value = 0;
  for (std::size_t i = at; i != at + count; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

constexpr escape refused_escape(pattern_errc code) noexcept { return {escape_kind::refused, 0, 0, code}; }
constexpr escape character_escape(std::int64_t value, std::size_t size) noexcept {
  return {escape_kind::character, static_cast<unit_value>(value), size, {}};
}

/// `\uHHHH`, two of them for a surrogate pair, or `\u{H...}`; `at` is where the backslash is.
constexpr escape read_unicode_escape(std::string_view text, std::size_t at) noexcept {
  constexpr auto bad = pattern_errc::bad_unicode_escape;
  if (at + 2 < text.size() && text[at + 2] == '{') {
    const std::size_t close = text.find('}', at);
    if (close == std::string_view::npos || close == at + 3 || close - at > 3 + 8) return refused_escape(bad);
    const std::int64_t value = hex_number(text, at + 3, close - at - 3);
    if (value < 0 || value > 0x10FFFF) return refused_escape(bad);
    if (value >= 0xD800 && value <= 0xDFFF) return refused_escape(pattern_errc::lone_surrogate);
    return character_escape(value, close - at + 1);
  }
  const std::int64_t first = hex_number(text, at + 2, 4);
  if (first < 0) return refused_escape(bad);
  if (first < 0xD800 || first > 0xDFFF) return character_escape(first, 6);
  const bool has_second = text.substr(at + 6, 2) == "\\u";
  const std::int64_t second = has_second ? hex_number(text, at + 8, 4) : -1;
  if (first > 0xDBFF || second < 0xDC00 || second > 0xDFFF) return refused_escape(pattern_errc::lone_surrogate);
  return character_escape(0x10000 + (first - 0xD800) * 0x400 + (second - 0xDC00), 12);
}

/// The escape at `at`, where `text` has a backslash.
constexpr escape read_escape(std::string_view text, std::size_t at, escape_place place) noexcept {
  if (at + 1 >= text.size()) return refused_escape(pattern_errc::trailing_backslash);
  const char c = text[at + 1];
  const bool in_class = place == escape_place::in_class;
  switch (c) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
    case 's':
    case 'S': return {escape_kind::shorthand, static_cast<unit_value>(c), 2, {}};
    case 't': return character_escape('\t', 2);
    case 'n': return character_escape('\n', 2);
    case 'r': return character_escape('\r', 2);
    case 'f': return character_escape('\f', 2);
    case 'v': return character_escape('\v', 2);
    case 'b':
      if (in_class) return character_escape('\b', 2);
      return {escape_kind::word_boundary, 0, 2, {}};
    case 'B':
      if (in_class) return refused_escape(pattern_errc::unknown_escape);
      return {escape_kind::no_word_boundary, 0, 2, {}};
    case 'c': {
      const char letter = at + 2 < text.size() ? text[at + 2] : ' ';
      if (!is_letter_unit(static_cast<unsigned char>(letter))) return refused_escape(pattern_errc::bad_control_escape);
      return character_escape(letter & 0x1F, 3);
    }
    case 'x': {
      const std::int64_t value = hex_number(text, at + 2, 2);
      return value < 0 ? refused_escape(pattern_errc::bad_hex_escape) : character_escape(value, 4);
    }
    case 'u': return read_unicode_escape(text, at);
    case 'p':
    case 'P': return refused_escape(pattern_errc::unicode_property_is_not_supported);
    case 'k':
      return refused_escape(in_class ? pattern_errc::unknown_escape : pattern_errc::back_reference_is_not_supported);
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (is_digit_unit(byte)) {
    const bool has_more = at + 2 < text.size() && is_digit_unit(static_cast<unsigned char>(text[at + 2]));
    if (c == '0' && !has_more) return character_escape(0, 2);
    const bool is_octal = c == '0' || in_class;
    return refused_escape(is_octal ? pattern_errc::octal_escape_is_not_supported
                                   : pattern_errc::back_reference_is_not_supported);
  }
  if (byte >= 0x80 || is_letter_unit(byte)) return refused_escape(pattern_errc::unknown_escape);
  return character_escape(byte, 2);
}

}  // namespace ovrseer::pattern_detail
