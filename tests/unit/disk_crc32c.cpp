// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// CRC-32C against published values, the table against the instruction, and in constant expressions.
#include <ovrseer/disk/crc32c.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "catch.hpp"

namespace t_disk_crc32c {

using ovrseer::crc32c;
using ovrseer::disk_detail::crc_by_instruction;
using ovrseer::disk_detail::crc_by_table;

static_assert(crc32c("123456789") == 0xE3069283U);
static_assert(crc32c("") == 0);
static_assert(crc32c("56789", crc32c("1234")) == crc32c("123456789"));

std::string counted(int from, int step) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes += static_cast<char>(from + i * step);
  return bytes;
}

TEST_CASE("crc32c gives the values of RFC 3720") {
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAU);
  CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);
  CHECK(crc32c(counted(0, 1)) == 0x46DD794EU);
  CHECK(crc32c(counted(31, -1)) == 0x113FDB5CU);
  constexpr unsigned char read_command[48] = {0x01, 0xC0, 0, 0, 0, 0, 0,    0, 0,    0, 0, 0,    0, 0, 0, 0,
                                              0x14, 0,    0, 0, 0, 0, 0x04, 0, 0,    0, 0, 0x14, 0, 0, 0, 0x18,
                                              0x28, 0,    0, 0, 0, 0, 0,    0, 0x02, 0, 0, 0,    0, 0, 0, 0};
  CHECK(crc32c({reinterpret_cast<const char*>(read_command), sizeof read_command}) == 0xD9963A56U);
}

TEST_CASE("crc32c gives further published values") {
  CHECK(crc32c("123456789") == 0xE3069283U);
  CHECK(crc32c("a") == 0xC1D04330U);
  CHECK(crc32c("The quick brown fox jumps over the lazy dog") == 0x22620404U);
}

TEST_CASE("the table and the instruction agree at every length and alignment") {
  if (!ovrseer::disk_detail::has_crc_instruction()) WARN("no SSE4.2: the table is compared with itself");
  std::mt19937_64 random(7);
  std::string bytes(300, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  for (std::size_t at = 0; at < 9; ++at) {
    for (std::size_t count = 0; at + count <= bytes.size(); ++count) {
      const auto seed = static_cast<std::uint32_t>(random());
      const auto table = crc_by_table(seed, bytes.data() + at, count);
      if (ovrseer::disk_detail::has_crc_instruction()) {
        REQUIRE(table == crc_by_instruction(seed, bytes.data() + at, count));
      }
      const std::string_view part = std::string_view(bytes).substr(at, count);
      REQUIRE(crc32c(part.substr(count / 3), crc32c(part.substr(0, count / 3))) == crc32c(part));
    }
  }
}

TEST_CASE("every flipped bit changes the checksum") {
  std::string bytes = "a record of some length, with a number in it: 4711";
  const auto good = crc32c(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    CHECK(crc32c(bytes) != good);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
}

}  // namespace t_disk_crc32c
