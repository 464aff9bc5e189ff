// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A journal that was cut at every byte of its last records, or has a bit flipped there: it opens, says what it lost,
// and gives no event and no state that was not.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <ovrseer/event/journal_writer.hpp>
#include <ovrseer/event/read_journal.hpp>
#include <ovrseer/event/replay.hpp>

#include "catch.hpp"
#include "disk_log.hpp"
#include "journal_samples.hpp"
#include "memory_file_system.hpp"

namespace t_event_journal_damage {

using namespace ovrseer;
using namespace ovrseer_test;

constexpr std::uint64_t count = 12;
constexpr std::uint64_t segment_header = 32;
constexpr std::uint64_t record_prefix = 8;

struct written {
  memory_file_system files;
  std::vector<event> events = story(count);
  std::string path = "journal/00000000000000000001.0000000001.seg";
  std::string bytes;
  std::vector<std::size_t> ends;  // where each record ends

  written() {
    journal_writer writer(journal_options(files));
    REQUIRE_FALSE(writer.write("life", 1, events).code);
    bytes = files.get(path);
    std::size_t end = segment_header;
    for (const event& each : events) ends.push_back(end += record_prefix + to_record(each, "life").size());
    REQUIRE(end == bytes.size());
  }
  /// The same folder with other bytes in its file.
  void put(memory_file_system& into, const std::string& content) const {
    into.make_folder("journal", 0750);
    into.put(path, content);
  }
};

std::uint64_t unsure(const journal_content& found) {
  std::uint64_t all = 0;
  for (const journal_loss& loss : found.losses) all += loss.events.value_or(loss.records);
  return all;
}

TEST_CASE("a journal cut at any byte of its last records reads as far as it is whole and says the rest") {
  const written made;
  for (std::size_t cut = made.ends[count - 4]; cut <= made.bytes.size(); ++cut) {
    INFO("cut at " << cut << " of " << made.bytes.size());
    memory_file_system files;
    made.put(files, made.bytes.substr(0, cut));
    std::uint64_t whole = 0;
    while (whole < count && made.ends[static_cast<std::size_t>(whole)] <= cut) ++whole;
    const std::size_t end = made.ends[static_cast<std::size_t>(whole) - 1];

    const journal_content found = read_all(files);
    CHECK(found.numbers() == numbers(1, whole));
    CHECK(falsehood(found, made.events) == "");
    if (cut == end) {
      CHECK(found.losses.empty());
    } else {
      REQUIRE(found.losses.size() == 1);
      CHECK(found.losses[0].why == journal_loss::kind::unfinished);
      CHECK(found.losses[0].file == made.path);
      CHECK(found.losses[0].offset == end);
      CHECK(found.losses[0].bytes == cut - end);
      CHECK(found.losses[0].boot_id == "life");
      CHECK(found.losses[0].first_seq == whole + 1);
    }
    CHECK(found.found.is_unfinished == (cut != end));

    // The next life opens it, says what it cut off, and goes on.
    journal_writer next(journal_options(files));
    const std::vector<event> more = story(2);
    const journal_write_result opened = next.write("next", 1, more);
    CHECK_FALSE(opened.code);
    CHECK(opened.recovered.empty() == (cut == end));
    const journal_content after = read_all(files);
    CHECK(after.events.size() == whole + more.size());
    CHECK_FALSE(after.found.is_unfinished);
    REQUIRE(after.found.lives.size() == 2);
    CHECK(after.found.lives[0].last_seq == whole);
    CHECK_FALSE(after.found.lives[0].has_ended);
  }
}

TEST_CASE("a flipped bit in the last records costs what it hit and is told") {
  const written made;
  const std::size_t from = made.ends[count - 4];
  for (std::size_t bit = from * 8; bit < made.bytes.size() * 8; ++bit) {
    std::uint64_t hit = 1;
    while (made.ends[static_cast<std::size_t>(hit) - 1] <= bit / 8) ++hit;
    // All of the length and the checksum, and of the text a bit in every byte and a half.
    const bool in_prefix = bit / 8 < made.ends[static_cast<std::size_t>(hit) - 2] + record_prefix;
    if (!in_prefix && bit % 11 != 0) continue;
    const bool in_length = bit / 8 < made.ends[static_cast<std::size_t>(hit) - 2] + 4;
    INFO("bit " << bit % 8 << " of byte " << bit / 8 << " in record " << hit);
    memory_file_system files;
    std::string bytes = made.bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    made.put(files, bytes);
    const journal_content found = read_all(files);
    CHECK(falsehood(found, made.events) == "");
    REQUIRE(found.losses.size() == 1);
    const journal_loss& loss = found.losses[0];
    CHECK(loss.file == made.path);
    CHECK(loss.first_seq == hit);
    if (hit < count && !in_length) {
      CHECK(loss.why == journal_loss::kind::damaged);
      CHECK(loss.events == 1U);
      CHECK(found.events.size() == count - 1);
      CHECK(found.numbers().back() == count);
      // Who was not told of since may be anything; who was hit knows it.
      CHECK(replay_of(found).missing == 1);
    } else {
      CHECK(loss.why == journal_loss::kind::unfinished);
      CHECK(found.numbers() == numbers(1, hit - 1));
      CHECK(loss.bytes == made.bytes.size() - made.ends[static_cast<std::size_t>(hit) - 2]);
    }
  }
}

TEST_CASE("noise anywhere in a journal of several files gives no wrong state") {
  std::uint64_t seed = 7;
  const auto next = [&seed](std::uint64_t below) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (seed >> 33U) % below;
  };
  const std::vector<event> events = story(60);
  for (int run = 0; run < 150; ++run) {
    memory_file_system files;
    journal_file_options options = journal_options(files);
    options.segment_size = byte_size(3'000);
    {
      journal_writer writer(options);
      REQUIRE_FALSE(writer.write("life", 1, events).code);
    }
    std::vector<std::string> names;
    const auto listed = files.list("journal");
    REQUIRE(listed);
    for (const std::string& name : *listed) {
      if (name.ends_with(".seg")) names.push_back("journal/" + name);
    }
    REQUIRE(names.size() > 5);
    for (auto hits = next(4) + 1; hits > 0; --hits) {
      const std::string& name = names[static_cast<std::size_t>(next(names.size()))];
      std::string bytes = files.get(name);
      if (bytes.empty()) continue;
      const auto at = static_cast<std::size_t>(next(bytes.size()));
      switch (next(4)) {
        case 0: bytes[at] = static_cast<char>(next(256)); break;
        case 1: bytes.resize(at); break;
        case 2: bytes.insert(at, std::string(static_cast<std::size_t>(next(50)), 'x')); break;
        default: std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), '\0'); break;
      }
      files.put(name, bytes);
    }
    INFO("run " << run);
    const journal_content found = read_all(files);
    CHECK(falsehood(found, events) == "");
    CHECK(found.events.size() <= 60);
    if (found.events.size() < 60) CHECK_FALSE(found.losses.empty());
    if (!found.events.empty() && found.numbers().back() == 60) CHECK(found.events.size() + unsure(found) >= 60);
  }
}

TEST_CASE("files that are gone from the middle are told with the numbers that they held") {
  memory_file_system files;
  const std::vector<event> events = story(60);
  journal_file_options options = journal_options(files);
  options.segment_size = byte_size(3'000);
  journal_writer writer(options);
  REQUIRE_FALSE(writer.write("life", 1, events).code);
  std::vector<std::string> names;
  const auto listed = files.list("journal");
  REQUIRE(listed);
  for (const std::string& name : *listed) {
    if (name.ends_with(".seg")) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  files.erase("journal/" + names[2]);
  files.erase("journal/" + names[3]);
  const std::uint64_t first = std::stoull(names[2]);
  const std::uint64_t behind = std::stoull(names[4]);
  const journal_content found = read_all(files);
  REQUIRE(found.losses.size() == 1);
  CHECK(found.losses[0].why == journal_loss::kind::missing);
  CHECK(found.losses[0].first_seq == first);
  CHECK(found.losses[0].events == behind - first);
  CHECK(found.found.missing == behind - first);
  CHECK(falsehood(found, events) == "");
}

TEST_CASE("a record that holds and is no event is told as unreadable") {
  memory_file_system files;
  const std::vector<event> events = story(6);
  {
    segment_log log("journal", log_options(files));
    for (const event& each : events) {
      if (each.seq == 3) log.append("{\"v\":2,\"seq\":3}\n");
      if (each.seq == 4) log.append("no JSON at all");
      if (each.seq < 3 || each.seq > 4) log.append(to_record(each, "life"));
    }
    log.append("{}");
  }
  const journal_content found = read_all(files);
  CHECK(found.numbers() == std::vector<std::uint64_t>{1, 2, 5, 6});
  CHECK(found.told() == std::vector<std::string>{"unreadable 3+1", "unreadable 4+1", "unreadable 7+?"});
  CHECK(to_text(found.losses[0]) == "1 event from number 3 on cannot be read (\"v\")");
  CHECK(found.found.missing == 2);
}

TEST_CASE("an event that claims an impossible number is not believed") {
  memory_file_system files;
  const std::vector<event> events = story(4);
  {
    segment_log log("journal", log_options(files));
    log.append(to_record(events[0], "life"));
    log.append(to_record(event_detail::note_of(dropped_events, {2, UINT64_MAX}, {}, 0), "life"));
    log.append(to_record(event_detail::note_of(dropped_events, {2, 0}, {}, 0), "life"));
    event zero = events[1];
    zero.seq = 0;
    log.append(to_record(zero, "life"));
    for (std::size_t i = 1; i < 4; ++i) log.append(to_record(events[i], "life"));
  }
  const journal_content found = read_all(files);
  CHECK(found.numbers() == numbers(1, 4));
  CHECK(found.found.missing == 0);
}

TEST_CASE("a reader beside the writer sees whole events alone and more of them later") {
  memory_file_system files;
  const std::vector<event> events = story(90);
  journal_file_options options = journal_options(files);
  options.segment_size = byte_size(4'000);
  journal_writer writer(options);
  journal_file_reader reader("journal", &files);
  files.make_folder("journal", 0750);
  CHECK_FALSE(reader.next());
  std::uint64_t seen = 0;
  for (std::size_t n = 0; n < events.size(); n += 3) {
    REQUIRE_FALSE(writer.write("life", 1, std::span(events).subspan(n, 3)).code);
    while (const auto item = reader.next()) {
      REQUIRE(std::holds_alternative<stored_event>(*item));
      CHECK(std::get<stored_event>(*item).entry.seq == ++seen);
    }
    CHECK(seen == n + 3);
    CHECK(reader.at_end().empty());
  }
}

TEST_CASE("a journal that is not there is an error and an empty one is not") {
  memory_file_system files;
  try {
    (void)read_all(files, "nowhere");
    FAIL("no error");
  } catch (const error& failure) {
    CHECK(failure.code() == std::errc::no_such_file_or_directory);
    CHECK(failure.step() == "list");
  }
  files.make_folder("journal", 0750);
  CHECK(read_all(files).found.lives.empty());
}

}  // namespace t_event_journal_damage
