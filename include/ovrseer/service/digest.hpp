// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A short name for a long text, the same on every machine and in every version. Not for secrets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ovrseer {

/// 128 bits as 32 hexadecimal digits: two FNV-1a hashes of 64 bits with different beginnings, each mixed at the end.
inline std::string hex_digest(std::string_view text) {
  std::string made;
  for (const std::uint64_t seed : {0xCBF29CE484222325ULL, 0x9AE16A3B2F90404FULL}) {
    std::uint64_t hash = seed;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    hash ^= hash >> 33U;
    hash *= 0xFF51AFD7ED558CCDULL;
    hash ^= hash >> 33U;
    for (unsigned shift = 64; shift != 0;) {
      shift -= 4;
      made.push_back("0123456789abcdef"[(hash >> shift) & 15U]);
    }
  }
  return made;
}

}  // namespace ovrseer
