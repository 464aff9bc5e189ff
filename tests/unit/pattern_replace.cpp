// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What takes the place of matches is what JavaScript puts there.
#include <ovrseer/pattern/replace.hpp>

#include <catch.hpp>

#include <string>
#include <string_view>

namespace t_pattern_replace {

using namespace ovrseer;

std::string replaced(std::string_view text, std::string_view subject, std::string_view with) {
  return replace_all(*pattern<>::compile(text), subject, with);
}

TEST_CASE("groups are put in by number and by name", "[pattern]") {
  CHECK(replaced("(\\w+)@(\\w+)", "a@b, c@d!", "$2 at $1") == "b at a, d at c!");
  CHECK(replaced("(?<user>\\w+)@(?<host>\\w+)", "a@b", "$<host>/$<user>/$1") == "b/a/a");
  CHECK(replaced("\\d+", "took 12 of 30", "<$&>") == "took <12> of <30>");
  CHECK(replace_first(pattern<"\\d+">(), "took 12 of 30", "#") == "took # of 30");
  CHECK(replace_first(pattern<"\\d+">(), "none", "#") == "none");
}

TEST_CASE("a dollar sign that means nothing is itself", "[pattern]") {
  CHECK(replaced("(a)", "a", "$$1") == "$1");
  CHECK(replaced("(a)", "a", "$") == "$");
  CHECK(replaced("(a)", "a", "$2 $0 $x $<n> $10") == "$2 $0 $x $<n> a0");
  CHECK(replaced("(?<n>a)", "a", "$<m>|$<n") == "|$<n");
  CHECK(replaced("a", "a", "$1") == "$1");
}

TEST_CASE("two digits are one number where there is such a group", "[pattern]") {
  CHECK(replaced("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "abcdefghijk", "$11-$1-$12") == "k-a-a2");
}

TEST_CASE("a group that took no part is empty", "[pattern]") {
  CHECK(replaced("(a)|(b)", "ab", "[$1$2]") == "[a][b]");
  CHECK(replaced("(?<x>a)?b", "b ab", "<$<x>>") == "<> <a>");
}

TEST_CASE("empty matches are replaced between the others", "[pattern]") {
  CHECK(replaced("x*", "axb", "-") == "-a--b-");
  CHECK(replaced("", "é", "|") == "|é|");
  CHECK(replaced("^", "a", "> ") == "> a");
}

}  // namespace t_pattern_replace
