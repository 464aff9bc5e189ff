// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: nothing to repeat
// caret: *a
// A quantifier with nothing before it stops the build.
#include <ovrseer/pattern/pattern.hpp>

bool use(std::string_view line) { return ovrseer::pattern<"*a">().matches(line); }
