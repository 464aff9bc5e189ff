// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One spelling for Catch2 v2 and v3, so that the same tests build with either.
#pragma once

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
namespace catchx {
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
}  // namespace catchx
#else
#include <catch2/catch.hpp>
namespace catchx {
using Catch::Detail::Approx;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
inline auto ContainsSubstring(const std::string& text) { return Catch::Matchers::Contains(text); }
}  // namespace catchx
#ifndef SKIP
// Catch2 v2 cannot skip: it says so and leaves the case. Only for use in the body of a TEST_CASE.
#define SKIP(...)                     \
  do {                                \
    WARN("skipped: " << __VA_ARGS__); \
    return;                           \
  } while (false)
#endif
#ifndef STATIC_CHECK
#define STATIC_CHECK(...) STATIC_REQUIRE(__VA_ARGS__)
#endif
#endif
