// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Tables that are made while the program runs: whole, where there are few states, or growing with the texts that are searched.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/pattern/detail/joint_program.hpp>
#include <ovrseer/pattern/detail/table.hpp>
#include <ovrseer/pattern/detail/table_maker.hpp>

namespace ovrseer::pattern_detail {

/// What a view of a table borrows.
template <class Cell>
struct owned_table {
  std::vector<Cell> cells;
  std::array<std::uint16_t, 0x80> ascii{};
  std::vector<unit_value> borders;
  std::vector<std::uint16_t> columns;
  table_view<Cell> view;
};

/// A table that was made whole; null when it would pass the limits. Searching it is const and may be done by any number of
/// threads.
using whole_table = owned_table<std::uint16_t>;
OVRSEER_DECL std::unique_ptr<const whole_table> make_whole_table(joint_program code);

/// Grows as it is used, and begins anew when it has grown too large: any program, in bounded memory. For one thread at a
/// time.
class automaton {
 public:
  using outcome = table_view<std::uint32_t>::outcome;

  explicit automaton(joint_program code);

  /// As `table_view::search`.
  outcome search(std::string_view text, std::size_t from, std::size_t past);
  bool matches(std::string_view text, std::size_t from) { return search(text, from, text.size()).is_match; }

  /// Puts into `matched` each pattern that matches in `text`, once or more often.
  void visit(std::string_view text, std::vector<std::uint32_t>& matched);

  static constexpr std::size_t max_cells = 1U << 18U;  // a mebibyte
  std::size_t cells() const noexcept { return maker_.cells().size(); }

 private:
  std::uint32_t next_state(std::uint32_t state, std::uint32_t column);

  table_maker maker_;
  owned_table<std::uint32_t> table_;  // its cells are the maker's
};

}  // namespace ovrseer::pattern_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/pattern/detail/impl/automaton.ipp>
#endif
