// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The parts of the syntax that are longer than a character and need no state: `{m,n}` and the groups
// that are not ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ovrseer/pattern/detail/tree.hpp>
#include <ovrseer/pattern/detail/unit.hpp>
#include <ovrseer/pattern/pattern_error.hpp>

namespace ovrseer::pattern_detail {

struct repeat_counts {
  std::uint32_t min = 0;
  std::uint32_t max = 0;  // or unbounded
  std::size_t size = 0;   // of the quantifier in bytes; zero when there is none
};

/// `{m}`, `{m,}` or `{m,n}` at `begin`. Numbers past the limit stop growing.
constexpr repeat_counts read_counts(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin + 1;
  const auto number = [&](std::uint32_t& value) {
    const std::size_t began = at;
    for (; at < text.size() && is_digit_unit(byte_at(text, at)); ++at) {
      if (value <= max_repeat) value = value * 10 + (byte_at(text, at) - '0');
    }
    return at != began;
  };
  repeat_counts found;
  if (!number(found.min)) return {};
  found.max = found.min;
  if (at < text.size() && text[at] == ',') {
    ++at;
    found.max = 0;
    if (!number(found.max)) found.max = unbounded;
  }
  if (at >= text.size() || text[at] != '}') return {};
  found.size = at + 1 - begin;
  return found;
}

/// Which of the kinds of groups that are not ours begins at `at`, with "(?".
constexpr pattern_errc unsupported_group(std::string_view text, std::size_t at) noexcept {
  const char c = at + 2 < text.size() ? text[at + 2] : '\0';
  const char next = at + 3 < text.size() ? text[at + 3] : '\0';
  switch (c) {
    case '=':
    case '!': return pattern_errc::lookahead_is_not_supported;
    case '<': return pattern_errc::lookbehind_is_not_supported;
    case '>': return pattern_errc::atomic_group_is_not_supported;
    case '(': return pattern_errc::conditional_is_not_supported;
    case '#': return pattern_errc::comment_is_not_supported;
    case 'P':
      if (next == '<' || next == '=' || next == '>') return pattern_errc::unknown_group_kind;
      break;
    default: break;
  }
  const bool is_flag = c == '-' || is_letter_unit(static_cast<unsigned char>(c));
  return is_flag ? pattern_errc::inline_flags_are_not_supported : pattern_errc::unknown_group_kind;
}

}  // namespace ovrseer::pattern_detail
