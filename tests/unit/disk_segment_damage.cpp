// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A log that was cut at every byte, and one with every bit flipped: nothing whole is lost, nothing false is read.
#include <ovrseer/disk/segment_log.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "catch.hpp"
#include "disk_log.hpp"
#include "memory_file_system.hpp"

namespace t_disk_segment_damage {

using namespace ovrseer;
using namespace ovrseer_test;

struct made_log {
  std::string path;                   // of the last segment
  std::string bytes;                  // of it
  std::vector<std::uint64_t> ends{};  // where each of its records ends
};

// One log of `count` records; all in one segment, or the first `in_first` in an older one.
made_log make(memory_file_system& files, std::uint64_t count, std::uint64_t in_first = 0) {
  segment_log log("log", log_options(files));
  made_log made;
  for (std::uint64_t n = 1; n <= count; ++n) {
    if (n == in_first + 1) log.rotate();
    const std::string payload = payload_of(n);
    const auto position = log.append(payload);
    if (n > in_first) made.ends.push_back(position.offset + disk_detail::record_prefix + payload.size());
  }
  made.path = "log/" + disk_detail::segment_name({in_first + 1, 1});
  made.bytes = files.get(made.path);
  return made;
}

void check_payloads(const read_back& found) {
  for (std::size_t i = 0; i < found.sequences.size(); ++i) {
    const auto number = found.sequences[i];
    const bool is_right = found.payloads[i] == payload_of(number) || found.payloads[i] == "new";
    if (!is_right) FAIL("record " << number << " reads '" << found.payloads[i] << "'");
  }
}

TEST_CASE("a log cut at any byte keeps every whole record and tells what was cut") {
  for (const std::uint64_t in_first : {0U, 3U}) {
    memory_file_system original;
    const auto made = make(original, 8, in_first);
    for (std::size_t cut = 0; cut < made.bytes.size(); ++cut) {
      INFO("cut at " << cut << " of " << made.bytes.size());
      memory_file_system files;
      make(files, 8, in_first);
      files.put(made.path, made.bytes.substr(0, cut));
      std::uint64_t whole = in_first;
      std::uint64_t end = cut < disk_detail::header_size ? 0 : disk_detail::header_size;
      for (const auto each : made.ends) {
        if (each > cut) break;
        ++whole;
        end = each;
      }
      {
        segment_log log("log", log_options(files));
        CHECK(log.recovered().torn_bytes == cut - end);
        CHECK(log.recovered().torn_file == (cut == end ? "" : made.path));
        if (cut != end) CHECK(log.recovered().torn_offset == end);
        CHECK(log.recovered().damage.empty());
        CHECK(log.next_sequence() == whole + 1);
        CHECK(files.get(made.path).size() == end);
        CHECK(log.append("new").sequence == whole + 1);
      }
      const segment_log log("log", log_options(files));
      CHECK(log.recovered().is_clean());
      const auto found = read_log(files, "log");
      check_payloads(found);
      CHECK(found.sequences == numbers(1, whole + 1));
      CHECK(found.gaps.empty());
    }
  }
}

TEST_CASE("a flipped bit in the last segment costs its record or the tail and is told") {
  memory_file_system original;
  const auto made = make(original, 6);
  for (std::size_t bit = disk_detail::header_size * 8; bit < made.bytes.size() * 8; ++bit) {
    std::uint64_t hit = 1;
    while (made.ends[hit - 1] <= bit / 8) ++hit;
    const std::uint64_t begin = hit == 1 ? disk_detail::header_size : made.ends[hit - 2];
    const bool in_length = bit / 8 < begin + 4;
    INFO("bit " << bit % 8 << " of byte " << bit / 8 << " in record " << hit);
    memory_file_system files;
    make(files, 6);
    std::string bytes = made.bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    files.put(made.path, bytes);
    segment_log log("log", log_options(files));
    CHECK(!log.recovered().is_clean());
    if (hit < 6 && !in_length) {
      REQUIRE(log.recovered().damage.size() == 1);
      CHECK(log.recovered().damage[0].records == sequence_range{hit, hit});
      CHECK(log.recovered().damage[0].offset == begin);
      CHECK(log.recovered().torn_bytes == 0);
      CHECK(log.next_sequence() == 7);
    } else {
      CHECK(log.next_sequence() == hit);
      CHECK(log.recovered().torn_bytes == made.bytes.size() - begin);
      CHECK(log.recovered().torn_offset == begin);
    }
    log.append("new");
    const auto found = read_log(files, "log");
    check_payloads(found);
    CHECK(found.sequences.back() == log.next_sequence() - 1);
    CHECK(found.sequences.size() + found.gaps.size() == log.next_sequence() - 1);
  }
}

TEST_CASE("a flipped bit in an older segment is a gap with its place") {
  memory_file_system original;
  make(original, 6);
  const std::string path = "log/" + disk_detail::segment_name({1, 1});
  const std::string good = original.get(path);
  for (std::size_t bit = disk_detail::header_size * 8; bit < good.size() * 8; ++bit) {
    INFO("bit " << bit % 8 << " of byte " << bit / 8);
    memory_file_system files;
    {
      segment_log log("log", log_options(files));
      for (std::uint64_t n = 1; n <= 9; ++n) {
        if (n == 7) log.rotate();
        log.append(payload_of(n));
      }
    }
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    files.put(path, bytes);
    CHECK(segment_log("log", log_options(files)).recovered().is_clean());
    const auto found = read_log(files, "log");
    check_payloads(found);
    REQUIRE(found.gaps.size() == 1);
    CHECK(found.gaps[0].reason == gap_reason::corrupt);
    CHECK(found.gaps[0].code() == errc::corrupt);
    CHECK(found.gaps[0].file == path);
    CHECK(found.gaps[0].offset >= disk_detail::header_size);
    CHECK(found.gaps[0].offset <= bit / 8);
    CHECK(found.sequences.size() + found.gaps[0].records.count() == 9);
    CHECK(found.sequences.back() == 9);
  }
}

TEST_CASE("a damaged header costs no record") {
  memory_file_system original;
  const auto made = make(original, 5);
  for (std::size_t bit = 0; bit < disk_detail::header_size * 8; ++bit) {
    memory_file_system files;
    make(files, 5);
    std::string bytes = made.bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    files.put(made.path, bytes);
    segment_log log("log", log_options(files));
    CHECK(log.recovered().damage.size() == 1);
    CHECK(log.recovered().torn_bytes == 0);
    CHECK(log.append("new").sequence == 6);
    CHECK(log.segment_count() == 2);
    CHECK(read_log(files, "log").sequences == numbers(1, 6));
  }
}

TEST_CASE("zeros or noise behind the last record are cut") {
  for (const std::size_t size : {1U, 7U, 8U, 9U, 4096U, 100000U}) {
    for (const char fill : {'\0', '\xFF', 'x', '\1'}) {
      memory_file_system files;
      const auto made = make(files, 4);
      files.put(made.path, made.bytes + std::string(size, fill));
      segment_log log("log", log_options(files));
      CHECK(log.recovered().torn_bytes == size);
      CHECK(log.next_sequence() == 5);
      CHECK(read_log(files, "log").sequences == numbers(1, 4));
    }
  }
}

TEST_CASE("records of another place are not taken for successors") {
  memory_file_system files;
  const auto made = make(files, 4);
  // What once was the second record lies behind the fourth: a block of an older file, say.
  files.put(made.path, made.bytes + made.bytes.substr(made.ends[0], made.ends[1] - made.ends[0]));
  const segment_log log("log", log_options(files));
  CHECK(log.next_sequence() == 5);
  CHECK(log.recovered().torn_bytes == made.ends[1] - made.ends[0]);
}

TEST_CASE("two damaged records in a row are one gap") {
  memory_file_system files;
  const auto made = make(files, 6);
  std::string bytes = made.bytes;
  bytes[made.ends[1] + disk_detail::record_prefix] ^= 4;
  bytes[made.ends[2] + disk_detail::record_prefix] ^= 4;
  files.put(made.path, bytes);
  const segment_log log("log", log_options(files));
  CHECK(log.next_sequence() == 7);
  const auto found = read_log(files, "log");
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].records == sequence_range{3, 4});
  CHECK(found.sequences == std::vector<std::uint64_t>{1, 2, 5, 6});
}

TEST_CASE("a segment whose creation was interrupted is nothing lost") {
  for (std::size_t size = 0; size <= disk_detail::header_size; ++size) {
    memory_file_system files;
    make(files, 3);
    const std::string path = "log/" + disk_detail::segment_name({4, 1});
    files.put(path, std::string(size, '\0'));
    for (int run = 0; run < 2; ++run) {
      segment_log log("log", log_options(files));
      CHECK(log.next_sequence() == static_cast<std::uint64_t>(4 + run));
      log.append("new");
    }
    const auto found = read_log(files, "log");
    check_payloads(found);
    CHECK(found.sequences == numbers(1, 5));
    CHECK(found.gaps.empty());
  }
}

TEST_CASE("a reader tells what lies behind the last whole record until it is whole") {
  memory_file_system files;
  const auto made = make(files, 4);
  segment_reader reader("log", 0, &files);
  files.put(made.path, made.bytes.substr(0, made.ends[2] + 5));
  CHECK_FALSE(reader.unfinished());
  CHECK(drain(reader).sequences == numbers(1, 3));
  REQUIRE(reader.unfinished());
  CHECK(reader.unfinished()->file == made.path);
  CHECK(reader.unfinished()->offset == made.ends[2]);
  CHECK(reader.unfinished()->bytes == 5);
}

TEST_CASE("a length of gigabytes reserves no memory") {
  memory_file_system files;
  const auto made = make(files, 2);
  std::string bytes = made.bytes;
  bytes[disk_detail::header_size + 3] = '\x3F';
  files.put(made.path, bytes);
  const segment_log log("log", log_options(files));
  CHECK(log.next_sequence() == 1);
}

}  // namespace t_disk_segment_damage
