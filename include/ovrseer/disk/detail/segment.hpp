// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bytes of a segment file: its name, its header, and one record; encoded and checked, without any I/O.
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <ovrseer/disk/crc32c.hpp>

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

inline std::uint32_t record_checksum(std::uint64_t sequence, std::string_view payload) noexcept {
  std::array<char, 12> before{};
  put_little<8>(before.data(), sequence);
  put_little<4>(before.data() + 8, payload.size());
  return crc32c(payload, crc32c(std::string_view(before.data(), before.size())));
}

inline void encode_record(std::string& out, std::uint64_t sequence, std::string_view payload) {
  std::array<char, record_prefix> prefix{};
  put_little<4>(prefix.data(), payload.size());
  put_little<4>(prefix.data() + 4, record_checksum(sequence, payload));
  out.append(prefix.data(), prefix.size()).append(payload);
}

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

inline std::string encode_header(const segment_header& header) {
  std::string bytes(segment_magic);
  bytes.resize(header_size);
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(header.created.time_since_epoch());
  put_little<8>(bytes.data() + 8, header.id.first);
  put_little<8>(bytes.data() + 16, static_cast<std::uint64_t>(since.count()));
  put_little<4>(bytes.data() + 24, header.id.generation);
  put_little<4>(bytes.data() + 28, crc32c(std::string_view(bytes).substr(0, 28)));
  return bytes;
}

inline std::optional<segment_header> decode_header(std::string_view bytes) {
  if (bytes.size() < header_size || !bytes.starts_with(segment_magic)) return std::nullopt;
  if (get_little<4>(bytes.data() + 28) != crc32c(bytes.substr(0, 28))) return std::nullopt;
  segment_header header;
  header.id.first = get_little<8>(bytes.data() + 8);
  header.id.generation = static_cast<std::uint32_t>(get_little<4>(bytes.data() + 24));
  const std::chrono::nanoseconds since(static_cast<std::int64_t>(get_little<8>(bytes.data() + 16)));
  header.created =
      std::chrono::system_clock::time_point(std::chrono::duration_cast<std::chrono::system_clock::duration>(since));
  return header;
}

// Name: twenty digits, a dot, ten digits, ".seg".

inline constexpr std::string_view segment_suffix = ".seg";
inline constexpr std::uint64_t largest_sequence = std::uint64_t{1} << 62U;

inline std::string segment_name(segment_id id) {
  const std::string first = std::to_string(id.first);
  const std::string generation = std::to_string(id.generation);
  std::string name(20 - first.size(), '0');
  name.append(first).append(1, '.').append(10 - generation.size(), '0').append(generation);
  return name.append(segment_suffix);
}

inline std::optional<segment_id> parse_segment_name(std::string_view name) {
  if (name.size() != 35 || name[20] != '.' || !name.ends_with(segment_suffix)) return std::nullopt;
  segment_id id;
  const auto number = [](std::string_view digits, auto& value) {
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return code == std::errc() && end == digits.data() + digits.size();
  };
  if (!number(name.substr(0, 20), id.first) || !number(name.substr(21, 10), id.generation)) return std::nullopt;
  if (id.first == 0 || id.first > largest_sequence) return std::nullopt;
  return id;
}

}  // namespace ovrseer::disk_detail
