// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A disk that is full, that breaks at any call, and that forgets what was not synced when the power fails.
#include <ovrseer/disk/segment_log.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "disk_log.hpp"
#include "faulty_file_system.hpp"
#include "memory_file_system.hpp"

namespace t_disk_segment_faults {

using namespace ovrseer;
using namespace ovrseer_test;

std::string step_of_append(segment_log& log, std::string_view payload) {
  try {
    log.append(payload);
    return "";
  } catch (const error& failed) {
    return failed.step();
  }
}

TEST_CASE("a write torn at any byte leaves no trace and the next one works") {
  const std::string payload = "a record that will be torn";
  for (const bool truncate_fails : {false, true}) {
    for (std::size_t bytes = 0; bytes < payload.size() + disk_detail::record_prefix; ++bytes) {
      INFO("torn at " << bytes << (truncate_fails ? ", and not cut off" : ""));
      memory_file_system memory;
      faulty_file_system files(memory);
      {
        segment_log log("log", log_options(files));
        log.append("one");
        files.tear_write(1, bytes, ENOSPC);
        if (truncate_fails) files.fail(file_call::truncate, 1, EIO);
        CHECK(step_of_append(log, payload) == "append");
        CHECK(log.next_sequence() == 2);
        CHECK(log.stats().failed_appends == 1);
        CHECK(log.stats().last_failure == (bytes == 0 ? make_error_code(errc::short_write) : errno_code(ENOSPC)));
        CHECK(read_log(files, "log").sequences == numbers(1, 1));
        files.heal();
        CHECK(log.append("two").sequence == 2);
        CHECK(log.append("three").sequence == 3);
        CHECK(log.doubtful().empty());
      }
      const segment_log log("log", log_options(files));
      CHECK(log.recovered().is_clean());
      const auto found = read_log(files, "log");
      CHECK(found.payloads == std::vector<std::string>{"one", "two", "three"});
      CHECK(found.gaps.empty());
    }
  }
}

TEST_CASE("short writes are continued") {
  memory_file_system memory;
  faulty_file_system files(memory);
  files.shorten_writes(3);
  segment_log log("log", log_options(files, 40));
  for (std::uint64_t n = 1; n <= 20; ++n) log.append(payload_of(n));
  CHECK(read_log(memory, "log").sequences == numbers(1, 20));
}

TEST_CASE("a full disk refuses records one by one and takes them again when there is space") {
  for (std::uint64_t space = 0; space < 400; ++space) {
    memory_file_system memory;
    faulty_file_system files(memory);
    std::vector<std::uint64_t> taken;
    {
      segment_log log("log", log_options(files, 100));
      files.limit_space(space);
      for (std::uint64_t n = 1; n <= 20; ++n) {
        if (step_of_append(log, payload_of(log.next_sequence())).empty()) taken.push_back(log.next_sequence() - 1);
      }
      CHECK(read_log(files, "log").sequences == taken);
    }
    {
      const segment_log still_full("log", log_options(files, 100));
      CHECK(still_full.next_sequence() == taken.size() + 1);
    }
    files.heal();
    segment_log log("log", log_options(files, 100));
    log.append(payload_of(log.next_sequence()));
    CHECK(read_log(files, "log").sequences == numbers(1, taken.size() + 1));
  }
}

TEST_CASE("a segment that cannot be begun lets the old one go on") {
  memory_file_system memory;
  faulty_file_system files(memory);
  segment_log log("log", log_options(files, 1));
  log.append("one");
  files.fail(file_call::open, 1, EMFILE);
  CHECK(log.append("two").sequence == 2);
  CHECK(log.segment_count() == 1);
  CHECK(log.stats().failed_rotations == 1);
  CHECK(log.append("three").sequence == 3);
  CHECK(log.segment_count() == 2);
  CHECK(read_log(files, "log").sequences == numbers(1, 3));
  files.fail(file_call::open, 1, EMFILE);
  CHECK_THROWS_AS(log.rotate(), error);
  CHECK(log.append("four").sequence == 4);
}

TEST_CASE("a segment that cannot be removed stays and is tried again") {
  memory_file_system memory;
  faulty_file_system files(memory);
  auto options = log_options(files, 1);
  options.keep.count = 2;
  segment_log log("log", options);
  files.fail_always(file_call::unlink, EACCES);
  for (std::uint64_t n = 1; n <= 5; ++n) log.append(payload_of(n));
  CHECK(log.segment_count() == 5);
  CHECK(log.stats().failed_removals > 0);
  files.heal();
  log.append(payload_of(6));
  CHECK(log.segment_count() == 2);
}

TEST_CASE("a failed sync is told once and its records stay in doubt") {
  memory_file_system memory;
  faulty_file_system files(memory);
  segment_log log("log", log_options(files));
  log.append("one");
  log.sync();
  log.append("two");
  log.append("three");
  files.fail(file_call::sync, 1, EIO);
  try {
    log.sync();
    FAIL("was synced");
  } catch (const error& failed) {
    CHECK(failed.step() == "sync");
    CHECK(failed.code() == std::errc::io_error);
    CHECK_THAT(failed.context(), catchx::ContainsSubstring("records 2 to 3 may be lost"));
  }
  log.sync();
  CHECK(log.doubtful() == std::vector<sequence_range>{{2, 3}});
  CHECK(log.segment_count() == 2);
  CHECK(log.append("four").segment == 4);
  CHECK(read_log(files, "log").sequences == numbers(1, 4));
  log.sync();
  CHECK(log.doubtful().size() == 1);
}

TEST_CASE("with a sync for each append the failing one says that it is in the log") {
  memory_file_system memory;
  faulty_file_system files(memory);
  auto options = log_options(files);
  options.sync = sync_policy::every_append();
  segment_log log("log", options);
  log.append("one");
  files.fail(file_call::sync, 1, EIO);
  CHECK(step_of_append(log, "two") == "sync");
  CHECK(log.next_sequence() == 3);
  CHECK(log.append("three").sequence == 3);
  CHECK(log.doubtful() == std::vector<sequence_range>{{2, 2}});
}

TEST_CASE("a sync that fails while a segment is left refuses the record") {
  memory_file_system memory;
  faulty_file_system files(memory);
  segment_log log("log", log_options(files, 1));
  log.append("one");
  files.fail(file_call::sync, 1, EIO);
  CHECK(step_of_append(log, "two") == "rotate");
  CHECK(log.next_sequence() == 2);
  CHECK(log.append("two").sequence == 2);
  CHECK(log.doubtful() == std::vector<sequence_range>{{1, 1}});
  CHECK(read_log(files, "log").sequences == numbers(1, 2));
}

TEST_CASE("numbers in doubt are never given again whichever sync fails and whatever the power loss takes") {
  for (const auto kind : {blackout::process, blackout::power, blackout::power_mixed}) {
    for (std::size_t failing = 1; failing <= 25; ++failing) {
      INFO("sync " << failing);
      memory_file_system memory;
      faulty_file_system files(memory);
      files.fail(file_call::sync, failing, EIO);
      std::set<std::uint64_t> doubtful;
      std::uint64_t synced = 1;
      {
        auto options = log_options(files, 60);
        options.sync = sync_policy::every(2);
        segment_log log("log", options);
        for (int i = 0; i < 15; ++i) (void)step_of_append(log, payload_of(log.next_sequence()));
        for (const auto& range : log.doubtful()) {
          for (auto n = range.first; n <= range.last; ++n) doubtful.insert(n);
        }
        synced = log.synced_until();
      }
      memory.crash(kind, failing);
      segment_log log("log", log_options(files, 60));
      CHECK(log.next_sequence() >= synced);
      const auto found = read_log(files, "log");
      const std::set<std::uint64_t> seen(found.sequences.begin(), found.sequences.end());
      for (std::uint64_t n = 1; n < synced; ++n) {
        if (!doubtful.contains(n) && !seen.contains(n)) FAIL("record " << n << " was synced and is lost");
      }
      for (std::size_t i = 0; i < found.sequences.size(); ++i) {
        CHECK(found.payloads[i] == payload_of(found.sequences[i]));
      }
    }
  }
}

// Appends, syncs and rotates until a call fails; what `append` promised is noted.
struct promises {
  std::vector<std::uint64_t> appended;  // append returned
  std::uint64_t synced = 1;             // all before it were synced, or are doubtful
  std::set<std::uint64_t> doubtful;
};

promises work(file_system& files, sync_policy policy) {
  promises made;
  try {
    auto options = log_options(files, 60);
    options.sync = policy;
    segment_log log("log", options);
    for (int i = 0; i < 12; ++i) {
      const auto step = step_of_append(log, payload_of(log.next_sequence()));
      if (step.empty() || step == "sync") made.appended.push_back(log.next_sequence() - 1);
      made.synced = log.synced_until();
    }
    for (const auto& range : log.doubtful()) {
      for (auto n = range.first; n <= range.last; ++n) made.doubtful.insert(n);
    }
  } catch (const error&) {
    // The log could not be opened.
  }
  return made;
}

TEST_CASE("whichever call fails the log keeps what it took and goes on") {
  for (const auto policy : {sync_policy::on_demand(), sync_policy::every_append()}) {
    for (const int why : {EIO, ENOSPC}) {
      for (std::size_t failing = 1;; ++failing) {
        INFO("call " << failing);
        memory_file_system memory;
        faulty_file_system files(memory);
        files.fail_call(failing, why);
        const auto made = work(files, policy);
        CHECK(files.open_files() == 0);
        const bool is_over = files.total() < failing;
        files.heal();
        segment_log log("log", log_options(files, 60));
        CHECK(log.append(payload_of(log.next_sequence())).sequence == made.appended.size() + 1);
        const auto found = read_log(files, "log");
        CHECK(found.sequences == numbers(1, made.appended.size() + 1));
        CHECK(found.gaps.empty());
        for (std::size_t i = 0; i < found.sequences.size(); ++i) {
          CHECK(found.payloads[i] == payload_of(found.sequences[i]));
        }
        if (is_over) break;
      }
    }
  }
}

TEST_CASE("wherever the power fails every synced record is there and every record is whole") {
  for (const auto policy : {sync_policy::on_demand(), sync_policy::every(3), sync_policy::every_append()}) {
    for (std::size_t failing = 1;; ++failing) {
      bool is_over = false;
      for (std::uint64_t seed = 0; seed < 12; ++seed) {
        INFO("power fails at call " << failing << ", seed " << seed);
        memory_file_system memory;
        faulty_file_system files(memory);
        files.fail_from(failing, EIO);
        const auto made = work(files, policy);
        is_over = files.total() < failing;
        files.heal();
        memory.crash(seed == 0 ? blackout::process : seed == 1 ? blackout::power : blackout::power_mixed, seed);
        for (int run = 0; run < 2; ++run) {
          segment_log log("log", log_options(files, 60));
          const auto found = read_log(files, "log");
          for (std::size_t i = 0; i < found.sequences.size(); ++i) {
            if (found.payloads[i] != payload_of(found.sequences[i])) FAIL("a record that nobody wrote");
          }
          const std::set<std::uint64_t> seen(found.sequences.begin(), found.sequences.end());
          CHECK(seen.size() == found.sequences.size());
          CHECK(std::is_sorted(found.sequences.begin(), found.sequences.end()));
          for (std::uint64_t n = 1; n < made.synced; ++n) {
            if (!made.doubtful.contains(n) && !seen.contains(n)) FAIL("record " << n << " was synced and is lost");
          }
          if (seed == 0) CHECK(found.sequences == numbers(1, made.appended.size() + static_cast<std::size_t>(run)));
          log.append(payload_of(log.next_sequence()));
        }
      }
      if (is_over) break;
    }
  }
}

TEST_CASE("records in a segment that is not written any more are synced with the others") {
  memory_file_system memory;
  SECTION("after a torn write that could not be cut off") {
    faulty_file_system files(memory);
    segment_log log("log", log_options(files));
    log.append(payload_of(1));
    files.tear_write(1, 5, EIO);
    files.fail(file_call::truncate, 1, EIO);
    CHECK(step_of_append(log, "x") == "append");
    log.sync();
  }
  SECTION("after a torn tail was found") {
    { segment_log("log", log_options(memory)).append(payload_of(1)); }
    const std::string path = "log/" + disk_detail::segment_name({1, 1});
    const auto file = open_file(memory, path, open_mode::append);
    CHECK(!write_all(memory, file->get(), "half a").code);
    segment_log log("log", log_options(memory));
    CHECK(log.recovered().torn_bytes == 6);
    log.sync();
  }
  memory.crash(blackout::power);
  CHECK(segment_log("log", log_options(memory)).next_sequence() == 2);
  CHECK(read_log(memory, "log").sequences == numbers(1, 1));
}

TEST_CASE("a torn log on a full disk opens and reads and is mended later") {
  memory_file_system memory;
  faulty_file_system files(memory);
  {
    segment_log log("log", log_options(files));
    for (std::uint64_t n = 1; n <= 3; ++n) log.append(payload_of(n));
  }
  const std::string path = "log/" + disk_detail::segment_name({1, 1});
  memory.put(path, memory.get(path) + "half a rec");
  files.limit_space(0);
  for (int run = 0; run < 2; ++run) {
    segment_log log("log", log_options(files));
    CHECK(log.recovered().torn_bytes == 10);
    CHECK(read_log(files, "log").sequences == numbers(1, 3));
    CHECK(step_of_append(log, "x") == "append");
  }
  files.heal();
  segment_log log("log", log_options(files));
  CHECK(log.append(payload_of(4)).sequence == 4);
  CHECK(read_log(files, "log").sequences == numbers(1, 4));
}

}  // namespace t_disk_segment_faults
