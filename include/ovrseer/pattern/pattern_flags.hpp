// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a pattern is to be read: the flags that JavaScript writes as letters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <ovrseer/pattern/pattern_error.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// A set of flags, combined by `|`. Written `icase`, `multiline`, `dotall`.
enum class pattern_flags : unsigned char {
  none = 0,
  icase = 1,      ///< `i`: ASCII letters match in either case (others only as they are written)
  multiline = 2,  ///< `m`: `^` and `$` also match after and before a line terminator
  dotall = 4,     ///< `s`: `.` matches line terminators too
};

inline constexpr pattern_flags icase = pattern_flags::icase;
inline constexpr pattern_flags multiline = pattern_flags::multiline;
inline constexpr pattern_flags dotall = pattern_flags::dotall;

constexpr pattern_flags operator|(pattern_flags a, pattern_flags b) noexcept {
  return static_cast<pattern_flags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr pattern_flags operator&(pattern_flags a, pattern_flags b) noexcept {
  return static_cast<pattern_flags>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}
constexpr pattern_flags& operator|=(pattern_flags& a, pattern_flags b) noexcept { return a = a | b; }

/// Whether all flags of `wanted` are in `flags`.
constexpr bool has_flag(pattern_flags flags, pattern_flags wanted) noexcept { return (flags & wanted) == wanted; }

/// Reads the letters that JavaScript writes after a literal: `i`, `m`, `s`; `g` and `u` are accepted and
/// change nothing, since spans are found on request and text is always UTF-8.
///
/// Errors: unknown_flag, duplicate_flag, and `y`, `v`, `d` by name.
inline result<pattern_flags, pattern_error> parse_pattern_flags(std::string_view letters) {
  pattern_flags flags{};
  for (std::size_t i = 0; i != letters.size(); ++i) {
    const auto refuse = [&](pattern_errc code) { return failure(pattern_error{code, i, std::string(letters)}); };
    if (letters.substr(0, i).find(letters[i]) != std::string_view::npos) return refuse(pattern_errc::duplicate_flag);
    switch (letters[i]) {
      case 'i': flags |= icase; break;
      case 'm': flags |= multiline; break;
      case 's': flags |= dotall; break;
      case 'g':
      case 'u': break;
      case 'y': return refuse(pattern_errc::sticky_flag_is_not_supported);
      case 'v': return refuse(pattern_errc::unicode_sets_flag_is_not_supported);
      case 'd': return refuse(pattern_errc::indices_flag_is_not_supported);
      default: return refuse(pattern_errc::unknown_flag);
    }
  }
  return flags;
}

/// "im", "s", or nothing.
inline std::string to_text(pattern_flags flags) {
  std::string letters;
  if (has_flag(flags, icase)) letters.push_back('i');
  if (has_flag(flags, multiline)) letters.push_back('m');
  if (has_flag(flags, dotall)) letters.push_back('s');
  return letters;
}

}  // namespace ovrseer
