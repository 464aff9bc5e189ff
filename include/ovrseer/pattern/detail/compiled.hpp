// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who owns the arrays of a program: the data section for a pattern that the compiler read, a shared
// block for one that came at run time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/pattern/detail/emitter.hpp>
#include <ovrseer/pattern/detail/engine.hpp>
#include <ovrseer/pattern/detail/joint_program.hpp>
#include <ovrseer/pattern/detail/parser.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/refusal.hpp>
#include <ovrseer/pattern/detail/table.hpp>
#include <ovrseer/pattern/detail/table_maker.hpp>
#include <ovrseer/pattern/fixed_string.hpp>

namespace ovrseer::pattern_detail {

/// A program and its arrays in one. Not movable: the program points into it.
class dynamic_program {
 public:
  /// `text` must outlive it.
  constexpr dynamic_program(tree&& parsed, std::string_view text, pattern_flags flags) : arrays_(emit(parsed)) {
    program_ = make_program(arrays_, program_facts{}, text, flags);
    program_ = make_program(arrays_, fact_finder(parsed, program_).run(), text, flags);
  }
  dynamic_program(const dynamic_program&) = delete;
  dynamic_program& operator=(const dynamic_program&) = delete;

  constexpr const program& get() const noexcept { return program_; }

 private:
  dynamic_arrays arrays_;
  program program_;
};

/// What a run-time pattern shares with its copies.
struct shared_program {
  shared_program(std::string_view pattern, tree&& parsed, pattern_flags flags)
      : text(pattern), compiled(std::move(parsed), text, flags) {}
  shared_program(const shared_program&) = delete;
  shared_program& operator=(const shared_program&) = delete;
  ~shared_program() { slots.drop(); }

  std::string text;
  dynamic_program compiled;
  search_slots slots;
};

/// The table of a pattern as the compiler makes it, before it is known how large it is.
struct raw_table {
  static constexpr std::size_t max_cells = 2048;
  static constexpr std::size_t max_borders = 16;
  // Together a quarter, at most, of the steps that clang takes for one constant.
  static constexpr std::size_t max_code = 128;
  static constexpr table_maker::limits most{240, max_cells, 6'000, 1024};

  std::size_t cell_count = 0;  // zero: it would take the compiler too long
  std::size_t border_count = 0;
  std::array<std::uint16_t, max_cells> cells{};
  std::array<std::uint16_t, 0x80> ascii{};
  std::array<unit_value, max_borders> borders{};
  std::array<std::uint16_t, max_borders> columns{};
  whole_view view;  // without its arrays
};

constexpr raw_table make_raw_table(tree valid) {
  raw_table made;
  joint_program code(std::move(valid));
  if (code.code.size() > raw_table::max_code) return made;
  table_maker maker(std::move(code));
  const unit_columns& columns = maker.stepper().columns();
  if (columns.borders().size() > raw_table::max_borders) return made;
  if (!maker.grow_whole(raw_table::most)) return made;
  made.cell_count = maker.cells().size();
  made.border_count = columns.borders().size();
  std::uint16_t* to = made.cells.data();
  // As `narrowed`, without a call for each.
  for (const std::uint32_t cell : maker.cells()) *to++ = static_cast<std::uint16_t>(cell | cell >> 16U);
  made.ascii = columns.ascii();
  for (std::size_t i = 0; i != made.border_count; ++i) {
    made.borders[i] = columns.borders()[i];
    made.columns[i] = static_cast<std::uint16_t>(columns.column_of_border(i));
  }
  made.view = facts_of<std::uint16_t>(maker);
  return made;
}

/// More instructions than this would pass the limits that compilers set to constant evaluation: such
/// a pattern is checked while compiling, and its program made on first use.
inline constexpr std::size_t max_static_code = 1500;

/// What the compiler must know of a pattern before it can lay out the arrays.
struct measure {
  std::size_t code = 0;
  std::size_t classes = 0;
  std::size_t ranges = 0;
  std::size_t names = 0;
  std::size_t groups = 1;
  bool is_valid = true;
  pattern_errc error{};
  std::size_t offset = 0;
  raw_table table;
};

/// Compilers limit the steps of constant evaluation, and reading a longer text could take more.
inline constexpr std::size_t max_static_text = 4096;

constexpr measure measure_pattern(std::string_view text, pattern_flags flags) {
  measure found;
  if (text.size() > max_static_text) {
    found.is_valid = false;
    found.error = pattern_errc::text_too_long_for_the_compiler;
    found.offset = max_static_text;
    return found;
  }
  tree parsed = parse(text, flags);
  found.is_valid = parsed.is_valid;
  found.error = parsed.code;
  found.offset = parsed.offset;
  if (!parsed.is_valid) return found;
  found.code = code_size(parsed);
  found.classes = parsed.classes.size();
  found.ranges = parsed.ranges.size();
  found.names = parsed.names.size();
  found.groups = parsed.group_count + 1;
  if (found.code <= max_static_code) found.table = make_raw_table(std::move(parsed));
  return found;
}

/// The same with exact sizes: what stays in the data section.
template <std::size_t Cells, std::size_t Borders>
struct fitted_table {
  constexpr explicit fitted_table(const raw_table& from) noexcept {
    copy(from.cells.data(), cells, Cells);
    copy(from.ascii.data(), ascii, 0x80);
    copy(from.borders.data(), borders, Borders);
    copy(from.columns.data(), columns, Borders);
  }
  constexpr whole_view view(whole_view facts) const noexcept {
    facts.cells = cells;
    facts.cell_count = Cells;
    facts.ascii = ascii;
    facts.borders = borders;
    facts.columns = columns;
    facts.border_count = Borders;
    return facts;
  }

  template <class Value>
  static constexpr void copy(const Value* from, Value* to, std::size_t count) noexcept {
    for (Value* const end = to + count; to != end; ++to, ++from) *to = *from;
  }

  // Not std::array: each size of it takes the compiler time.
  std::uint16_t cells[Cells] = {};
  std::uint16_t ascii[0x80] = {};
  unit_value borders[Borders] = {};
  std::uint16_t columns[Borders] = {};
};

template <fixed_string Text, pattern_flags Flags>
struct static_pattern {
  static constexpr measure sizes = measure_pattern(Text.view(), Flags);
  static constexpr bool is_static = sizes.is_valid && sizes.code <= max_static_code;

  static constexpr bool check() noexcept {
    if constexpr (sizes.is_valid) {
      return true;
    } else {
      return invalid_pattern_at<sizes.offset, sizes.error, Text>::reported;
    }
  }

  struct image {
    static_arrays<sizes.code, sizes.classes, sizes.ranges, sizes.names> arrays;
    program_facts facts;
  };

  static constexpr image build() {
    image made;
    tree parsed = parse(Text.view(), Flags);
    emitter(parsed, made.arrays.code.data()).run();
    for (std::size_t i = 0; i != sizes.classes; ++i) made.arrays.classes[i] = parsed.classes[i];
    for (std::size_t i = 0; i != sizes.ranges; ++i) made.arrays.ranges[i] = parsed.ranges[i];
    for (std::size_t i = 0; i != sizes.names; ++i) made.arrays.names[i] = parsed.names[i];
    const program whole = make_program(made.arrays, made.facts, Text.view(), Flags);
    made.facts = fact_finder(parsed, whole).run();
    return made;
  }

  static constexpr bool has_table = sizes.table.cell_count != 0;
  static search_slots slots;
};

/// Separate from the rest, so that a pattern without a table never makes one.
template <fixed_string Text, pattern_flags Flags>
struct static_table {
  using parts = static_pattern<Text, Flags>;
  static constexpr fitted_table<parts::sizes.table.cell_count, parts::sizes.table.border_count> table{
      parts::sizes.table};
  static constexpr whole_view view = table.view(parts::sizes.table.view);
};

template <fixed_string Text, pattern_flags Flags>
constexpr search_slots slots_of() noexcept {
  if constexpr (static_pattern<Text, Flags>::has_table) {
    return search_slots(&static_table<Text, Flags>::view);
  } else {
    return {};
  }
}
template <fixed_string Text, pattern_flags Flags>
constinit search_slots static_pattern<Text, Flags>::slots = slots_of<Text, Flags>();

/// Separate from its arrays, so that a pattern which is not static never makes them.
template <fixed_string Text, pattern_flags Flags>
struct static_program {
  using parts = static_pattern<Text, Flags>;
  static constexpr typename parts::image image = parts::build();
  static constexpr program value = make_program(image.arrays, image.facts, Text.view(), Flags);
};

/// The program of a pattern too large for the compiler. Never freed: who searches during the last
/// destructors of a program still finds it.
template <fixed_string Text, pattern_flags Flags>
inline const program& lazy_program() {
  static const auto* const made = new dynamic_program(parse(Text.view(), Flags), Text.view(), Flags);
  return made->get();
}

}  // namespace ovrseer::pattern_detail
