// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reads text and says where lines end and where a window may end, in the quickest way that the processor knows.
#pragma once

#include <ovrseer/pattern/detail/scan_neon.hpp>
#include <ovrseer/pattern/detail/scan_tables.hpp>
#include <ovrseer/pattern/detail/scan_x86.hpp>

namespace ovrseer::pattern_detail {

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
inline bool has_vbmi() noexcept {
  return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("popcnt");
}
inline bool has_avx2() noexcept {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}
#endif

/// The quickest forms that this processor has.
inline const scan_functions& best_scan() noexcept {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
  if (has_vbmi()) return vbmi_scan;
  if (has_avx2()) return avx2_scan;
  if (__builtin_cpu_supports("ssse3")) return ssse3_scan;
#endif
#if defined(OVRSEER_PATTERN_HAS_NEON)
  return neon_scan;
#else
  return portable_scan;
#endif
}

}  // namespace ovrseer::pattern_detail
