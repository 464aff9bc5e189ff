// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The table and the machine are two answers to one question: they are compared on all short subjects.
#include <ovrseer/pattern/detail/compiled.hpp>
#include <ovrseer/pattern/pattern.hpp>

#include <catch.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace t_pattern_dfa {

using namespace ovrseer;
using namespace ovrseer::pattern_detail;

// All texts of up to `length` units of the alphabet.
std::vector<std::string> all_subjects(const std::vector<std::string>& alphabet, std::size_t length) {
  std::vector<std::string> all{""};
  std::size_t begin = 0;
  for (std::size_t n = 0; n != length; ++n) {
    const std::size_t end = all.size();
    for (std::size_t i = begin; i != end; ++i) {
      for (const std::string& unit : alphabet) all.push_back(all[i] + unit);
    }
    begin = end;
  }
  return all;
}

void compare_on(const std::vector<std::string>& subjects, std::string_view text, pattern_flags flags) {
  const auto compiled = pattern<>::compile(text, flags);
  REQUIRE(compiled);
  const program& code = pattern_access::program(*compiled);
  const dfa* table = pattern_access::table(*compiled);
  REQUIRE(table != nullptr);
  for (const std::string& subject : subjects) {
    for (std::size_t from = 0; from <= subject.size(); ++from) {
      if (from < subject.size() && (byte_at(subject, from) & 0xC0U) == 0x80U) continue;
      const bool expected = machine<>(code, subject, 0).run(from);
      if (table->matches(subject, from) == expected) continue;
      FAIL("/" << text << "/" << to_text(flags) << " on '" << subject << "' from " << from << ": machine says "
               << expected);
    }
  }
}

TEST_CASE("the table agrees with the machine on all short ASCII subjects", "[pattern]") {
  const auto subjects = all_subjects({"a", "b", "\n", " ", "A"}, 4);
  for (const char* text :
       {"ab",    "a|b",      "a*b",    "^a",          "a$",    "^$",    "\\bab?\\b", "\\B",    "a\\Bb",
        "^a|b$", "(?:^|b)a", "a{2,3}", "(?:a*)*b",    "[^a]b", ".b",    "a.?$",      "\\s\\S", "(?:a|ab)(?:b|)",
        "$^",    "b^a",      "\\b\\B", "(?:\\b|a)+b", "[]",    "[^]{3}"}) {
    for (unsigned flags = 0; flags != 8; ++flags) compare_on(subjects, text, static_cast<pattern_flags>(flags));
  }
}

TEST_CASE("the table agrees with the machine beyond ASCII and beyond UTF-8", "[pattern]") {
  const auto subjects = all_subjects({"a", "é", "\u2028", "\xe9", "\xa9", "\xe2\x80"}, 4);
  for (const char* text :
       {"é", "[^é]", "^.{2}$", ".a", "^[é-日]+$", "[^a]$", "^", "a$", "\\b", "\\W{2}", "[^\\u0000-\\u{10ffff}]"}) {
    compare_on(subjects, text, multiline);
    compare_on(subjects, text, dotall);
  }
}

TEST_CASE("a pattern whose table would be too large has none", "[pattern]") {
  const auto large = pattern<>::compile("a.{0,300}b.{0,300}c");
  REQUIRE(large);
  CHECK(pattern_access::table(*large) == nullptr);
}

}  // namespace t_pattern_dfa
