// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Makes tables, in the compiler or while the program runs: the numbers of the states that a program comes to, and the cells
// that lead from one to the next.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <ovrseer/pattern/detail/growable.hpp>
#include <ovrseer/pattern/detail/joint_program.hpp>
#include <ovrseer/pattern/detail/state_stepper.hpp>
#include <ovrseer/pattern/detail/table.hpp>
#include <ovrseer/pattern/detail/unit_columns.hpp>

namespace ovrseer::pattern_detail {

/// States by their numbers, and the cells that lead from one to the next. Cells as `table_view<std::uint32_t>` has them.
class table_maker {
 public:
  static constexpr std::uint32_t unknown = table_view<std::uint32_t>::unknown;
  static constexpr std::uint32_t accepts = table_view<std::uint32_t>::accepts;

  constexpr explicit table_maker(joint_program code)
      : stepper_(std::move(code)),
        words_(stepper_.words()),
        stride_(static_cast<std::uint32_t>(stepper_.columns().size() + 1)) {
    begin_anew();
  }

  constexpr const state_stepper& stepper() const noexcept { return stepper_; }
  constexpr const growable<std::uint32_t>& cells() const noexcept { return cells_; }
  constexpr std::uint32_t stride() const noexcept { return stride_; }
  constexpr std::uint32_t dead() const noexcept { return dead_; }
  constexpr std::uint32_t first_busy() const noexcept { return first_busy_; }
  constexpr const std::array<std::uint32_t, context_count>& starts() const noexcept { return starts_; }
  /// Of a row.
  constexpr const std::uint64_t* state(std::uint32_t offset) const noexcept {
    return state_list_ + (offset / stride_ - 1) * words_;
  }

  /// Forgets all states but those to begin in.
  constexpr void begin_anew() {
    states_.clear();
    cells_.clear();
    cells_.reserve(std::size_t{32} * stride_);
    is_idle_known_ = false;
    add_row();
    dead_ = unknown;
    next_row_ = stride_;
    numbers_.clear();
    grow_numbers(64);
    next_.resize(words_);
    for (std::uint32_t context = 0; context != context_count; ++context) {
      starts_[context] = unknown;
      if ((context & ~stepper_.relevant()) != 0) continue;
      stepper_.start(context, next_.data());
      starts_[context] = offset_of_next();
    }
    first_busy_ = static_cast<std::uint32_t>(cells_.size());
  }

  /// The state that a unit of `column` leads to.
  constexpr std::uint32_t grow(std::uint32_t from, std::uint32_t column) {
    stepper_.after(state(from), column, next_.data());
    const std::uint32_t offset = offset_of_next();
    cell_list_[from + column] = offset;
    return offset;
  }
  /// The same, after all else was forgotten.
  constexpr std::uint32_t grow_anew(std::uint32_t from, std::uint32_t column) {
    stepper_.after(state(from), column, next_.data());
    growable<std::uint64_t> kept(next_.size());
    std::swap(kept, next_);
    begin_anew();
    std::swap(kept, next_);
    return offset_of_next();
  }

  /// How much may be done for a table.
  struct limits {
    std::size_t states;
    std::size_t cells;
    std::size_t steps;
    std::size_t pairs;  // of places that may stand for each other
  };

  /// Makes the whole table. False when it would pass the limits, and then it is good for nothing.
  constexpr bool grow_whole(limits most) {
    // Mostly there are about as many states as instructions.
    limits few = most;
    if (stepper_.instructions() + 8 < few.states) few.states = stepper_.instructions() + 8;
    if (grow_all(few)) return true;
    if (drop_dominated(most.pairs)) most.steps += stepper_.steps();
    return grow_all(most);
  }

  /// Does with fewer states, where that can be.
  constexpr bool drop_dominated(std::size_t max_pairs) {
    if (!stepper_.find_dominated(max_pairs)) return false;
    begin_anew();
    return true;
  }

 private:
  constexpr bool grow_all(const limits& most) {
    idle_ = starts_[0] & ~accepts;
    for (; next_row_ != cells_.size(); next_row_ += stride_) {
      if (next_row_ / stride_ > most.states || cells_.size() > most.cells || stepper_.steps() > most.steps)
        return false;
      if (!stepper_.is_final(state(next_row_))) grow_row(next_row_);
    }
    return true;
  }

  constexpr void add_row() {
    cells_.resize(cells_.size() + stride_);
    cell_list_ = cells_.data();
    std::uint32_t* const end = cells_.end();
    if (is_idle_known_) return copy_idle_row(end - stride_);
    for (std::uint32_t* cell = end - stride_; cell != end; ++cell) *cell = unknown;
  }
  constexpr void copy_idle_row(std::uint32_t* to) const noexcept {
    const std::uint32_t* from = cell_list_ + idle_;
    for (const std::uint32_t* const end = from + stride_; from != end; ++from) *to++ = *from;
  }

  // Most units lead to where they lead when nothing is under way, and so does the end; and then most lead nowhere.
  constexpr void grow_row(std::uint32_t row) {
    const bool is_idle = row == idle_;
    const auto other = is_idle ? state_stepper::beside::nothing : state_stepper::beside::idle;
    if ((!is_idle_known_ && !is_idle) || !stepper_.find_busy(state(row), other, busy_)) {
      for (std::uint32_t column = 0; column != stride_; ++column) grow(row, column);
      return;
    }
    if (is_idle) {
      std::uint32_t* const cells = cell_list_ + row;
      for (std::uint32_t column = 0; column + 1 != stride_; ++column) cells[column] = starts_[0];
      grow(row, stride_ - 1);
    } else if (row < first_like_idle_) {
      copy_idle_row(cell_list_ + row);
    }
    for (const std::uint32_t column : busy_) grow(row, column);
    if (!is_idle) return;
    is_idle_known_ = true;
    first_like_idle_ = static_cast<std::uint32_t>(cells_.size());
  }

  constexpr std::size_t hash(const std::uint64_t* state) const noexcept {
    std::uint64_t mixed = 0;
    for (const std::uint64_t* const end = state + words_; state != end; ++state)
      mixed = (mixed ^ *state) * 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>(mixed >> 32U);
  }
  constexpr bool is_same(const std::uint64_t* a, const std::uint64_t* b) const noexcept {
    for (const std::uint64_t* const end = a + words_; a != end; ++a, ++b) {
      if (*a != *b) return false;
    }
    return true;
  }

  // The row of the state in `next_`, made if there is none yet, with the mark of a match.
  constexpr std::uint32_t offset_of_next() {
    const std::uint64_t* const wanted = next_.data();
    std::size_t at = hash(wanted);
    for (;; ++at) {
      at &= last_number_;
      const std::uint32_t known = number_list_[at];
      if (known == unknown) break;
      const std::uint64_t* const there = state_list_ + ((known & ~accepts) / stride_ - 1) * words_;
      if (*there == *wanted && is_same(there, wanted)) return known;
    }
    auto offset = static_cast<std::uint32_t>(cells_.size());
    add_row();
    states_.resize(states_.size() + words_);
    state_list_ = states_.data();
    std::uint64_t* const end = states_.end();
    const std::uint64_t* from = wanted;
    for (std::uint64_t* to = end - words_; to != end;) *to++ = *from++;
    if (stepper_.has_match(wanted)) {
      offset |= accepts;
    } else if (stepper_.is_final(wanted)) {
      dead_ = offset;
    }
    numbers_[at] = offset;
    if (++known_ * 2 > last_number_) grow_numbers(numbers_.size() * 2);
    return offset;
  }

  // Lays the numbers out anew among `size` places, a power of two.
  constexpr void grow_numbers(std::size_t size) {
    growable<std::uint32_t> before(size, unknown);
    std::swap(before, numbers_);
    number_list_ = numbers_.data();
    last_number_ = size - 1;
    known_ = 0;
    for (const std::uint32_t offset : before) {
      if (offset == unknown) continue;
      std::size_t at = hash(state(offset & ~accepts)) & (size - 1);
      while (numbers_[at] != unknown) at = (at + 1) & (size - 1);
      numbers_[at] = offset;
      ++known_;
    }
  }

  state_stepper stepper_;
  std::size_t words_;  // of a state
  std::uint32_t stride_;
  growable<std::uint32_t> cells_;
  growable<std::uint64_t> states_;
  growable<std::uint32_t> numbers_;  // of states, where their hash says
  // Where these begin: a call of a growable takes the compiler time.
  std::uint32_t* cell_list_ = nullptr;
  const std::uint64_t* state_list_ = nullptr;
  const std::uint32_t* number_list_ = nullptr;
  std::size_t last_number_ = 0;
  std::size_t known_ = 0;
  growable<std::uint64_t> next_;
  growable<std::uint32_t> busy_;       // columns
  std::uint32_t idle_ = unknown;       // the state in which nothing is under way
  std::uint32_t next_row_ = 0;         // of a whole table: the first that is not complete
  std::uint32_t first_like_idle_ = 0;  // rows from here on began as a copy of its row
  bool is_idle_known_ = false;         // whether its row is complete
  std::uint32_t dead_ = unknown;
  std::uint32_t first_busy_ = 0;
  std::array<std::uint32_t, context_count> starts_{};
};

/// What a view of the table has beside the arrays that it borrows.
template <class Cell>
constexpr table_view<Cell> facts_of(const table_maker& maker) noexcept {
  table_view<Cell> facts;
  facts.end = maker.stride() - 1;
  facts.relevant = maker.stepper().relevant();
  facts.dead = maker.dead();
  facts.first_busy = maker.first_busy();
  for (std::size_t i = 0; i != context_count; ++i) facts.starts[i] = narrowed<Cell>(maker.starts()[i]);
  return facts;
}

}  // namespace ovrseer::pattern_detail
