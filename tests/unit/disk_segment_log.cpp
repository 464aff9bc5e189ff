// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Appending, reopening, rotating and deleting, on a disk that works.
#include <ovrseer/disk/segment_log.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "catch.hpp"
#include "disk_folder.hpp"
#include "disk_log.hpp"
#include "faulty_file_system.hpp"
#include "memory_file_system.hpp"

namespace t_disk_segment_log {

using namespace ovrseer;
using namespace ovrseer_test;
using namespace std::chrono_literals;

constexpr std::uint64_t header = disk_detail::header_size;
constexpr std::uint64_t prefix = disk_detail::record_prefix;

TEST_CASE("records are numbered from one and read back as they were given") {
  memory_file_system files;
  segment_log log("log", log_options(files));
  CHECK(log.next_sequence() == 1);
  CHECK(log.first_sequence() == 1);
  const auto first = log.append("one");
  CHECK(first.sequence == 1);
  CHECK(first.segment == 1);
  CHECK(first.offset == header);
  const auto second = log.append("");
  CHECK(second.offset == header + prefix + 3);
  const std::string binary("\0\xff\n\r\x80", 5);
  CHECK(log.append(std::as_bytes(std::span(binary))).sequence == 3);
  const auto found = read_log(files, "log");
  CHECK(found.sequences == numbers(1, 3));
  CHECK(found.payloads == std::vector<std::string>{"one", "", binary});
  CHECK(found.gaps.empty());
}

TEST_CASE("a reopened log goes on where it ended") {
  memory_file_system files;
  for (std::uint64_t run = 0; run < 5; ++run) {
    segment_log log("log", log_options(files));
    CHECK(log.recovered().is_clean());
    CHECK(log.next_sequence() == run * 3 + 1);
    for (int i = 0; i < 3; ++i) log.append(payload_of(log.next_sequence()));
    CHECK(log.segment_count() == 1);
  }
  CHECK(read_log(files, "log").sequences == numbers(1, 15));
  CHECK(files.open_files() == 0);
}

TEST_CASE("opening an empty log writes no segment") {
  memory_file_system files;
  { const segment_log log("log", log_options(files)); }
  CHECK(files.list("log")->size() == 1);  // the lock
  CHECK(read_log(files, "log").sequences.empty());
}

TEST_CASE("a segment holds exactly as much as its limit") {
  memory_file_system files;
  segment_log log("log", log_options(files, 3 * (prefix + 10)));
  for (int i = 0; i < 7; ++i) log.append("0123456789");
  CHECK(log.segment_count() == 3);
  CHECK(log.stats().rotations == 2);
  CHECK(read_log(files, "log").sequences == numbers(1, 7));
  const auto last = log.append("x");
  CHECK(last.segment == 7);
  CHECK(log.append("a record that is longer than a whole segment of this log may be").segment == 9);
  CHECK(log.append("x").segment == 10);
}

TEST_CASE("many segments of one record are one log") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files, 1));
    for (std::uint64_t n = 1; n <= 300; ++n) log.append(payload_of(n));
    CHECK(log.segment_count() == 300);
  }
  segment_log log("log", log_options(files, 1));
  CHECK(log.next_sequence() == 301);
  log.append(payload_of(301));
  const auto found = read_log(files, "log");
  CHECK(found.sequences == numbers(1, 301));
  CHECK(found.payloads[299] == payload_of(300));
  CHECK(read_log(files, "log", 250).sequences == numbers(250, 301));
}

TEST_CASE("a segment is left at its age also after reopening") {
  memory_file_system files;
  std::chrono::system_clock::time_point now{1000h};
  auto options = log_options(files);
  options.rotate.age = 1h;
  options.now = [&] { return now; };
  {
    segment_log log("log", options);
    log.append("1");
    now += 59min;
    log.append("2");
    CHECK(log.segment_count() == 1);
  }
  now += 1min;
  segment_log log("log", options);
  CHECK(log.segment_count() == 1);
  log.append("3");
  CHECK(log.segment_count() == 2);
  now += 1h;
  log.append("4");
  CHECK(log.segment_count() == 3);
}

TEST_CASE("an old segment without records is not left") {
  memory_file_system files;
  std::chrono::system_clock::time_point now{1000h};
  auto options = log_options(files);
  options.rotate.age = 1h;
  options.now = [&] { return now; };
  segment_log log("log", options);
  log.append("1");
  log.rotate();
  log.rotate();
  CHECK(log.segment_count() == 2);
  now += 5h;
  log.append("2");
  CHECK(log.segment_count() == 2);
}

TEST_CASE("only as many segments are kept as allowed") {
  memory_file_system files;
  auto options = log_options(files, 1);
  options.keep.count = 3;
  segment_log log("log", options);
  for (std::uint64_t n = 1; n <= 10; ++n) log.append(payload_of(n));
  CHECK(log.segment_count() == 3);
  CHECK(log.first_sequence() == 8);
  CHECK(log.stats().removed_segments == 7);
  CHECK(read_log(files, "log").sequences == numbers(8, 10));
}

TEST_CASE("the log never holds more bytes than allowed") {
  memory_file_system files;
  auto options = log_options(files);
  options.keep.bytes = byte_size(1000);
  segment_log log("log", options);
  for (std::uint64_t n = 1; n <= 500; ++n) {
    log.append(payload_of(n));
    REQUIRE(log.size().count() <= 1000);
    std::uint64_t on_disk = 0;
    const auto names = files.list("log");
    for (const auto& name : *names) on_disk += files.get("log/" + name).size();
    REQUIRE(on_disk == log.size().count());
  }
  CHECK(log.size().count() > 400);
  CHECK(read_log(files, "log").sequences.back() == 500);
}

TEST_CASE("a lower limit takes hold when the log is opened") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files, 1));
    for (std::uint64_t n = 1; n <= 10; ++n) log.append(payload_of(n));
  }
  auto options = log_options(files, 1);
  options.keep.count = 2;
  const segment_log log("log", options);
  CHECK(log.segment_count() == 2);
  CHECK(log.next_sequence() == 11);
}

TEST_CASE("segments that are read are discarded and the numbering stays") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files, 1));
    for (std::uint64_t n = 1; n <= 5; ++n) log.append(payload_of(n));
    CHECK(log.discard_before(1) == 0);
    CHECK(log.discard_before(4) == 3);
    CHECK(log.first_sequence() == 4);
    CHECK(log.discard_before(100) == 1);
    CHECK(log.segment_count() == 1);
  }
  segment_log log("log", log_options(files, 1));
  CHECK(log.first_sequence() == 5);
  CHECK(log.append("6").sequence == 6);
}

TEST_CASE("the sync policy decides how often the disk is asked") {
  const auto syncs = [](sync_policy policy, bool last) {
    memory_file_system memory;
    faulty_file_system files(memory);
    auto options = log_options(files);
    options.sync = policy;
    segment_log log("log", options);
    log.append("the first one makes the segment");
    if (last) log.sync();
    const std::size_t before = files.count(file_call::sync);
    for (int i = 0; i < 12; ++i) log.append("x");
    if (last) log.sync();
    if (last) log.sync();
    return files.count(file_call::sync) - before;
  };
  CHECK(syncs(sync_policy::every_append(), false) == 12);
  CHECK(syncs(sync_policy::every(4), true) == 3);
  CHECK(syncs(sync_policy::every(0), false) == 12);
  CHECK(syncs(sync_policy::on_demand(), false) == 0);
  CHECK(syncs(sync_policy::on_demand(), true) == 1);
}

TEST_CASE("a segment is synced before it is left") {
  memory_file_system files;
  segment_log log("log", log_options(files, 1));
  log.append("1");
  CHECK(log.synced_until() == 1);
  log.append("2");
  CHECK(log.synced_until() == 2);
  log.sync();
  CHECK(log.synced_until() == 3);
}

TEST_CASE("what an earlier process may not have synced is not taken for durable") {
  memory_file_system files;
  { segment_log("log", log_options(files)).append("1"); }
  segment_log log("log", log_options(files));
  CHECK(log.synced_until() == 1);
  log.sync();
  CHECK(log.synced_until() == 2);
  files.crash(blackout::power);
  CHECK(read_log(files, "log").sequences == numbers(1, 1));
}

TEST_CASE("a record that is too large is refused and the log goes on") {
  memory_file_system files;
  auto options = log_options(files);
  options.largest_record = byte_size(10);
  segment_log log("log", options);
  log.append("0123456789");
  try {
    log.append("0123456789x");
    FAIL("was taken");
  } catch (const error& failed) {
    CHECK(failed.code() == errc::record_too_large);
  }
  CHECK(log.append("x").sequence == 2);
}

TEST_CASE("lowering the largest record does not lose larger ones") {
  memory_file_system files;
  { segment_log("log", log_options(files)).append("a rather long record"); }
  auto options = log_options(files);
  options.largest_record = byte_size(3);
  segment_log log("log", options);
  CHECK(log.recovered().is_clean());
  CHECK(log.append("abc").sequence == 2);
  CHECK(read_log(files, "log").sequences == numbers(1, 2));
}

TEST_CASE("a second writer is refused until the first is gone") {
  const disk_folder folder;
  {
    segment_log first(folder / "log");
    first.append("x");
    try {
      segment_log second(folder / "log");
      FAIL("was opened");
    } catch (const error& failed) {
      CHECK(failed.step() == "lock");
      CHECK(failed.code() == std::errc::resource_unavailable_try_again);
    }
  }
  CHECK(segment_log(folder / "log").next_sequence() == 2);
}

TEST_CASE("files that are no segments are left alone and leftovers removed") {
  memory_file_system files;
  { segment_log("log", log_options(files)).append("x"); }
  files.put("log/notes.txt", "mine");
  files.put("log/17.seg", "not one of ours");
  files.put("log/a.cursor.1-0.tmp", "half");
  const segment_log log("log", log_options(files));
  CHECK(log.recovered().removed_temporaries == 1);
  CHECK(files.get("log/notes.txt") == "mine");
  CHECK(files.get("log/17.seg") == "not one of ours");
  CHECK(log.next_sequence() == 2);
}

TEST_CASE("segments go by age when all of their records are older") {
  memory_file_system files;
  std::chrono::system_clock::time_point now(std::chrono::hours(1));
  segment_log_options options = log_options(files);
  options.now = [&now] { return now; };
  segment_log log("log", options);
  for (std::uint64_t n = 1; n <= 6; ++n) {
    log.rotate();
    log.append(payload_of(n));
    now += std::chrono::minutes(10);
  }
  CHECK(log.segment_count() == 6);
  // The first is left at 1:10, the second at 1:20; the last one stays whatever its age.
  CHECK(log.discard_older(std::chrono::system_clock::time_point(std::chrono::minutes(69))) == 0);
  CHECK(log.discard_older(std::chrono::system_clock::time_point(std::chrono::minutes(80))) == 2);
  CHECK(log.first_sequence() == 3);
  CHECK(log.discard_older(now) == 3);
  CHECK(log.discard_older(now + std::chrono::hours(100)) == 0);
  CHECK(read_log(files, "log").sequences == numbers(6, 6));
}

TEST_CASE("a log on real files takes large records and is verified") {
  const disk_folder folder;
  std::string large(1U << 20U, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * i >> 7U);
  {
    segment_log_options options;
    options.rotate.size = byte_size(3U << 20U);
    options.sync = sync_policy::every(4);
    segment_log log(folder / "deep/log", options);
    for (int i = 0; i < 10; ++i) {
      log.append(large);
      log.append("small");
    }
    CHECK(log.segment_count() > 3);
  }
  const auto found = verify_log(folder / "deep/log");
  CHECK(found.records == 20);
  CHECK(found.lost == 0);
  segment_reader reader(folder / "deep/log", 19);
  const auto entry = reader.next();
  REQUIRE(entry);
  CHECK(std::get<stored_record>(*entry).payload == large);
}

}  // namespace t_disk_segment_log
