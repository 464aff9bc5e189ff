// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Up to 64 windows of many patterns: where any of them may end is found in one pass over text, which of them it is by
// four look-ups, and then whether the whole sequence stands there. Most lines have none and cost nothing more.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/pattern/detail/block_scan.hpp>
#include <ovrseer/pattern/detail/factor.hpp>
#include <ovrseer/pattern/detail/rarity.hpp>

namespace ovrseer::pattern_detail {

class prefilter {
 public:
  static constexpr std::size_t max_windows = 64;

  /// The end of a window, and whose it is: patterns share none, so that one that has matched hides no other.
  struct window_end {
    std::size_t slot = 0;
    std::size_t reach = 0;  // how far before its last byte a match with it may begin
    std::uint32_t first_check = 0;
    std::uint32_t end_check = 0;
    std::uint16_t most_back = 0;  // of the checks
    std::uint16_t least_back = 0xFFFF;
    bool has_rests = false;
  };

  /// Takes the factors of one pattern, if there is room for all their windows.
  bool add(std::size_t slot, const factors& found);
  /// Lays out the tables; call it once all are added.
  void finish();

  const scan_tables& tables() const noexcept { return tables_; }
  std::uint64_t all() const noexcept {
    return windows_.empty() ? 0 : ~std::uint64_t{0} >> (max_windows - windows_.size());
  }
  /// The windows of one pattern.
  std::uint64_t of(std::size_t slot) const noexcept { return slot < of_slot_.size() ? of_slot_[slot] : 0; }
  /// Which windows end at `at`. What stands before the text counts as zeros.
  std::uint64_t windows_at(std::string_view text, std::size_t at) const noexcept {
    if (at + 1 >= max_window) return windows_in(text.data() + at + 1 - max_window);
    std::array<char, max_window> padded{};
    std::copy(text.data(), text.data() + at + 1, padded.end() - at - 1);
    return windows_in(padded.data());
  }
  const window_end& end_of(std::size_t index) const noexcept { return ends_[index]; }
  /// Whether one of the sequences around a window stands in the line where the window ends at `at`; a line has no newline,
  /// `text` more lines.
  bool has_sequence(const window_end& window, std::string_view text, std::size_t line_begin,
                    std::size_t at) const noexcept {
    const check* const end = checks_.data() + window.end_check;
    const check* one = checks_.data() + window.first_check;
    const bool is_inside =
        at - line_begin >= window.most_back && text.size() - at + window.least_back >= sizeof(one->mask);
    if (!is_inside || window.has_rests) {
      return std::any_of(one, end, [&](const check& each) { return occurs(each, text, line_begin, at); });
    }
    // All of them, without a question in between.
    bool found = false;
    for (; one != end; ++one) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + (at - one->back), sizeof(word));
      found |= (word & one->mask) == one->value;
    }
    return found;
  }

 private:
  using classes = std::array<byte_set, max_window>;

  static constexpr std::size_t sets_a_table = 8;
  static constexpr std::size_t few_windows = 24;  // eight sets tell so many apart well enough

  // A sequence around a window: the bits on which all bytes of each class agree. Where an automaton decides in the end that
  // is enough.
  struct check {
    std::uint64_t mask = 0;
    std::uint64_t value = 0;
    std::uint16_t back = 0;  // bytes of the sequence before the last of the window
    std::uint16_t size = 0;
    std::uint32_t rest = 0;  // of those that its first eight bytes do not tell; behind one
  };
  struct check_rest {
    std::array<std::uint64_t, 2> mask{};
    std::array<std::uint64_t, 2> value{};
    std::vector<std::pair<std::size_t, byte_set>> inexact;  // places whose class a mask does not tell
  };
  struct waiting_check {
    std::size_t window;
    check made;
  };

  std::uint64_t windows_in(const char* bytes) const noexcept {
    const auto row = [&](std::size_t k) { return exact_[k * 256 + static_cast<unsigned char>(bytes[k])]; };
    static_assert(max_window == 4);
    return row(0) & row(1) & row(2) & row(3);
  }

  bool occurs(const check& sequence, std::string_view text, std::size_t line_begin, std::size_t at) const noexcept {
    if (at - line_begin < sequence.back) return false;
    const std::string_view here = text.substr(at - sequence.back);
    std::uint64_t word = 0;
    if (here.size() >= sizeof(word)) {
      std::memcpy(&word, here.data(), sizeof(word));
    } else {
      if (here.size() < sequence.size) return false;
      std::memcpy(&word, here.data(), here.size());
    }
    if ((word & sequence.mask) != sequence.value) return false;
    return sequence.rest == 0 || has_rest(sequence, here);
  }
  bool has_rest(const check& sequence, std::string_view here) const noexcept;

  check check_of(const byte_sequence& sequence, const window& chosen, bool is_complete);
  void deal_out();
  static classes classes_of(const byte_sequence& sequence, const window& chosen);

  // The scanned bytes of the windows of a set, as their halves tell them: a mask of the lower ones, one of the upper.
  struct halves {
    std::uint16_t low = 0;
    std::uint16_t high = 0;
  };
  using scanned = std::array<halves, scanned_bytes>;

  static scanned halves_of(std::span<const byte_set> bytes);
  static scanned joined(scanned made, const scanned& more) noexcept;
  // How often the set is guessed at a place of log text.
  static double cost(const scanned& made);

  std::vector<classes> windows_;
  std::vector<window_end> ends_;  // of each window
  std::vector<waiting_check> waiting_;
  std::vector<check> checks_;  // in the order of their windows
  std::vector<check_rest> rests_;
  std::vector<std::uint64_t> of_slot_;
  std::vector<std::uint64_t> exact_;
  scan_tables tables_;
};

}  // namespace ovrseer::pattern_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/pattern/detail/impl/prefilter.ipp>
#endif
