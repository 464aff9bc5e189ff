// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The forms of the scan for x86, 16, 32 and 64 bytes at a time. Each is written out: the target of a function cannot depend
// on a template's argument.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ovrseer/pattern/detail/scan_tables.hpp>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>

namespace ovrseer::pattern_detail {

// ---- 16 bytes at a time

/// The tables of eight sets, in registers.
struct lanes_ssse3 {
  __m128i low0, low1, low2;
  __m128i high0, high1, high2;
};

__attribute__((target("ssse3"))) inline __m128i row_ssse3(const std::array<std::uint8_t, 16>& row) {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(row.data()));
}

__attribute__((target("ssse3"))) inline lanes_ssse3 lanes_of_ssse3(const scan_sets& sets) {
  return {row_ssse3(sets.low[0]),  row_ssse3(sets.low[1]),  row_ssse3(sets.low[2]),
          row_ssse3(sets.high[0]), row_ssse3(sets.high[1]), row_ssse3(sets.high[2])};
}

/// Bytes, and those one and two places before them.
struct bytes_ssse3 {
  __m128i two_before, before, here;
};

__attribute__((target("ssse3"))) inline __m128i upper_ssse3(__m128i bytes) {
  return _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
}

// A bit for each byte at which a window of eight sets may end.
__attribute__((target("ssse3"))) inline std::uint32_t windows_ssse3(const lanes_ssse3& in, const bytes_ssse3& of) {
  const __m128i ones = _mm_set1_epi8(-1);
  const __m128i first =
      _mm_or_si128(_mm_shuffle_epi8(in.low0, of.two_before), _mm_shuffle_epi8(in.high0, upper_ssse3(of.two_before)));
  const __m128i second =
      _mm_or_si128(_mm_shuffle_epi8(in.low1, of.before), _mm_shuffle_epi8(in.high1, upper_ssse3(of.before)));
  const __m128i third =
      _mm_or_si128(_mm_shuffle_epi8(in.low2, of.here), _mm_shuffle_epi8(in.high2, upper_ssse3(of.here)));
  const __m128i ruled = _mm_or_si128(_mm_or_si128(first, second), third);
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(ruled, ones))) ^ 0xFFFFU;
}

__attribute__((target("ssse3"))) inline __m128i load_ssse3(const unsigned char* data) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
}
__attribute__((target("ssse3"))) inline bytes_ssse3 bytes_at_ssse3(const unsigned char* data) {
  return {load_ssse3(data - 2), load_ssse3(data - 1), load_ssse3(data)};
}

template <bool HasBoth>
__attribute__((target("ssse3"))) inline void scan_blocks_ssse3(const scan_tables& tables, const unsigned char* data,
                                                               std::size_t begin, std::size_t count, event_lists& out) {
  const lanes_ssse3 first = lanes_of_ssse3(tables.sets[0]);
  const lanes_ssse3 second = lanes_of_ssse3(tables.sets[HasBoth ? 1 : 0]);
  const __m128i newline = _mm_set1_epi8('\n');
  for (std::size_t block = begin; block != begin + count; ++block, data += block_size) {
    std::uint64_t window_bits = 0;
    std::uint64_t newline_bits = 0;
    for (unsigned i = 0; i != block_size; i += 16) {
      const bytes_ssse3 here = bytes_at_ssse3(data + i);
      std::uint32_t windows = windows_ssse3(first, here);
      if constexpr (HasBoth) windows |= windows_ssse3(second, here);
      const auto ends = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(here.here, newline)));
      window_bits |= std::uint64_t{windows} << i;
      newline_bits |= std::uint64_t{ends} << i;
    }
    out.add(block * block_size, window_bits, newline_bits);
  }
}

// The first bytes have nothing before them; the last step reads again what the one before has read, rather than what is
// behind the line.
template <bool HasBoth>
__attribute__((target("ssse3"))) inline bool scan_line_ssse3(const scan_tables& tables, const unsigned char* data,
                                                             std::size_t size, std::uint64_t* out) {
  constexpr std::size_t width = 16;
  const lanes_ssse3 first = lanes_of_ssse3(tables.sets[0]);
  const lanes_ssse3 second = lanes_of_ssse3(tables.sets[HasBoth ? 1 : 0]);
  alignas(width) unsigned char copy[width + bytes_before];
  const unsigned char* begin = data;
  if (size < width + bytes_before) std::memset(copy, 0, sizeof(copy));
  if (size < width) {
    std::memcpy(copy, data, size);
    begin = copy;
  }
  const __m128i here = load_ssse3(begin);
  const bytes_ssse3 bytes = {_mm_slli_si128(here, 2), _mm_slli_si128(here, 1), here};
  std::uint64_t any = windows_ssse3(first, bytes);
  if constexpr (HasBoth) any |= windows_ssse3(second, bytes);
  if (size < width) any &= (std::uint64_t{1} << size) - 1;
  *out = any;
  for (std::size_t at = width; at < size; at += width) {
    const std::size_t from = at + width <= size ? at : size - width;
    if (from == 1) std::memcpy(copy + 1, data, width + 1);  // so that there is something two bytes before
    const bytes_ssse3 next = bytes_at_ssse3(from == 1 ? copy + bytes_before : data + from);
    std::uint64_t found = windows_ssse3(first, next);
    if constexpr (HasBoth) found |= windows_ssse3(second, next);
    found >>= at - from;
    any |= found;
    const std::size_t shift = at % block_size;
    out[at / block_size] = shift == 0 ? found : out[at / block_size] | found << shift;
  }
  return any != 0;
}

inline void scan_any_blocks_ssse3(const scan_tables& tables, const unsigned char* data, std::size_t begin,
                                  std::size_t count, event_lists& out) {
  return tables.has_both ? scan_blocks_ssse3<true>(tables, data, begin, count, out)
                         : scan_blocks_ssse3<false>(tables, data, begin, count, out);
}
inline bool scan_any_line_ssse3(const scan_tables& tables, const unsigned char* data, std::size_t size,
                                std::uint64_t* out) {
  return tables.has_both ? scan_line_ssse3<true>(tables, data, size, out)
                         : scan_line_ssse3<false>(tables, data, size, out);
}
inline constexpr scan_functions ssse3_scan{&scan_any_blocks_ssse3, &scan_any_line_ssse3};

// ---- 32 bytes at a time

/// The tables of eight sets, in registers.
struct lanes_avx2 {
  __m256i low0, low1, low2;
  __m256i high0, high1, high2;
};

__attribute__((target("avx2,bmi,popcnt"))) inline __m256i row_avx2(const std::array<std::uint8_t, 16>& row) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(row.data())));
}

__attribute__((target("avx2,bmi,popcnt"))) inline lanes_avx2 lanes_of_avx2(const scan_sets& sets) {
  return {row_avx2(sets.low[0]),  row_avx2(sets.low[1]),  row_avx2(sets.low[2]),
          row_avx2(sets.high[0]), row_avx2(sets.high[1]), row_avx2(sets.high[2])};
}

/// Bytes, and those one and two places before them.
struct bytes_avx2 {
  __m256i two_before, before, here;
};

__attribute__((target("avx2,bmi,popcnt"))) inline __m256i upper_avx2(__m256i bytes) {
  return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
}

// A bit for each byte at which a window of eight sets may end.
__attribute__((target("avx2,bmi,popcnt"))) inline std::uint32_t windows_avx2(const lanes_avx2& in,
                                                                             const bytes_avx2& of) {
  const __m256i ones = _mm256_set1_epi8(-1);
  const __m256i first = _mm256_or_si256(_mm256_shuffle_epi8(in.low0, of.two_before),
                                        _mm256_shuffle_epi8(in.high0, upper_avx2(of.two_before)));
  const __m256i second =
      _mm256_or_si256(_mm256_shuffle_epi8(in.low1, of.before), _mm256_shuffle_epi8(in.high1, upper_avx2(of.before)));
  const __m256i third =
      _mm256_or_si256(_mm256_shuffle_epi8(in.low2, of.here), _mm256_shuffle_epi8(in.high2, upper_avx2(of.here)));
  const __m256i ruled = _mm256_or_si256(_mm256_or_si256(first, second), third);
  return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(ruled, ones)));
}

__attribute__((target("avx2,bmi,popcnt"))) inline __m256i load_avx2(const unsigned char* data) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data));
}
__attribute__((target("avx2,bmi,popcnt"))) inline bytes_avx2 bytes_at_avx2(const unsigned char* data) {
  return {load_avx2(data - 2), load_avx2(data - 1), load_avx2(data)};
}

template <bool HasBoth>
__attribute__((target("avx2,bmi,popcnt"))) inline void scan_blocks_avx2(const scan_tables& tables,
                                                                        const unsigned char* data, std::size_t begin,
                                                                        std::size_t count, event_lists& out) {
  const lanes_avx2 first = lanes_of_avx2(tables.sets[0]);
  const lanes_avx2 second = lanes_of_avx2(tables.sets[HasBoth ? 1 : 0]);
  const __m256i newline = _mm256_set1_epi8('\n');
  for (std::size_t block = begin; block != begin + count; ++block, data += block_size) {
    std::uint64_t window_bits = 0;
    std::uint64_t newline_bits = 0;
    for (unsigned i = 0; i != block_size; i += 32) {
      const bytes_avx2 here = bytes_at_avx2(data + i);
      std::uint32_t windows = windows_avx2(first, here);
      if constexpr (HasBoth) windows |= windows_avx2(second, here);
      const auto ends = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(here.here, newline)));
      window_bits |= std::uint64_t{windows} << i;
      newline_bits |= std::uint64_t{ends} << i;
    }
    out.add(block * block_size, window_bits, newline_bits);
  }
}

// The first bytes have nothing before them; the last step reads again what the one before has read, rather than what is
// behind the line.
template <bool HasBoth>
__attribute__((target("avx2,bmi,popcnt"))) inline bool scan_line_avx2(const scan_tables& tables,
                                                                      const unsigned char* data, std::size_t size,
                                                                      std::uint64_t* out) {
  constexpr std::size_t width = 32;
  const lanes_avx2 first = lanes_of_avx2(tables.sets[0]);
  const lanes_avx2 second = lanes_of_avx2(tables.sets[HasBoth ? 1 : 0]);
  alignas(width) unsigned char copy[width + bytes_before];
  const unsigned char* begin = data;
  if (size < width + bytes_before) std::memset(copy, 0, sizeof(copy));
  if (size < width) {
    std::memcpy(copy, data, size);
    begin = copy;
  }
  const __m256i here = load_avx2(begin);
  const __m256i carried = _mm256_permute2x128_si256(here, here, 0x08);  // zeros, then the lower half
  const bytes_avx2 bytes = {_mm256_alignr_epi8(here, carried, 14), _mm256_alignr_epi8(here, carried, 15), here};
  std::uint64_t any = windows_avx2(first, bytes);
  if constexpr (HasBoth) any |= windows_avx2(second, bytes);
  if (size < width) any &= (std::uint64_t{1} << size) - 1;
  *out = any;
  for (std::size_t at = width; at < size; at += width) {
    const std::size_t from = at + width <= size ? at : size - width;
    if (from == 1) std::memcpy(copy + 1, data, width + 1);  // so that there is something two bytes before
    const bytes_avx2 next = bytes_at_avx2(from == 1 ? copy + bytes_before : data + from);
    std::uint64_t found = windows_avx2(first, next);
    if constexpr (HasBoth) found |= windows_avx2(second, next);
    found >>= at - from;
    any |= found;
    const std::size_t shift = at % block_size;
    out[at / block_size] = shift == 0 ? found : out[at / block_size] | found << shift;
  }
  return any != 0;
}

inline void scan_any_blocks_avx2(const scan_tables& tables, const unsigned char* data, std::size_t begin,
                                 std::size_t count, event_lists& out) {
  return tables.has_both ? scan_blocks_avx2<true>(tables, data, begin, count, out)
                         : scan_blocks_avx2<false>(tables, data, begin, count, out);
}
inline bool scan_any_line_avx2(const scan_tables& tables, const unsigned char* data, std::size_t size,
                               std::uint64_t* out) {
  return tables.has_both ? scan_line_avx2<true>(tables, data, size, out)
                         : scan_line_avx2<false>(tables, data, size, out);
}
inline constexpr scan_functions avx2_scan{&scan_any_blocks_avx2, &scan_any_line_avx2};

// ---- 64 bytes at a time: whole bytes are looked up, so that the sets are told exactly

#define OVRSEER_PATTERN_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi,avx512vbmi2,popcnt")))

alignas(64) inline constexpr std::array<std::uint8_t, block_size> byte_numbers = [] {
  std::array<std::uint8_t, block_size> made{};
  for (std::size_t i = 0; i != made.size(); ++i) made[i] = static_cast<std::uint8_t>(i);
  return made;
}();

struct rows_vbmi {
  __m512i lower, upper;
};
struct lanes_vbmi {
  rows_vbmi byte0, byte1, byte2;
};

OVRSEER_PATTERN_VBMI inline rows_vbmi rows_of_vbmi(const std::array<std::uint8_t, 128>& row) {
  return {_mm512_load_si512(row.data()), _mm512_load_si512(row.data() + 64)};
}
OVRSEER_PATTERN_VBMI inline lanes_vbmi lanes_of_vbmi(const scan_sets& sets) {
  return {rows_of_vbmi(sets.whole[0]), rows_of_vbmi(sets.whole[1]), rows_of_vbmi(sets.whole[2])};
}

struct bytes_vbmi {
  __m512i two_before, before, here;
};

OVRSEER_PATTERN_VBMI inline std::uint64_t windows_vbmi(const lanes_vbmi& in, const bytes_vbmi& of) {
  const __m512i first = _mm512_permutex2var_epi8(in.byte0.lower, of.two_before, in.byte0.upper);
  const __m512i second = _mm512_permutex2var_epi8(in.byte1.lower, of.before, in.byte1.upper);
  const __m512i third = _mm512_permutex2var_epi8(in.byte2.lower, of.here, in.byte2.upper);
  const __m512i ruled = _mm512_ternarylogic_epi32(first, second, third, 0xFE);  // any of them
  return _mm512_cmpneq_epi8_mask(ruled, _mm512_set1_epi8(-1));
}

// Writes all that there is room for, whatever there is.
OVRSEER_PATTERN_VBMI inline std::size_t append_vbmi(std::uint16_t* to, std::size_t count, std::size_t base,
                                                    std::uint64_t bits) {
  constexpr __mmask32 all = 0xFFFFFFFF;  // the plain forms make GCC 12 warn of its own headers
  const __m512i places = _mm512_load_si512(byte_numbers.data());
  const __m512i chosen = _mm512_maskz_compress_epi8(bits, places);
  const __m512i bases = _mm512_set1_epi16(static_cast<short>(base));
  const __m512i lower = _mm512_maskz_cvtepu8_epi16(all, _mm512_maskz_extracti64x4_epi64(15, chosen, 0));
  _mm512_storeu_si512(to + count, _mm512_add_epi16(lower, bases));
  const auto more = static_cast<std::size_t>(__builtin_popcountll(bits));
  if (more > 32) {
    const __m512i upper = _mm512_maskz_cvtepu8_epi16(all, _mm512_maskz_extracti64x4_epi64(15, chosen, 1));
    _mm512_storeu_si512(to + count + 32, _mm512_add_epi16(upper, bases));
  }
  return count + more;
}

template <bool HasBoth>
OVRSEER_PATTERN_VBMI inline void scan_blocks_vbmi(const scan_tables& tables, const unsigned char* data,
                                                  std::size_t begin, std::size_t count, event_lists& out) {
  const lanes_vbmi first = lanes_of_vbmi(tables.sets[0]);
  const lanes_vbmi second = lanes_of_vbmi(tables.sets[HasBoth ? 1 : 0]);
  const __m512i newline = _mm512_set1_epi8('\n');
  for (std::size_t block = begin; block != begin + count; ++block, data += block_size) {
    const bytes_vbmi here{_mm512_loadu_si512(data - 2), _mm512_loadu_si512(data - 1), _mm512_loadu_si512(data)};
    std::uint64_t windows = windows_vbmi(first, here);
    if constexpr (HasBoth) windows |= windows_vbmi(second, here);
    const std::size_t base = block * block_size;
    out.window_count = append_vbmi(out.windows.data(), out.window_count, base, windows);
    out.newline_count =
        append_vbmi(out.newlines.data(), out.newline_count, base, _mm512_cmpeq_epi8_mask(here.here, newline));
  }
}

template <bool HasBoth>
OVRSEER_PATTERN_VBMI inline std::uint64_t any_window_vbmi(const lanes_vbmi& first, const lanes_vbmi& second,
                                                          const bytes_vbmi& here) {
  const std::uint64_t windows = windows_vbmi(first, here);
  if constexpr (HasBoth) return windows | windows_vbmi(second, here);
  return windows;
}

// A bit for each of the first bytes, of 64.
OVRSEER_PATTERN_VBMI inline std::uint64_t first_bits(std::size_t count) {
  return count < block_size ? (std::uint64_t{1} << count) - 1 : ~std::uint64_t{0};
}

// The windows in the 64 bytes at `data` as far as `inside` goes; what is masked is not read.
template <bool HasBoth>
OVRSEER_PATTERN_VBMI inline std::uint64_t part_vbmi(const lanes_vbmi& first, const lanes_vbmi& second,
                                                    const unsigned char* data, std::uint64_t inside) {
  const bytes_vbmi bytes{_mm512_maskz_loadu_epi8(inside, data - 2), _mm512_maskz_loadu_epi8(inside, data - 1),
                         _mm512_maskz_loadu_epi8(inside, data)};
  return any_window_vbmi<HasBoth>(first, second, bytes) & inside;
}

// Most lines have at most two blocks: those are read without a question, which would often be guessed wrong. The first
// bytes have nothing before them.
template <bool HasBoth>
OVRSEER_PATTERN_VBMI inline bool scan_line_vbmi(const scan_tables& tables, const unsigned char* data, std::size_t size,
                                                std::uint64_t* out) {
  const lanes_vbmi first = lanes_of_vbmi(tables.sets[0]);
  const lanes_vbmi second = lanes_of_vbmi(tables.sets[HasBoth ? 1 : 0]);
  const std::uint64_t inside = first_bits(size);
  const bytes_vbmi begin{_mm512_maskz_loadu_epi8(inside << 2U, data - 2),
                         _mm512_maskz_loadu_epi8(inside << 1U, data - 1), _mm512_maskz_loadu_epi8(inside, data)};
  out[0] = any_window_vbmi<HasBoth>(first, second, begin) & inside;
  out[1] = part_vbmi<HasBoth>(first, second, data + block_size, first_bits(size < block_size ? 0 : size - block_size));
  std::uint64_t any = out[0] | out[1];
  for (std::size_t at = 2 * block_size; at < size; at += block_size) {
    const std::uint64_t found = part_vbmi<HasBoth>(first, second, data + at, first_bits(size - at));
    out[at / block_size] = found;
    any |= found;
  }
  return any != 0;
}

inline void scan_any_blocks_vbmi(const scan_tables& tables, const unsigned char* data, std::size_t begin,
                                 std::size_t count, event_lists& out) {
  return tables.has_both ? scan_blocks_vbmi<true>(tables, data, begin, count, out)
                         : scan_blocks_vbmi<false>(tables, data, begin, count, out);
}
inline bool scan_any_line_vbmi(const scan_tables& tables, const unsigned char* data, std::size_t size,
                               std::uint64_t* out) {
  return tables.has_both ? scan_line_vbmi<true>(tables, data, size, out)
                         : scan_line_vbmi<false>(tables, data, size, out);
}
inline constexpr scan_functions vbmi_scan{&scan_any_blocks_vbmi, &scan_any_line_vbmi};

#undef OVRSEER_PATTERN_VBMI

}  // namespace ovrseer::pattern_detail

#endif
