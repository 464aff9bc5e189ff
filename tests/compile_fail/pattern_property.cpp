// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: Unicode properties
// caret: \\p{L}
// A Unicode property is refused by name.
#include <ovrseer/pattern/pattern.hpp>

bool use(std::string_view line) { return ovrseer::pattern<"\\p{L}+">().matches(line); }
