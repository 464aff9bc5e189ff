// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A pattern as instructions of a small machine that is many places at once. The form is the same
// whether the compiler made it or the program did; only the owner of the arrays differs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ovrseer/pattern/detail/growable.hpp>
#include <ovrseer/pattern/detail/tree.hpp>
#include <ovrseer/pattern/detail/unit.hpp>
#include <ovrseer/pattern/detail/unit_class.hpp>
#include <ovrseer/pattern/pattern_flags.hpp>

namespace ovrseer::pattern_detail {

enum class opcode : std::uint8_t {
  literal,     // takes the unit `value`
  folded,      // takes the letter `value` (lower case) in either case
  unit_set,    // takes a unit of class `value`
  split,       // goes on at `next`, and with less right at `value`
  save,        // notes the place in slot `value`
  reset,       // forgets the slots from `value` to before `value2`
  place,       // goes on where the assertion `value` holds
  loop_begin,  // an iteration begins that must take a unit
  loop_end,    // it ends here: gives up when it took none
  match,
};

struct instruction {
  opcode op;
  std::uint32_t next;
  std::uint32_t value;
  std::uint32_t value2;
};

/// Whether an instruction takes a unit; those that take none never do.
constexpr bool takes_unit(const instruction& it, const unit_class* classes, const unit_range* ranges,
                          unit_value unit) noexcept {
  switch (it.op) {
    case opcode::literal: return it.value == unit;
    case opcode::folded: return it.value == (unit | 0x20U);
    case opcode::unit_set: return contains(classes[it.value], ranges, unit);
    default: return false;
  }
}

/// A set of bytes.
struct byte_set {
  std::uint64_t words[4] = {};

  constexpr void add(unsigned byte) noexcept { words[byte >> 6U] |= std::uint64_t{1} << (byte & 63U); }
  constexpr bool contains(unsigned byte) const noexcept { return ((words[byte >> 6U] >> (byte & 63U)) & 1U) != 0; }
  friend constexpr bool operator==(const byte_set&, const byte_set&) noexcept = default;
};

/// The compiled pattern. Borrows everything; trivially copyable.
struct program {
  const instruction* code = nullptr;
  std::uint32_t code_size = 0;
  const unit_class* classes = nullptr;
  const unit_range* ranges = nullptr;
  const group_name* names = nullptr;
  std::uint32_t name_count = 0;
  std::uint32_t group_count = 1;  // with group 0, the whole match
  std::uint32_t assertions = 0;
  bool has_checked_loops = false;
  bool is_anchored = false;  // matches begin at the beginning of the text or nowhere
  bool is_nullable = false;  // a match may be empty
  byte_set first;            // bytes that a match may begin with; all of them when it may be empty
  std::string_view text;
  pattern_flags flags{};

  constexpr bool takes(const instruction& at, unit_value unit) const noexcept {
    return takes_unit(at, classes, ranges, unit);
  }
  /// Adds the bytes that what an instruction takes may begin with. Of a unit beyond ASCII that may be any: to stop at too
  /// many places does no harm.
  constexpr void add_first_bytes(const instruction& at, byte_set& to) const noexcept {
    if (at.op == opcode::literal) {
      to.add(static_cast<unsigned char>(encode(at.value).bytes[0]));
    } else if (at.op == opcode::folded) {
      to.add(at.value);
      to.add(at.value - 0x20);
    } else if (at.op == opcode::unit_set) {
      const unit_class& set = classes[at.value];
      to.words[0] |= set.low[0];
      to.words[1] |= set.low[1];
      if (set.ranges_begin != set.ranges_end) to.words[2] = to.words[3] = ~std::uint64_t{0};
    }
  }
};

/// The arrays of a program, with exact sizes: what the compiler leaves in the data section.
template <std::size_t Code, std::size_t Classes, std::size_t Ranges, std::size_t Names>
struct static_arrays {
  std::array<instruction, Code> code{};
  std::array<unit_class, Classes> classes{};
  std::array<unit_range, Ranges> ranges{};
  std::array<group_name, Names> names{};
};

/// The same, made while the program runs (or within one constant evaluation).
struct dynamic_arrays {
  growable<instruction> code;
  growable<unit_class> classes;
  growable<unit_range> ranges;
  growable<group_name> names;
};

/// The facts that are not in the arrays.
struct program_facts {
  std::uint32_t group_count = 1;
  std::uint32_t assertions = 0;
  bool has_checked_loops = false;
  bool is_anchored = false;
  bool is_nullable = false;
  byte_set first;
};

template <class Arrays>
constexpr program make_program(const Arrays& arrays, const program_facts& facts, std::string_view text,
                               pattern_flags flags) noexcept {
  program made;
  made.code = arrays.code.data();
  made.code_size = static_cast<std::uint32_t>(arrays.code.size());
  made.classes = arrays.classes.data();
  made.ranges = arrays.ranges.data();
  made.names = arrays.names.data();
  made.name_count = static_cast<std::uint32_t>(arrays.names.size());
  made.group_count = facts.group_count;
  made.assertions = facts.assertions;
  made.has_checked_loops = facts.has_checked_loops;
  made.is_anchored = facts.is_anchored;
  made.is_nullable = facts.is_nullable;
  made.first = facts.first;
  made.text = text;
  made.flags = flags;
  return made;
}

}  // namespace ovrseer::pattern_detail
