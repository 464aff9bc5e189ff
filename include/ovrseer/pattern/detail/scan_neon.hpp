// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The form of the scan for 64-bit ARM: 16 bytes at a time, each looked up by its two halves.
#pragma once

#include <ovrseer/pattern/detail/scan_tables.hpp>

#if defined(__aarch64__) && defined(__ARM_NEON) && !defined(__AARCH64EB__)

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <arm_neon.h>

namespace ovrseer::pattern_detail {

/// The tables of eight sets, in registers.
struct lanes_neon {
  uint8x16_t low0, low1, low2;
  uint8x16_t high0, high1, high2;
};

inline lanes_neon lanes_of_neon(const scan_sets& sets) noexcept {
  return {vld1q_u8(sets.low[0].data()),  vld1q_u8(sets.low[1].data()),  vld1q_u8(sets.low[2].data()),
          vld1q_u8(sets.high[0].data()), vld1q_u8(sets.high[1].data()), vld1q_u8(sets.high[2].data())};
}

/// Bytes, and those one and two places before them.
struct bytes_neon {
  uint8x16_t two_before, before, here;
};
inline bytes_neon bytes_at_neon(const unsigned char* data) noexcept {
  return {vld1q_u8(data - 2), vld1q_u8(data - 1), vld1q_u8(data)};
}

// Beyond ASCII the index is out of the table, and the lower half says nothing.
inline uint8x16_t ruled_out_neon(uint8x16_t low, uint8x16_t high, uint8x16_t bytes) noexcept {
  return vorrq_u8(vqtbl1q_u8(low, vandq_u8(bytes, vdupq_n_u8(0x8F))), vqtbl1q_u8(high, vshrq_n_u8(bytes, 4)));
}

// All bits of each byte at which a window of eight sets may end.
inline uint8x16_t windows_neon(const lanes_neon& in, const bytes_neon& of) noexcept {
  const uint8x16_t ruled =
      vorrq_u8(vorrq_u8(ruled_out_neon(in.low0, in.high0, of.two_before), ruled_out_neon(in.low1, in.high1, of.before)),
               ruled_out_neon(in.low2, in.high2, of.here));
  return vmvnq_u8(vceqq_u8(ruled, vdupq_n_u8(0xFF)));
}
template <bool HasBoth>
inline uint8x16_t windows_neon(const lanes_neon& first, const lanes_neon& second, const bytes_neon& of) noexcept {
  const uint8x16_t found = windows_neon(first, of);
  if constexpr (HasBoth) return vorrq_u8(found, windows_neon(second, of));
  return found;
}

// One bit of each byte.
inline uint8x16_t weighted_neon(uint8x16_t bytes) noexcept {
  static constexpr std::array<std::uint8_t, 16> weights{1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  return vandq_u8(bytes, vld1q_u8(weights.data()));
}
inline std::uint64_t bits_neon(uint8x16_t bytes) noexcept {
  const uint8x16_t weighted = weighted_neon(bytes);
  return std::uint64_t{vaddv_u8(vget_low_u8(weighted))} | std::uint64_t{vaddv_u8(vget_high_u8(weighted))} << 8U;
}
inline std::uint64_t bits_neon(const std::array<uint8x16_t, 4>& block) noexcept {
  const uint8x16_t lower = vpaddq_u8(weighted_neon(block[0]), weighted_neon(block[1]));
  const uint8x16_t upper = vpaddq_u8(weighted_neon(block[2]), weighted_neon(block[3]));
  const uint8x16_t sums = vpaddq_u8(lower, upper);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
}

template <bool HasBoth>
inline void scan_blocks_neon(const scan_tables& tables, const unsigned char* data, std::size_t begin, std::size_t count,
                             event_lists& out) {
  const lanes_neon first = lanes_of_neon(tables.sets[0]);
  const lanes_neon second = lanes_of_neon(tables.sets[HasBoth ? 1 : 0]);
  const uint8x16_t newline = vdupq_n_u8('\n');
  for (std::size_t block = begin; block != begin + count; ++block, data += block_size) {
    std::array<uint8x16_t, 4> windows;
    std::array<uint8x16_t, 4> newlines;
    for (std::size_t i = 0; i != windows.size(); ++i) {
      const bytes_neon here = bytes_at_neon(data + 16 * i);
      windows[i] = windows_neon<HasBoth>(first, second, here);
      newlines[i] = vceqq_u8(here.here, newline);
    }
    out.add(block * block_size, bits_neon(windows), bits_neon(newlines));
  }
}

// The first bytes have nothing before them; the last step reads again what the one before has read, rather than what is
// behind the line.
template <bool HasBoth>
inline bool scan_line_neon(const scan_tables& tables, const unsigned char* data, std::size_t size, std::uint64_t* out) {
  constexpr std::size_t width = 16;
  const lanes_neon first = lanes_of_neon(tables.sets[0]);
  const lanes_neon second = lanes_of_neon(tables.sets[HasBoth ? 1 : 0]);
  std::array<unsigned char, width + bytes_before> copy{};
  const unsigned char* begin = data;
  if (size < width) {
    std::memcpy(copy.data(), data, size);
    begin = copy.data();
  }
  const uint8x16_t here = vld1q_u8(begin);
  const uint8x16_t nothing = vdupq_n_u8(0);
  const bytes_neon bytes{vextq_u8(nothing, here, 14), vextq_u8(nothing, here, 15), here};
  std::uint64_t any = bits_neon(windows_neon<HasBoth>(first, second, bytes));
  if (size < width) any &= (std::uint64_t{1} << size) - 1;
  *out = any;
  for (std::size_t at = width; at < size; at += width) {
    const std::size_t from = at + width <= size ? at : size - width;
    if (from == 1) std::memcpy(copy.data() + 1, data, width + 1);  // so that there is something two bytes before
    const bytes_neon next = bytes_at_neon(from == 1 ? copy.data() + bytes_before : data + from);
    const std::uint64_t found = bits_neon(windows_neon<HasBoth>(first, second, next)) >> (at - from);
    any |= found;
    const std::size_t shift = at % block_size;
    out[at / block_size] = shift == 0 ? found : out[at / block_size] | found << shift;
  }
  return any != 0;
}

inline void scan_any_blocks_neon(const scan_tables& tables, const unsigned char* data, std::size_t begin,
                                 std::size_t count, event_lists& out) {
  return tables.has_both ? scan_blocks_neon<true>(tables, data, begin, count, out)
                         : scan_blocks_neon<false>(tables, data, begin, count, out);
}
inline bool scan_any_line_neon(const scan_tables& tables, const unsigned char* data, std::size_t size,
                               std::uint64_t* out) {
  return tables.has_both ? scan_line_neon<true>(tables, data, size, out)
                         : scan_line_neon<false>(tables, data, size, out);
}
inline constexpr scan_functions neon_scan{&scan_any_blocks_neon, &scan_any_line_neon};

}  // namespace ovrseer::pattern_detail

#define OVRSEER_PATTERN_HAS_NEON 1
#endif
