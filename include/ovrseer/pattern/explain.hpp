// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the engine makes of a pattern: what it looks for, how it decides, and what is dear about it. For people who wonder
// why a flag costs what it costs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/pattern/fixed_string.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/pattern_flags.hpp>

namespace ovrseer {

/// How a set, such as the flags of a process, searches for a pattern in lines of text: what `pattern::explain` says.
///
///     for (const auto& why : pattern<>::compile("\\d+ms")->explain().warnings) warn(why);
struct pattern_explanation {
  /// One of the byte sequences of which every match has at least one.
  struct sequence {
    std::string text;    ///< a byte as it is, a letter in either case as its capital, other classes as `?`
    std::string window;  ///< the part of it that is looked for in the text, three bytes or four
    double guesses = 0;  ///< at how many of a million bytes of log text the scan is expected to stop for it
  };
  enum class engine : unsigned char {
    sequence,   ///< where a sequence stands the pattern matches: nothing else is asked
    table,      ///< an automaton, made whole, decides about what stands around a sequence
    growing,    ///< an automaton that would be too large to make whole, and grows with the text
    every_line  ///< nothing to look for: the automaton reads every line, together with other such patterns
  };

  std::string pattern;              ///< as JavaScript writes it
  std::vector<sequence> sequences;  ///< empty where there is nothing to look for
  engine decides = engine::sequence;
  std::size_t steps = 0;  ///< instructions of the program that finds spans and groups
  bool reads_from_line_begin =
      false;  ///< what stands before a sequence has no bound, so the automaton begins with the line
  std::vector<std::string> warnings;  ///< what makes it dear, and the cure
};

OVRSEER_DECL std::string_view to_text(pattern_explanation::engine decides) noexcept;

/// The explanation as a few lines of text, each with a newline.
OVRSEER_DECL std::string to_text(const pattern_explanation& of);

template <fixed_string Text, pattern_flags Flags>
pattern_explanation pattern<Text, Flags>::explain() const {
  return pattern_view(*this).explain();
}

inline pattern_explanation pattern<>::explain() const { return view_.explain(); }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/pattern/impl/explain.ipp>
#endif
