// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Well-formed UTF-8: what it is, how it is made of what is not, and where it may be cut.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ovrseer {

/// A byte of a character that is not its first.
constexpr bool is_continuation_byte(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Bytes of the well-formed UTF-8 character that `text` begins with; 0 where it begins with none: a stray continuation, an
/// over-long form, a surrogate, a code point beyond U+10FFFF, a cut, or nothing at all. The ranges are those of the Unicode
/// standard, table 3-7.
constexpr std::size_t utf8_length(std::string_view text) noexcept {
  const auto is_between = [text](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && static_cast<unsigned char>(text[i]) >= low && static_cast<unsigned char>(text[i]) <= high;
  };
  if (text.empty()) return 0;
  const unsigned lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return is_between(1, 0x80, 0xBF) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return is_between(1, low, high) && is_between(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return is_between(1, low, high) && is_between(2, 0x80, 0xBF) && is_between(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

/// The offset of the first byte that is not part of well-formed UTF-8, if there is one.
constexpr std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}
constexpr bool is_valid_utf8(std::string_view text) noexcept { return !find_invalid_utf8(text); }

/// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
inline std::string valid_utf8(std::string_view text) {
  std::string cleaned;
  cleaned.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    cleaned.append(length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return cleaned;
}

/// As many whole characters from the begin of well-formed `text` as `bytes` hold.
constexpr std::string_view first_bytes(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  while (bytes != 0 && is_continuation_byte(text[bytes])) --bytes;
  return text.substr(0, bytes);
}
/// As many whole characters from its end.
constexpr std::string_view last_bytes(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  std::size_t begin = text.size() - bytes;
  while (begin != text.size() && is_continuation_byte(text[begin])) ++begin;
  return text.substr(begin);
}

/// The number of characters of well-formed `text`.
constexpr std::size_t count_characters(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += is_continuation_byte(c) ? 0U : 1U;
  return count;
}
/// At most so many characters from the begin of well-formed `text`.
constexpr std::string_view first_characters(std::string_view text, std::size_t most) noexcept {
  std::size_t end = 0;
  for (; end != text.size(); ++end) {
    if (!is_continuation_byte(text[end]) && most-- == 0) break;
  }
  return text.substr(0, end);
}
/// At most so many characters from its end.
constexpr std::string_view last_characters(std::string_view text, std::size_t most) noexcept {
  std::size_t begin = text.size();
  while (begin != 0 && most != 0) {
    if (!is_continuation_byte(text[--begin])) --most;
  }
  return text.substr(begin);
}

}  // namespace ovrseer
