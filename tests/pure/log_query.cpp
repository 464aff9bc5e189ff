// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Questions to a ring: which lines, how many, in which order.
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <catch.hpp>

#include <ovrseer/log/flags.hpp>
#include <ovrseer/log/query.hpp>

namespace t_log_query {

using namespace ovrseer;

const wall_time noon = wall_time(std::chrono::seconds(1'700'000'000));

ring sample() {
  ring lines;
  const auto add = [&lines](const char* text, line_source source) {
    line each;
    each.text = text;
    each.source = source;
    each.time = noon + std::chrono::seconds(lines.size());
    if (source == line_source::own) each.stated = level::warning;
    lines.push(each);
  };
  add("INFO one", line_source::out);    // 1
  add("ERROR two", line_source::err);   // 2
  add("three", line_source::out);       // 3
  add("DEBUG four", line_source::out);  // 4
  add("restarting", line_source::own);  // 5
  add("FATAL six", line_source::err);   // 6
  return lines;
}

std::vector<std::uint64_t> seqs(const log_query& query) {
  const ring lines = sample();
  std::vector<std::uint64_t> found;
  visit_lines(lines, query, [&found](const line& each) { found.push_back(each.seq); });
  return found;
}

using numbers = std::vector<std::uint64_t>;

TEST_CASE("a query without conditions yields all lines oldest first") {
  CHECK(seqs(log_query()) == numbers{1, 2, 3, 4, 5, 6});
  CHECK(seqs(log_query().order(line_order::newest_first)) == numbers{6, 5, 4, 3, 2, 1});
}

TEST_CASE("lines are chosen by level and those without one count as info") {
  CHECK(seqs(log_query().at_least(level::warning)) == numbers{2, 5, 6});
  CHECK(seqs(log_query().at_least(level::info)) == numbers{1, 2, 3, 5, 6});
  CHECK(seqs(log_query().at_least(level::trace)) == numbers{1, 2, 3, 4, 5, 6});
}

TEST_CASE("lines are chosen by pattern and by writer") {
  CHECK(seqs(log_query().matching(pattern<"^[A-Z]+ ">{})) == numbers{1, 2, 4, 6});
  CHECK(seqs(log_query().matching(*pattern<>::compile("t(wo|hree)"))) == numbers{2, 3});
  CHECK(seqs(log_query().only(line_source::err)) == numbers{2, 6});
}

TEST_CASE("lines are chosen by time and by number") {
  CHECK(seqs(log_query().from(noon + std::chrono::seconds(4))) == numbers{5, 6});
  CHECK(seqs(log_query().until(noon + std::chrono::seconds(1))) == numbers{1});
  CHECK(seqs(log_query().from_seq(3).until_seq(5)) == numbers{3, 4});
  CHECK(seqs(log_query().from_seq(100)).empty());
  CHECK(seqs(log_query().from_seq(5).until_seq(2)).empty());
}

TEST_CASE("a limit keeps the newest or the oldest in either order") {
  CHECK(seqs(log_query().last(2)) == numbers{5, 6});
  CHECK(seqs(log_query().last(2).order(line_order::newest_first)) == numbers{6, 5});
  CHECK(seqs(log_query().first(2)) == numbers{1, 2});
  CHECK(seqs(log_query().first(2).order(line_order::newest_first)) == numbers{2, 1});
  CHECK(seqs(log_query().last(0)).empty());
  CHECK(seqs(log_query().last(100)) == numbers{1, 2, 3, 4, 5, 6});
}

TEST_CASE("conditions combine and the limit counts what qualifies") {
  CHECK(seqs(log_query().only(line_source::out).last(2)) == numbers{3, 4});
  CHECK(seqs(log_query().at_least(level::error).only(line_source::err).until_seq(6)) == numbers{2});
}

TEST_CASE("found lines are copies") {
  std::vector<owned_line> found;
  {
    const ring lines = sample();
    found = find_lines(lines, log_query().last(1));
  }
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == "FATAL six");
  CHECK(found[0].seq == 6);
  CHECK(found[0].level() == level::critical);
}

TEST_CASE("the lines around one are half of the window on each side") {
  const ring lines = sample();
  const auto around = [&lines](std::uint64_t seq, std::size_t window) {
    numbers found;
    for (const owned_line& each : lines_around(lines, seq, window)) found.push_back(each.seq);
    return found;
  };
  CHECK(around(3, 5) == numbers{1, 2, 3, 4, 5});
  CHECK(around(3, 3) == numbers{2, 3, 4});
  CHECK(around(3, 4) == numbers{1, 2, 3, 4, 5});
  CHECK(around(3, 1) == numbers{3});
  CHECK(around(3, 0) == numbers{3});
  CHECK(around(1, 5) == numbers{1, 2, 3});
  CHECK(around(6, 5) == numbers{4, 5, 6});
}

}  // namespace t_log_query
