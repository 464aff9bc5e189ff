// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A second translation unit with everything: linking the two shows what is defined twice.
#include <ovrseer/ovrseer.hpp>

int from_the_other_unit();
int from_the_other_unit() { return ovrseer::byte_size(21).count() == 21 ? 21 : 0; }
