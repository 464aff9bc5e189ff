// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lists of byte sequences of which one must occur, made smaller without leaving a match out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/program.hpp>
#include <ovrseer/pattern/detail/rarity.hpp>

namespace ovrseer::pattern_detail {

/// The bytes of the longest unit.
inline constexpr std::size_t max_unit = 4;
/// What can be compared in one step.
inline constexpr std::size_t short_length = 8;
inline constexpr std::size_t no_place_in = static_cast<std::size_t>(-1);

/// A sum of bytes that may be without bound.
inline std::size_t sum_of_leads(std::size_t a, std::size_t b) noexcept {
  return a == unbounded_lead || b == unbounded_lead ? unbounded_lead : a + b;
}

/// A line has no newline.
inline void drop_newlines(std::vector<byte_sequence>& texts) {
  for (byte_sequence& text : texts) {
    for (byte_set& set : text.bytes) set.words[0] &= ~(std::uint64_t{1} << static_cast<unsigned>('\n'));
  }
  std::erase_if(texts, [](const byte_sequence& text) {
    return std::any_of(text.bytes.begin(), text.bytes.end(), [](const byte_set& set) {
      return (set.words[0] | set.words[1] | set.words[2] | set.words[3]) == 0;
    });
  });
}

/// Where an automaton decides in the end, a few bytes around the window are told apart in one comparison.
inline void shorten(std::vector<byte_sequence>& texts) {
  for (byte_sequence& text : texts) {
    const std::size_t size = text.bytes.size();
    if (size <= short_length) continue;
    const std::size_t begin = std::min(rarest_window(text).begin, size - short_length);
    const auto first = text.bytes.begin() + static_cast<std::ptrdiff_t>(begin);
    text.bytes = std::vector<byte_set>(first, first + static_cast<std::ptrdiff_t>(short_length));
    if (begin + short_length != size) text.has_wide_back = false;
    if (begin == 0) continue;
    // A unit beyond ASCII begins up to three bytes before the one that stands for it.
    const bool had_wide_front = std::exchange(text.has_wide_front, false);
    text.lead = sum_of_leads(text.lead, begin + (had_wide_front ? max_unit - 1 : 0));
  }
}

inline bool is_within(const byte_set& small, const byte_set& large) {
  for (std::size_t i = 0; i != 4; ++i) {
    if ((small.words[i] & ~large.words[i]) != 0) return false;
  }
  return true;
}

/// Where in `longer` there is always `shorter`, or `no_place_in`.
inline std::size_t place_in(const byte_sequence& longer, const byte_sequence& shorter) {
  if (shorter.has_wide_front || shorter.has_wide_back || longer.has_wide_front || longer.has_wide_back)
    return no_place_in;
  for (std::size_t at = 0; at + shorter.bytes.size() <= longer.bytes.size(); ++at) {
    const auto begin = longer.bytes.begin() + static_cast<std::ptrdiff_t>(at);
    if (std::equal(shorter.bytes.begin(), shorter.bytes.end(), begin,
                   [](const byte_set& large, const byte_set& small) { return is_within(small, large); })) {
      return at;
    }
  }
  return no_place_in;
}

/// Leaves out what another of them tells: wherever a sequence that is dropped occurs the one that stands for it does too,
/// perhaps later in the match.
inline void drop_covered(std::vector<byte_sequence>& texts) {
  std::vector<byte_sequence> kept;
  for (const byte_sequence& next : texts) {
    const auto stands_for = [&](const byte_sequence& one) { return place_in(next, one) != no_place_in; };
    const auto found = std::find_if(kept.begin(), kept.end(), stands_for);
    if (found != kept.end()) {
      found->lead = std::max(found->lead, sum_of_leads(next.lead, place_in(next, *found)));
      continue;
    }
    byte_sequence added = next;
    std::erase_if(kept, [&](const byte_sequence& one) {
      const std::size_t at = place_in(one, next);
      if (at != no_place_in) added.lead = std::max(added.lead, sum_of_leads(one.lead, at));
      return at != no_place_in;
    });
    kept.push_back(std::move(added));
  }
  texts = std::move(kept);
}

}  // namespace ovrseer::pattern_detail
