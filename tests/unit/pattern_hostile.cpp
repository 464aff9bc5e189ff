// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines of a mebibyte that were made to hurt: the steps of the engine grow as the text does, no more.
// Steps are counted, not timed.
#include <ovrseer/pattern/pattern_set.hpp>

#include <catch.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace t_pattern_hostile {

using namespace ovrseer;

struct counting_probe {
  std::uint64_t* steps;
  void step() noexcept { ++*steps; }
};

std::string repeated(std::string_view part, std::size_t size) {
  std::string text;
  text.reserve(size + part.size());
  while (text.size() < size) text += part;
  text.resize(size);
  return text;
}

struct hostile {
  const char* text;
  const char* part;  // what the line repeats
  const char* end;   // and how it ends
  bool matches;
};

constexpr hostile lines[] = {
    {"(a+)+b", "a", "c", false},
    {"(x+x+)+y", "x", "", false},
    {"(a|aa)+$", "a", "c", false},
    {"(a|aa)+$", "a", "", true},
    {"^(\\w+ ?)*$", "word", "!", false},
    {"(?:.*,){11}P", "x,yy,", "", false},
    {"[a-z]+zzq", "a", "", false},
    {"(?:a?){20}a{20}b", "a", "", false},
    {"(.*)(.*)(.*)(.*)(.*)x$", "ab", "", false},
    {"((a*)*)*b", "a", "", false},
    {"(a*)*?\\B!", "a", "", false},
    {"error.*refused.*zzz", "error refused ", "", false},
    {"\\b\\w+\\b\\s\\b\\d+", "word ", "", false},
    {"[^é]*é[^é]*é[^é]*日", "aé", "", false},
};

std::uint64_t steps_of(const pattern<>& compiled, std::string_view text, std::size_t slots, bool expected) {
  std::uint64_t steps = 0;
  pattern_detail::machine<counting_probe> search(pattern_access::program(compiled), text, slots,
                                                 counting_probe{&steps});
  CHECK(search.run(0) == expected);
  return steps;
}

TEST_CASE("the steps of a search grow as the text does", "[pattern]") {
  for (const hostile& line : lines) {
    INFO(line.text);
    const auto compiled = pattern<>::compile(line.text);
    REQUIRE(compiled);
    const std::size_t size = pattern_access::program(*compiled).code_size;
    for (const std::size_t slots : {std::size_t{0}, compiled->capture_count() * 2}) {
      std::uint64_t before = 0;
      for (const std::size_t length : {1U << 12U, 1U << 13U, 1U << 14U}) {
        const std::string text = repeated(line.part, length) + line.end;
        const std::uint64_t steps = steps_of(*compiled, text, slots, line.matches);
        CHECK(steps <= (text.size() + 2) * size * 4);
        if (before > 1000) CHECK(steps <= before * 21 / 10);
        before = steps;
      }
    }
  }
}

TEST_CASE("a line of a mebibyte is searched whatever it holds", "[pattern]") {
  for (const hostile& line : lines) {
    INFO(line.text);
    const auto compiled = pattern<>::compile(line.text);
    REQUIRE(compiled);
    const std::string text = repeated(line.part, 1U << 20U) + line.end;
    CHECK(compiled->matches(text) == line.matches);
    pattern_set set;
    set.add(*compiled);
    std::size_t count = 0;
    CHECK(set.scan(text + "\n", [&](std::string_view, const pattern_hits& found) { count += found.any() ? 1 : 0; }) ==
          text.size() + 1);
    CHECK(count == (line.matches ? 1 : 0));
  }
}

TEST_CASE("a candidate at every place of a line costs one run of the automaton", "[pattern]") {
  pattern_set set;
  set.add(*pattern<>::compile("key=\\d+ms"));
  pattern_hits hits;
  set.match(repeated("key=1", 1U << 20U), hits);
  CHECK_FALSE(hits.any());
}

TEST_CASE("a pattern without a table is searched all the same", "[pattern]") {
  const auto compiled = pattern<>::compile("a.{0,200}b.{0,100}c$");
  REQUIRE(compiled);
  REQUIRE(pattern_access::table(*compiled) == nullptr);
  const std::string text = repeated("ab", 2000);
  CHECK_FALSE(compiled->matches(text));
  CHECK(compiled->matches(text + "c"));
  pattern_set set;
  set.add(*compiled);
  pattern_hits hits;
  set.match(text + "c", hits);
  CHECK(hits.any());
  set.match(text, hits);
  CHECK_FALSE(hits.any());
}

}  // namespace t_pattern_hostile
