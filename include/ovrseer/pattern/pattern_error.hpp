// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Why a text is not a pattern, and where: the same closed list at compile time and at run time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/utf8.hpp>

namespace ovrseer {

/// Every reason to refuse a pattern. The names are what a compiler prints.
enum class pattern_errc : unsigned char {
  // what is not finished, or has no partner
  unclosed_group = 1,
  unopened_group,
  unclosed_class,
  trailing_backslash,
  // quantifiers
  nothing_to_repeat,
  repeat_out_of_order,
  repeat_too_large,
  possessive_quantifier_is_not_supported,
  // classes and escapes
  range_out_of_order,
  unknown_escape,
  bad_hex_escape,
  bad_unicode_escape,
  bad_control_escape,
  octal_escape_is_not_supported,
  lone_surrogate,
  invalid_utf8,
  unicode_property_is_not_supported,
  // groups
  bad_group_name,
  duplicate_group_name,
  unknown_group_kind,
  lookahead_is_not_supported,
  lookbehind_is_not_supported,
  back_reference_is_not_supported,
  inline_flags_are_not_supported,
  atomic_group_is_not_supported,
  conditional_is_not_supported,
  comment_is_not_supported,
  // limits
  too_many_groups,
  pattern_too_large,
  text_too_long_for_the_compiler,
  // flags
  unknown_flag,
  duplicate_flag,
  sticky_flag_is_not_supported,
  unicode_sets_flag_is_not_supported,
  indices_flag_is_not_supported,
};

/// The reason in words, with the cure where there is one.
constexpr std::string_view to_text(pattern_errc code) noexcept {
  switch (code) {
    case pattern_errc::unclosed_group: return "this group is not closed: ')' is missing";
    case pattern_errc::unopened_group: return "')' without '(': write \\) for the character";
    case pattern_errc::unclosed_class: return "this class is not closed: ']' is missing";
    case pattern_errc::trailing_backslash: return "'\\' at the end: write \\\\ for the character";
    case pattern_errc::nothing_to_repeat: return "there is nothing to repeat before this quantifier";
    case pattern_errc::repeat_out_of_order: return "in {m,n} m is greater than n";
    case pattern_errc::repeat_too_large: return "a repeat count is at most 1000";
    case pattern_errc::possessive_quantifier_is_not_supported: return "possessive quantifiers are not supported";
    case pattern_errc::range_out_of_order: return "the range of this class ends before it begins";
    case pattern_errc::unknown_escape: return "unknown escape: only letters with a meaning may be escaped";
    case pattern_errc::bad_hex_escape: return "\\x needs two hexadecimal digits";
    case pattern_errc::bad_unicode_escape: return "\\u needs four hexadecimal digits, or {digits} up to 10FFFF";
    case pattern_errc::bad_control_escape: return "\\c needs a letter";
    case pattern_errc::octal_escape_is_not_supported: return "octal escapes are not supported: write \\xHH";
    case pattern_errc::lone_surrogate: return "a lone surrogate never occurs in UTF-8 text";
    case pattern_errc::invalid_utf8: return "the pattern is not valid UTF-8 here";
    case pattern_errc::unicode_property_is_not_supported: return "Unicode properties (\\p) are not supported";
    case pattern_errc::bad_group_name: return "a group name is a letter, '_' or '$', then those or digits, then '>'";
    case pattern_errc::duplicate_group_name: return "this group name is already taken";
    case pattern_errc::unknown_group_kind: return "unknown kind of group: ( ), (?: ) and (?<name> ) are known";
    case pattern_errc::lookahead_is_not_supported: return "look-ahead is not supported: it would not be linear";
    case pattern_errc::lookbehind_is_not_supported: return "look-behind is not supported: it would not be linear";
    case pattern_errc::back_reference_is_not_supported: return "back-references are not supported: they are not linear";
    case pattern_errc::inline_flags_are_not_supported:
      return "inline flags are not supported: give flags to the pattern";
    case pattern_errc::atomic_group_is_not_supported: return "atomic groups are not supported";
    case pattern_errc::conditional_is_not_supported: return "conditional groups are not supported";
    case pattern_errc::comment_is_not_supported: return "comments are not supported";
    case pattern_errc::too_many_groups: return "a pattern has at most 255 capture groups";
    case pattern_errc::pattern_too_large:
      return "the pattern is too large: its repeats expand to more than 10000 steps";
    case pattern_errc::text_too_long_for_the_compiler:
      return "the text is longer than 4096 bytes: compile it at run time";
    case pattern_errc::unknown_flag: return "unknown flag: i, m, s are known, g and u are accepted";
    case pattern_errc::duplicate_flag: return "this flag is given twice";
    case pattern_errc::sticky_flag_is_not_supported: return "the flag y (sticky) is not supported";
    case pattern_errc::unicode_sets_flag_is_not_supported: return "the flag v (unicode sets) is not supported";
    case pattern_errc::indices_flag_is_not_supported: return "the flag d is not supported: spans are always there";
  }
  return "unknown reason";
}

/// Why a text is not a pattern, where, and the text itself.
struct pattern_error {
  pattern_errc code{};
  std::size_t offset = 0;  ///< in bytes from the beginning of `text`
  std::string text;        ///< the pattern as it was given

  /// Three lines: the reason, the pattern (a part of it when long), a caret under the offset.
  std::string message() const {
    constexpr std::size_t before = 40;
    constexpr std::size_t shown = 72;
    std::size_t first = offset > before ? offset - before : 0;
    while (first > 0 && is_continuation_byte(text[first])) --first;
    std::string line = first > 0 ? "..." : "";
    std::size_t column = line.size();
    std::size_t i = first;
    for (; i < text.size() && i < first + shown; ++i) {
      const bool is_control = static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7f;
      line.push_back(is_control ? '?' : text[i]);
      if (i < offset && !is_continuation_byte(text[i])) ++column;
    }
    for (; i < text.size() && is_continuation_byte(text[i]); ++i) line.push_back(text[i]);
    if (i < text.size()) line += "...";
    std::string out(to_text(code));
    out.append(" (at offset ").append(std::to_string(offset)).append(")\n  ").append(line);
    return out.append("\n  ").append(column, ' ').append("^");
  }
};

}  // namespace ovrseer
