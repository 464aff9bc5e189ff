// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bytes of a segment file: its name, its header, and one record; encoded and checked, without any I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <ovrseer/build.hpp>

namespace ovrseer::disk_detail {

template <std::size_t Bytes>
void put_little(char* at, std::uint64_t value) noexcept {
  for (std::size_t i = 0; i < Bytes; ++i) at[i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
}

template <std::size_t Bytes>
std::uint64_t get_little(const char* at) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < Bytes; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  }
  return value;
}

// Record: length (4), crc32c (4), payload. The checksum covers the sequence number, which is not stored, the
// length and the payload: so a block of zeros is no record, and no record is taken for another one's successor.

inline constexpr std::size_t record_prefix = 8;
inline constexpr std::uint64_t largest_payload = std::uint64_t{1} << 30U;  // a longer length is damage

OVRSEER_DECL std::uint32_t record_checksum(std::uint64_t sequence, std::string_view payload) noexcept;

OVRSEER_DECL void encode_record(std::string& out, std::uint64_t sequence, std::string_view payload);

// Header: magic (8), first sequence number (8), time of creation in ns since 1970 (8), generation (4), crc32c of
// these 28 bytes (4).

inline constexpr std::size_t header_size = 32;
inline constexpr std::string_view segment_magic = "ovrseg1\n";

/// Where a segment stands in the log. The generation goes up with every fault after which sequence numbers
/// might be given a second time; file names sort by (first, generation).
struct segment_id {
  std::uint64_t first = 0;
  std::uint32_t generation = 0;

  friend constexpr bool operator==(const segment_id&, const segment_id&) = default;
  friend constexpr bool operator<(const segment_id& a, const segment_id& b) noexcept {
    return std::tie(a.first, a.generation) < std::tie(b.first, b.generation);
  }
};

struct segment_header {
  segment_id id;
  std::chrono::system_clock::time_point created{};
};

OVRSEER_DECL std::string encode_header(const segment_header& header);

OVRSEER_DECL std::optional<segment_header> decode_header(std::string_view bytes);

// Name: twenty digits, a dot, ten digits, ".seg".

inline constexpr std::string_view segment_suffix = ".seg";
inline constexpr std::uint64_t largest_sequence = std::uint64_t{1} << 62U;

OVRSEER_DECL std::string segment_name(segment_id id);

OVRSEER_DECL std::optional<segment_id> parse_segment_name(std::string_view name);

}  // namespace ovrseer::disk_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/disk/detail/impl/segment.ipp>
#endif
