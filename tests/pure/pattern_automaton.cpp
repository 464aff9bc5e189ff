// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The table and the machine are two answers to one question: they are compared on all short subjects.
#include <ovrseer/pattern/detail/automaton.hpp>
#include <ovrseer/pattern/pattern.hpp>

#include <catch.hpp>

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace t_pattern_automaton {

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
  const whole_view* table = pattern_access::table(*compiled);
  REQUIRE(table != nullptr);
  automaton growing(joint_program(text, flags));
  for (const std::string& subject : subjects) {
    for (std::size_t from = 0; from <= subject.size(); ++from) {
      if (from < subject.size() && (byte_at(subject, from) & 0xC0U) == 0x80U) continue;
      const bool expected = machine<>(code, subject, 0).run(from);
      const bool agrees = table->matches(subject, from) == expected &&
                          growing.search(subject, from, subject.size()).is_match == expected;
      if (agrees) continue;
      FAIL("/" << text << "/" << to_text(flags) << " on '" << subject << "' from " << from << ": machine says "
               << expected);
    }
  }
}

TEST_CASE("the table agrees with the machine on all short ASCII subjects", "[pattern]") {
  const auto subjects = all_subjects({"a", "b", "\n", " ", "A"}, 4);
  for (const char* text : {"ab",
                           "a|b",
                           "a*b",
                           "^a",
                           "a$",
                           "^$",
                           "\\bab?\\b",
                           "\\B",
                           "a\\Bb",
                           "^a|b$",
                           "(?:^|b)a",
                           "a{2,3}",
                           "(?:a*)*b",
                           "[^a]b",
                           ".b",
                           "a.?$",
                           "\\s\\S",
                           "(?:a|ab)(?:b|)",
                           "$^",
                           "b^a",
                           "\\b\\B",
                           "(?:\\b|a)+b",
                           "[]",
                           "[^]{3}",
                           "a[ab]{2}",
                           "a[ab]{2}b",
                           "ab[ab]{1,2}$",
                           "[ab]{2}a[ab]",
                           "a[ab]*b[ab]b",
                           "(?:a[ab]){2}",
                           "b[^b]{1,2}b",
                           "\\b[ab]{3}\\b",
                           "a[ab]{0,2}b\\b"}) {
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

TEST_CASE("a pattern whose table would be too large has none and grows one", "[pattern]") {
  const char* const text = "a.{0,300}b.{0,300}c";
  const auto large = pattern<>::compile(text);
  REQUIRE(large);
  CHECK(pattern_access::table(*large) == nullptr);
  automaton growing(joint_program(text, {}));
  CHECK(growing.search("xxa" + std::string(300, '.') + "b" + std::string(300, '.') + "c", 0, 10'000).is_match);
  CHECK_FALSE(growing.search("xxa" + std::string(301, '.') + "b" + std::string(300, '.') + "c", 0, 10'000).is_match);
}

TEST_CASE("a place that another stands for takes no state", "[pattern]") {
  for (const char* text :
       {"AKIA[0-9A-Z]{16}", "eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+", "[a-f]{40}", "x.{0,90}y"}) {
    const auto compiled = pattern<>::compile(text);
    REQUIRE(compiled);
    INFO(text);
    const whole_view* table = pattern_access::table(*compiled);
    CHECK(table != nullptr);
  }
  STATIC_REQUIRE(pattern<"AKIA[0-9A-Z]{16}">().matches("key AKIAAKIA0123456789ABCD."));
  STATIC_REQUIRE_FALSE(pattern<"AKIA[0-9A-Z]{16}">().matches("key AKIAAKIA0123456789A-BCDEFGH"));
}

TEST_CASE("a growing table that has become too large begins anew", "[pattern]") {
  automaton growing(joint_program("x[ab]{14}y", {}));
  std::mt19937 random(5);
  std::string text;
  for (int i = 0; i != 200'000; ++i) text.push_back("xab"[random() % 3]);
  CHECK_FALSE(growing.search(text, 0, text.size()).is_match);
  CHECK(growing.cells() <= automaton::max_cells + 1000);
  CHECK(growing.search(text + "xabababababababy", 0, text.size() + 100).is_match);
  CHECK_FALSE(growing.search(text + "xababababababaxy", 0, text.size() + 100).is_match);
}

TEST_CASE("a search gives up behind a place where nothing is under way", "[pattern]") {
  const auto compiled = pattern<>::compile("took \\d+ms");
  REQUIRE(compiled);
  const whole_view* table = pattern_access::table(*compiled);
  REQUIRE(table != nullptr);
  const std::string text = "took 12 took 34ms";
  const auto first = table->search(text, 0, 4);
  CHECK_FALSE(first.is_match);
  CHECK(first.at == 8);  // behind the blank that is no m
  CHECK(table->search(text, first.at, 12).is_match);
  CHECK(table->search(text, 0, text.size()).is_match);
  const auto last = table->search(text, 9, 12);
  CHECK_FALSE(last.is_match);
}

TEST_CASE("patterns side by side are told apart", "[pattern]") {
  const std::vector<const char*> texts{"^\\s*$", "b", "[ab]+$", "\\ba", "", "^a|c$", "[^a]"};
  joint_program all;
  std::vector<pattern<>> each;
  for (const char* text : texts) {
    all.add(text, {});
    each.push_back(*pattern<>::compile(text));
  }
  automaton joint(std::move(all));
  for (const std::string& subject : all_subjects({"a", "b", "c", " ", "\xe9"}, 4)) {
    std::vector<bool> found(texts.size(), false);
    std::vector<std::uint32_t> matched;
    joint.visit(subject, matched);
    for (const std::uint32_t one : matched) found[one] = true;
    for (std::size_t i = 0; i != texts.size(); ++i) {
      if (found[i] != each[i].matches(subject)) FAIL("/" << texts[i] << "/ on '" << subject << "'");
    }
  }
}

}  // namespace t_pattern_automaton
