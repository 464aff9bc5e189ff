// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a pattern matches one of: a code point of UTF-8 text, or a single byte that is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ovrseer::pattern_detail {

/// A code point, or `invalid_unit` for a byte that belongs to no valid UTF-8 sequence.
using unit_value = std::uint32_t;

inline constexpr unit_value invalid_unit = 0x110000;
inline constexpr unit_value line_separator = 0x2028;
inline constexpr unit_value paragraph_separator = 0x2029;

struct unit {
  unit_value value = 0;
  std::size_t size = 0;  ///< in bytes; zero at the end of the text
};

constexpr unsigned byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

/// The unit that begins at `at`, whose byte is not ASCII. Overlong forms, surrogates and values past
/// 10FFFF are not valid: their bytes are units of their own.
constexpr unit decode_multibyte(std::string_view text, std::size_t at) noexcept {
  const unsigned lead = byte_at(text, at);
  const std::size_t length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
  if (length == 1 || text.size() - at < length) return {invalid_unit, 1};
  unit_value value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i != length; ++i) {
    const unsigned byte = byte_at(text, at + i);
    if ((byte & 0xC0U) != 0x80U) return {invalid_unit, 1};
    value = (value << 6U) | (byte & 0x3FU);
  }
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  const bool is_overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (is_surrogate || is_overlong || value > 0x10FFFF) return {invalid_unit, 1};
  return {value, length};
}

/// The unit that begins at `at`; of size zero at the end.
constexpr unit decode(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return {};
  const unsigned byte = byte_at(text, at);
  if (byte < 0x80) return {byte, 1};
  return decode_multibyte(text, at);
}

/// The UTF-8 form of a code point.
struct encoded_unit {
  char bytes[4] = {};
  std::size_t size = 0;
};

constexpr encoded_unit encode(unit_value value) noexcept {
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | ((value >> shift) & 0x3FU)); };
  if (value < 0x80) return {{static_cast<char>(value)}, 1};
  if (value < 0x800) return {{static_cast<char>(0xC0U | (value >> 6U)), tail(0)}, 2};
  if (value < 0x10000) return {{static_cast<char>(0xE0U | (value >> 12U)), tail(6), tail(0)}, 3};
  return {{static_cast<char>(0xF0U | (value >> 18U)), tail(12), tail(6), tail(0)}, 4};
}

constexpr bool is_word_unit(unit_value value) noexcept {
  return (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z') || (value >= '0' && value <= '9') ||
         value == '_';
}
constexpr bool is_letter_unit(unit_value value) noexcept {
  return (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z');
}
constexpr bool is_digit_unit(unit_value value) noexcept { return value >= '0' && value <= '9'; }
constexpr bool is_line_terminator(unit_value value) noexcept {
  return value == '\n' || value == '\r' || value == line_separator || value == paragraph_separator;
}

}  // namespace ovrseer::pattern_detail
