// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which windows may end at a place of text, as tables of sets of windows that each byte is looked up in, by its two halves
// or whole; what they tell is a guess that leaves nothing out. A window is known by its last bytes, so that nothing behind
// the text is ever read. With the form of the scan that any processor can run.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <ovrseer/pattern/detail/rarity.hpp>

namespace ovrseer::pattern_detail {

inline constexpr std::size_t block_size = 64;
inline constexpr std::size_t scanned_bytes = max_scanned;  // the last ones of a window
inline constexpr std::size_t bytes_before = scanned_bytes - 1;
/// Lines up to this length are scanned at once.
inline constexpr std::size_t max_line = 32 * block_size;

/// Eight sets of windows. Bit b of a cell is clear where set b has a window whose byte i may be this one; so what a look-up
/// leaves at zero rules nothing out.
struct scan_sets {
  alignas(64) std::array<std::array<std::uint8_t, 128>, scanned_bytes> whole;  // by the byte without its highest bit
  alignas(16) std::array<std::array<std::uint8_t, 16>, scanned_bytes> low;     // by its lower half
  alignas(16) std::array<std::array<std::uint8_t, 16>, scanned_bytes> high;

  constexpr scan_sets() noexcept {
    for (auto& row : whole) row.fill(0xFF);
    for (auto& row : low) row.fill(0xFF);
    for (auto& row : high) row.fill(0xFF);
  }
  /// Set `set` has a window whose byte `i` may be `byte`.
  constexpr void add(std::size_t i, unsigned byte, unsigned set) noexcept {
    const auto others = static_cast<std::uint8_t>(~(1U << set));
    whole[i][byte & 127U] &= others;
    low[i][byte & 15U] &= others;
    high[i][byte >> 4U] &= others;
  }
  /// The sets that byte `i` rules out, by halves; beyond ASCII the lower one says nothing.
  constexpr unsigned ruled_out(std::size_t i, unsigned byte) const noexcept {
    return (byte < 0x80 ? unsigned{low[i][byte & 15U]} : 0U) | high[i][byte >> 4U];
  }
};

/// Few windows share eight sets; the more there are of them, the less the sets tell, and then there are sixteen.
struct scan_tables {
  std::array<scan_sets, 2> sets;
  bool has_both = false;
};

inline constexpr std::size_t batch_size = 32 * block_size;

/// What was seen in a batch of text: where windows may end, and where lines do. A sentinel stands behind the windows.
struct event_lists {
  static constexpr std::uint16_t sentinel = 0xFFFF;

  std::array<std::uint16_t, batch_size + block_size> windows;
  std::array<std::uint16_t, batch_size + block_size> newlines;
  std::size_t window_count = 0;
  std::size_t newline_count = 0;

  /// Forgets what is behind `size` bytes, and closes the list.
  void end_at(std::size_t size) noexcept {
    while (window_count != 0 && windows[window_count - 1] >= size) --window_count;
    while (newline_count != 0 && newlines[newline_count - 1] >= size) --newline_count;
    windows[window_count] = sentinel;
  }
  /// A bit for each byte of a block at `base`.
  void add(std::size_t base, std::uint64_t window_bits, std::uint64_t newline_bits) noexcept {
    window_count = append(windows.data(), window_count, base, window_bits);
    newline_count = append(newlines.data(), newline_count, base, newline_bits);
  }

 private:
  // Most blocks have one or none: two are written without a question.
  static std::size_t append(std::uint16_t* to, std::size_t count, std::size_t base, std::uint64_t bits) noexcept {
    const std::size_t end = count + static_cast<std::size_t>(std::popcount(bits));
    for (std::size_t i = 0; i != 2; ++i, bits &= bits - 1) {
      to[count + i] = static_cast<std::uint16_t>(base + static_cast<std::size_t>(std::countr_zero(bits)));
    }
    for (count += 2; bits != 0; ++count, bits &= bits - 1) {
      to[count] = static_cast<std::uint16_t>(base + static_cast<std::size_t>(std::countr_zero(bits)));
    }
    return end;
  }
};

/// The forms of the scan for one kind of processor.
struct scan_functions {
  /// `count` blocks of text, of which `data` is block `first` of a batch; the two bytes before `data` are readable.
  void (*blocks)(const scan_tables& tables, const unsigned char* data, std::size_t first, std::size_t count,
                 event_lists& out);
  /// A whole line of at most `max_line` bytes, with nothing readable around it: a word of `out` for each 64 bytes, and room
  /// for two at least. False when no bit is set.
  bool (*line)(const scan_tables& tables, const unsigned char* data, std::size_t size, std::uint64_t* out);
};

// ---- any processor

// The sets that are still possible, a bit each, are shifted from byte to byte: [2] have all their bytes.
class portable_scanner {
 public:
  explicit portable_scanner(const scan_sets& sets) noexcept : sets_(sets) {}
  bool next(unsigned byte) noexcept {
    const unsigned all = after_two_ & ~sets_.ruled_out(2, byte);
    after_two_ = after_one_ & ~sets_.ruled_out(1, byte);
    after_one_ = ~sets_.ruled_out(0, byte);
    return (all & 0xFFU) != 0;
  }

 private:
  const scan_sets& sets_;
  unsigned after_one_ = 0;
  unsigned after_two_ = 0;
};

inline std::uint64_t scan_portable(portable_scanner& first, portable_scanner& second, bool has_both,
                                   const unsigned char* data, std::size_t size) noexcept {
  std::uint64_t found = 0;
  for (std::size_t i = 0; i != size; ++i) {
    bool is_window = first.next(data[i]);
    if (has_both) is_window = second.next(data[i]) || is_window;
    found |= std::uint64_t{is_window} << i;
  }
  return found;
}

inline void scan_blocks_portable(const scan_tables& tables, const unsigned char* data, std::size_t begin,
                                 std::size_t count, event_lists& out) {
  portable_scanner first(tables.sets[0]);
  portable_scanner second(tables.sets[1]);
  scan_portable(first, second, true, data - bytes_before, bytes_before);
  for (std::size_t block = begin; block != begin + count; ++block, data += block_size) {
    const std::uint64_t windows = scan_portable(first, second, tables.has_both, data, block_size);
    std::uint64_t newlines = 0;
    for (std::size_t i = 0; i != block_size; ++i) newlines |= std::uint64_t{data[i] == '\n'} << i;
    out.add(block * block_size, windows, newlines);
  }
}

inline bool scan_line_portable(const scan_tables& tables, const unsigned char* data, std::size_t size,
                               std::uint64_t* out) {
  portable_scanner first(tables.sets[0]);
  portable_scanner second(tables.sets[1]);
  constexpr unsigned char zeros[bytes_before] = {};
  scan_portable(first, second, true, zeros, bytes_before);
  std::uint64_t any = 0;
  for (std::size_t at = 0; at < size; at += block_size) {
    *out = scan_portable(first, second, tables.has_both, data + at, size - at < block_size ? size - at : block_size);
    any |= *out++;
  }
  return any != 0;
}

inline constexpr scan_functions portable_scan{&scan_blocks_portable, &scan_line_portable};

}  // namespace ovrseer::pattern_detail
