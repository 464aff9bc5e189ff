// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Offsets become lines and columns as editors count them.
#include <string>

#include <ovrseer/config/source.hpp>

#include "catch.hpp"

namespace t_config_source {

using namespace ovrseer;

TEST_CASE("an offset has a line and a column from one") {
  const source_text source("a.yml", "one\ntwo\n");
  CHECK(source.position_of(0) == text_position{1, 1});
  CHECK(source.position_of(2) == text_position{1, 3});
  CHECK(source.position_of(3) == text_position{1, 4});
  CHECK(source.position_of(4) == text_position{2, 1});
  CHECK(source.position_of(8) == text_position{3, 1});
  CHECK(source.position_of(100) == text_position{3, 1});
}

TEST_CASE("a column counts characters and not bytes") {
  const source_text source("a.yml", "gr\xC3\xBC\xC3\x9F: x\n");
  CHECK(source.position_of(6) == text_position{1, 5});
}

TEST_CASE("a line ends before its line break of either kind") {
  const source_text source("a.yml", "one\r\ntwo");
  CHECK(source.text().substr(source.line_around(1).begin, source.line_around(1).size()) == "one");
  CHECK(source.text().substr(source.line_around(6).begin, source.line_around(6).size()) == "two");
}

TEST_CASE("a byte order mark is dropped and not counted") {
  const source_text source("a.yml", "\xEF\xBB\xBFname: x");
  CHECK(source.text() == "name: x");
  CHECK(source.position_of(0) == text_position{1, 1});
}

TEST_CASE("an empty text has one empty line") {
  const source_text source("a.yml", "");
  CHECK(source.position_of(0) == text_position{1, 1});
  CHECK(source.line_around(0).size() == 0);
}

TEST_CASE("several texts behind each other keep their names and lines") {
  source_text source("a.yml", "one\ntwo");
  source_text more("b.yml", "\xC3\xBC: x\n");
  more.hide({4, 5});
  const std::size_t b = source.append(more);
  const std::size_t c = source.append(source_text("c.yml", ""));
  CHECK(source.name() == "a.yml");
  CHECK(source.position_of(6) == text_position{2, 3});
  CHECK(source.position_of(7) == text_position{2, 4});  // the end of the first
  CHECK(source.name_at(7) == "a.yml");
  CHECK(source.name_at(b) == "b.yml");
  CHECK(source.position_of(b) == text_position{1, 1});
  CHECK(source.position_of(b + 4) == text_position{1, 4});
  CHECK(source.name_at(b + 6) == "b.yml");
  CHECK(source.position_of(b + 6) == text_position{2, 1});  // the end of the second
  CHECK(source.position_of(c) == text_position{1, 1});
  CHECK(source.part_at(c + 100) == 2);
  const text_span around = source.line_around(b + 1);
  CHECK(source.text().substr(around.begin, around.size()) == "\xC3\xBC: x");
  REQUIRE(source.hidden().size() == 1);
  CHECK(source.text().substr(source.hidden()[0].begin, 1) == "x");
}

TEST_CASE("bytes that are not UTF-8 are found where they are") {
  CHECK_FALSE(find_invalid_utf8("plain, gr\xC3\xBC\xC3\x9F, \xE2\x82\xAC, \xF0\x9F\x98\x80"));
  CHECK(find_invalid_utf8("ab\xFF") == 2U);
  CHECK(find_invalid_utf8("ab\xC3") == 2U);
  CHECK(find_invalid_utf8("\xC0\xAF") == 0U);          // overlong
  CHECK(find_invalid_utf8("\xE0\x80\xAF") == 0U);      // overlong
  CHECK(find_invalid_utf8("\xED\xA0\x80") == 0U);      // a surrogate
  CHECK(find_invalid_utf8("\xF4\x90\x80\x80") == 0U);  // beyond U+10FFFF
  CHECK(find_invalid_utf8("\xF0\x80\x80\xAF") == 0U);  // overlong
  CHECK(find_invalid_utf8("x\x80") == 1U);
}

}  // namespace t_config_source
