// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: look-behind is not supported
// Look-behind is refused by name.
#include <ovrseer/pattern/pattern.hpp>

bool use(std::string_view line) { return ovrseer::pattern<"(?<=a)b">().matches(line); }
