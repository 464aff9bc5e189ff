// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// When a file is full and which old ones go: the decisions of the segment log and of log files, without any I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include <ovrseer/units.hpp>

namespace ovrseer {

/// When a new file is begun. Both limits at once: the first that is reached counts.
struct rotation_rule {
  rotation_rule() noexcept = default;
  rotation_rule(byte_size largest, std::chrono::milliseconds oldest) noexcept : size(largest), age(oldest) {}

  byte_size size{};                 ///< no file grows beyond; zero: no limit
  std::chrono::milliseconds age{};  ///< since the file was begun; zero: no limit

  /// Whether a file of `held` bytes must be left before `more` bytes are added. An empty file is never left,
  /// so what is larger than the limit gets a file of its own.
  constexpr bool is_full(std::uint64_t held, std::uint64_t more) const noexcept {
    return size.count() != 0 && held != 0 && (held >= size.count() || more > size.count() - held);
  }
  /// Whether a file begun at `begun` is due at `now`. A clock that went back does not make it due.
  constexpr bool is_due(std::chrono::system_clock::time_point begun,
                        std::chrono::system_clock::time_point now) const noexcept {
    return age > std::chrono::milliseconds::zero() && now - begun >= age;
  }
};

/// What is kept of old files.
struct retention_rule {
  retention_rule() noexcept = default;

  std::size_t count = 0;  ///< files, with the one in use; zero: no limit
  byte_size bytes{};      ///< of all files together; zero: no limit

  /// How many of the oldest files must go before `more` bytes are added. `sizes` is oldest first, and the last
  /// one, in use, always stays.
  constexpr std::size_t surplus(std::span<const std::uint64_t> sizes, std::uint64_t more) const noexcept {
    if (sizes.empty()) return 0;
    std::uint64_t total = more;
    for (const std::uint64_t size : sizes) total += size;
    std::size_t gone = 0;
    while (gone + 1 < sizes.size() &&
           ((count != 0 && sizes.size() - gone > count) || (bytes.count() != 0 && total > bytes.count()))) {
      total -= sizes[gone++];
    }
    return gone;
  }
};

}  // namespace ovrseer
