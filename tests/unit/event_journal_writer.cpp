// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The writer of a journal on disk: every event once and in order, whatever the disk does; gaps, doubt, age and size.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <ovrseer/event/journal_writer.hpp>
#include <ovrseer/event/read_journal.hpp>

#include "catch.hpp"
#include "disk_log.hpp"
#include "faulty_file_system.hpp"
#include "journal_samples.hpp"
#include "memory_file_system.hpp"

namespace t_event_journal_writer {

using namespace ovrseer;
using namespace ovrseer_test;
using namespace std::chrono_literals;

using words = std::vector<std::string>;

std::span<const event> part(const std::vector<event>& all, std::size_t first, std::size_t last) {
  return std::span(all).subspan(first - 1, last - first + 1);
}

TEST_CASE("events are written once and in order with the life that they belong to") {
  memory_file_system files;
  const std::vector<event> all = story(30);
  journal_writer writer(journal_options(files));
  CHECK_FALSE(files.has("journal/lock"));
  CHECK_FALSE(writer.write("one", 1, part(all, 1, 10)).code);
  // The same again, and some more.
  const journal_write_result made = writer.write("one", 1, part(all, 5, 30));
  CHECK(made.counts.written == 30);
  CHECK(made.counts.dropped == 0);
  CHECK(made.counts.last_seq == 30);
  const journal_content found = read_all(files);
  CHECK(found.numbers() == numbers(1, 30));
  CHECK(found.losses.empty());
  for (const stored_event& each : found.events) {
    CHECK(each.boot_id == "one");
    CHECK(to_json(each.entry, "") == to_json(all[static_cast<std::size_t>(each.entry.seq) - 1], ""));
  }
  REQUIRE(found.found.lives.size() == 1);
  CHECK(found.found.lives[0].events == 30);
  CHECK_FALSE(found.found.lives[0].has_ended);
}

TEST_CASE("lives follow each other in one folder") {
  memory_file_system files;
  const std::vector<event> all = story(20);
  for (const char* const life : {"one", "two", "three"}) {
    journal_writer writer(journal_options(files));
    std::vector<event> events(all.begin(), all.begin() + 8);
    events.push_back(plain_event(9, "", event_type::supervisor_stopped, supervisor_data{{}, 0}));
    CHECK_FALSE(writer.write(life, 1, events).code);
  }
  const journal_content found = read_all(files);
  CHECK(found.losses.empty());
  REQUIRE(found.found.lives.size() == 3);
  for (const journal_life& life : found.found.lives) {
    CHECK(life.first_seq == 1);
    CHECK(life.last_seq == 9);
    CHECK(life.has_ended);
  }
  CHECK(found.found.lives[2].boot_id == "three");
  CHECK(found.found.events == 27);
}

TEST_CASE("two lives that somebody gave the same id are still two") {
  memory_file_system files;
  const std::vector<event> all = story(20);
  for (const std::size_t count : {12U, 7U}) {
    journal_writer writer(journal_options(files));
    CHECK_FALSE(writer.write("same", 1, part(all, 1, count)).code);
  }
  const journal_content found = read_all(files);
  CHECK(found.losses.empty());
  CHECK(found.events.size() == 19);
  REQUIRE(found.found.lives.size() == 2);
  CHECK(found.found.lives[0].last_seq == 12);
  CHECK(found.found.lives[1].last_seq == 7);
}

TEST_CASE("a second writer is refused while the first one lives") {
  memory_file_system files;
  const std::vector<event> all = story(3);
  journal_writer first(journal_options(files));
  CHECK_FALSE(first.write("one", 1, all).code);
  journal_writer second(journal_options(files));
  const journal_write_result refused = second.write("two", 1, all);
  CHECK(refused.code == std::errc::resource_unavailable_try_again);
  CHECK(refused.counts.failed_writes == 1);
  CHECK(read_all(files).found.lives.size() == 1);
}

TEST_CASE("events that are missing are noted in their place") {
  memory_file_system files;
  const std::vector<event> all = story(20);
  journal_writer writer(journal_options(files));
  (void)writer.write("one", 1, part(all, 4, 6));
  const journal_write_result made = writer.write("one", 1, part(all, 12, 14));
  CHECK(made.counts.written == 6);
  CHECK(made.counts.dropped == 3 + 5);
  const journal_content found = read_all(files);
  CHECK(found.numbers() == std::vector<std::uint64_t>{4, 5, 6, 12, 13, 14});
  CHECK(found.told() == words{"dropped 1+3", "dropped 7+5"});
  CHECK(found.found.missing == 8);
  CHECK(to_text(found.losses[1]) == "5 events from number 7 on were not written");
}

TEST_CASE("who begins later wants no earlier events") {
  memory_file_system files;
  const std::vector<event> all = story(10);
  journal_writer writer(journal_options(files));
  CHECK(writer.write("one", 4, part(all, 4, 10)).counts.dropped == 0);
  const journal_content found = read_all(files);
  CHECK(found.numbers() == numbers(4, 10));
  CHECK(found.told() == words{"removed 1+3"});
  CHECK(found.found.missing == 0);
}

TEST_CASE("an event that is too long is noted instead") {
  memory_file_system files;
  std::vector<event> all = story(6);
  std::get<transition_data>(all[4].data).why.what = std::string(5000, 'x');
  journal_file_options options = journal_options(files);
  options.largest_event = byte_size(4096);
  journal_writer writer(options);
  const journal_write_result made = writer.write("one", 1, all);
  CHECK_FALSE(made.code);
  CHECK(made.counts.dropped == 1);
  const journal_content found = read_all(files);
  CHECK(found.numbers() == std::vector<std::uint64_t>{1, 2, 3, 4, 6});
  CHECK(found.told() == words{"dropped 5+1"});
}

// Until the disk is full, and on when there is room again: what could not be written is tried again or noted.
TEST_CASE("a full disk loses no event without a note") {
  for (std::uint64_t space = 0; space < 6'000; space += 61) {
    INFO("space for " << space << " bytes");
    memory_file_system below;
    faulty_file_system files(below);
    const std::vector<event> all = story(40);
    journal_file_options options = journal_options(files);
    options.segment_size = byte_size(2000);
    journal_writer writer(options);
    files.limit_space(space);
    bool has_failed = false;
    std::size_t lost_until = 1;
    for (std::size_t first = 1; first < all.size(); first += 4) {
      const journal_write_result made = writer.write("one", 1, part(all, first, first + 3));
      has_failed = has_failed || made.code;
      if (made.code) {
        CHECK(made.code == std::errc::no_space_on_device);
        CHECK_FALSE(made.message.empty());
      }
      // What is in the file is right at every moment.
      if (below.has("journal/lock")) {
        const journal_content now = read_all(below);
        CHECK(now.numbers() == numbers(1, now.events.size()));
      }
      if (made.code) break;
      lost_until = first + 4;
    }
    files.heal();
    // The journal in memory has dropped some meanwhile.
    const std::size_t next = std::max<std::size_t>(lost_until, 31);
    const journal_write_result made = writer.write("one", 1, part(all, next, 40));
    CHECK_FALSE(made.code);
    CHECK(made.counts.written + made.counts.dropped == 40);
    const journal_content found = read_all(below);
    CHECK(found.events.size() == made.counts.written);
    CHECK(found.found.missing == made.counts.dropped);
    CHECK(found.losses.size() == (made.counts.dropped == 0 ? 0U : 1U));
    CHECK(replay_of(found).last_seq == 40);
  }
}

TEST_CASE("whatever call of the disk fails the events are there once when it works again") {
  for (std::size_t nth = 1; nth < 120; ++nth) {
    for (const int why : {EIO, ENOSPC}) {
      INFO("call " << nth << " fails with " << why);
      memory_file_system below;
      faulty_file_system files(below);
      const std::vector<event> all = story(40);
      journal_file_options options = journal_options(files);
      options.sync = journal_sync::every_event();
      options.segment_size = byte_size(2000);
      journal_writer writer(options);
      files.fail_call(nth, why);
      for (std::size_t first = 1; first < all.size(); first += 4) {
        const auto events = part(all, first, first + 3);
        if (writer.write("one", 1, events).code) CHECK_FALSE(writer.write("one", 1, events).code);
      }
      CHECK_FALSE(writer.sync().code);
      CHECK(writer.counts().written == 40);
      CHECK(writer.counts().unsynced == 0);
      const journal_content found = read_all(below);
      CHECK(found.numbers() == numbers(1, 40));
      CHECK(found.found.missing == 0);
      // An fsync that failed is told in the file, and nothing else is.
      for (const journal_loss& loss : found.losses) CHECK(loss.why == journal_loss::kind::doubtful);
      CHECK(found.losses.empty() == (writer.counts().failed_syncs == 0));
    }
  }
}

TEST_CASE("a power loss after a failed fsync is told and leads to no wrong state") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    for (const auto kind : {ovrseer_test::blackout::power, ovrseer_test::blackout::power_mixed}) {
      INFO("seed " << seed);
      memory_file_system below;
      faulty_file_system files(below);
      const std::vector<event> all = story(60);
      journal_file_options options = journal_options(files);
      options.sync = journal_sync::every_event();
      {
        journal_writer writer(options);
        CHECK_FALSE(writer.write("one", 1, part(all, 1, 20)).code);
        files.fail(file_call::sync, 1, EIO);
        const journal_write_result made = writer.write("one", 1, part(all, 21, 30));
        CHECK(made.code == std::errc::io_error);
        CHECK(made.counts.doubtful == 10);
        CHECK(made.counts.failed_syncs == 1);
        CHECK_FALSE(writer.write("one", 1, part(all, 31, 40)).code);
        below.crash(kind, seed);
      }
      const journal_content found = read_all(below);
      const std::uint64_t gone = 40 - found.events.size();
      CHECK(gone <= 10);
      CHECK(found.found.missing == gone);
      CHECK(found.numbers().back() == 40);
      bool has_doubt = false;
      for (const journal_loss& loss : found.losses) {
        if (loss.why != journal_loss::kind::doubtful) continue;
        has_doubt = true;
        CHECK(loss.first_seq == 21);
        CHECK(loss.events == 10);
      }
      CHECK(has_doubt);
      CHECK(falsehood(found, all) == "");
      // And life goes on.
      journal_writer next(journal_options(below));
      CHECK_FALSE(next.write("two", 1, part(all, 1, 5)).code);
      CHECK(read_all(below).found.lives.back().events == 5);
    }
  }
}

TEST_CASE("old files go by size and the reader tells that the beginning is gone") {
  memory_file_system files;
  const std::vector<event> all = story(400);
  journal_file_options options = journal_options(files);
  options.max_size = byte_size(20'000);
  options.segment_size = byte_size(4'000);
  journal_writer writer(options);
  CHECK_FALSE(writer.write("one", 1, all).code);
  const journal_content found = read_all(files);
  CHECK(found.events.size() > 20);
  CHECK(found.events.size() < 100);
  CHECK(found.numbers().back() == 400);
  REQUIRE(found.losses.size() == 1);
  CHECK(found.losses[0].why == journal_loss::kind::removed);
  CHECK(found.losses[0].events == found.numbers().front() - 1);
  CHECK(found.found.missing == 0);
}

TEST_CASE("old files go by age and never the one in use") {
  memory_file_system files;
  wall_time now(1'000'000s);
  const std::vector<event> all = story(100);
  journal_file_options options = journal_options(files);
  options.max_age = 80min;
  options.now = [&now] { return now; };
  journal_writer writer(options);
  for (std::size_t n = 1; n <= 100; ++n) {
    CHECK_FALSE(writer.write("one", 1, part(all, n, n)).code);
    now += 3min;
  }
  const journal_content found = read_all(files);
  CHECK(found.numbers().back() == 100);
  // 80 minutes are 27 events; a file spans ten minutes, and is looked at every five.
  CHECK(found.events.size() >= 27);
  CHECK(found.events.size() <= 27 + 4 + 2);
  now += 48h;
  CHECK_FALSE(writer.write("one", 1, part(all, 100, 100)).code);
  CHECK_FALSE(read_all(files).events.empty());
}

TEST_CASE("a folder that is removed meanwhile is made again") {
  memory_file_system files;
  const std::vector<event> all = story(600);
  journal_writer writer(journal_options(files));
  CHECK_FALSE(writer.write("one", 1, part(all, 1, 10)).code);
  const auto names = files.list("journal");
  REQUIRE(names);
  for (const std::string& name : *names) files.erase("journal/" + name);
  for (std::size_t n = 11; n <= 600; ++n) CHECK_FALSE(writer.write("one", 1, part(all, n, n)).code);
  const journal_content found = read_all(files);
  CHECK(found.numbers().back() == 600);
  CHECK(found.events.size() > 300);
  CHECK(found.losses.size() == 1);
}

}  // namespace t_event_journal_writer
