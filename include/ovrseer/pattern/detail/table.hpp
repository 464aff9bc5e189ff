// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The quick answer to "does it match": a table with one load for each unit of text, whoever made and owns it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include <ovrseer/pattern/detail/machine.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/unit.hpp>

namespace ovrseer::pattern_detail {

// What matters of the text before a place, as bits; also the index of the state to begin in.
inline constexpr std::uint32_t at_begin = 1;
inline constexpr std::uint32_t after_line = 2;
inline constexpr std::uint32_t after_word = 4;
inline constexpr std::uint32_t context_count = 8;

/// A table and what leads into it. A state is the offset of its row, with the highest bit of a cell when it has matched; rows
/// begin behind one that stands for nothing.
template <class Cell>
struct table_view {
  static constexpr std::uint32_t accepts = std::uint32_t{1} << (std::numeric_limits<Cell>::digits - 1U);
  static constexpr std::uint32_t unknown = 0;  // of a cell in a table that grows

  struct outcome {
    bool is_match = false;
    std::size_t at = 0;  // where it was known
  };
  struct step {
    std::uint32_t column;
    std::size_t size;
  };

  const Cell* cells = nullptr;
  std::uint32_t cell_count = 0;            // of a whole table
  const std::uint16_t* ascii = nullptr;    // columns
  const unit_value* borders = nullptr;     // where beyond ASCII another column may begin,
  const std::uint16_t* columns = nullptr;  // and which
  std::uint32_t border_count = 0;
  std::uint32_t end = 0;         // the column of the end of the text: the last one
  std::uint32_t relevant = 0;    // of the context
  std::uint32_t dead = unknown;  // the state that nothing leaves, if there is one
  std::uint32_t first_busy = 0;  // in the states before it nothing is under way
  std::array<std::uint32_t, context_count> starts{};

  constexpr step column_at(std::string_view text, std::size_t at) const noexcept {
    const unsigned byte = byte_at(text, at);
    if (byte < 0x80) return {ascii[byte], 1};
    const unit next = decode_multibyte(text, at);
    std::uint32_t low = 0;
    for (std::uint32_t high = border_count; high - low > 1;) {
      const std::uint32_t middle = low + (high - low) / 2;
      (borders[middle] <= next.value ? low : high) = middle;
    }
    return {columns[low], next.size};
  }

  constexpr std::uint32_t start_at(std::string_view text, std::size_t at) const noexcept {
    if (relevant == 0) return starts[0];
    const std::uint32_t holds = assertions_at(text, at, {});
    std::uint32_t context = 0;
    if (at == 0) context |= at_begin;
    if ((holds & static_cast<std::uint32_t>(assertion::line_begin)) != 0) context |= after_line;
    if ((holds & static_cast<std::uint32_t>(assertion::word_boundary)) != 0) context |= after_word;
    return starts[context & relevant];
  }

  /// Whether a match begins at `from` or later. Gives up, with no match, at the first place behind `past` where nothing is
  /// under way: a search from there on misses nothing that this one has begun.
  constexpr outcome search(std::string_view text, std::size_t from, std::size_t past) const noexcept {
    return search_on(start_at(text, from), text, from, past);
  }
  /// The same on from a state that is known.
  constexpr outcome search_on(std::uint32_t state, std::string_view text, std::size_t from,
                              std::size_t past) const noexcept {
    return walk(*this, state, text, from, past, [this](std::uint32_t now, std::uint32_t column) -> std::uint32_t {
      return (cells + column)[now];  // the column is known before the state
    });
  }
  constexpr bool matches(std::string_view text, std::size_t from) const noexcept {
    return search(text, from, text.size()).is_match;
  }

  /// The same, however one state leads to the next.
  template <class Next>
  static constexpr outcome walk(const table_view& in, std::uint32_t state, std::string_view text, std::size_t from,
                                std::size_t past, Next next_state) {
    std::size_t at = from;
    while (true) {
      // Neither idle nor a match: the way of most steps.
      if (state - in.first_busy >= accepts - in.first_busy) {
        if ((state & accepts) != 0) return {true, at};
        if (state == in.dead) return {false, text.size()};
        if (at > past) return {false, at};
      }
      if (at == text.size()) return {(next_state(state, in.end) & accepts) != 0, at};
      const step next = in.column_at(text, at);
      state = next_state(state, next.column);
      at += next.size;
    }
  }
};

/// A state of a table that is being made, as one with smaller cells has it.
template <class Cell>
constexpr Cell narrowed(std::uint32_t state) noexcept {
  if constexpr (sizeof(Cell) == sizeof(state)) return state;
  return static_cast<Cell>(state | state >> (8 * (sizeof(state) - sizeof(Cell))));
}

/// A table that was made whole.
using whole_view = table_view<std::uint16_t>;

/// As `whole_view::matches`, compiled once for all patterns.
[[gnu::noinline]] inline bool matches_by_table(const whole_view& table, std::string_view text,
                                               std::size_t from) noexcept {
  return table.matches(text, from);
}

}  // namespace ovrseer::pattern_detail
