// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How much of its output one unit may keep: what makes the memory of a supervisor a number known before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <ovrseer/log/level.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// The bounds of one unit's log in memory. All setters return the limits, so that they chain.
///
/// Nothing is allocated before it is needed: a quiet unit costs next to nothing whatever its limits. Zero, and
/// what is below the least or above the most that is named, counts as that least or most.
class log_limits {
 public:
  /// The text that the ring keeps. Default 256 KiB; least 1 KiB, most 1 GiB.
  log_limits& ring_size(byte_size size) noexcept {
    ring_size_ = clamped(size, 1_KiB, 1_GiB);
    return *this;
  }
  /// The lines that the ring keeps. Default 1,000; least 1. Each costs 16 bytes beside its text.
  log_limits& ring_lines(std::size_t lines) noexcept {
    ring_lines_ = std::max<std::size_t>(lines, 1);
    return *this;
  }
  /// Longer lines are split into pieces of this size and marked. Default 64 KiB; least 16 bytes, most 8 MiB,
  /// and never more than the ring can hold.
  log_limits& line_cap(byte_size size) noexcept {
    line_cap_ = clamped(size, 16_B, 8_MiB);
    return *this;
  }
  /// The newest matches that each flag keeps with their text. Default 100; zero keeps none and still counts.
  log_limits& kept_matches(std::size_t matches) noexcept {
    kept_matches_ = matches;
    return *this;
  }

  /// Lines of the process below this level are neither kept nor written to the log file nor handed to readers; they
  /// are counted (`log_counters::below_level`). Kept whatever this says: a line that states no level, a line that a
  /// flag matches, and remarks of the supervisor. Flags and checks see every line. Default `level::unknown`: all lines
  /// are kept. Of an over-long line the level of its first piece counts.
  log_limits& minimum_level(level least) noexcept {
    minimum_level_ = least;
    return *this;
  }

  byte_size ring_size() const noexcept { return ring_size_; }
  std::size_t ring_lines() const noexcept { return ring_lines_; }
  byte_size line_cap() const noexcept { return std::min(line_cap_, ring_size_); }
  std::size_t kept_matches() const noexcept { return kept_matches_; }
  level minimum_level() const noexcept { return minimum_level_; }

 private:
  static byte_size clamped(byte_size size, byte_size least, byte_size most) noexcept {
    return std::clamp(size, least, most);
  }

  byte_size ring_size_ = 256_KiB;
  byte_size line_cap_ = 64_KiB;
  std::size_t ring_lines_ = 1'000;
  std::size_t kept_matches_ = 100;
  level minimum_level_ = level::unknown;
};

}  // namespace ovrseer
