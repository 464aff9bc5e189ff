// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bytes of a segment: frozen, so that a log written by one version is read by the next.
#include <ovrseer/disk/crc32c.hpp>
#include <ovrseer/disk/detail/segment.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "catch.hpp"

namespace t_disk_segment {

using namespace ovrseer::disk_detail;

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += digits[value >> 4U];
    text += digits[value & 15U];
  }
  return text;
}

segment_header some_header() {
  using namespace std::chrono;
  return {{17, 3}, system_clock::time_point(duration_cast<system_clock::duration>(1700000000123456789ns))};
}

TEST_CASE("a record is length then checksum then payload") {
  std::string bytes;
  encode_record(bytes, 1, "hello");
  CHECK(bytes.size() == record_prefix + 5);
  CHECK(hex(bytes).substr(0, 8) == "05000000");
  CHECK(bytes.substr(record_prefix) == "hello");
  CHECK(get_little<4>(bytes.data() + 4) == record_checksum(1, "hello"));
  const std::string covered("\1\0\0\0\0\0\0\0\5\0\0\0hello", 17);
  CHECK(record_checksum(1, "hello") == ovrseer::crc32c(covered));
}

TEST_CASE("the checksum tells sequence numbers apart and zeros are no record") {
  CHECK(record_checksum(1, "x") != record_checksum(2, "x"));
  for (std::uint64_t sequence = 1; sequence < 10000; ++sequence) CHECK_FALSE(record_checksum(sequence, "") == 0);
}

TEST_CASE("a header is read as it was written and any flipped bit is found") {
  const auto header = some_header();
  std::string bytes = encode_header(header);
  REQUIRE(bytes.size() == header_size);
  CHECK(bytes.substr(0, 8) == "ovrseg1\n");
  CHECK(hex(bytes.substr(8, 8)) == "1100000000000000");
  CHECK(hex(bytes.substr(24, 4)) == "03000000");
  const auto read = decode_header(bytes);
  REQUIRE(read);
  CHECK(read->id == header.id);
  CHECK(read->created == header.created);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    CHECK(!decode_header(bytes));
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(!decode_header(bytes.substr(0, size)));
}

TEST_CASE("names sort by first number and then by generation") {
  CHECK(segment_name({17, 3}) == "00000000000000000017.0000000003.seg");
  CHECK(segment_name({9, 4294967295}) < segment_name({10, 1}));
  CHECK(segment_name({10, 1}) < segment_name({10, 2}));
  CHECK((segment_id{9, 7} < segment_id{10, 1}));
  CHECK((segment_id{10, 1} < segment_id{10, 2}));
}

TEST_CASE("names are read back and others are refused") {
  for (const segment_id id : {segment_id{1, 0}, segment_id{17, 3}, segment_id{largest_sequence, 4294967295}}) {
    const auto read = parse_segment_name(segment_name(id));
    REQUIRE(read);
    CHECK(*read == id);
  }
  CHECK(!parse_segment_name(""));
  CHECK(!parse_segment_name("00000000000000000000.0000000001.seg"));
  CHECK(!parse_segment_name("00000000000000000017.0000000003.tmp"));
  CHECK(!parse_segment_name("00000000000000000017-0000000003.seg"));
  CHECK(!parse_segment_name("0000000000000000001x.0000000003.seg"));
  CHECK(!parse_segment_name("-0000000000000000017.0000000003.seg"));
  CHECK(!parse_segment_name("00000000000000000017.9999999999.seg"));
  CHECK(!parse_segment_name("99999999999999999999.0000000003.seg"));
  CHECK(!parse_segment_name("17.3.seg"));
}

}  // namespace t_disk_segment
