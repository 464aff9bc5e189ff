// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: this pattern has no group of this name
// The name of a group is checked while compiling.
#include <ovrseer/pattern/pattern.hpp>

bool use(std::string_view line) { return ovrseer::pattern<"(?<level>a)">().find(line)->get<"levle">().has_value(); }
