// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who owns the arrays of a program: the data section for a pattern that the compiler read, a shared
// block for one that came at run time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/pattern/detail/emitter.hpp>
#include <ovrseer/pattern/detail/engine.hpp>
#include <ovrseer/pattern/detail/parser.hpp>
#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/refusal.hpp>
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
  ~shared_program() { tables.drop(); }

  std::string text;
  dynamic_program compiled;
  table_slot tables;
};

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
  const tree parsed = parse(text, flags);
  found.is_valid = parsed.is_valid;
  found.error = parsed.code;
  found.offset = parsed.offset;
  if (!parsed.is_valid) return found;
  found.code = code_size(parsed);
  found.classes = parsed.classes.size();
  found.ranges = parsed.ranges.size();
  found.names = parsed.names.size();
  found.groups = parsed.group_count + 1;
  return found;
}

/// More instructions than this would pass the limits that compilers set to constant evaluation: such
/// a pattern is checked while compiling, and its program made on first use.
inline constexpr std::size_t max_static_code = 1500;

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

  inline static constinit table_slot tables{};
};

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
