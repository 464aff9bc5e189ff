// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The name of this machine.
#pragma once

#include <unistd.h>

#include <string>

namespace ovrseer {

/// The name of this machine as the kernel has it; "localhost" where it has none.
inline std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

}  // namespace ovrseer
