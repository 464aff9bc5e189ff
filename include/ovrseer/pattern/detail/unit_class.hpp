// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Sets of units: what `[a-z]`, `\d` and `.` stand for. ASCII is a bitmap, the rest sorted ranges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <ovrseer/pattern/detail/growable.hpp>
#include <ovrseer/pattern/detail/unit.hpp>

namespace ovrseer::pattern_detail {

/// From `first` to `last`, both included.
struct unit_range {
  unit_value first;
  unit_value last;
};

/// A finished class: the bitmap, and where its ranges lie in the pool of the program.
struct unit_class {
  std::uint64_t low[2];
  std::uint32_t ranges_begin;
  std::uint32_t ranges_end;
};

constexpr bool contains_ascii(const unit_class& set, unit_value value) noexcept {
  return ((set.low[value >> 6U] >> (value & 63U)) & 1U) != 0;
}

constexpr bool contains(const unit_class& set, const unit_range* pool, unit_value value) noexcept {
  if (value < 0x80) return contains_ascii(set, value);
  std::size_t low = set.ranges_begin;
  std::size_t high = set.ranges_end;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (value > pool[middle].last) {
      low = middle + 1;
    } else if (value < pool[middle].first) {
      high = middle;
    } else {
      return true;
    }
  }
  return false;
}

/// The bits from `first` to `last`, both included.
constexpr std::uint64_t bits_between(unit_value first, unit_value last) noexcept {
  return (~std::uint64_t{0} << first) & (~std::uint64_t{0} >> (63U - last));
}

/// A class in the making.
class class_builder {
 public:
  constexpr void add(unit_value value) { add(value, value); }

  constexpr void add(unit_value first, unit_value last) {
    if (first < 0x80) {
      const unit_value end = last < 0x80 ? last : 0x7F;
      if (first < 64) low_[0] |= bits_between(first, end < 64 ? end : 63);
      if (end >= 64) low_[1] |= bits_between(first < 64 ? 0 : first - 64, end - 64);
    }
    if (last >= 0x80) ranges_.push_back({first < 0x80 ? 0x80 : first, last});
  }

  /// Adds every ASCII letter in its other case.
  constexpr void fold_case() noexcept {
    constexpr std::uint64_t upper = bits_between('A' - 64, 'Z' - 64);
    constexpr std::uint64_t lower = bits_between('a' - 64, 'z' - 64);
    low_[1] |= ((low_[1] & upper) << 32U) | ((low_[1] & lower) >> 32U);
  }

  /// Turns the set into all other units, the invalid one included.
  constexpr void negate() {
    normalise();
    low_[0] = ~low_[0];
    low_[1] = ~low_[1];
    growable<unit_range> rest;
    unit_value next = 0x80;
    for (const unit_range& range : ranges_) {
      if (range.first > next) rest.push_back({next, range.first - 1});
      next = range.last + 1;
    }
    if (next <= invalid_unit) rest.push_back({next, invalid_unit});
    ranges_ = std::move(rest);
  }

  /// Adds the class that `\d`, `\w`, `\s` or, in capitals, its complement stands for.
  constexpr void add_shorthand(char letter) {
    class_builder set;
    switch (letter | 0x20) {
      case 'd': set.add('0', '9'); break;
      case 'w':
        set.add('0', '9');
        set.add('A', 'Z');
        set.add('a', 'z');
        set.add('_');
        break;
      default:
        set.add('\t', '\r');
        set.add(' ');
        break;
    }
    if (letter < 'a') set.negate();
    low_[0] |= set.low_[0];
    low_[1] |= set.low_[1];
    for (const unit_range& range : set.ranges_) ranges_.push_back(range);
  }

  /// What `.` stands for without the flag s.
  constexpr void add_dot() {
    add('\n');
    add('\r');
    add(line_separator, paragraph_separator);
    negate();
  }

  constexpr unit_class finish(growable<unit_range>& pool) {
    normalise();
    const auto begin = static_cast<std::uint32_t>(pool.size());
    for (const unit_range& range : ranges_) pool.push_back(range);
    return {{low_[0], low_[1]}, begin, static_cast<std::uint32_t>(pool.size())};
  }

 private:
  constexpr void normalise() {
    sort();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      const unit_range range = ranges_[i];
      if (kept > 0 && range.first <= ranges_[kept - 1].last + 1) {
        if (range.last > ranges_[kept - 1].last) ranges_[kept - 1].last = range.last;
      } else {
        ranges_[kept++] = range;
      }
    }
    ranges_.resize(kept);
  }

  // Merges ever longer runs. Ranges mostly come in order, and then it is done after one look.
  constexpr void sort() {
    std::size_t sorted = 1;
    while (sorted < ranges_.size() && ranges_[sorted - 1].first <= ranges_[sorted].first) ++sorted;
    if (sorted >= ranges_.size()) return;
    growable<unit_range> merged(ranges_.size());
    for (std::size_t run = 1; run < ranges_.size(); run *= 2) {
      for (std::size_t begin = 0; begin < ranges_.size(); begin += 2 * run) {
        const std::size_t middle = begin + run < ranges_.size() ? begin + run : ranges_.size();
        const std::size_t end = middle + run < ranges_.size() ? middle + run : ranges_.size();
        std::size_t left = begin;
        std::size_t right = middle;
        for (std::size_t at = begin; at != end; ++at) {
          const bool takes_left = left != middle && (right == end || ranges_[left].first <= ranges_[right].first);
          merged[at] = ranges_[takes_left ? left++ : right++];
        }
      }
      std::swap(ranges_, merged);
    }
  }

  std::uint64_t low_[2] = {0, 0};
  growable<unit_range> ranges_;
};

}  // namespace ovrseer::pattern_detail
