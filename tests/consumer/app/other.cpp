// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A second translation unit, with everything unless it is to be small: linking the two shows what is defined twice.
#if defined(APP_IS_SMALL)
#include <ovrseer/process/process.hpp>
#include <ovrseer/units.hpp>
#else
#include <ovrseer/ovrseer.hpp>
#endif

int from_the_other_unit();
int from_the_other_unit() { return ovrseer::byte_size(21).count() == 21 ? 21 : 0; }
