// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/pattern/detail/rarity.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include <ovrseer/pattern/detail/byte_frequency.hpp>
#include <ovrseer/pattern/detail/rarity.hpp>

namespace ovrseer::pattern_detail {

OVRSEER_DECL double rarity_model::probability(const byte_sequence& sequence, std::size_t first, std::size_t count) {
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

OVRSEER_DECL double rarity_model::power(std::uint8_t sixteenths) {
  static const std::array<double, 256> powers = [] {
    std::array<double, 256> made{};
    for (std::size_t i = 0; i != made.size(); ++i) made[i] = std::exp2(-static_cast<double>(i) / 16);
    return made;
  }();
  return powers[sixteenths];
}

OVRSEER_DECL std::vector<rarity_model::share> rarity_model::shares(const byte_set& set) {
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

OVRSEER_DECL window rarest_window(const byte_sequence& sequence) {
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
