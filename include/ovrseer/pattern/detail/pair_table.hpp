// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A small table that takes two bytes at a step: a state waits for the one before it, so half the steps take half the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/pattern/detail/table.hpp>
#include <ovrseer/pattern/detail/unit.hpp>

namespace ovrseer::pattern_detail {

class pair_table {
 public:
  /// Empty where it would be too large to stay near. `whole` must outlive it.
  explicit pair_table(const whole_view& whole);
  bool empty() const noexcept { return cells_.empty(); }

  /// As `whole_view::search`, but that it may see later that nothing is under way.
  [[gnu::always_inline]] whole_view::outcome search(std::string_view text, std::size_t from,
                                                    std::size_t past) const noexcept {
    const std::uint32_t first_busy = whole_.first_busy * stride_;
    const std::uint32_t dead = whole_.dead * stride_;
    const std::uint16_t* const cells = cells_.data();
    std::uint32_t state = widened(whole_.start_at(text, from));
    std::size_t at = from;
    while (true) {
      if (state - first_busy >= accepts - first_busy) {
        if ((state & accepts) != 0) return {true, at};
        if (state == dead) return {false, text.size()};
        if (at > past) return {false, at};
      }
      if (text.size() - at < 2) break;
      const unsigned first = byte_at(text, at);
      const unsigned second = byte_at(text, at + 1);
      if ((first | second) >= 0x80) return search_on(state, text, at, past);
      state = (cells + (whole_.ascii[first] * stride_ + whole_.ascii[second]))[state];
      at += 2;
    }
    if (at == text.size()) return {(cells[state + whole_.end * stride_] & accepts) != 0, at};
    const unsigned last = byte_at(text, at);
    if (last >= 0x80) return search_on(state, text, at, past);
    return {(cells[state + whole_.ascii[last] * stride_ + whole_.end] & accepts) != 0, text.size()};
  }

 private:
  static constexpr std::uint32_t accepts = whole_view::accepts;
  static constexpr std::size_t max_cells = 2048;

  // A row has a cell for each two columns, so a state is as many times as far as in the other table.
  constexpr std::uint32_t widened(std::uint32_t state) const noexcept {
    return (state & accepts) != 0 ? accepts : state * stride_;
  }
  // From a state of this table, by the other.
  whole_view::outcome search_on(std::uint32_t state, std::string_view text, std::size_t from,
                                std::size_t past) const noexcept;

  whole_view whole_;
  std::uint32_t stride_;
  std::vector<std::uint16_t> cells_;
};

}  // namespace ovrseer::pattern_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/pattern/detail/impl/pair_table.ipp>
#endif
