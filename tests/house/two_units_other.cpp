// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The other of two translation units; what is inline is one object in both.
#include "everything.hpp"

const void* version_of_the_other_unit();
const void* version_of_the_other_unit() { return &ovrseer::version; }
