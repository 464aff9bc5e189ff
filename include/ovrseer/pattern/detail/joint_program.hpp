// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Patterns side by side as one program that asks only whether each matches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <ovrseer/pattern/detail/emitter.hpp>
#include <ovrseer/pattern/detail/growable.hpp>
#include <ovrseer/pattern/detail/parser.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/trim.hpp>
#include <ovrseer/pattern/detail/unit.hpp>

namespace ovrseer::pattern_detail {

/// The instruction `match` has in `value` which of the patterns it is.
struct joint_program {
  struct start {
    std::uint32_t at = 0;
    bool is_anchored = false;
  };

  growable<instruction> code;
  growable<unit_class> classes;
  growable<unit_range> ranges;
  growable<start> starts;  // of each pattern
  std::uint32_t assertions = 0;

  constexpr joint_program() = default;
  /// Of one pattern.
  constexpr joint_program(std::string_view text, pattern_flags flags) { add(text, flags); }
  constexpr explicit joint_program(tree valid) { add(std::move(valid)); }

  /// Adds a pattern that is known to be valid, without what does not matter for "does it match".
  constexpr void add(std::string_view text, pattern_flags flags) { add(parse(text, flags)); }
  constexpr void add(tree valid) {
    tree parsed = trimmed(std::move(valid));
    const auto first = static_cast<std::uint32_t>(code.size());
    const auto first_class = static_cast<std::uint32_t>(classes.size());
    const auto first_range = static_cast<std::uint32_t>(ranges.size());
    starts.push_back({first, is_anchored(parsed)});
    assertions |= parsed.assertions;
    dynamic_arrays made = emit(parsed);
    if (code.empty()) {  // the first as it is, and mostly the only one
      code = std::move(made.code);
      classes = std::move(made.classes);
      ranges = std::move(made.ranges);
      return;
    }
    for (instruction it : made.code) {
      it.next += first;
      if (it.op == opcode::split) it.value += first;
      if (it.op == opcode::unit_set) it.value += first_class;
      if (it.op == opcode::match) it.value = static_cast<std::uint32_t>(starts.size() - 1);
      code.push_back(it);
    }
    for (unit_class set : made.classes) {
      set.ranges_begin += first_range;
      set.ranges_end += first_range;
      classes.push_back(set);
    }
    for (const unit_range& range : made.ranges) ranges.push_back(range);
  }

  constexpr bool takes(const instruction& it, unit_value value) const noexcept {
    return takes_unit(it, classes.data(), ranges.data(), value);
  }
};

}  // namespace ovrseer::pattern_detail
