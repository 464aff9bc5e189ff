// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A string literal as a template argument, so that the compiler can read a pattern.
#pragma once

#include <cstddef>
#include <string_view>

namespace ovrseer {

/// The characters of a string literal, usable as a template argument: `pattern<"a|b">`.
///
/// `Size` counts the terminating zero; a zero inside the text is part of it.
template <std::size_t Size>
struct fixed_string {
  char characters[Size] = {};

  constexpr fixed_string(const char (&literal)[Size]) noexcept {
    for (std::size_t i = 0; i != Size; ++i) characters[i] = literal[i];
  }
  constexpr std::string_view view() const noexcept { return {characters, Size - 1}; }
};

/// No text at all: what `pattern<>` has for an argument. Different from the empty text `""`.
template <>
struct fixed_string<0> {};

}  // namespace ovrseer
