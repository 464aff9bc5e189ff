// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a pattern says about itself is what a set does with it.
#include <ovrseer/pattern/explain.hpp>

#include <catch.hpp>

#include <string_view>

namespace t_pattern_explain {

using namespace ovrseer;
using engine = pattern_explanation::engine;

pattern_explanation explained(std::string_view text, pattern_flags flags = {}) {
  return pattern<>::compile(text, flags)->explain();
}

TEST_CASE("a literal decides by itself and says what is looked for", "[pattern]") {
  const auto found = explained("error|fatal", icase);
  CHECK(found.pattern == "/error|fatal/i");
  REQUIRE(found.sequences.size() == 2);
  CHECK(found.sequences[0].text == "ERROR");
  CHECK(found.sequences[1].text == "FATAL");
  CHECK(found.sequences[1].text.find(found.sequences[1].window) != std::string_view::npos);
  CHECK(found.sequences[0].guesses < 1000);
  CHECK(found.decides == engine::sequence);
  CHECK(found.warnings.empty());
}

TEST_CASE("what stands around a part is decided by an automaton", "[pattern]") {
  const auto found = explained("took \\d+ms");
  CHECK(found.decides == engine::table);
  CHECK_FALSE(found.reads_from_line_begin);
  CHECK(found.warnings.empty());
}

TEST_CASE("a pattern that must contain nothing rare is warned of", "[pattern]") {
  const auto found = explained("^\\s*$");
  CHECK(found.sequences.empty());
  CHECK(found.decides == engine::every_line);
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings[0].find("every line") != std::string::npos);
}

TEST_CASE("a part with anything before it is warned of and so is what is too large", "[pattern]") {
  const auto open = explained("error.*refused\\b");
  CHECK(open.reads_from_line_begin);
  CHECK(open.warnings.size() == 1);
  const auto large = explained("a.{0,300}b.{0,300}zqx\\b");
  CHECK(large.decides == engine::growing);
  CHECK_FALSE(large.warnings.empty());
}

TEST_CASE("both kinds of patterns and views explain themselves", "[pattern]") {
  constexpr pattern<"listening"> known;
  CHECK(known.explain().decides == engine::sequence);
  CHECK(pattern_view(known).explain().pattern == "/listening/");
  CHECK(to_text(known.explain()) ==
        "/listening/\n  looks for '" + known.explain().sequences[0].window + "' of 'listening', about " +
            std::to_string(static_cast<unsigned long long>(known.explain().sequences[0].guesses + 0.5)) +
            " times in a million bytes\n  where one stands the pattern matches; 10 steps for spans and groups\n");
}

}  // namespace t_pattern_explain
