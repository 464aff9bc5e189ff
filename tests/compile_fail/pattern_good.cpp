// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: nothing, this one compiles
// The control: what the pattern_* files here do wrong, done right.
#include <ovrseer/pattern/pattern.hpp>

using namespace ovrseer;

bool use(std::string_view line) {
  const auto found = pattern<"(?<level>error|warn): (\\d+)", icase>().find(line);
  return found && found->get<"level">() == found->get<1>() && found->get<2>().has_value();
}
