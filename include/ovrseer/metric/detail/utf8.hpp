// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Well-formed UTF-8 for label values and help texts: one bad byte would cost a scraper the whole page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ovrseer::metric_detail {

/// Bytes of the well-formed UTF-8 character that `text` (not empty) begins with; 0 where it begins with
/// none: a stray continuation, an over-long form, a surrogate, a code point beyond U+10FFFF, or a cut.
/// The byte ranges are those of the Unicode standard, table 3-7.
constexpr std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto is_between = [&](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
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

/// Whether all of `text` is well-formed UTF-8.
constexpr bool is_valid_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace ovrseer::metric_detail
