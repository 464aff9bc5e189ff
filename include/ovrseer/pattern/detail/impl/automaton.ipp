// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/pattern/detail/automaton.hpp>.
#pragma once

#include <memory>
#include <utility>

#include <ovrseer/pattern/detail/automaton.hpp>

namespace ovrseer::pattern_detail {

inline constexpr std::size_t max_pairs = 65'536;

// Fills all of the view but its cells, which change as a table grows.
template <class Cell>
void lay_out(owned_table<Cell>& table, const table_maker& maker) {
  const unit_columns& columns = maker.stepper().columns();
  table.ascii = columns.ascii();
  table.borders.assign(columns.borders().begin(), columns.borders().end());
  for (std::size_t i = 0; i != table.borders.size(); ++i) {
    table.columns.push_back(static_cast<std::uint16_t>(columns.column_of_border(i)));
  }
  table_view<Cell>& view = table.view;
  view = facts_of<Cell>(maker);
  view.ascii = table.ascii.data();
  view.borders = table.borders.data();
  view.columns = table.columns.data();
  view.border_count = static_cast<std::uint32_t>(table.borders.size());
}

OVRSEER_DECL std::unique_ptr<const whole_table> make_whole_table(joint_program code) {
  // A few milliseconds.
  constexpr table_maker::limits most{400, whole_view::accepts - 1, 1'000'000, max_pairs};
  table_maker maker(std::move(code));
  if (!maker.grow_whole(most)) return nullptr;
  auto made = std::make_unique<whole_table>();
  lay_out(*made, maker);
  for (const std::uint32_t cell : maker.cells()) made->cells.push_back(narrowed<std::uint16_t>(cell));
  made->view.cells = made->cells.data();
  made->view.cell_count = static_cast<std::uint32_t>(made->cells.size());
  return made;
}

OVRSEER_DECL automaton::automaton(joint_program code) : maker_(std::move(code)) {
  maker_.drop_dominated(max_pairs);
  lay_out(table_, maker_);
}

// Growing may move every row, and then the places to begin in.
OVRSEER_DECL std::uint32_t automaton::next_state(std::uint32_t state, std::uint32_t column) {
  const std::uint32_t known = maker_.cells()[state + column];
  if (known != maker_.unknown) return known;
  if (maker_.cells().size() < max_cells) return maker_.grow(state, column);
  const std::uint32_t made = maker_.grow_anew(state, column);
  table_.view.starts = maker_.starts();
  table_.view.dead = maker_.dead();
  table_.view.first_busy = maker_.first_busy();
  return made;
}

OVRSEER_DECL automaton::outcome automaton::search(std::string_view text, std::size_t from, std::size_t past) {
  const auto next = [this](std::uint32_t state, std::uint32_t column) { return next_state(state, column); };
  const outcome found = table_.view.walk(table_.view, table_.view.start_at(text, from), text, from, past, next);
  table_.view.dead = maker_.dead();  // may have been met for the first time
  return found;
}

OVRSEER_DECL void automaton::visit(std::string_view text, std::vector<std::uint32_t>& matched) {
  std::uint32_t state = table_.view.start_at(text, 0);
  const auto tell = [&] {
    if ((state & maker_.accepts) == 0) return;
    state &= ~maker_.accepts;
    maker_.stepper().for_matched(maker_.state(state), [&](std::uint32_t one) { matched.push_back(one); });
  };
  tell();
  for (std::size_t at = 0; at != text.size();) {
    const auto next = table_.view.column_at(text, at);
    state = next_state(state, next.column);
    at += next.size;
    tell();
    if (state == maker_.dead()) return;
  }
  state = next_state(state, table_.view.end);
  tell();
}

}  // namespace ovrseer::pattern_detail
