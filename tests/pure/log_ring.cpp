// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The ring: bounds, numbers, what is dropped, and what it costs when little is said.
#include <cstddef>
#include <deque>
#include <random>
#include <string>
#include <string_view>

#include <catch.hpp>

#include <ovrseer/log/ring.hpp>

namespace t_log_ring {

using namespace ovrseer;

line line_of(std::string_view text, line_source source = line_source::out) {
  line made;
  made.text = text;
  made.source = source;
  return made;
}
log_limits limits(std::uint64_t bytes, std::size_t lines) {
  return log_limits().ring_size(byte_size(bytes)).ring_lines(lines);
}

TEST_CASE("a ring begins with number one and allocates nothing before the first line") {
  ring lines;
  CHECK(lines.begin_seq() == 1);
  CHECK(lines.end_seq() == 1);
  CHECK(lines.is_empty());
  CHECK(lines.allocated() == 0);
  lines.push(line_of("hello"));
  CHECK(lines.allocated() < 2'000);
}

TEST_CASE("everything of a line comes back") {
  ring lines;
  line given = line_of("text", line_source::err);
  given.part = line_part::middle;
  given.time = wall_time(std::chrono::seconds(1'700'000'000));
  given.stated = level::error;
  lines.push(given);
  lines.push(line_of("plain warning: no level was stated"));
  const line read = lines.read(1);
  CHECK(read.text == "text");
  CHECK(read.seq == 1);
  CHECK(read.time == given.time);
  CHECK(read.source == line_source::err);
  CHECK(read.part == line_part::middle);
  CHECK(read.level() == level::error);
  CHECK_FALSE(lines.read(2).stated);
}

TEST_CASE("the oldest lines go when there are too many") {
  ring lines(limits(1 << 20, 3));
  for (const char* text : {"a", "b", "c", "d", "e"}) lines.push(line_of(text));
  CHECK(lines.begin_seq() == 3);
  CHECK(lines.end_seq() == 6);
  CHECK(lines.read(3).text == "c");
  CHECK(lines.read(5).text == "e");
  CHECK(lines.evicted() == 2);
}

TEST_CASE("the oldest lines go when their bytes are too many") {
  ring lines(limits(1024, 1000));
  const std::string text(100, 'x');
  for (int i = 0; i < 50; ++i) lines.push(line_of(text));
  CHECK(lines.size() == 10);
  CHECK(lines.evicted() == 40);
  CHECK(lines.allocated() <= 1024 + 16 * 64);
}

TEST_CASE("a line as large as the ring is kept alone and a larger one is counted as dropped") {
  ring lines(limits(1024, 10));
  lines.push(line_of("small"));
  lines.push(line_of(std::string(1024, 'x')));
  CHECK(lines.size() == 1);
  CHECK(lines.read(2).text.size() == 1024);
  lines.push(line_of(std::string(1025, 'y')));
  CHECK(lines.is_empty());
  CHECK(lines.end_seq() == 4);
  CHECK(lines.evicted() == 3);
  lines.push(line_of("after"));
  CHECK(lines.read(4).text == "after");
}

TEST_CASE("empty lines are lines") {
  ring lines(limits(1024, 5));
  for (int i = 0; i < 12; ++i) lines.push(line_of(""));
  CHECK(lines.size() == 5);
  lines.push(line_of("x"));
  CHECK(lines.read(13).text == "x");
  CHECK(lines.read(9).text.empty());
}

TEST_CASE("a full ring takes at most a tenth more than its text") {
  ring lines;
  const std::string text(250, 'x');
  for (int i = 0; i < 5'000; ++i) lines.push(line_of(text));
  CHECK(lines.size() == 1'000);
  CHECK(lines.allocated() <= (std::size_t{256} << 10U) * 11 / 10);
}

TEST_CASE("what is asked about eviction is what happens and the kept lines are the newest") {
  std::mt19937 random(11);  // NOLINT: the same lines in every run
  for (int round = 0; round < 60; ++round) {
    const std::size_t most_lines = 1 + random() % 40;
    ring lines(limits(1024 + random() % 3000, most_lines));
    std::deque<std::string> all;
    for (int i = 0; i < 400; ++i) {
      const std::size_t size = random() % 10 == 0 ? random() % 1024 : random() % 60;
      const std::string text(size, static_cast<char>('a' + i % 26));
      const bool was_empty = lines.is_empty();
      const std::uint64_t before = lines.evicted();
      const bool predicted = lines.must_evict(size);
      lines.push(line_of(text));
      all.push_back(text);
      REQUIRE(predicted == (lines.evicted() != before));
      REQUIRE_FALSE((was_empty && predicted));
      REQUIRE(lines.size() <= most_lines);
      REQUIRE(lines.end_seq() == all.size() + 1);
      REQUIRE(lines.evicted() + lines.size() == all.size());
      for (std::uint64_t seq = lines.begin_seq(); seq != lines.end_seq(); ++seq) {
        REQUIRE(lines.read(seq).text == all[static_cast<std::size_t>(seq - 1)]);
      }
    }
  }
}

TEST_CASE("lines that were claimed together are the same as lines pushed one by one") {
  std::mt19937 random(13);  // NOLINT: the same lines in every run
  for (int round = 0; round < 100; ++round) {
    ring lines(limits(1024 + random() % 3000, 1 + random() % 60));
    std::deque<std::string> all;
    const auto check = [&] {
      REQUIRE(lines.end_seq() == all.size() + 1);
      REQUIRE(lines.evicted() + lines.size() == all.size());
      for (std::uint64_t seq = lines.begin_seq(); seq != lines.end_seq(); ++seq) {
        REQUIRE(lines.read(seq).text == all[static_cast<std::size_t>(seq - 1)]);
      }
    };
    for (int i = 0; i < 200; ++i) {
      std::string block;
      std::deque<std::string> texts;
      for (std::size_t n = random() % 6; n != 0; --n) {
        texts.emplace_back(random() % 40, static_cast<char>('a' + random() % 26));
        block += texts.back() + "\n";
      }
      const bool is_claimed = lines.claim(block);
      REQUIRE(is_claimed == (!block.empty() && block.size() <= lines.claim_limit()));
      check();
      std::size_t place = 0;
      for (const std::string& text : texts) {
        if (random() % 8 == 0) {  // somebody else adds a line in between
          all.emplace_back(random() % 100, '!');
          lines.push(line_of(all.back()));
          REQUIRE_FALSE(lines.has_claim());
        }
        if (random() % 16 == 0) break;  // the rest is not wanted after all
        all.push_back(text);
        lines.has_claim() ? lines.push_claimed(line_of(text), place) : lines.push(line_of(text));
        place += text.size() + 1;
      }
      check();
    }
  }
}

TEST_CASE("a ring of short lines does not grow to its limit") {
  ring lines;
  for (int i = 0; i < 100'000; ++i) lines.push(line_of("0123456789"));
  CHECK(lines.size() == 1'000);
  CHECK(lines.allocated() <= 34'000);
}

}  // namespace t_log_ring
