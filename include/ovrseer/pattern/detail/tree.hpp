// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The syntax tree of a pattern: a flat array in which children come before their parents, so that
// everything computed from below is one loop and nothing recurses.
#pragma once

#include <cstddef>
#include <cstdint>

#include <ovrseer/pattern/detail/growable.hpp>
#include <ovrseer/pattern/detail/unit_class.hpp>
#include <ovrseer/pattern/pattern_error.hpp>
#include <ovrseer/pattern/pattern_flags.hpp>

namespace ovrseer::pattern_detail {

inline constexpr std::uint32_t max_repeat = 1000;
inline constexpr std::uint32_t max_groups = 255;
inline constexpr std::uint32_t max_code = 10'000;

inline constexpr std::uint32_t no_node = 0xFFFFFFFF;
inline constexpr std::uint32_t unbounded = 0xFFFFFFFF;

/// Conditions on the place between two units. The values are bits, so that the places that hold can be
/// computed once and asked about by many instructions.
enum class assertion : std::uint8_t {
  text_begin = 1,
  text_end = 2,
  line_begin = 4,
  line_end = 8,
  word_boundary = 16,
  no_word_boundary = 32,
};

enum class node_kind : std::uint8_t {
  sequence,     // children one after the other; none: matches the empty text
  alternation,  // children, the first that leads to a match wins
  group,        // captures its child
  repeat,       // its child `min` to `max` times
  literal,      // one code point
  folded,       // one ASCII letter, given in lower case, in either case
  unit_set,     // one unit of a class
  place,        // an assertion
};

enum class greed : std::uint8_t { greedy, lazy };

struct node {
  node_kind kind = node_kind::sequence;
  greed order = greed::greedy;       // repeat
  bool is_nullable = true;           // whether it may match the empty text
  std::uint32_t child = no_node;     // the first one
  std::uint32_t sibling = no_node;   // the next child of the same parent
  std::uint32_t value = 0;           // literal and folded: code point; unit_set: class; place: assertion; group: number
  std::uint32_t min = 0;             // repeat
  std::uint32_t max = 0;             // repeat; or unbounded
  std::uint32_t captures_begin = 0;  // the groups inside: from this number
  std::uint32_t captures_end = 0;    // up to but not including this one
  std::uint32_t code_size = 0;       // instructions that it takes
};

/// A name, as a part of the pattern's text, and the number of its group.
struct group_name {
  std::uint32_t begin;
  std::uint32_t size;
  std::uint32_t group;
};

struct tree {
  growable<node> nodes;
  growable<unit_class> classes;
  growable<unit_range> ranges;
  growable<group_name> names;
  std::uint32_t root = no_node;
  std::uint32_t group_count = 0;   // without group 0, the whole match
  std::uint32_t assertions = 0;    // every assertion in the pattern
  bool has_checked_loops = false;  // whether a repeated part may match the empty text

  bool is_valid = true;
  pattern_errc code{};
  std::size_t offset = 0;
};

// The iterations of a repeat, as emitted. One that is not required must not match the empty text
// (JavaScript's rule, which also ends the loop), and every one forgets the groups inside.
constexpr std::uint32_t required_size(const node& body) noexcept {
  return body.code_size + (body.captures_end > body.captures_begin ? 1U : 0U);
}
constexpr std::uint32_t optional_size(const node& body) noexcept {
  return required_size(body) + (body.is_nullable ? 2U : 0U);
}

/// The instructions of a repeat: `x+` loops back over its last required copy where `x` takes a unit;
/// otherwise what follows the required copies is a loop or a chain of optional ones. What has no code
/// matches the empty text only, however often.
constexpr std::uint64_t repeat_size(const node& repeat, const node& body) noexcept {
  if (body.code_size == 0) return 0;
  const std::uint64_t required = std::uint64_t{repeat.min} * required_size(body);
  if (repeat.max != unbounded) return required + std::uint64_t{repeat.max - repeat.min} * (optional_size(body) + 1);
  if (repeat.min > 0 && !body.is_nullable) return required + 1;
  return required + optional_size(body) + 1;
}

}  // namespace ovrseer::pattern_detail
