// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Puts something else in the place of matches, with parts of each match in it, as JavaScript's `replace` does.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/pattern/match.hpp>
#include <ovrseer/pattern/pattern.hpp>

namespace ovrseer {

/// What is put in the place of a match, read once for a pattern.
///
/// `$1` to `$99` are what a group took (two digits where there is such a group, else one), `$<name>` the same by name, `$&`
/// the whole match, `$$` a dollar sign; a group that took no part is empty. Every other `$` is itself: also that of a group
/// that does not exist, and `$<` where the pattern names no group. An unknown name among named groups is empty.
class replacement {
 public:
  /// Borrows the text.
  OVRSEER_DECL replacement(pattern_view what, std::string_view text);

  /// Appends what takes the place of `found`, a match of the pattern.
  OVRSEER_DECL void append_to(std::string& out, const match& found) const;

 private:
  struct part {
    std::string_view text;         // as it is
    std::size_t group = no_group;  // or what this one took
  };
  static constexpr std::size_t no_group = static_cast<std::size_t>(-1);

  std::vector<part> parts_;
};

/// `subject` with every match replaced. Cost: that of finding the matches, and of the result.
///
///     replace_all(pattern<"(\\w+)@(\\w+)">(), "a@b, c@d", "$2 at $1")  // "b at a, d at c"
OVRSEER_DECL std::string replace_all(pattern_view what, std::string_view subject, std::string_view with);

/// `subject` with the leftmost match replaced.
OVRSEER_DECL std::string replace_first(pattern_view what, std::string_view subject, std::string_view with);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/pattern/impl/replace.ipp>
#endif
