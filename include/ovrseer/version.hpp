// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The one place that knows the version; CMake and the Conan recipe read it from here.
#pragma once

#define OVRSEER_VERSION_MAJOR 0
#define OVRSEER_VERSION_MINOR 1
#define OVRSEER_VERSION_PATCH 0

namespace ovrseer {

/// The version of the headers in use, as "major.minor.patch".
inline constexpr const char* version = "0.1.0";

}  // namespace ovrseer
