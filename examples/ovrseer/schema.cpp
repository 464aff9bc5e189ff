// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer schema`: the form of configurations, for editors.
#include <unistd.h>

#include <ovrseer/config/json_schema.hpp>

#include "options.hpp"

namespace program {

int run_schema() {
  console(STDOUT_FILENO, color_choice::never).line(ovrseer::config_schema().dump(2));
  return success;
}

}  // namespace program
