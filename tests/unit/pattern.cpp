// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a pattern says of a text: both kinds, spans, groups, Unicode, and the places that are easy to get wrong.
#include <ovrseer/pattern/pattern.hpp>

#include <catch.hpp>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace t_pattern {

using namespace ovrseer;
using namespace std::string_view_literals;

pattern<> compiled(std::string_view text, pattern_flags flags = {}) {
  auto made = pattern<>::compile(text, flags);
  INFO((made ? std::string() : made.reason().message()));
  REQUIRE(made);
  return *made;
}

std::vector<std::string> all_texts(pattern_view pattern, std::string_view subject) {
  std::vector<std::string> texts;
  for (const match& found : pattern.find_all(subject)) texts.emplace_back(found.text());
  return texts;
}

TEST_CASE("a pattern is found anywhere in the subject", "[pattern]") {
  CHECK(compiled("error|fatal").matches("a fatal thing"));
  CHECK_FALSE(compiled("error|fatal").matches("a FATAL thing"));
  CHECK(compiled("error|fatal", icase).matches("a FATAL thing"));
  CHECK(compiled("").matches(""));
  CHECK_FALSE(compiled("x").matches(""));
}

TEST_CASE("a match tells where it lies and what its groups took", "[pattern]") {
  const auto query = compiled("query took (\\d+)(?<unit>ms|s)( \\(cached\\))?");
  const std::string line = "12:00 query took 153ms";
  const auto found = query.find(line);
  REQUIRE(found);
  CHECK(found->begin() == 6);
  CHECK(found->end() == line.size());
  CHECK(found->text() == "query took 153ms");
  CHECK(found->subject().data() == line.data());
  CHECK(found->size() == 4);
  CHECK(found->group(0) == "query took 153ms");
  CHECK(found->group(1) == "153");
  CHECK(found->span(1) == match_span{17, 20});
  CHECK(found->group("unit") == "ms");
  CHECK(found->group(3) == std::nullopt);
  CHECK(found->group(4) == std::nullopt);
  CHECK(found->group("none") == std::nullopt);
  CHECK(query.capture_count() == 4);
  CHECK(query.group_names() == std::vector<std::string_view>{"unit"});
  CHECK(query.group_name(2) == "unit");
  CHECK(query.group_name(1).empty());
}

TEST_CASE("what a group took may be asked for as a number", "[pattern]") {
  constexpr pattern<"(?<name>\\w+) took (?<ms>\\S+?)ms(?<rest>x)?"> took;
  const auto found = took.find("query took 4711ms");
  REQUIRE(found);
  CHECK(found->get<"ms", int>() == 4711);
  CHECK(found->get<2, double>() == 4711.0);
  CHECK(found->get<"ms", unsigned char>() == std::nullopt);  // it does not fit
  CHECK(found->get<"name", int>() == std::nullopt);
  CHECK(found->get<"rest", int>() == std::nullopt);
  CHECK(found->group_as<long>("ms") == 4711);
  CHECK(found->group_as<long>(9) == std::nullopt);
  const auto number = [&](std::string_view text) {
    const std::string line = "a took " + std::string(text) + "ms";
    return took.find(line)->get<"ms", double>();
  };
  CHECK(number("12.5") == 12.5);
  CHECK(number("-3e2") == -300.0);
  CHECK(number("+7") == 7.0);
  CHECK(number("+-7") == std::nullopt);
  CHECK(number("7s") == std::nullopt);
  const auto made = pattern<>::compile("(\\d+)%");
  REQUIRE(made);
  CHECK(made->find("disk 93% full")->group_as<int>(1) == 93);
}

TEST_CASE("a group that took the empty text differs from one that took no part", "[pattern]") {
  const auto found = compiled("(a*)(b)?").find("");
  REQUIRE(found);
  CHECK(found->group(1) == "");
  CHECK(found->group(2) == std::nullopt);
}

TEST_CASE("a search from a place still sees what stands before it", "[pattern]") {
  CHECK(compiled("^b").find("ab", 1) == std::nullopt);
  CHECK(compiled("\\bb").find("ab", 1) == std::nullopt);
  CHECK(compiled("\\Bb").find("ab", 1)->begin() == 1);
  CHECK(compiled("^b", multiline).find("a\nb", 2)->begin() == 2);
  CHECK(compiled("").find("ab", 2)->begin() == 2);
  CHECK(compiled("").find("ab", 3) == std::nullopt);
  CHECK(compiled("a").find("aba", 1)->begin() == 2);
}

TEST_CASE("all matches come from left to right and an empty one moves on", "[pattern]") {
  CHECK(all_texts(compiled("\\d+"), "1 22 333") == std::vector<std::string>{"1", "22", "333"});
  CHECK(all_texts(compiled("a*"), "baac") == std::vector<std::string>{"", "aa", "", ""});
  CHECK(all_texts(compiled("x*"), "é").size() == 2);
  std::vector<std::size_t> begins;
  for (const auto& found : compiled("a").find_all("aXaXa", 1)) begins.push_back(found.begin());
  CHECK(begins == std::vector<std::size_t>{2, 4});
}

TEST_CASE("the leftmost match wins and among those the first alternative", "[pattern]") {
  CHECK(compiled("a|ab").find("xab")->text() == "a");
  CHECK(compiled("ab|a").find("xab")->text() == "ab");
  CHECK(compiled("(a|ab)(c|bcd)(d*)").find("abcd")->text() == "abcd");
  CHECK(compiled("b|ab").find("ab")->text() == "ab");
}

TEST_CASE("greedy takes much and lazy takes little", "[pattern]") {
  CHECK(compiled("<.*>").find("<a><b>")->text() == "<a><b>");
  CHECK(compiled("<.*?>").find("<a><b>")->text() == "<a>");
  CHECK(compiled("a{2,3}").find("aaaa")->text() == "aaa");
  CHECK(compiled("a{2,3}?").find("aaaa")->text() == "aa");
  CHECK(compiled("a??b").find("ab")->text() == "ab");
  CHECK(compiled("a{0}b").find("ab")->text() == "b");
}

TEST_CASE("every iteration forgets the groups of the one before", "[pattern]") {
  const auto found = compiled("(?:(a)|(b))*").find("ab");
  REQUIRE(found);
  CHECK(found->group(1) == std::nullopt);
  CHECK(found->group(2) == "b");
}

TEST_CASE("an iteration that is not required never matches the empty text", "[pattern]") {
  CHECK(compiled("(a*)*").find("b")->group(1) == std::nullopt);
  CHECK(compiled("(a*)+").find("b")->group(1) == "");
  CHECK(compiled("(a*)?").find("b")->group(1) == std::nullopt);
  CHECK(compiled("(?:^|a)+").find("ab")->text() == "a");
  CHECK(compiled("(?:a?)*?b").find("aab")->text() == "aab");
  CHECK(compiled("(z)((a+)?(b+)?(c))*").find("zaacbbbcac")->group(4) == std::nullopt);
}

TEST_CASE("anchors hold at the ends of the text or with m of its lines", "[pattern]") {
  CHECK(compiled("a$").find("a\n") == std::nullopt);
  CHECK(compiled("a$", multiline).find("a\nb")->begin() == 0);
  CHECK(compiled("^b", multiline).find("a\nb")->begin() == 2);
  CHECK(compiled("^b", multiline).matches("a\rb"));
  CHECK(compiled("^b", multiline).matches("a\u2028b"));
  CHECK(compiled("a$", multiline).matches("a\u2029b"));
  CHECK_FALSE(compiled("^b").matches("a\nb"));
  CHECK(compiled("^$").matches(""));
  CHECK_FALSE(compiled("^$").matches("\n"));
}

TEST_CASE("the dot takes all but line terminators unless s is given", "[pattern]") {
  for (const auto* text : {"\n", "\r", "\u2028", "\u2029"}) {
    CHECK_FALSE(compiled(".").matches(text));
    CHECK(compiled(".", dotall).matches(text));
    CHECK(compiled("[^]").matches(text));
  }
  CHECK(compiled("^.$").matches("é"));
}

TEST_CASE("classes follow JavaScript", "[pattern]") {
  CHECK_FALSE(compiled("[]").matches("a"));
  CHECK_FALSE(compiled("a[]|b").matches("a"));
  CHECK(compiled("[^]").matches("a"));
  CHECK(compiled("[]a]|x").find("xa]")->text() == "x");
  CHECK(compiled("[a-]+").find("x-a-")->text() == "-a-");
  CHECK(compiled("[\\w-.]+").find("!a-.b!")->text() == "a-.b");
  CHECK(compiled("[\\d-x]+").find("a5-x")->text() == "5-x");
  CHECK(compiled("[\\b]").matches("\b"));
  CHECK(compiled("[.$^*(]+").find("a.$^*(b")->text() == ".$^*(");
  CHECK(compiled("[^a-c]+").find("abcxyz")->text() == "xyz");
  CHECK(compiled("[Z-a]", icase).matches("z"));
  CHECK_FALSE(compiled("[^a]", icase).matches("A"));
  CHECK(compiled("[\\s\\S]").matches("\n"));
}

TEST_CASE("braces and brackets that mean nothing are themselves", "[pattern]") {
  CHECK(compiled("{\"level\":\"error\"}").matches("x {\"level\":\"error\"}"));
  CHECK(compiled("a{,3}").matches("a{,3}"));
  CHECK(compiled("a{x}").matches("a{x}"));
  CHECK(compiled("]}").matches("]}"));
  CHECK(compiled("x{2").matches("x{2"));
}

TEST_CASE("escapes mean what they mean in JavaScript", "[pattern]") {
  CHECK(compiled("\\t\\n\\r\\f\\v\\0").matches("\t\n\r\f\v\0"sv));
  CHECK(compiled("\\x41\\u0042\\u{43}\\cJ").matches("ABC\n"));
  CHECK(compiled("\\.\\*\\/\\-\\ \\_\\@\\{").matches(".*/- _@{"));
  CHECK(compiled("\\u00e9").matches("é"));
  CHECK(compiled("\\xe9").matches("é"));
  CHECK(compiled("\\uD83D\\uDE00").matches("😀"));
  CHECK(compiled("\\u{1F600}").matches("😀"));
  CHECK(compiled("\\d\\D\\w\\W\\s\\S").matches("1a_- x"));
}

TEST_CASE("text is UTF-8 in every position", "[pattern]") {
  CHECK(compiled("né").find("un né")->begin() == 3);
  CHECK(compiled("[é日]+").find("aé日b")->text() == "é日");
  CHECK(compiled("[à-ü]").find("aé")->text() == "é");
  CHECK(compiled("[^a]").find("aé")->text() == "é");
  CHECK(compiled("[^é]").find("é") == std::nullopt);
  CHECK(compiled("é{2}").find("aéé")->text() == "éé");
  CHECK(compiled("^.{3}$").matches("日本語"));
  CHECK_FALSE(compiled("^.{3}$").matches("日本"));
  CHECK(compiled("[😀-😂]").matches("😁"));
  CHECK(compiled("É", icase).find("é") == std::nullopt);
  CHECK_FALSE(compiled("\\w").matches("é"));
}

TEST_CASE("the members of a class may come in any order", "[pattern]") {
  std::string members;
  for (int i = 200; i != 0; --i) {
    const auto encoded = pattern_detail::encode(static_cast<pattern_detail::unit_value>(0x4e00 + 7 * (i * 31 % 200)));
    members.append(encoded.bytes, encoded.size);
  }
  const auto one_of = compiled("^[" + members + "ab]$");
  const auto none_of = compiled("^[^" + members + "ab]$");
  for (pattern_detail::unit_value value = 0x4e00 - 2; value != 0x4e00 + 1402; ++value) {
    const auto encoded = pattern_detail::encode(value);
    const std::string_view text(encoded.bytes, encoded.size);
    const bool is_member = value >= 0x4e00 && (value - 0x4e00) % 7 == 0 && (value - 0x4e00) / 7 < 200;
    if (one_of.matches(text) != is_member || none_of.matches(text) == is_member) FAIL(value);
  }
}

TEST_CASE("a run ends before the first byte that is not in it", "[pattern]") {
  struct run {
    const char* pattern;
    unsigned from, to;
  };
  for (const run& one : {run{"=[0-9]*", '0', '9'}, run{"=[\\x00-\\x7f]*", 0, 0x7F}, run{"=[~-\\x7f]*", '~', 0x7F},
                         run{"=[\\x00-\\x01]*", 0, 1}, run{"=a*", 'a', 'a'}}) {
    const auto made = compiled(one.pattern);
    pattern_access::make_plan(made);
    for (unsigned byte = 0; byte != 256; ++byte) {
      const bool is_in = byte >= one.from && byte <= one.to;
      for (std::size_t size = 0; size != 20; ++size) {
        for (std::size_t other = 0; other <= size; ++other) {
          std::string text = "=" + std::string(size, static_cast<char>(size % 2 == 0 ? one.from : one.to));
          if (other != size) text[1 + other] = static_cast<char>(byte);
          const auto found = made.find(text);
          if (!found || found->end() != (is_in ? text.size() : other + 1))
            FAIL(one.pattern << " on " << byte << " at " << other);
        }
      }
    }
  }
}

TEST_CASE("a byte that belongs to no sequence counts as one unit", "[pattern]") {
  CHECK(compiled("^.$").matches("\xff"));
  CHECK(compiled("^..$").matches("\xc3\xc3"));
  CHECK(compiled("^...$").matches("\xe2\x82x"));
  CHECK(compiled("^[^a]$").matches("\x80"));
  CHECK_FALSE(compiled("[\\u0080-\\u{10ffff}]").matches("\xff"));
  CHECK(compiled("^.$").matches("\xf4\x8f\xbf\xbf"));     // 10FFFF, the last
  CHECK(compiled("^....$").matches("\xf4\x90\x80\x80"));  // past it
  CHECK(compiled("^...$").matches("\xed\xa0\x80"));       // a surrogate
  CHECK(compiled("^..$").matches("\xc0\x80"));            // overlong
  CHECK(compiled("^...$").matches("\xe0\x80\x80"));
  CHECK(
      compiled("a.b").matches("a\x80"
                              "b"));
  CHECK(all_texts(compiled("."), "\xe9t\xe9").size() == 3);
}

TEST_CASE("the kind that the compiler read gives the same answers", "[pattern]") {
  constexpr pattern<"(?<key>token|secret)=(\\S+)", icase> secret;
  const auto found = secret.find("a TOKEN=abc");
  REQUIRE(found);
  CHECK(found->get<"key">() == "TOKEN");
  CHECK(found->get<2>() == "abc");
  CHECK(found->group("key") == "TOKEN");
  CHECK(found->size() == 3);
  const pattern_view view = secret;
  CHECK(view.matches("a TOKEN=abc"));
  CHECK(view.find("a TOKEN=abc")->group(2) == "abc");
  CHECK(view == compiled("(?<key>token|secret)=(\\S+)", icase));
  CHECK_FALSE(view == compiled("(?<key>token|secret)=(\\S+)"));
  CHECK(to_text(view) == "/(?<key>token|secret)=(\\S+)/i");
  CHECK(secret.group_names() == std::vector<std::string_view>{"key"});
  const pattern<> owned = secret;
  CHECK(owned.find("secret=1")->group("key") == "secret");
}

TEST_CASE("a pattern too large for the compiler is made on first use", "[pattern]") {
  constexpr pattern<"^(?:[a-z]{1000}){9}$"> large;
  CHECK(large.matches(std::string(9000, 'x')));
  CHECK_FALSE(large.matches(std::string(9001, 'x')));
  CHECK(pattern_view(large).matches(std::string(9000, 'x')));
  CHECK(large.find(std::string(9000, 'x'))->end() == 9000);
}

TEST_CASE("copies share one program and outlive the first", "[pattern]") {
  pattern<> first = compiled("a(b+)");
  pattern<> second = first;
  CHECK(second.text().data() == first.text().data());
  first = compiled("x");
  CHECK(second.find("abb")->group(1) == "bb");
  CHECK(second == compiled("a(b+)"));
  CHECK_FALSE(second == first);
}

TEST_CASE("a long search gives the same answer before and after its table is built", "[pattern]") {
  const auto marked = compiled("\\bmark(\\d+)$");
  const std::string hit = std::string(200, ' ') + "mark7";
  const std::string miss = std::string(200, ' ') + "mark7 ";
  for (int i = 0; i != 60; ++i) {
    CHECK(marked.matches(hit));
    CHECK_FALSE(marked.matches(miss));
    CHECK(marked.find(hit)->group(1) == "7");
    CHECK(marked.find(miss) == std::nullopt);
    CHECK(marked.find(hit, 201) == std::nullopt);
  }
}

TEST_CASE("any number of threads may search with one pattern", "[pattern]") {
  const auto shared = compiled("\\bmark(\\d+)$");
  constexpr pattern<"\\bmark(\\d+)!$"> fixed;
  const std::string line = std::string(300, ' ') + "mark7";
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int n = 0; n != 4; ++n) {
    threads.emplace_back([&] {
      for (int i = 0; i != 50; ++i) {
        if (!shared.matches(line) || fixed.matches(line)) ++wrong;
        const auto found = pattern_view(shared).find(line);
        if (!found || found->group(1) != "7") ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a configuration may write a pattern with slashes", "[pattern]") {
  const auto parsed = [](std::string_view text) {
    auto made = pattern<>::parse(text);
    REQUIRE(made);
    return to_text(*made);
  };
  CHECK(parsed("/error|fatal/i") == "/error|fatal/i");
  CHECK(parsed("/a/gsmu") == "/a/ms");
  CHECK(parsed("error") == "/error/");
  CHECK(parsed("/var/log/syslog") == "//var/log/syslog/");
  CHECK(parsed("/") == "///");
  CHECK(parsed("//") == "//");
  CHECK(parsed("/a\\/b/") == "/a\\/b/");
  CHECK(parsed("/[/]x/") == "/[/]x/");
  CHECK(parsed("/a/b/i") == "//a/b/i/");
  CHECK(parsed("/a") == "//a/");
  const auto bad = pattern<>::parse("/a(/i");
  REQUIRE_FALSE(bad);
  CHECK(bad.reason().offset == 2);
  CHECK(bad.reason().text == "/a(/i");
  const auto sticky = pattern<>::parse("/a/iy");
  REQUIRE_FALSE(sticky);
  CHECK(sticky.reason().code == pattern_errc::sticky_flag_is_not_supported);
  CHECK(sticky.reason().offset == 4);
}

}  // namespace t_pattern
