// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: inline flags are not supported
// caret: (?i)
// Inline flags are refused, with the cure.
#include <ovrseer/pattern/pattern.hpp>

bool use(std::string_view line) { return ovrseer::pattern<"(?i)error">().matches(line); }
