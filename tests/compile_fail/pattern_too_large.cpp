// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: it is too large
// A pattern past the limits stops the build with a clear reason.
#include <ovrseer/pattern/pattern.hpp>

bool use(std::string_view line) { return ovrseer::pattern<"(?:a{1000}){11}">().matches(line); }
