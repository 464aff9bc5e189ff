// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Catch2 version 2 brings its main as a macro: compiled here, once for all test programs.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
