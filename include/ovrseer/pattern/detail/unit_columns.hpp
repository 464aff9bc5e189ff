// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The columns of a table: which units of text no instruction of a program tells apart.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <ovrseer/pattern/detail/growable.hpp>
#include <ovrseer/pattern/detail/joint_program.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/unit.hpp>
#include <ovrseer/pattern/detail/unit_class.hpp>

namespace ovrseer::pattern_detail {

/// The units up to the first that may be told apart from them are looked at once, so the cost goes with the pattern and not
/// with the alphabet.
class unit_columns {
  // Stand before their uses: the compiler evaluates them.
  template <class Use>
  constexpr void for_points(Use use) const {
    std::size_t i = 0;
    for (unsigned word = 0; word != 2; ++word) {
      for (std::uint64_t rest = starts_[word]; rest != 0; rest &= rest - 1) {
        use(i++, word * 64 + static_cast<unit_value>(__builtin_ctzll(rest)));
      }
    }
    for (const unit_value border : borders_) use(i++, border);
  }

  // Parts every column by one more question.
  template <class Question>
  constexpr void tell(Question question) {
    growable<std::uint32_t> kept(2 * std::size_t{last_} + 2, 0);  // behind one: the number
    std::uint32_t* const parts = kept.data();
    std::uint32_t* column = columns_.data();
    std::uint32_t made = 0;
    for_points([&](std::size_t, unit_value value) {
      std::uint32_t& part = parts[*column * std::size_t{2} + (question(value) ? 1 : 0)];
      if (part == 0) part = ++made;
      *column++ = part - 1;
    });
    last_ = made - 1;
  }

 public:
  constexpr explicit unit_columns(const joint_program& code) {
    growable<bool> used(code.classes.size(), false);
    for (const instruction& it : code.code) {
      if (it.op == opcode::unit_set) used[it.value] = true;
    }
    find_borders(code, used);
    columns_.resize(ascii_count() + borders_.size());
    for (std::uint32_t& column : columns_) column = 0;
    tell_literals(code);
    for (std::size_t i = 0; i != used.size(); ++i) {
      if (used[i]) tell_class(code.classes[i], code.ranges.data());
    }
    if (asks(code, words)) tell([](unit_value value) { return is_word_unit(value); });
    if (asks(code, lines)) tell([](unit_value value) { return is_line_terminator(value); });
    finish();
  }

  constexpr std::size_t size() const noexcept { return examples_.size(); }
  /// A unit of the column.
  constexpr unit_value example(std::size_t column) const noexcept { return examples_[column]; }
  constexpr std::uint32_t of(unit_value value) const noexcept { return columns_[index_of(value)]; }

  constexpr const std::array<std::uint16_t, 0x80>& ascii() const noexcept { return ascii_; }
  /// Where beyond ASCII another column may begin, and which one.
  constexpr const growable<unit_value>& borders() const noexcept { return borders_; }
  constexpr std::uint32_t column_of_border(std::size_t i) const noexcept { return columns_[ascii_count() + i]; }

 private:
  static constexpr std::uint32_t words =
      static_cast<std::uint32_t>(assertion::word_boundary) | static_cast<std::uint32_t>(assertion::no_word_boundary);
  static constexpr std::uint32_t lines =
      static_cast<std::uint32_t>(assertion::line_begin) | static_cast<std::uint32_t>(assertion::line_end);
  static constexpr bool asks(const joint_program& code, std::uint32_t about) noexcept {
    return (code.assertions & about) != 0;
  }
  static constexpr std::size_t count(std::uint64_t bits) noexcept {
    return static_cast<std::size_t>(__builtin_popcountll(bits));  // std::popcount takes the compiler several steps
  }

  constexpr std::size_t ascii_count() const noexcept { return count(starts_[0]) + count(starts_[1]); }
  // Of the last point that is not behind the unit.
  constexpr std::size_t index_of(unit_value value) const noexcept {
    if (value < 0x40) return count(starts_[0] & (~std::uint64_t{0} >> (63U - value))) - 1;
    if (value < 0x80) return count(starts_[0]) + count(starts_[1] & (~std::uint64_t{0} >> (127U - value))) - 1;
    std::size_t low = 0;
    for (std::size_t high = borders_.size(); high - low > 1;) {
      const std::size_t middle = low + (high - low) / 2;
      (borders_[middle] <= value ? low : high) = middle;
    }
    return ascii_count() + low;
  }

  constexpr void begin_at(unit_value value) {
    if (value < 0x80) {
      starts_[value >> 6U] |= std::uint64_t{1} << (value & 63U);
    } else if (value <= invalid_unit) {
      insert_border(value);
    }
  }
  // Few, and mostly in order: std::sort takes the compiler far more steps.
  constexpr void insert_border(unit_value value) {
    std::size_t at = borders_.size();
    const unit_value* const all = borders_.data();
    while (at != 0 && all[at - 1] > value) --at;
    if (at != 0 && all[at - 1] == value) return;
    borders_.push_back(value);
    unit_value* const moved = borders_.data();
    for (std::size_t i = borders_.size() - 1; i != at; --i) moved[i] = moved[i - 1];
    moved[at] = value;
  }
  constexpr void set_apart(unit_value first, unit_value last) {
    begin_at(first);
    begin_at(last + 1);
  }
  constexpr void set_members_apart(std::uint64_t low, std::uint64_t high) noexcept {
    starts_[0] |= low ^ (low << 1U);
    starts_[1] |= high ^ (high << 1U | low >> 63U);
  }

  constexpr void find_borders(const joint_program& code, const growable<bool>& used) {
    starts_[0] = 1;
    borders_.push_back(0x80);
    for (const instruction& it : code.code) {
      if (it.op == opcode::literal || it.op == opcode::folded) set_apart(it.value, it.value);
      if (it.op == opcode::folded) set_apart(it.value - 0x20, it.value - 0x20);
    }
    for (std::size_t i = 0; i != used.size(); ++i) {
      if (!used[i]) continue;
      const unit_class& set = code.classes[i];
      set_members_apart(set.low[0], set.low[1]);
      for (std::uint32_t k = set.ranges_begin; k != set.ranges_end; ++k) {
        set_apart(code.ranges[k].first, code.ranges[k].last);
      }
    }
    if (asks(code, words)) {
      set_apart('0', '9');
      set_apart('A', 'Z');
      set_apart('_', '_');
      set_apart('a', 'z');
    }
    if (asks(code, lines)) {
      set_apart('\n', '\n');
      set_apart('\r', '\r');
      set_apart(line_separator, paragraph_separator);
    }
  }

  // A unit that stands for itself has a column of its own, or shares it with the other case of its letter.
  constexpr void tell_literals(const joint_program& code) {
    for (const instruction& it : code.code) {
      if (it.op == opcode::literal) give_own(columns_[index_of(it.value)]);
    }
    for (const instruction& it : code.code) {
      if (it.op != opcode::folded) continue;
      std::uint32_t& small = columns_[index_of(it.value)];
      std::uint32_t& capital = columns_[index_of(it.value - 0x20)];
      const bool is_new = small == 0 && capital == 0;
      give_own(small);
      if (is_new) {
        capital = small;
      } else {
        give_own(capital);
      }
    }
  }
  constexpr void give_own(std::uint32_t& column) noexcept {
    if (column == 0) column = ++last_;
  }

  constexpr void tell_class(const unit_class& set, const unit_range* ranges) {
    tell([&](unit_value value) {
      // As `contains`, without a call for most.
      return value < 0x80 ? (set.low[value >> 6U] >> (value & 63U) & 1U) != 0 : contains(set, ranges, value);
    });
  }

  constexpr void finish() {
    tell([](unit_value) { return false; });  // so that they are numbered without a gap, in order
    for_points([&](std::size_t i, unit_value value) {
      if (columns_[i] == examples_.size()) examples_.push_back(value);
    });
    // Each interval is filled from its end, where the one behind it begins.
    const std::uint32_t* column = columns_.data() + ascii_count();
    std::uint16_t* const first = ascii_.data();
    std::uint16_t* to = first + 0x80;
    for (unsigned word = 2; word-- > 0;) {
      for (std::uint64_t rest = starts_[word]; rest != 0;) {
        const auto bit = 63U - static_cast<unsigned>(__builtin_clzll(rest));
        rest &= ~(std::uint64_t{1} << bit);
        const auto own = static_cast<std::uint16_t>(*--column);
        for (const std::uint16_t* const begin = first + word * 64 + bit; to != begin;) *--to = own;
      }
    }
  }

  std::uint64_t starts_[2] = {};  // ASCII units with which an interval begins
  growable<unit_value> borders_;
  growable<std::uint32_t> columns_;  // of each interval
  std::uint32_t last_ = 0;
  growable<unit_value> examples_;
  std::array<std::uint16_t, 0x80> ascii_{};
};

}  // namespace ovrseer::pattern_detail
