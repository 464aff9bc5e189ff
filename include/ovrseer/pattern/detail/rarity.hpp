// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How rare a sequence of bytes is in log text, and which part of it is the rarest: the part to look for.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/byte_frequency.hpp>
#include <ovrseer/pattern/detail/program.hpp>

namespace ovrseer::pattern_detail {

/// Byte classes one after the other. A unit beyond ASCII that is known only by its class shows one byte:
/// its last at the beginning of a sequence, its first at the end; in between it ends the sequence.
struct byte_sequence {
  std::vector<byte_set> bytes;
  bool has_wide_front = false;
  bool has_wide_back = false;
  std::size_t lead = 0;  // at most so many bytes stand before it in a match; or `unbounded_lead`
};
inline constexpr std::size_t unbounded_lead = static_cast<std::size_t>(-1);

/// How likely byte classes are in log text, from the pairs that were counted there.
class rarity_model {
 public:
  /// The probability that `bytes[first, first + count)` begin at some place.
  static double probability(const byte_sequence& sequence, std::size_t first, std::size_t count) {
    std::vector<share> here;
    for (std::size_t i = 0; i != count; ++i) {
      std::vector<share> next = shares(sequence.bytes[first + i]);
      for (share& one : next) {
        if (i == 0) {
          one.weight *= power(group_rarity[one.group]);
          continue;
        }
        double sum = 0;
        for (const share& before : here) {
          sum += before.weight * power(pair_rarity[before.group * byte_groups + one.group]);
        }
        one.weight *= sum;
      }
      here = std::move(next);
    }
    double sum = 0;
    for (const share& one : here) sum += one.weight;
    return sum;
  }

 private:
  struct share {
    std::size_t group;
    double weight;
  };

  static double power(std::uint8_t sixteenths) {
    static const std::array<double, 256> powers = [] {
      std::array<double, 256> made{};
      for (std::size_t i = 0; i != made.size(); ++i) made[i] = std::exp2(-static_cast<double>(i) / 16);
      return made;
    }();
    return powers[sixteenths];
  }

  // Which part of each group a class has. A letter counts whole in either case: most are seen in one.
  static std::vector<share> shares(const byte_set& set) {
    static const std::array<double, byte_groups> sizes = [] {
      std::array<double, byte_groups> made{};
      for (const std::uint8_t group : byte_group) made[group] += 1;
      return made;
    }();
    std::array<unsigned, byte_groups> counts{};
    for (std::size_t word = 0; word != 4; ++word) {
      for (std::uint64_t rest = set.words[word]; rest != 0; rest &= rest - 1) {
        ++counts[byte_group[word * 64 + static_cast<std::size_t>(std::countr_zero(rest))]];
      }
    }
    std::vector<share> made;
    for (std::size_t group = 0; group != byte_groups; ++group) {
      if (counts[group] == 0) continue;
      const bool is_letter = group >= 1 && group <= 26;
      made.push_back({group, is_letter ? 1.0 : counts[group] / sizes[group]});
    }
    return made;
  }
};

/// The part of a sequence to look for. Its last three bytes are what a scan sees of it, and are the rarest; one more
/// before them, where there is one, is compared when the scan has found them.
struct window {
  std::size_t begin = 0;
  std::size_t size = 0;
  double probability = 1;  // of the bytes that are scanned
};
inline constexpr std::size_t max_window = 4;
inline constexpr std::size_t max_scanned = 3;

inline window rarest_window(const byte_sequence& sequence) {
  const std::size_t size = std::min(max_scanned, sequence.bytes.size());
  window best;
  for (std::size_t begin = 0; begin + size <= sequence.bytes.size(); ++begin) {
    const double found = rarity_model::probability(sequence, begin, size);
    if (best.size == 0 || found < best.probability) best = {begin, size, found};
  }
  if (best.begin > 0) best = {best.begin - 1, best.size + 1, best.probability};
  return best;
}

}  // namespace ovrseer::pattern_detail
