// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What was meant: near words are found, far ones are not invented.
#include <array>
#include <string>
#include <string_view>

#include <ovrseer/config/suggestion.hpp>

#include "catch.hpp"

namespace t_config_suggestion {

using namespace ovrseer;

TEST_CASE("the distance counts insertions and deletions and replacements and swaps") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("restartPolcy", "restartPolicy") == 1);
  CHECK(edit_distance("comamnd", "command") == 1);
  CHECK(edit_distance("ca", "abc") == 3);  // no letter is moved twice
}

TEST_CASE("the distance is symmetric and obeys the triangle") {
  constexpr std::array<std::string_view, 8> words{"", "a", "ab", "ba", "command", "comand", "env", "envFile"};
  for (const std::string_view a : words) {
    CHECK(edit_distance(a, a) == 0);
    for (const std::string_view b : words) CHECK(edit_distance(a, b) == edit_distance(b, a));
  }
}

TEST_CASE("a near word is suggested and a far one is not") {
  constexpr std::array<std::string_view, 6> known{"command", "args", "env", "envFile", "cwd", "dependsOn"};
  CHECK(closest_word("comand", known) == "command");
  CHECK(closest_word("arg", known) == "args");
  CHECK(closest_word("evn", known) == "env");
  CHECK(closest_word("depends_on", known) == "dependsOn");
  CHECK(closest_word("ENV_FILE", known) == "envFile");
  CHECK(closest_word("xyz", known).empty());
  CHECK(closest_word("q", known).empty());
  CHECK(closest_word("", known).empty());
  CHECK(closest_word("---", known).empty());
  CHECK(closest_word(std::string(10'000, 'c'), known).empty());
}

TEST_CASE("of equally near words the first is suggested") {
  constexpr std::array<std::string_view, 2> known{"tags", "bags"};
  CHECK(closest_word("rags", known) == "tags");
}

}  // namespace t_config_suggestion
