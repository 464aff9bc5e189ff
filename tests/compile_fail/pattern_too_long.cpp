// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: its text is longer than 4096 bytes
// A text that could pass the limits of a compiler is refused with a clear reason.
#include <ovrseer/pattern/pattern.hpp>

constexpr auto long_text = [] {
  char text[5000] = {};
  for (int i = 0; i != 4999; ++i) text[i] = 'a';
  return ovrseer::fixed_string<5000>(text);
}();

bool use(std::string_view line) { return ovrseer::pattern<long_text>().matches(line); }
