// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/disk/detail/segment.hpp>.
#pragma once

#include <array>
#include <charconv>

#include <ovrseer/disk/crc32c.hpp>
#include <ovrseer/disk/detail/segment.hpp>

namespace ovrseer::disk_detail {

OVRSEER_DECL std::uint32_t record_checksum(std::uint64_t sequence, std::string_view payload) noexcept {
  std::array<char, 12> before{};
  put_little<8>(before.data(), sequence);
  put_little<4>(before.data() + 8, payload.size());
  return crc32c(payload, crc32c(std::string_view(before.data(), before.size())));
}

OVRSEER_DECL void encode_record(std::string& out, std::uint64_t sequence, std::string_view payload) {
  std::array<char, record_prefix> prefix{};
  put_little<4>(prefix.data(), payload.size());
  put_little<4>(prefix.data() + 4, record_checksum(sequence, payload));
  out.append(prefix.data(), prefix.size()).append(payload);
}

OVRSEER_DECL std::string encode_header(const segment_header& header) {
  std::string bytes(segment_magic);
  bytes.resize(header_size);
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(header.created.time_since_epoch());
  put_little<8>(bytes.data() + 8, header.id.first);
  put_little<8>(bytes.data() + 16, static_cast<std::uint64_t>(since.count()));
  put_little<4>(bytes.data() + 24, header.id.generation);
  put_little<4>(bytes.data() + 28, crc32c(std::string_view(bytes).substr(0, 28)));
  return bytes;
}

OVRSEER_DECL std::optional<segment_header> decode_header(std::string_view bytes) {
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

OVRSEER_DECL std::string segment_name(segment_id id) {
  const std::string first = std::to_string(id.first);
  const std::string generation = std::to_string(id.generation);
  std::string name(20 - first.size(), '0');
  name.append(first).append(1, '.').append(10 - generation.size(), '0').append(generation);
  return name.append(segment_suffix);
}

OVRSEER_DECL std::optional<segment_id> parse_segment_name(std::string_view name) {
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
