// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One of two translation units with every header: linking them shows whatever is defined twice.
#include "everything.hpp"

const void* version_of_the_other_unit();

int main() { return &ovrseer::version == version_of_the_other_unit() ? 0 : 1; }
