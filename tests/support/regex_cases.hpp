// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a case that was written for another engine is put to ours: searched as that engine searches, and
// judged with every difference that is JavaScript's will called by its name. Runs in the compiler too.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <ovrseer/pattern/pattern.hpp>

namespace regex_cases {

using ovrseer::pattern_errc;

enum class verdict {
  agrees,
  refused,               // by the name of its pattern_errc
  posix_bracket,         // [[:alpha:]], []a] and [^]a] mean something else in JavaScript
  empty_iteration,       // an optional iteration of JavaScript never matches the empty text
  groups_of_iterations,  // every iteration of JavaScript forgets the groups inside
  line_terminator,       // \r, U+2028 and U+2029 end lines in JavaScript
  unicode,               // \w, \d, \s, \b and the flag i know ASCII only here
  differs,
};

constexpr std::string_view to_text(verdict found) {
  switch (found) {
    case verdict::agrees: return "agrees";
    case verdict::refused: return "refused";
    case verdict::posix_bracket: return "POSIX bracket expression";
    case verdict::empty_iteration: return "an optional iteration is never empty in JavaScript";
    case verdict::groups_of_iterations: return "an iteration forgets the groups inside in JavaScript";
    case verdict::line_terminator: return "\\r and U+2028 end lines in JavaScript";
    case verdict::unicode: return "Unicode beyond ASCII in classes, \\b or the flag i";
    case verdict::differs: return "DIFFERS";
  }
  return "";
}

enum class anchoring { anywhere, at_the_start };

/// One expected match: groups as pairs of offsets, -1 where one took no part. Only those that are given
/// are compared.
struct expected_match {
  const long* offsets;
  std::size_t count;
};

struct outcome {
  bool spans_agree = false;
  bool groups_agree = false;
};

/// Searches as the engine that wrote the cases does: an empty match is not taken where the match before
/// it ended, and an anchored search goes on only where it left off.
template <class Pattern>
constexpr outcome compare(const Pattern& pattern, std::string_view haystack, anchoring where, std::size_t limit,
                          const expected_match* expected, std::size_t count) {
  outcome result{true, true};
  std::size_t from = 0;
  std::size_t found_count = 0;
  std::size_t last_end = static_cast<std::size_t>(-1);
  while (found_count < limit && from <= haystack.size()) {
    const auto found = pattern.find(haystack, from);
    if (!found || (where == anchoring::at_the_start && found->begin() != from)) break;
    if (found->begin() == found->end() && found->end() == last_end) {
      if (where == anchoring::at_the_start) break;
      const std::size_t size = ovrseer::pattern_detail::decode(haystack, from).size;
      from += size == 0 ? 1 : size;
      last_end = static_cast<std::size_t>(-1);
      continue;
    }
    if (found_count == count) return {false, false};
    const expected_match& wanted = expected[found_count++];
    for (std::size_t i = 0; i != wanted.count; i += 2) {
      const auto span = found->span(i / 2);
      const bool same = span ? static_cast<long>(span->begin) == wanted.offsets[i] &&
                                   static_cast<long>(span->end) == wanted.offsets[i + 1]
                             : wanted.offsets[i] == -1;
      if (!same && i == 0) return {false, false};
      if (!same) result.groups_agree = false;
    }
    from = last_end = found->end();
  }
  if (found_count != count) return {false, false};
  return result;
}

constexpr bool has_any(std::string_view text, std::string_view what) {
  return text.find_first_of(what) != std::string_view::npos;
}
constexpr bool has(std::string_view text, std::string_view what) { return text.find(what) != std::string_view::npos; }
constexpr bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

/// The name of a difference, from what the pattern and the haystack have in them. A difference that has
/// no such reason is a fault.
constexpr verdict judge(const outcome& found, std::string_view text, ovrseer::pattern_flags flags,
                        std::string_view haystack) {
  if (found.spans_agree && found.groups_agree) return verdict::agrees;
  if (has(text, "[[:") || has(text, "[]") || has(text, "[^]")) return verdict::posix_bracket;
  const auto tree = ovrseer::pattern_detail::parse(text, flags);
  bool has_groups_in_loops = false;
  for (const auto& node : tree.nodes) {
    if (node.kind == ovrseer::pattern_detail::node_kind::repeat && node.captures_end > node.captures_begin) {
      has_groups_in_loops = true;
    }
  }
  if (found.spans_agree && has_groups_in_loops) {
    return tree.has_checked_loops ? verdict::empty_iteration : verdict::groups_of_iterations;
  }
  if (tree.has_checked_loops) return verdict::empty_iteration;
  if (has_any(haystack, "\r") || has(haystack, "\u2028") || has(haystack, "\u2029")) return verdict::line_terminator;
  if (!is_ascii(haystack) || !is_ascii(text)) return verdict::unicode;
  return verdict::differs;
}

/// Flags that lead the pattern as another engine writes them, `(?im)`, become flags of ours; `R` (\r ends
/// lines) is how JavaScript is anyway. Everything else is left for the parser to refuse.
struct lifted {
  std::string_view text;
  ovrseer::pattern_flags flags;
};
constexpr lifted lift_flags(std::string_view text, ovrseer::pattern_flags flags) {
  if (!text.starts_with("(?")) return {text, flags};
  const std::size_t close = text.find(')');
  if (close == std::string_view::npos || close == 2) return {text, flags};
  const std::string_view letters = text.substr(2, close - 2);
  if (letters.find_first_not_of("imsR") != std::string_view::npos) return {text, flags};
  if (has(letters, "i")) flags |= ovrseer::icase;
  if (has(letters, "m")) flags |= ovrseer::multiline;
  if (has(letters, "s")) flags |= ovrseer::dotall;
  return {text.substr(close + 1), flags};
}

/// What no case may be refused for: these say that our parser misread it.
constexpr bool is_refusal_of_a_feature(pattern_errc code) {
  switch (code) {
    case pattern_errc::nothing_to_repeat:  // JavaScript repeats no assertion
    case pattern_errc::repeat_too_large:
    case pattern_errc::unknown_escape:  // \A, \z, \<, \Q and such
    case pattern_errc::bad_hex_escape:  // \x{...}
    case pattern_errc::bad_unicode_escape:
    case pattern_errc::octal_escape_is_not_supported:
    case pattern_errc::unicode_property_is_not_supported:
    case pattern_errc::lookahead_is_not_supported:
    case pattern_errc::lookbehind_is_not_supported:
    case pattern_errc::back_reference_is_not_supported:
    case pattern_errc::inline_flags_are_not_supported:
    case pattern_errc::atomic_group_is_not_supported:
    case pattern_errc::possessive_quantifier_is_not_supported:
    case pattern_errc::unknown_group_kind:  // (?P<name>)
    case pattern_errc::bad_group_name:
    case pattern_errc::pattern_too_large: return true;
    default: return false;
  }
}

/// For the generated cases: the whole of it as one constant expression.
template <ovrseer::fixed_string Text, ovrseer::pattern_flags Flags>
constexpr verdict check(std::string_view haystack, anchoring where, std::size_t limit, const expected_match* expected,
                        std::size_t count) {
  constexpr auto sizes = ovrseer::pattern_detail::measure_pattern(Text.view(), Flags);
  if constexpr (!sizes.is_valid) {
    return is_refusal_of_a_feature(sizes.error) ? verdict::refused : verdict::differs;
  } else {
    return judge(compare(ovrseer::pattern<Text, Flags>(), haystack, where, limit, expected, count), Text.view(), Flags,
                 haystack);
  }
}

}  // namespace regex_cases
