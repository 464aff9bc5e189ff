// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A cursor delivers everything at least once, over restarts, deleted segments, failures and power losses.
#include <ovrseer/disk/durable_cursor.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <variant>

#include "catch.hpp"
#include "disk_folder.hpp"
#include "disk_log.hpp"
#include "faulty_file_system.hpp"
#include "memory_file_system.hpp"

namespace t_disk_durable_cursor {

using namespace ovrseer;
using namespace ovrseer_test;

void append(segment_log& log, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) log.append(payload_of(log.next_sequence()));
}

TEST_CASE("a cursor goes on where it was committed") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files, 60));
    durable_cursor cursor(log, "mail");
    CHECK(cursor.origin() == cursor_origin::fresh);
    CHECK(!cursor.next());
    append(log, 10);
    CHECK(cursor.pending() == 10);
    for (int i = 0; i < 4; ++i) CHECK(cursor.next());
    cursor.commit();
    CHECK(cursor.committed() == 5);
    for (int i = 0; i < 3; ++i) CHECK(cursor.next());
  }
  segment_log log("log", log_options(files, 60));
  durable_cursor cursor(log, "mail");
  CHECK(cursor.origin() == cursor_origin::resumed);
  CHECK(cursor.position() == 5);
  CHECK(drain(cursor).sequences == numbers(5, 10));
  CHECK(cursor.pending() == 0);
  CHECK(!cursor.next());
}

TEST_CASE("what was read and not committed can be read again") {
  memory_file_system files;
  segment_log log("log", log_options(files));
  append(log, 6);
  durable_cursor cursor(log, "c");
  CHECK(drain(cursor).sequences == numbers(1, 6));
  cursor.commit(2);
  CHECK(cursor.committed() == 3);
  cursor.rewind();
  CHECK(drain(cursor).sequences == numbers(3, 6));
}

TEST_CASE("a place is committed within what was read and never backwards") {
  memory_file_system files;
  segment_log log("log", log_options(files));
  append(log, 6);
  durable_cursor cursor(log, "c");
  for (int i = 0; i < 3; ++i) (void)cursor.next();
  cursor.commit(100);
  CHECK(cursor.committed() == 4);
  cursor.commit(1);
  CHECK(cursor.committed() == 4);
}

TEST_CASE("cursors of one log are independent") {
  memory_file_system files;
  segment_log log("log", log_options(files));
  append(log, 3);
  durable_cursor first(log, "first");
  durable_cursor second(log, "second");
  CHECK(drain(first).sequences == numbers(1, 3));
  first.commit();
  CHECK(drain(second).sequences == numbers(1, 3));
}

TEST_CASE("a new cursor can begin at the end and remembers that") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files));
    append(log, 5);
    durable_cursor cursor(log, "c", cursor_start::newest);
    CHECK(!cursor.next());
    cursor.commit();
    append(log, 2);
  }
  segment_log log("log", log_options(files));
  durable_cursor cursor(log, "c", cursor_start::newest);
  CHECK(drain(cursor).sequences == numbers(6, 7));
}

TEST_CASE("a commit of nothing new does not touch the disk") {
  memory_file_system memory;
  faulty_file_system files(memory);
  segment_log log("log", log_options(files));
  append(log, 3);
  durable_cursor cursor(log, "c");
  (void)cursor.next();
  cursor.commit();
  const std::size_t calls = files.total();
  cursor.commit();
  CHECK(files.total() == calls);
}

TEST_CASE("segments that were deleted under a cursor are a gap and then it goes on") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files, 1));
    append(log, 3);
    durable_cursor cursor(log, "c");
    (void)cursor.next();
    cursor.commit();
    append(log, 5);
    log.discard_before(6);
    const auto found = drain(cursor);
    REQUIRE(found.gaps.size() == 1);
    CHECK(found.gaps[0].records == sequence_range{2, 5});
    CHECK(found.sequences == numbers(6, 8));
  }
  segment_log log("log", log_options(files, 1));
  durable_cursor cursor(log, "c");
  const auto entry = cursor.next();
  REQUIRE(entry);
  CHECK(std::get<stored_gap>(*entry).records == sequence_range{2, 5});
  cursor.commit();
  CHECK(cursor.committed() == 6);
  CHECK(drain(cursor).sequences == numbers(6, 8));
}

TEST_CASE("what is committed is synced before so that the place is never ahead of the log") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files));
    append(log, 5);
    durable_cursor cursor(log, "c");
    (void)drain(cursor);
    cursor.commit();
    append(log, 1);
  }
  files.crash(blackout::power);
  segment_log log("log", log_options(files));
  CHECK(log.next_sequence() == 6);
  durable_cursor cursor(log, "c");
  CHECK(cursor.origin() == cursor_origin::resumed);
  append(log, 1);
  CHECK(drain(cursor).sequences == numbers(6, 6));
}

TEST_CASE("a log that lost records a cursor had passed takes it back") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files));
    append(log, 6);
    durable_cursor cursor(log, "c");
    (void)drain(cursor);
    cursor.commit();
  }
  const std::string path = "log/" + disk_detail::segment_name({1, 1});
  std::string bytes = files.get(path);
  files.put(path, bytes.substr(0, bytes.size() / 2));
  std::uint64_t first_lost = 0;
  SECTION("also when the log has grown beyond its place meanwhile") {
    segment_log log("log", log_options(files));
    first_lost = log.next_sequence();
    append(log, 10);
  }
  SECTION("or not grown at all") {
    const segment_log log("log", log_options(files));
    first_lost = log.next_sequence();
  }
  REQUIRE(first_lost <= 6);
  segment_log log("log", log_options(files));
  durable_cursor cursor(log, "c");
  CHECK(cursor.origin() == cursor_origin::rewound);
  CHECK(cursor.position() == first_lost);
  const auto found = drain(cursor);
  REQUIRE(found.gaps.size() == 1);
  CHECK(found.gaps[0].reason == gap_reason::rewound);
  CHECK(found.gaps[0].records == sequence_range{first_lost, 6});
  CHECK(found.sequences == numbers(first_lost, log.next_sequence() - 1));
  cursor.commit();
  CHECK(durable_cursor(log, "c").origin() == cursor_origin::resumed);
}

TEST_CASE("a damaged cursor begins at the oldest record and says so") {
  memory_file_system files;
  {
    segment_log log("log", log_options(files));
    append(log, 3);
    durable_cursor cursor(log, "c");
    (void)drain(cursor);
    cursor.commit();
  }
  const std::string good = files.get("log/c.cursor");
  REQUIRE(good.size() == disk_detail::cursor_size);
  segment_log log("log", log_options(files));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    files.put("log/c.cursor", bytes);
    durable_cursor cursor(log, "c");
    CHECK(cursor.origin() == cursor_origin::damaged);
    CHECK(cursor.position() == 1);
  }
  for (const std::string& bytes : {std::string(), good.substr(1), good + "x"}) {
    files.put("log/c.cursor", bytes);
    CHECK(durable_cursor(log, "c").origin() == cursor_origin::damaged);
  }
  files.put("log/c.cursor", good);
  CHECK(durable_cursor(log, "c").position() == 4);
}

TEST_CASE("a commit that fails leaves the old place and can be tried again") {
  for (std::size_t failing = 1;; ++failing) {
    INFO("call " << failing);
    memory_file_system memory;
    faulty_file_system files(memory);
    segment_log log("log", log_options(files));
    append(log, 5);
    durable_cursor cursor(log, "c");
    (void)cursor.next();
    cursor.commit();
    (void)cursor.next();
    files.fail_call(failing, EIO);
    bool is_over = false;
    try {
      cursor.commit();
      is_over = true;
      files.heal();
    } catch (const error& failed) {
      CHECK(cursor.committed() == 2);
      const auto there = durable_cursor(log, "c").position();
      CHECK(there == (failed.step() == "fsync folder" ? 3U : 2U));
    }
    cursor.commit();
    CHECK(durable_cursor(log, "c").position() == 3);
    if (is_over) break;
  }
}

TEST_CASE("wherever the power fails nothing that is in the log stays unread") {
  for (std::size_t failing = 1;; ++failing) {
    bool is_over = false;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      INFO("power fails at call " << failing << ", seed " << seed);
      memory_file_system memory;
      faulty_file_system files(memory);
      std::set<std::uint64_t> seen;
      const auto read = [&](file_system& system, int appends) {
        auto options = log_options(system, 60);
        segment_log log("log", options);
        durable_cursor cursor(log, "c");
        for (int i = 0; i < appends; ++i) {
          log.append(payload_of(log.next_sequence()));
          log.append(payload_of(log.next_sequence()));
          while (const auto entry = cursor.next()) {
            if (const auto* record = std::get_if<stored_record>(&*entry)) seen.insert(record->sequence);
          }
          cursor.commit();
          log.discard_before(cursor.committed());
        }
      };
      files.fail_from(failing, EIO);
      try {
        read(files, 5);
      } catch (const error&) {
        // The power failed.
      }
      is_over = files.total() < failing;
      memory.crash(seed == 0 ? blackout::process : seed == 1 ? blackout::power : blackout::power_mixed, seed);
      read(memory, 1);
      const segment_log log("log", log_options(memory, 60));
      for (std::uint64_t n = 1; n < log.next_sequence(); ++n) {
        if (!seen.contains(n)) FAIL("record " << n << " was never delivered");
      }
    }
    if (is_over) break;
  }
}

TEST_CASE("a cursor works on real files") {
  const disk_folder folder;
  for (std::uint64_t run = 0; run < 3; ++run) {
    segment_log log(folder / "log");
    durable_cursor cursor(log, "c");
    append(log, 4);
    CHECK(drain(cursor).sequences == numbers(run * 4 + 1, run * 4 + 4));
    cursor.commit();
  }
}

}  // namespace t_disk_durable_cursor
