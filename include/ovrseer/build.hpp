// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Header-only by default. With OVRSEER_SEPARATE_COMPILATION defined everywhere in a program, the bodies of what is no
// template are left out, and one source file of that program includes <ovrseer/src.hpp> to have them once.
#pragma once

#if defined(OVRSEER_SEPARATE_COMPILATION)
#define OVRSEER_HEADER_ONLY 0
#define OVRSEER_DECL
#else
#define OVRSEER_HEADER_ONLY 1
#define OVRSEER_DECL inline
#endif
