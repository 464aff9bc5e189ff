// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: back-references are not supported
// caret: \\1
// A back-reference is refused by name.
#include <ovrseer/pattern/pattern.hpp>

bool use(std::string_view line) { return ovrseer::pattern<"(a)\\1">().matches(line); }
