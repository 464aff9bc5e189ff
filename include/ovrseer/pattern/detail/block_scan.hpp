// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reads text 64 bytes at a time and says where lines end and where a window may begin. The quick forms
// look up both halves of a byte in a table of eight sets of windows; what they find is a guess that
// leaves nothing out. Which form runs is decided once, by what the processor can do.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>
#define OVRSEER_PATTERN_X86 1
#else
#define OVRSEER_PATTERN_X86 0
#endif

namespace ovrseer::pattern_detail {

inline constexpr std::size_t block_size = 64;
inline constexpr std::size_t scanned_bytes = 3;  // of a window; a block reads two bytes more than its own

struct scan_tables {
  // Bit b of low[i][n]: bucket b has a window whose byte i may have n as its lower half.
  alignas(16) std::uint8_t low[scanned_bytes][16] = {};
  alignas(16) std::uint8_t high[scanned_bytes][16] = {};
};

/// One bit a byte.
struct block_events {
  std::uint64_t windows;
  std::uint64_t newlines;
};

using scan_function = void (*)(const scan_tables&, const unsigned char* data, std::size_t blocks, block_events* out);

inline void scan_portable(const scan_tables& tables, const unsigned char* data, std::size_t blocks, block_events* out) {
  for (std::size_t block = 0; block != blocks; ++block, data += block_size) {
    std::uint64_t windows = 0;
    std::uint64_t newlines = 0;
    for (unsigned i = 0; i != block_size; ++i) {
      unsigned buckets = 0xFF;
      for (std::size_t k = 0; k != scanned_bytes; ++k) {
        buckets &= unsigned{tables.low[k][data[i + k] & 15U]} & tables.high[k][data[i + k] >> 4U];
      }
      windows |= std::uint64_t{buckets != 0} << i;
      newlines |= std::uint64_t{data[i] == '\n'} << i;
    }
    out[block] = {windows, newlines};
  }
}

#if OVRSEER_PATTERN_X86

__attribute__((target("ssse3"))) inline void scan_ssse3(const scan_tables& tables, const unsigned char* data,
                                                        std::size_t blocks, block_events* out) {
  const auto* const low = reinterpret_cast<const __m128i*>(tables.low);
  const auto* const high = reinterpret_cast<const __m128i*>(tables.high);
  const __m128i low0 = _mm_load_si128(low), low1 = _mm_load_si128(low + 1), low2 = _mm_load_si128(low + 2);
  const __m128i high0 = _mm_load_si128(high), high1 = _mm_load_si128(high + 1), high2 = _mm_load_si128(high + 2);
  const __m128i half = _mm_set1_epi8(15);
  const __m128i newline = _mm_set1_epi8('\n');
  const __m128i zero = _mm_setzero_si128();
  for (std::size_t block = 0; block != blocks; ++block, data += block_size) {
    block_events found{0, 0};
    for (unsigned i = 0; i != block_size; i += 16) {
      const auto* at = reinterpret_cast<const __m128i*>(data + i);
      const __m128i byte0 = _mm_loadu_si128(at);
      const __m128i byte1 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i + 1));
      const __m128i byte2 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i + 2));
      __m128i sets = _mm_and_si128(_mm_shuffle_epi8(low0, _mm_and_si128(byte0, half)),
                                   _mm_shuffle_epi8(high0, _mm_and_si128(_mm_srli_epi16(byte0, 4), half)));
      sets = _mm_and_si128(sets, _mm_and_si128(_mm_shuffle_epi8(low1, _mm_and_si128(byte1, half)),
                                               _mm_shuffle_epi8(high1, _mm_and_si128(_mm_srli_epi16(byte1, 4), half))));
      sets = _mm_and_si128(sets, _mm_and_si128(_mm_shuffle_epi8(low2, _mm_and_si128(byte2, half)),
                                               _mm_shuffle_epi8(high2, _mm_and_si128(_mm_srli_epi16(byte2, 4), half))));
      const auto none = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(sets, zero)));
      const auto ends = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(byte0, newline)));
      found.windows |= std::uint64_t{none ^ 0xFFFFU} << i;
      found.newlines |= std::uint64_t{ends} << i;
    }
    out[block] = found;
  }
}

__attribute__((target("avx2"))) inline void scan_avx2(const scan_tables& tables, const unsigned char* data,
                                                      std::size_t blocks, block_events* out) {
  const auto* const low = reinterpret_cast<const __m128i*>(tables.low);
  const auto* const high = reinterpret_cast<const __m128i*>(tables.high);
  const __m256i low0 = _mm256_broadcastsi128_si256(_mm_load_si128(low));
  const __m256i low1 = _mm256_broadcastsi128_si256(_mm_load_si128(low + 1));
  const __m256i low2 = _mm256_broadcastsi128_si256(_mm_load_si128(low + 2));
  const __m256i high0 = _mm256_broadcastsi128_si256(_mm_load_si128(high));
  const __m256i high1 = _mm256_broadcastsi128_si256(_mm_load_si128(high + 1));
  const __m256i high2 = _mm256_broadcastsi128_si256(_mm_load_si128(high + 2));
  const __m256i half = _mm256_set1_epi8(15);
  const __m256i newline = _mm256_set1_epi8('\n');
  const __m256i zero = _mm256_setzero_si256();
  for (std::size_t block = 0; block != blocks; ++block, data += block_size) {
    block_events found{0, 0};
    for (unsigned i = 0; i != block_size; i += 32) {
      const __m256i byte0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + i));
      const __m256i byte1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + i + 1));
      const __m256i byte2 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + i + 2));
      __m256i sets = _mm256_and_si256(_mm256_shuffle_epi8(low0, _mm256_and_si256(byte0, half)),
                                      _mm256_shuffle_epi8(high0, _mm256_and_si256(_mm256_srli_epi16(byte0, 4), half)));
      sets = _mm256_and_si256(
          sets, _mm256_and_si256(_mm256_shuffle_epi8(low1, _mm256_and_si256(byte1, half)),
                                 _mm256_shuffle_epi8(high1, _mm256_and_si256(_mm256_srli_epi16(byte1, 4), half))));
      sets = _mm256_and_si256(
          sets, _mm256_and_si256(_mm256_shuffle_epi8(low2, _mm256_and_si256(byte2, half)),
                                 _mm256_shuffle_epi8(high2, _mm256_and_si256(_mm256_srli_epi16(byte2, 4), half))));
      const auto none = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(sets, zero)));
      const auto ends = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(byte0, newline)));
      found.windows |= std::uint64_t{~none} << i;
      found.newlines |= std::uint64_t{ends} << i;
    }
    out[block] = found;
  }
}

#endif

/// The quickest form that this processor has.
inline scan_function best_scan() noexcept {
#if OVRSEER_PATTERN_X86
  static const scan_function chosen = __builtin_cpu_supports("avx2")    ? &scan_avx2
                                      : __builtin_cpu_supports("ssse3") ? &scan_ssse3
                                                                        : &scan_portable;
  return chosen;
#else
  return &scan_portable;
#endif
}

}  // namespace ovrseer::pattern_detail

#undef OVRSEER_PATTERN_X86
