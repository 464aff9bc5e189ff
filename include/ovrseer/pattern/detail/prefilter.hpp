// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Finds, in one pass over text, the places where any of up to 64 windows of many patterns stands, and
// tells which sequence stands around it. Most lines have none and cost nothing more.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include <ovrseer/pattern/detail/block_scan.hpp>
#include <ovrseer/pattern/detail/byte_frequency.hpp>
#include <ovrseer/pattern/detail/factor.hpp>
#include <ovrseer/pattern/detail/rarity.hpp>

namespace ovrseer::pattern_detail {

/// Calls `on_newline(at)` and `on_window(at, bytes)` in order of place, for places before `end`. `bytes`
/// is where the text at `at` may be read, four bytes at least.
template <class OnNewline, class OnWindow>
void scan_text(const scan_tables& tables, std::string_view text, std::size_t end, OnNewline on_newline,
               OnWindow on_window) {
  constexpr std::size_t batch = 32;
  std::array<block_events, batch> events;
  std::array<unsigned char, block_size + max_window> rest;
  const scan_function scan = best_scan();
  const auto* const begin = reinterpret_cast<const unsigned char*>(text.data());
  for (std::size_t at = 0; at < end;) {
    const std::size_t readable = text.size() - at;
    std::size_t blocks = readable < rest.size() ? 0 : (readable - max_window) / block_size;
    blocks = std::min({blocks, batch, (end - at + block_size - 1) / block_size});
    const unsigned char* data = begin + at;
    if (blocks == 0) {
      rest.fill(0);
      std::memcpy(rest.data(), data, std::min(readable, rest.size()));
      data = rest.data();
      blocks = 1;
    }
    scan(tables, data, blocks, events.data());
    for (std::size_t block = 0; block != blocks; ++block, at += block_size, data += block_size) {
      std::uint64_t places = events[block].windows | events[block].newlines;
      if (end - at < block_size) places &= ~std::uint64_t{0} >> (block_size - (end - at));
      for (; places != 0; places &= places - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(places));
        if (((events[block].newlines >> bit) & 1U) != 0) {
          on_newline(at + bit);
        } else {
          on_window(at + bit, data + bit);
        }
      }
      if (end - at <= block_size) return;
    }
  }
}

class prefilter {
 public:
  static constexpr std::size_t max_windows = 64;

  /// A sequence around a window, and whose it is.
  struct sequence_check {
    std::size_t slot = 0;
    std::size_t begin = 0;  // where the window lies in the sequence
    bool is_complete = false;
    std::vector<unsigned char> mask;
    std::vector<unsigned char> value;
    std::vector<byte_set> classes;  // empty when masks tell all

    bool occurs(std::string_view line_and_more, std::size_t line_begin, std::size_t window_at) const noexcept {
      if (window_at - line_begin < begin) return false;
      const std::size_t at = window_at - begin;
      if (line_and_more.size() - at < mask.size()) return false;
      for (std::size_t i = 0; i != mask.size(); ++i) {
        if ((static_cast<unsigned char>(line_and_more[at + i]) & mask[i]) != value[i]) return false;
      }
      for (std::size_t i = 0; i != classes.size(); ++i) {
        if (!classes[i].contains(static_cast<unsigned char>(line_and_more[at + i]))) return false;
      }
      return true;
    }
  };

  /// Takes the factors of one pattern, if there is room for all their windows.
  bool add(std::size_t slot, const factors& found) {
    std::vector<std::size_t> places;
    std::vector<window> chosen;
    const std::size_t size = windows_.size();
    for (const byte_sequence& sequence : found.sequences) {
      chosen.push_back(rarest_window(sequence));
      const scanned key = scanned_of(sequence, chosen.back());
      // Patterns share no window: one that has matched must not hide the other.
      const auto known = std::find(windows_.begin() + static_cast<std::ptrdiff_t>(size), windows_.end(), key);
      places.push_back(static_cast<std::size_t>(known - windows_.begin()));
      if (known == windows_.end()) windows_.push_back(key);
    }
    if (windows_.size() > max_windows) {
      windows_.resize(size);
      return false;
    }
    checks_.resize(windows_.size());
    if (of_slot_.size() <= slot) of_slot_.resize(slot + 1, 0);
    for (std::size_t i = 0; i != places.size(); ++i) {
      checks_[places[i]].push_back(check_of(slot, found.sequences[i], chosen[i].begin, found.is_complete));
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
    tables_ = {};
    std::array<halves, buckets> made{};
    std::array<double, buckets> costs{};
    for (const scanned& one : windows_) {
      // Where the windows of a bucket are read by halves, it finds more than they are: as few as possible.
      std::size_t best = 0;
      double least = 2;
      for (std::size_t bucket = 0; bucket != buckets; ++bucket) {
        const double growth = cost(joined(made[bucket], one)) - costs[bucket];
        if (growth >= least) continue;
        least = growth;
        best = bucket;
      }
      made[best] = joined(made[best], one);
      costs[best] = cost(made[best]);
    }
    for (std::size_t bucket = 0; bucket != buckets; ++bucket) {
      for (std::size_t k = 0; k != scanned_bytes; ++k) {
        for (unsigned half = 0; half != 16; ++half) {
          const auto bit = static_cast<std::uint8_t>(1U << bucket);
          if (((made[bucket].low[k] >> half) & 1U) != 0) tables_.low[k][half] |= bit;
          if (((made[bucket].high[k] >> half) & 1U) != 0) tables_.high[k][half] |= bit;
        }
      }
    }
  }

  const scan_tables& tables() const noexcept { return tables_; }
  std::uint64_t all() const noexcept {
    return windows_.empty() ? 0 : ~std::uint64_t{0} >> (max_windows - windows_.size());
  }
  /// The windows of one pattern.
  std::uint64_t of(std::size_t slot) const noexcept { return slot < of_slot_.size() ? of_slot_[slot] : 0; }
  /// Which windows stand at `bytes`.
  std::uint64_t windows_at(const unsigned char* bytes) const noexcept {
    return exact_[bytes[0]] & exact_[256 + bytes[1]] & exact_[512 + bytes[2]] & exact_[768 + bytes[3]];
  }
  const std::vector<sequence_check>& checks(std::size_t index) const noexcept { return checks_[index]; }

 private:
  static constexpr std::size_t buckets = 8;
  using scanned = std::array<byte_set, max_window>;

  // The halves of bytes in a bucket, a bit each.
  struct halves {
    std::array<std::uint16_t, scanned_bytes> low{};
    std::array<std::uint16_t, scanned_bytes> high{};
  };

  static scanned scanned_of(const byte_sequence& sequence, const window& chosen) {
    scanned made;
    for (std::size_t k = 0; k != max_window; ++k) {
      if (k < chosen.size) {
        made[k] = sequence.bytes[chosen.begin + k];
      } else {
        for (std::uint64_t& word : made[k].words) word = ~std::uint64_t{0};
      }
    }
    return made;
  }

  static sequence_check check_of(std::size_t slot, const byte_sequence& sequence, std::size_t begin, bool is_complete) {
    sequence_check made;
    made.slot = slot;
    made.begin = begin;
    made.is_complete = is_complete;
    bool needs_classes = false;
    for (const byte_set& set : sequence.bytes) {
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
      made.mask.push_back(static_cast<unsigned char>(~differing));
      made.value.push_back(static_cast<unsigned char>(common));
      needs_classes = needs_classes || count != 1U << static_cast<unsigned>(std::popcount(differing));
    }
    if (needs_classes) made.classes = sequence.bytes;
    return made;
  }

  static halves joined(halves made, const scanned& more) {
    for (std::size_t k = 0; k != scanned_bytes; ++k) {
      for (unsigned byte = 0; byte != 256; ++byte) {
        if (!more[k].contains(byte)) continue;
        made.low[k] = static_cast<std::uint16_t>(made.low[k] | (1U << (byte & 15U)));
        made.high[k] = static_cast<std::uint16_t>(made.high[k] | (1U << (byte >> 4U)));
      }
    }
    return made;
  }

  // How often the halves of a bucket come together in log text.
  static double cost(const halves& made) {
    double product = 1;
    for (std::size_t k = 0; k != scanned_bytes; ++k) {
      double sum = 0;
      for (unsigned byte = 0; byte != 256; ++byte) {
        const bool is_in = ((made.low[k] >> (byte & 15U)) & 1U) != 0 && ((made.high[k] >> (byte >> 4U)) & 1U) != 0;
        if (is_in) sum += frequency(byte);
      }
      product *= sum;
    }
    return product;
  }

  static double frequency(unsigned byte) {
    static const std::array<double, 256> made = [] {
      std::array<double, byte_groups> sizes{};
      for (const std::uint8_t group : byte_group) sizes[group] += 1;
      std::array<double, 256> each{};
      for (std::size_t i = 0; i != each.size(); ++i) {
        each[i] = std::exp2(-static_cast<double>(group_rarity[byte_group[i]]) / 16) / sizes[byte_group[i]];
      }
      return each;
    }();
    return made[byte];
  }

  std::vector<scanned> windows_;
  std::vector<std::vector<sequence_check>> checks_;  // of each window
  std::vector<std::uint64_t> of_slot_;
  std::vector<std::uint64_t> exact_;
  scan_tables tables_;
};

}  // namespace ovrseer::pattern_detail
