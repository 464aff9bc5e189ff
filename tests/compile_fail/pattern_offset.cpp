// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: invalid_pattern_at<5
// caret: (?=:)
// The offset of the fault is an argument of the class in the trace.
#include <ovrseer/pattern/pattern.hpp>

bool use(std::string_view line) { return ovrseer::pattern<"error(?=:)">().matches(line); }
