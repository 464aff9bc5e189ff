// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Patterns side by side as one program that asks only whether each matches, and the units of text that no
// instruction of it tells apart.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/emitter.hpp>
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

  std::vector<instruction> code;
  std::vector<unit_class> classes;
  std::vector<unit_range> ranges;
  std::vector<start> starts;  // of each pattern
  std::uint32_t assertions = 0;

  joint_program() = default;
  /// Of one pattern.
  joint_program(std::string_view text, pattern_flags flags) { add(text, flags); }

  /// Adds a pattern that is known to be valid, without what does not matter for "does it match".
  void add(std::string_view text, pattern_flags flags) {
    tree parsed = trimmed(parse(text, flags));
    const auto first = static_cast<std::uint32_t>(code.size());
    const auto first_class = static_cast<std::uint32_t>(classes.size());
    const auto first_range = static_cast<std::uint32_t>(ranges.size());
    const dynamic_arrays made = emit(parsed);
    const program_facts facts = fact_finder(parsed, make_program(made, program_facts{}, text, flags)).run();
    for (instruction it : made.code) {
      it.next += first;
      if (it.op == opcode::split) it.value += first;
      if (it.op == opcode::unit_set) it.value += first_class;
      if (it.op == opcode::match) it.value = static_cast<std::uint32_t>(starts.size());
      code.push_back(it);
    }
    for (unit_class set : made.classes) {
      set.ranges_begin += first_range;
      set.ranges_end += first_range;
      classes.push_back(set);
    }
    ranges.insert(ranges.end(), made.ranges.begin(), made.ranges.end());
    starts.push_back({first, facts.is_anchored});
    assertions |= facts.assertions;
  }

  bool takes(const instruction& it, unit_value value) const noexcept {
    return takes_unit(it, classes.data(), ranges.data(), value);
  }
};

/// Which units no instruction of a program tells apart.
class unit_partition {
 public:
  explicit unit_partition(const joint_program& code) {
    for (unit_value value = 0; value != 0x80; ++value) points_.push_back(value);
    add_borders(code);
    std::vector<std::uint32_t> classes(points_.size(), 0);
    std::vector<bool> known_class(code.classes.size(), false);
    for (const instruction& it : code.code) {
      if (it.op == opcode::unit_set) {
        if (known_class[it.value]) continue;
        known_class[it.value] = true;
      } else if (it.op != opcode::literal && it.op != opcode::folded) {
        continue;
      }
      refine(classes, [&](unit_value value) { return code.takes(it, value); });
    }
    constexpr auto words =
        static_cast<std::uint32_t>(assertion::word_boundary) | static_cast<std::uint32_t>(assertion::no_word_boundary);
    constexpr auto lines =
        static_cast<std::uint32_t>(assertion::line_begin) | static_cast<std::uint32_t>(assertion::line_end);
    if ((code.assertions & words) != 0) refine(classes, is_word_unit);
    if ((code.assertions & lines) != 0) refine(classes, is_line_terminator);
    finish(classes);
  }

  std::size_t size() const noexcept { return examples_.size(); }
  /// A unit of the class.
  unit_value example(std::size_t index) const noexcept { return examples_[index]; }

  std::uint32_t of_ascii(unsigned byte) const noexcept { return ascii_[byte]; }
  std::uint32_t of_other(unit_value value) const noexcept {
    const auto after = std::upper_bound(borders_.begin(), borders_.end(), value);
    return other_[static_cast<std::size_t>(after - borders_.begin()) - 1];
  }

 private:
  // Where beyond ASCII an answer may change.
  void add_borders(const joint_program& code) {
    borders_ = {0x80, line_separator, paragraph_separator + 1, invalid_unit};
    for (const instruction& it : code.code) {
      if (it.op == opcode::literal && it.value >= 0x80) borders_.insert(borders_.end(), {it.value, it.value + 1});
    }
    for (const unit_range& range : code.ranges) borders_.insert(borders_.end(), {range.first, range.last + 1});
    std::sort(borders_.begin(), borders_.end());
    borders_.erase(std::unique(borders_.begin(), borders_.end()), borders_.end());
    points_.insert(points_.end(), borders_.begin(), borders_.end());
  }

  // Splits the classes by one more question.
  template <class Question>
  void refine(std::vector<std::uint32_t>& classes, Question question) const {
    std::map<std::pair<std::uint32_t, bool>, std::uint32_t> numbers;
    for (std::size_t i = 0; i != points_.size(); ++i) {
      const auto found = numbers.try_emplace({classes[i], question(points_[i])}, numbers.size());
      classes[i] = found.first->second;
    }
  }

  void finish(const std::vector<std::uint32_t>& classes) {
    for (std::size_t i = 0; i != points_.size(); ++i) {
      if (classes[i] >= examples_.size()) examples_.resize(classes[i] + 1);
      examples_[classes[i]] = points_[i];
      if (i < 0x80) {
        ascii_[i] = classes[i];
      } else {
        other_.push_back(classes[i]);
      }
    }
  }

  std::vector<unit_value> points_;
  std::vector<unit_value> borders_;
  std::vector<unit_value> examples_;
  std::vector<std::uint32_t> other_;
  std::array<std::uint32_t, 0x80> ascii_{};
};

}  // namespace ovrseer::pattern_detail
