// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Every reason to refuse a pattern, with the place; and how it is told to people.
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/pattern_error.hpp>

#include <catch.hpp>

#include <string>

namespace t_pattern_error {

using namespace ovrseer;

struct refusal {
  std::string text;
  pattern_errc code;
  std::size_t offset;
};

TEST_CASE("every text that is no pattern is refused with reason and place", "[pattern]") {
  using enum pattern_errc;
  const refusal table[] = {
      {"a(b", unclosed_group, 1},
      {"(a(b)", unclosed_group, 0},
      {"(?:", unclosed_group, 0},
      {"a)", unopened_group, 1},
      {")(", unopened_group, 0},
      {"x[ab", unclosed_class, 1},
      {"[^", unclosed_class, 0},
      {"[a\\]", unclosed_class, 0},
      {"ab\\", trailing_backslash, 2},
      {"[\\", trailing_backslash, 1},
      {"*a", nothing_to_repeat, 0},
      {"a|+", nothing_to_repeat, 2},
      {"(?:*)", nothing_to_repeat, 3},
      {"a**", nothing_to_repeat, 2},
      {"a+?*", nothing_to_repeat, 3},
      {"^*", nothing_to_repeat, 1},
      {"\\b+", nothing_to_repeat, 2},
      {"{2}", nothing_to_repeat, 0},
      {"a{2}{3}", nothing_to_repeat, 4},
      {"a{2,1}", repeat_out_of_order, 1},
      {"a{1001}", repeat_too_large, 1},
      {"a{1,1001}", repeat_too_large, 1},
      {"a{99999999999999999999}", repeat_too_large, 1},
      {"a++", possessive_quantifier_is_not_supported, 2},
      {"a?+", possessive_quantifier_is_not_supported, 2},
      {"[b-a]", range_out_of_order, 1},
      {"[é-a]", range_out_of_order, 1},
      {"\\q", unknown_escape, 0},
      {"a\\Ab", unknown_escape, 1},
      {"[\\B]", unknown_escape, 1},
      {"\\é", unknown_escape, 0},
      {"\\x4", bad_hex_escape, 0},
      {"\\xg0", bad_hex_escape, 0},
      {"\\u12", bad_unicode_escape, 0},
      {"\\u{}", bad_unicode_escape, 0},
      {"\\u{110000}", bad_unicode_escape, 0},
      {"\\u{12", bad_unicode_escape, 0},
      {"\\c", bad_control_escape, 0},
      {"\\c1", bad_control_escape, 0},
      {"\\01", octal_escape_is_not_supported, 0},
      {"[\\1]", octal_escape_is_not_supported, 1},
      {"\\uD83D", lone_surrogate, 0},
      {"\\uDE00", lone_surrogate, 0},
      {"\\uD83D\\u0041", lone_surrogate, 0},
      {"\\u{D800}", lone_surrogate, 0},
      {"a\xff", invalid_utf8, 1},
      {"[\x80]", invalid_utf8, 1},
      {"\\p{L}", unicode_property_is_not_supported, 0},
      {"[\\P{L}]", unicode_property_is_not_supported, 1},
      {"(?<>a)", bad_group_name, 3},
      {"(?<1a>a)", bad_group_name, 3},
      {"(?<a-b>a)", bad_group_name, 4},
      {"(?<a", bad_group_name, 4},
      {"(?<n>a)(?<n>b)", duplicate_group_name, 10},
      {"(?P<n>a)", unknown_group_kind, 0},
      {"(?'n'a)", unknown_group_kind, 0},
      {"a(?", unknown_group_kind, 1},
      {"a(?=b)", lookahead_is_not_supported, 1},
      {"a(?!b)", lookahead_is_not_supported, 1},
      {"(?<=a)b", lookbehind_is_not_supported, 0},
      {"(?<!a)b", lookbehind_is_not_supported, 0},
      {"(a)\\1", back_reference_is_not_supported, 3},
      {"(?<n>a)\\k<n>", back_reference_is_not_supported, 7},
      {"(?i)a", inline_flags_are_not_supported, 0},
      {"a(?-i:b)", inline_flags_are_not_supported, 1},
      {"(?>a)", atomic_group_is_not_supported, 0},
      {"(?(1)a)", conditional_is_not_supported, 0},
      {"(?#a)", comment_is_not_supported, 0},
      {"(?:a{1000}){11}", pattern_too_large, 11},
      {"(?:(?:a{100}){100}){1000}", pattern_too_large, 19},
      {std::string(10'001, 'a'), pattern_too_large, 0},
  };
  for (const refusal& row : table) {
    INFO(row.text.substr(0, 60));
    const auto made = pattern<>::compile(row.text);
    REQUIRE_FALSE(made);
    CHECK(to_text(made.reason().code) == to_text(row.code));
    CHECK(made.reason().offset == row.offset);
    CHECK(made.reason().text == row.text);
  }
}

TEST_CASE("a pattern has at most 255 groups", "[pattern]") {
  std::string text;
  for (int i = 0; i != 255; ++i) text += "()";
  CHECK(pattern<>::compile(text));
  const auto made = pattern<>::compile(text + "(a)");
  REQUIRE_FALSE(made);
  CHECK(made.reason().code == pattern_errc::too_many_groups);
  CHECK(made.reason().offset == 510);
}

TEST_CASE("deep nesting neither recurses nor is refused", "[pattern]") {
  std::string open, close;
  for (int i = 0; i != 100'000; ++i) {
    open += "(?:";
    close += ")";
  }
  const auto made = pattern<>::compile(open + "a" + close);
  REQUIRE(made);
  CHECK(made->matches("xa"));
  CHECK(pattern<>::compile(open).reason().code == pattern_errc::unclosed_group);
}

TEST_CASE("the message shows the pattern and points at the place", "[pattern]") {
  const auto made = pattern<>::compile("error(?=:)");
  REQUIRE_FALSE(made);
  CHECK(made.reason().message() ==
        "look-ahead is not supported: it would not be linear (at offset 5)\n"
        "  error(?=:)\n"
        "       ^");
  const pattern_error wide{pattern_errc::unopened_group, 5, "é日)"};
  CHECK(wide.message() ==
        "')' without '(': write \\) for the character (at offset 5)\n"
        "  é日)\n"
        "    ^");
}

TEST_CASE("the message shows a part of a long pattern and no control characters", "[pattern]") {
  const pattern_error late{pattern_errc::unopened_group, 100, std::string(100, 'a') + ")" + std::string(100, 'b')};
  const std::string text = late.message();
  CHECK_THAT(text, catchx::ContainsSubstring("..." + std::string(40, 'a') + ")"));
  CHECK_THAT(text, catchx::EndsWith("\n" + std::string(2 + 3 + 40, ' ') + "^"));
  const pattern_error control{pattern_errc::unopened_group, 2, "\n\x1b)"};
  CHECK_THAT(control.message(), catchx::ContainsSubstring("  ?"
                                                          "?)\n    ^"));
}

TEST_CASE("flags are read from letters and refused by name", "[pattern]") {
  CHECK(*parse_pattern_flags("") == pattern_flags::none);
  CHECK(*parse_pattern_flags("gimsu") == (icase | multiline | dotall));
  CHECK(to_text(icase | dotall) == "is");
  const auto refused = [](std::string_view letters) {
    const auto made = parse_pattern_flags(letters);
    REQUIRE_FALSE(made);
    return std::pair(made.reason().code, made.reason().offset);
  };
  using enum pattern_errc;
  CHECK(refused("iy") == std::pair(sticky_flag_is_not_supported, std::size_t{1}));
  CHECK(refused("v") == std::pair(unicode_sets_flag_is_not_supported, std::size_t{0}));
  CHECK(refused("d") == std::pair(indices_flag_is_not_supported, std::size_t{0}));
  CHECK(refused("ix") == std::pair(unknown_flag, std::size_t{1}));
  CHECK(refused("ii") == std::pair(duplicate_flag, std::size_t{1}));
}

TEST_CASE("every reason has words of its own", "[pattern]") {
  for (unsigned code = 1; code <= static_cast<unsigned>(pattern_errc::indices_flag_is_not_supported); ++code) {
    INFO(code);
    CHECK(to_text(static_cast<pattern_errc>(code)) != "unknown reason");
  }
}

}  // namespace t_pattern_error
