// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: look-ahead is not supported
// Look-ahead is refused by name; the trace has the offset (see pattern_offset).
#include <ovrseer/pattern/pattern.hpp>

bool use(std::string_view line) { return ovrseer::pattern<"error(?=:)">().matches(line); }
