// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A reader beside the writer: where it begins, what it sees, and that it tells what it does not see.
#include <ovrseer/disk/segment_reader.hpp>

#include <cerrno>
#include <string>
#include <utility>
#include <variant>

#include "catch.hpp"
#include "disk_log.hpp"
#include "faulty_file_system.hpp"
#include "memory_file_system.hpp"

namespace t_disk_segment_reader {

using namespace ovrseer;
using namespace ovrseer_test;

TEST_CASE("a reader beside the writer sees each record once") {
  for (const std::uint64_t segment_size : {0U, 1U, 40U}) {
    memory_file_system files;
    segment_reader reader("log", 0, &files);
    segment_log log("log", log_options(files, segment_size));
    CHECK(!reader.next());
    for (std::uint64_t n = 1; n <= 50; ++n) {
      log.append(payload_of(n));
      if (n % 3 != 0) continue;
      const auto found = drain(reader);
      CHECK(found.sequences == numbers(n - 2, n));
      CHECK(found.gaps.empty());
      CHECK(reader.position() == n + 1);
    }
  }
}

TEST_CASE("a reader begins at any number") {
  memory_file_system files;
  segment_log log("log", log_options(files, 60));
  for (std::uint64_t n = 1; n <= 20; ++n) log.append(payload_of(n));
  for (std::uint64_t from = 1; from <= 20; ++from) CHECK(read_log(files, "log", from).sequences == numbers(from, 20));
  segment_reader ahead("log", 23, &files);
  CHECK(!ahead.next());
  for (std::uint64_t n = 21; n <= 25; ++n) log.append(payload_of(n));
  CHECK(drain(ahead).sequences == numbers(23, 25));
}

TEST_CASE("what was deleted before the reader came is a gap") {
  memory_file_system files;
  segment_log log("log", log_options(files, 1));
  for (std::uint64_t n = 1; n <= 9; ++n) log.append(payload_of(n));
  log.discard_before(6);
  const auto found = read_log(files, "log", 2);
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].records == sequence_range{2, 5});
  CHECK(found.gaps[0].reason == gap_reason::missing);
  CHECK(!found.gaps[0].code());
  CHECK(to_text(found.gaps[0]) == "records 2 to 5 are missing");
  CHECK(found.sequences == numbers(6, 9));
  CHECK(read_log(files, "log").gaps.empty());
}

TEST_CASE("what is deleted under the reader is a gap") {
  memory_file_system files;
  segment_log log("log", log_options(files, 1));
  segment_reader reader("log", 0, &files);
  for (std::uint64_t n = 1; n <= 3; ++n) log.append(payload_of(n));
  CHECK(std::get<stored_record>(*reader.next()).sequence == 1);
  for (std::uint64_t n = 4; n <= 9; ++n) log.append(payload_of(n));
  log.discard_before(8);
  const auto found = drain(reader);
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].records == sequence_range{2, 7});
  CHECK(found.sequences == numbers(8, 9));
}

TEST_CASE("a record that comes while the reader looks for the next segment is not passed over") {
  memory_file_system memory;
  faulty_file_system files(memory);
  segment_log log("log", log_options(memory));
  log.append(payload_of(1));
  segment_reader reader("log", 0, &files);
  CHECK(reader.next());
  bool is_done = false;
  files.before_list([&] {
    if (std::exchange(is_done, true)) return;
    log.append(payload_of(2));
    log.rotate();
    log.append(payload_of(3));
  });
  const auto found = drain(reader);
  CHECK(found.sequences == numbers(2, 3));
  CHECK(found.gaps.empty());
}

TEST_CASE("a segment that is deleted while the reader turns to it is a gap") {
  memory_file_system memory;
  faulty_file_system files(memory);
  segment_log log("log", log_options(memory, 1));
  for (std::uint64_t n = 1; n <= 4; ++n) log.append(payload_of(n));
  segment_reader reader("log", 0, &files);
  CHECK(reader.next());
  files.fail(file_call::open, 1, ENOENT);
  CHECK(drain(reader).sequences == numbers(2, 4));
}

TEST_CASE("a segment in the middle that is gone is a gap") {
  memory_file_system files;
  segment_log log("log", log_options(files, 1));
  for (std::uint64_t n = 1; n <= 5; ++n) log.append(payload_of(n));
  files.erase("log/" + disk_detail::segment_name({3, 1}));
  const auto found = read_log(files, "log");
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].records == sequence_range{3, 3});
  CHECK(found.sequences == std::vector<std::uint64_t>{1, 2, 4, 5});
}

TEST_CASE("a reader of an absent folder says so and one of an empty folder waits") {
  memory_file_system files;
  segment_reader reader("log", 0, &files);
  CHECK_THROWS_AS(reader.next(), error);
  files.make_folder("log", 0755);
  CHECK(!reader.next());
}

TEST_CASE("records beyond the beginning of the next segment are not read") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files));
    for (std::uint64_t n = 1; n <= 6; ++n) log.append(payload_of(n));
  }
  const std::string path = "log/" + disk_detail::segment_name({1, 1});
  const std::string whole = files.get(path);
  files.put(path, whole.substr(0, whole.size() / 2));
  segment_log log("log", log_options(files));
  const std::uint64_t first = log.append("new").sequence;
  REQUIRE(first < 6);
  files.put(path, whole);  // the cut was undone by a power loss
  const auto found = read_log(files, "log");
  CHECK(found.sequences == numbers(1, first));
  CHECK(found.payloads.back() == "new");
  CHECK(found.gaps.empty());
}

TEST_CASE("a failing read is an error with the file and can be tried again") {
  memory_file_system memory;
  faulty_file_system files(memory);
  segment_log log("log", log_options(files));
  for (std::uint64_t n = 1; n <= 5; ++n) log.append(payload_of(n));
  segment_reader reader("log", 0, &files);
  files.fail(file_call::read, 1, EIO);
  try {
    reader.next();
    FAIL("was read");
  } catch (const error& failed) {
    CHECK(failed.step() == "read");
    CHECK(failed.code() == std::errc::io_error);
    CHECK_THAT(failed.context(), catchx::ContainsSubstring("log/00000000000000000001"));
  }
  CHECK(drain(reader).sequences == numbers(1, 5));
}

TEST_CASE("a log is verified with every place of damage") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files, 60));
    for (std::uint64_t n = 1; n <= 20; ++n) log.append(payload_of(n));
  }
  CHECK(verify_log("log", &files).records == 20);
  const std::string path = "log/" + disk_detail::segment_name({1, 1});
  std::string bytes = files.get(path);
  bytes[disk_detail::header_size + disk_detail::record_prefix] ^= 1;
  files.put(path, bytes);
  const auto found = verify_log("log", &files);
  CHECK(found.records == 19);
  CHECK(found.lost == 1);
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].code() == errc::corrupt);
  CHECK(to_text(found.gaps[0]) == "records 1 to 1 are corrupt: " + path + " at offset 32");
}

}  // namespace t_disk_segment_reader
