// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A text that a pattern matches: for simulations that must say what a check waits for, and for people who wonder
// what a pattern means.
#pragma once

#include <optional>
#include <string>

#include <ovrseer/pattern/detail/example.hpp>
#include <ovrseer/pattern/pattern.hpp>

namespace ovrseer {

/// A shortest text that has a match of `what`, made of printable ASCII where that is possible; the engine itself has
/// confirmed it. The same for the same pattern.
///
///     example_of(*pattern<>::compile("took \\d{4,}ms|fatal"))  // "fatal"
///
/// What no printable character fits (`\x01`, `[^ -~]`, `\n`) is in it as it must be. A byte or a line end more may
/// stand before or behind the match itself where an assertion asks for one, as in `\Bx`.
///
/// Nothing where no text matches: a class without members (`[^\s\S]`), or assertions that contradict each other
/// (`a\bb`, `x^`).
///
/// Cost: the size of the program, 64 states for each of its at most 10,000 steps.
inline std::optional<std::string> example_of(pattern_view what) {
  std::optional<std::string> found = pattern_detail::example_search(pattern_access::program(what)).run();
  if (found && !what.matches(*found)) return std::nullopt;
  return found;
}

}  // namespace ovrseer
