// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: this group is not closed: '\)' is missing
// caret: (b
// A group that is not closed stops the build.
#include <ovrseer/pattern/pattern.hpp>

bool use(std::string_view line) { return ovrseer::pattern<"a(b">().matches(line); }
