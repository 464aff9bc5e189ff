// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How rare a sequence of bytes is in log text, and which part of it is the rarest: the part to look for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <ovrseer/build.hpp>
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
  static double probability(const byte_sequence& sequence, std::size_t first, std::size_t count);

 private:
  struct share {
    std::size_t group;
    double weight;
  };

  static double power(std::uint8_t sixteenths);
  // Which part of each group a class has. A letter counts whole in either case: most are seen in one.
  static std::vector<share> shares(const byte_set& set);
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

OVRSEER_DECL window rarest_window(const byte_sequence& sequence);

}  // namespace ovrseer::pattern_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/pattern/detail/impl/rarity.ipp>
#endif
