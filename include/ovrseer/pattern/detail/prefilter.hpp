// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Up to 64 windows of many patterns: where any of them may end is found in one pass over text, which of them it is by
// four look-ups, and then whether the whole sequence stands there. Most lines have none and cost nothing more.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/block_scan.hpp>
#include <ovrseer/pattern/detail/factor.hpp>
#include <ovrseer/pattern/detail/rarity.hpp>

namespace ovrseer::pattern_detail {

class prefilter {
 public:
  static constexpr std::size_t max_windows = 64;

  /// A sequence around a window. Where an automaton decides in the end, what most bytes have in common is enough.
  class sequence_check {
   public:
    sequence_check(const byte_sequence& sequence, const window& chosen, bool is_complete)
        : back_(chosen.begin + chosen.size - 1), size_(sequence.bytes.size()) {
      for (std::size_t i = 0; i != size_; ++i) add(i, sequence.bytes[i]);
      if (!is_complete) inexact_.clear();
    }

    /// Whether it stands in the line where its window ends at `at`; a line has no newline, `text` more lines.
    bool occurs(std::string_view text, std::size_t line_begin, std::size_t at) const noexcept {
      if (at - line_begin < back_) return false;
      const std::string_view here = text.substr(at - back_);
      if (here.size() < size_) return false;
      const auto differs = [&](const char* from) {
        std::uint64_t differing = 0;
        for (std::size_t i = 0; i * 8 < size_; ++i) {
          std::uint64_t word = 0;
          std::memcpy(&word, from + i * 8, 8);
          differing |= (word & mask_[i]) ^ value_[i];
        }
        return differing != 0;
      };
      if (here.size() >= max_size) {
        if (differs(here.data())) return false;
      } else {
        std::array<char, max_size> copy{};
        std::memcpy(copy.data(), here.data(), here.size());
        if (differs(copy.data())) return false;
      }
      return std::all_of(inexact_.begin(), inexact_.end(), [&](const auto& one) {
        return one.second.contains(static_cast<unsigned char>(here[one.first]));
      });
    }

   private:
    static constexpr std::size_t max_size = 24;

    void add(std::size_t at, const byte_set& set) {
      unsigned common = 0xFF;
      unsigned any = 0;
      unsigned count = 0;
      for (unsigned byte = 0; byte != 256; ++byte) {
        if (!set.contains(byte)) continue;
        common &= byte;
        any |= byte;
        ++count;
      }
      // The bits on which all bytes of the class agree; they tell all when as many bytes have them.
      const unsigned differing = any & ~common;
      reinterpret_cast<unsigned char*>(mask_.data())[at] = static_cast<unsigned char>(~differing);
      reinterpret_cast<unsigned char*>(value_.data())[at] = static_cast<unsigned char>(common & ~differing);
      if (count != 1U << static_cast<unsigned>(std::popcount(differing))) inexact_.emplace_back(at, set);
    }

    std::size_t back_;
    std::size_t size_;
    std::array<std::uint64_t, max_size / 8> mask_{};
    std::array<std::uint64_t, max_size / 8> value_{};
    std::vector<std::pair<std::size_t, byte_set>> inexact_;  // places whose class the mask does not tell
  };

  /// The end of a window, and whose it is: patterns share none, so that one that has matched hides no other.
  struct window_end {
    std::size_t slot = 0;
    std::vector<sequence_check> checks;
  };

  /// Takes the factors of one pattern, if there is room for all their windows.
  bool add(std::size_t slot, const factors& found) {
    std::vector<std::size_t> places;
    std::vector<window> chosen;
    const std::size_t size = windows_.size();
    for (const byte_sequence& sequence : found.sequences) {
      chosen.push_back(rarest_window(sequence));
      const classes key = classes_of(sequence, chosen.back());
      const auto known = std::find(windows_.begin() + static_cast<std::ptrdiff_t>(size), windows_.end(), key);
      places.push_back(static_cast<std::size_t>(known - windows_.begin()));
      if (known == windows_.end()) windows_.push_back(key);
    }
    if (windows_.size() > max_windows) {
      windows_.resize(size);
      return false;
    }
    ends_.resize(windows_.size());
    if (of_slot_.size() <= slot) of_slot_.resize(slot + 1, 0);
    for (std::size_t i = 0; i != places.size(); ++i) {
      ends_[places[i]].slot = slot;
      ends_[places[i]].checks.emplace_back(found.sequences[i], chosen[i], found.is_complete);
      of_slot_[slot] |= std::uint64_t{1} << places[i];
    }
    return true;
  }

  /// Lays out the tables; call it once all are added.
  void finish() {
    exact_.assign(max_window * 256, 0);
    for (std::size_t i = 0; i != windows_.size(); ++i) {
      for (std::size_t k = 0; k != max_window; ++k) {
        for (unsigned byte = 0; byte != 256; ++byte) {
          if (windows_[i][k].contains(byte)) exact_[k * 256 + byte] |= std::uint64_t{1} << i;
        }
      }
    }
    deal_out();
  }

  const scan_tables& tables() const noexcept { return tables_; }
  std::uint64_t all() const noexcept {
    return windows_.empty() ? 0 : ~std::uint64_t{0} >> (max_windows - windows_.size());
  }
  /// The windows of one pattern.
  std::uint64_t of(std::size_t slot) const noexcept { return slot < of_slot_.size() ? of_slot_[slot] : 0; }
  /// Which windows end at `at`. What stands before the text counts as zeros.
  std::uint64_t windows_at(std::string_view text, std::size_t at) const noexcept {
    std::array<unsigned char, max_window> bytes{};
    if (at + 1 >= max_window) {
      std::memcpy(bytes.data(), text.data() + at + 1 - max_window, max_window);
    } else {
      std::memcpy(bytes.data() + max_window - 1 - at, text.data(), at + 1);
    }
    return exact_[bytes[0]] & exact_[256 + bytes[1]] & exact_[512 + bytes[2]] & exact_[768 + bytes[3]];
  }
  const window_end& end_of(std::size_t index) const noexcept { return ends_[index]; }

 private:
  using classes = std::array<byte_set, max_window>;

  static constexpr std::size_t sets_a_table = 8;
  static constexpr std::size_t few_windows = 24;  // eight sets tell so many apart well enough

  // Each window goes into the set in which it costs the fewest guesses.
  void deal_out() {
    tables_ = {};
    tables_.has_both = windows_.size() > few_windows;
    const std::size_t count = sets_a_table * (tables_.has_both ? 2 : 1);
    std::vector<scanned> made(count);
    std::vector<double> costs(count, 0);
    for (const classes& one : windows_) {
      const scanned added = halves_of({one.end() - scanned_bytes, one.end()});
      std::size_t best = 0;
      double least = 2;
      for (std::size_t set = 0; set != count; ++set) {
        const double growth = cost(joined(made[set], added)) - costs[set];
        if (growth >= least) continue;
        least = growth;
        best = set;
      }
      made[best] = joined(made[best], added);
      costs[best] += least;
      scan_sets& sets = tables_.sets[best / sets_a_table];
      for (std::size_t k = 0; k != scanned_bytes; ++k) {
        for (unsigned byte = 0; byte != 256; ++byte) {
          const bool is_in = one[max_window - scanned_bytes + k].contains(byte);
          if (is_in) sets.add(k, byte, static_cast<unsigned>(best % sets_a_table));
        }
      }
    }
  }

  // A window that is short may have anything before it.
  static classes classes_of(const byte_sequence& sequence, const window& chosen) {
    classes made;
    for (byte_set& set : made) set.words[0] = set.words[1] = set.words[2] = set.words[3] = ~std::uint64_t{0};
    for (std::size_t k = 0; k != chosen.size; ++k) {
      made[max_window - chosen.size + k] = sequence.bytes[chosen.begin + k];
    }
    return made;
  }

  // The scanned bytes of the windows of a set, as their halves tell them: a mask of the lower ones, one of the upper.
  struct halves {
    std::uint16_t low = 0;
    std::uint16_t high = 0;
  };
  using scanned = std::array<halves, scanned_bytes>;

  static scanned halves_of(std::span<const byte_set> bytes) {
    scanned made;
    for (std::size_t k = 0; k != scanned_bytes; ++k) {
      for (unsigned byte = 0; byte != 256; ++byte) {
        if (!bytes[k].contains(byte)) continue;
        made[k].low = static_cast<std::uint16_t>(made[k].low | (1U << (byte & 15U)));
        made[k].high = static_cast<std::uint16_t>(made[k].high | (1U << (byte >> 4U)));
      }
    }
    return made;
  }
  static scanned joined(scanned made, const scanned& more) {
    for (std::size_t k = 0; k != scanned_bytes; ++k) {
      made[k].low |= more[k].low;
      made[k].high |= more[k].high;
    }
    return made;
  }

  // How often the set is guessed at a place of log text.
  static double cost(const scanned& made) {
    byte_sequence as_read;
    as_read.bytes.resize(scanned_bytes);
    for (std::size_t k = 0; k != scanned_bytes; ++k) {
      for (unsigned high = 0; high != 16; ++high) {
        if (((made[k].high >> high) & 1U) == 0) continue;
        const std::uint64_t row = made[k].low;
        as_read.bytes[k].words[high / 4] |= (high < 8 ? row : 0xFFFFU) << (high % 4 * 16);
      }
    }
    return rarity_model::probability(as_read, 0, scanned_bytes);
  }

  std::vector<classes> windows_;
  std::vector<window_end> ends_;  // of each window
  std::vector<std::uint64_t> of_slot_;
  std::vector<std::uint64_t> exact_;
  scan_tables tables_;
};

}  // namespace ovrseer::pattern_detail
