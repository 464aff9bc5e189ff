// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Stops the build at a text that is not a pattern. C++20's static_assert has literal messages only, so there is one for
// each reason; the text, and a caret under the fault, are arguments of two classes that the compiler names one after
// the other:
//
//     required from 'struct the_pattern_<shown_text{"error(?=:)"}, ...'
//     required from 'struct is_wrong_at_<shown_text{"     ^"}, ...'
#pragma once

#include <cstddef>
#include <string_view>

#include <ovrseer/pattern/fixed_string.hpp>
#include <ovrseer/pattern/pattern_error.hpp>

namespace ovrseer::pattern_detail {

/// What a compiler prints whole, as one string; so it is short, and for clang filled up with blanks.
struct shown_text {
  static constexpr std::size_t capacity = 32;
  char characters[capacity] = {};

  constexpr shown_text() noexcept {
#if defined(__clang__)
    for (std::size_t i = 0; i + 1 != capacity; ++i) characters[i] = ' ';
#endif
  }
};

/// The part of a pattern's text around a fault, and a caret that stands under it where both are printed.
struct shown_fault {
  shown_text text;
  shown_text caret;
};

constexpr shown_fault show_fault(std::string_view text, std::size_t offset) noexcept {
  constexpr std::size_t before = 18;
  // A compiler writes these with a backslash before them.
  const auto width = [&](std::size_t i) { return text[i] == '"' || text[i] == '\\' ? std::size_t{2} : 1U; };
  std::size_t first = offset;
  std::size_t column = 0;
  while (first != 0 && column + width(first - 1) <= before) column += width(--first);
  shown_fault made;
  std::size_t size = 0;
  if (first != 0) {
    for (; size != 3; ++size) made.text.characters[size] = '.';
  }
  column += size;
  for (std::size_t i = first; i != text.size() && size + 1 != shown_text::capacity; ++i) {
    made.text.characters[size++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
  }
  for (std::size_t i = 0; i != column; ++i) made.caret.characters[i] = ' ';
  made.caret.characters[column] = '^';
  return made;
}

template <pattern_errc Reason>
struct invalid_pattern {
  using enum pattern_errc;
  static_assert(Reason != unclosed_group, "invalid pattern: this group is not closed: ')' is missing");
  static_assert(Reason != unopened_group, "invalid pattern: ')' without '(': escape it for the character");
  static_assert(Reason != unclosed_class, "invalid pattern: this class is not closed: ']' is missing");
  static_assert(Reason != trailing_backslash, "invalid pattern: a backslash at the end");
  static_assert(Reason != nothing_to_repeat, "invalid pattern: there is nothing to repeat before this quantifier");
  static_assert(Reason != repeat_out_of_order, "invalid pattern: in {m,n} m is greater than n");
  static_assert(Reason != repeat_too_large, "invalid pattern: a repeat count is at most 1000");
  static_assert(Reason != possessive_quantifier_is_not_supported,
                "invalid pattern: possessive quantifiers are not supported");
  static_assert(Reason != range_out_of_order, "invalid pattern: the range of this class ends before it begins");
  static_assert(Reason != unknown_escape,
                "invalid pattern: unknown escape: only letters with a meaning may be escaped");
  static_assert(Reason != bad_hex_escape, "invalid pattern: \\x needs two hexadecimal digits");
  static_assert(Reason != bad_unicode_escape,
                "invalid pattern: \\u needs four hexadecimal digits, or {digits} up to 10FFFF");
  static_assert(Reason != bad_control_escape, "invalid pattern: \\c needs a letter");
  static_assert(Reason != octal_escape_is_not_supported,
                "invalid pattern: octal escapes are not supported: write \\xHH");
  static_assert(Reason != lone_surrogate, "invalid pattern: a lone surrogate never occurs in UTF-8 text");
  static_assert(Reason != invalid_utf8, "invalid pattern: it is not valid UTF-8 here");
  static_assert(Reason != unicode_property_is_not_supported,
                "invalid pattern: Unicode properties (\\p) are not supported");
  static_assert(Reason != bad_group_name,
                "invalid pattern: a group name is a letter, '_' or '$', then those or digits, then '>'");
  static_assert(Reason != duplicate_group_name, "invalid pattern: this group name is already taken");
  static_assert(Reason != unknown_group_kind,
                "invalid pattern: unknown kind of group: ( ), (?: ) and (?<name> ) are known");
  static_assert(Reason != lookahead_is_not_supported,
                "invalid pattern: look-ahead is not supported: it would not be linear");
  static_assert(Reason != lookbehind_is_not_supported,
                "invalid pattern: look-behind is not supported: it would not be linear");
  static_assert(Reason != back_reference_is_not_supported,
                "invalid pattern: back-references are not supported: they are not linear");
  static_assert(Reason != inline_flags_are_not_supported,
                "invalid pattern: inline flags are not supported: give flags to the pattern");
  static_assert(Reason != atomic_group_is_not_supported, "invalid pattern: atomic groups are not supported");
  static_assert(Reason != conditional_is_not_supported, "invalid pattern: conditional groups are not supported");
  static_assert(Reason != comment_is_not_supported, "invalid pattern: comments are not supported");
  static_assert(Reason != too_many_groups, "invalid pattern: a pattern has at most 255 capture groups");
  static_assert(Reason != pattern_too_large,
                "invalid pattern: it is too large: its repeats expand to more than 10000 steps");
  static_assert(Reason != text_too_long_for_the_compiler,
                "invalid pattern: its text is longer than 4096 bytes: compile it at run time");
  static constexpr bool reported = true;
};

// Names of the same length, so that the caret stands under the fault.
template <shown_text Text, pattern_errc Reason>
struct the_pattern_ : invalid_pattern<Reason> {};
template <shown_text Caret, shown_text Text, pattern_errc Reason>
struct is_wrong_at_ : the_pattern_<Text, Reason> {};

template <std::size_t Offset, fixed_string Text>
inline constexpr shown_fault fault = show_fault(Text.view(), Offset);

/// The offset in bytes, the reason, the text.
template <std::size_t Offset, pattern_errc Reason, fixed_string Text>
struct invalid_pattern_at : is_wrong_at_<fault<Offset, Text>.caret, fault<Offset, Text>.text, Reason> {};

}  // namespace ovrseer::pattern_detail
