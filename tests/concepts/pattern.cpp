// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the compiler must be able to say of patterns: they are literal types, views are trivial, and a
// pattern that it read is searched while compiling, with spans and groups.
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/pattern_hits.hpp>
#include <ovrseer/pattern/pattern_set.hpp>

#include <concepts>
#include <iterator>
#include <ranges>
#include <string_view>
#include <type_traits>

namespace t_concepts_pattern {

using namespace ovrseer;

using word = pattern<"(?<first>\\w)\\w*">;

// A pattern that the compiler read is an empty value, and no aggregate.
static_assert(std::is_empty_v<word>);
static_assert(!std::is_aggregate_v<word>);
static_assert(std::is_trivially_copyable_v<word>);
static_assert(std::is_nothrow_default_constructible_v<word>);
static_assert(!std::is_same_v<pattern<"a">, pattern<"a", icase>>);
static_assert(!std::is_same_v<pattern<"">, pattern<>>);

// The other kind owns, is copied cheaply, and is never empty.
static_assert(std::copyable<pattern<>>);
static_assert(!std::is_default_constructible_v<pattern<>>);
static_assert(!std::convertible_to<std::string_view, pattern<>>);
static_assert(!std::convertible_to<const char*, pattern<>>);
static_assert(std::convertible_to<word, pattern<>>);

// A view of either is trivial.
static_assert(std::is_trivially_copyable_v<pattern_view>);
static_assert(std::is_trivially_destructible_v<pattern_view>);
static_assert(!std::is_default_constructible_v<pattern_view>);
static_assert(std::convertible_to<word, pattern_view>);
static_assert(std::convertible_to<pattern<>, pattern_view>);
static_assert(!std::convertible_to<pattern_view, pattern<>>);
static_assert(sizeof(pattern_view) <= 2 * sizeof(void*));
static_assert(std::equality_comparable<pattern_view>);

// A view of a pattern that the compiler read is a constant.
constexpr pattern_view view_of_word = word();
static_assert(view_of_word.capture_count() == 2);
static_assert(view_of_word.group_name(1) == "first");
static_assert(view_of_word.flags() == pattern_flags::none);

static_assert(std::input_iterator<match_range<word>::iterator>);
static_assert(std::ranges::input_range<match_range<word>>);
static_assert(std::ranges::input_range<match_range<pattern_view>>);
static_assert(std::ranges::input_range<match_range<pattern<>>>);
static_assert(std::forward_iterator<pattern_hits::iterator>);
static_assert(std::ranges::forward_range<pattern_hits>);
static_assert(std::movable<pattern_set>);
static_assert(std::is_same_v<word::match_type, match_of<word>>);
static_assert(std::is_same_v<pattern<>::match_type, match>);

// --- searching in the compiler

static_assert(pattern<"a+b">().matches("xaab"));
static_assert(!pattern<"a+b">().matches("xaac"));
static_assert(pattern<"">().matches(""));
static_assert(pattern<"error|fatal", icase>().matches("A FATAL thing"));
static_assert(pattern<"^b$", multiline>().matches("a\nb\nc"));
static_assert(pattern<"a.b", dotall>().matches("a\nb"));
static_assert(pattern<"^.[é日]$">().matches("é日"));
static_assert(pattern<"a\0b">().matches(std::string_view("xa\0b", 4)));

constexpr auto query = pattern<"query took (\\d+)(?<unit>ms|s)( .*)?">().find("12:00 query took 153ms");
static_assert(query.has_value());
static_assert(query->begin() == 6 && query->end() == 22);
static_assert(query->text() == "query took 153ms");
static_assert(query->get<1>() == "153");
static_assert(query->get<"unit">() == "ms");
static_assert(!query->get<3>().has_value());
static_assert(query->group("unit") == "ms");
static_assert(query->span(1) == match_span{17, 20});
static_assert(!pattern<"x">().find("y").has_value());

constexpr std::size_t count_words(std::string_view text) {
  std::size_t count = 0;
  for (const auto& found : word().find_all(text)) count += found.text().size() > 1 ? 1 : 0;
  return count;
}
static_assert(count_words("one a two, three") == 3);

// Hostile patterns are linear in the compiler too: it sets limits to its own steps.
static_assert(!pattern<"(a+)+b">().matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"));
static_assert(!pattern<"(?:a?){20}a{20}$">().matches("aaaaaaaaaaaaaaaaaaab"));

// --- every flag of a large configuration, at the default limits of the compiler

template <class... Patterns>
constexpr bool all_read(Patterns... patterns) {
  return ((pattern_view(patterns).capture_count() > 0) && ...);
}

static_assert(all_read(
    pattern<"error|exception|fatal", icase>(), pattern<"query took (\\d+)ms">(), pattern<"listening">(),
    pattern<"CRITICAL|FATAL", icase>(), pattern<"warn|warning", icase>(),
    pattern<"(?:password|token|secret|key)=\\S+", icase>(),
    pattern<"(?:connection|connect) (?:refused|reset|timed out|closed)", icase>(),
    pattern<"HTTP/1\\.[01]\" 5\\d\\d\\b">(), pattern<"out of memory|OOM|heap space">(),
    pattern<"time(?:d )?out|deadline exceeded", icase>(), pattern<"panic(?:ked)?:">(),
    pattern<"segfault|segmentation fault|core dumped", icase>(),
    pattern<"permission denied|access denied|unauthorized|forbidden", icase>(),
    pattern<"\\b(?:\\d{1,3}\\.){3}\\d{1,3}\\b">(),
    pattern<"authentication failure|failed password|invalid user", icase>(),
    pattern<"disk (?:is )?full|no space left", icase>(), pattern<"GET /[a-z0-9/._\\-]+\\.php", icase>(),
    pattern<"blk_-?\\d+">(), pattern<"\\[(?:ERROR|SEVERE|CRIT)\\]">(), pattern<"^[ \\t]+at [\\w.$]+\\(">(),
    pattern<"Caused by: [\\w.]+">(), pattern<"retry(?:ing)? (?:in|after) \\d+ ?m?s", icase>(),
    pattern<"\\bpid[ =:]+\\d+", icase>(), pattern<"exit(?:ed)? (?:with )?(?:code|status) [1-9]\\d*", icase>(),
    pattern<"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}">(),
    pattern<"eyJ[A-Za-z0-9_\\-]{8,}\\.[A-Za-z0-9_\\-]+\\.[A-Za-z0-9_\\-]+">(), pattern<"AKIA[0-9A-Z]{16}">(),
    pattern<"-----BEGIN [A-Z ]*PRIVATE KEY-----">(), pattern<"latency[=:][ \\t]*(\\d+(?:\\.\\d+)?)[ \\t]*ms", icase>(),
    pattern<"(?:mem|memory|rss)[=: ]+\\d+[ \\t]?[KMG]B", icase>(),
    pattern<"shutting down|shutdown|SIGTERM|SIGKILL", icase>(), pattern<"[\\w.+\\-]+@[\\w\\-]+\\.[\\w.]+">()));

// No pattern fails to compile for its size.
static_assert(pattern<"error.{0,1000}fatal.{0,500}x">::capture_count() == 1);
static_assert(pattern<"(?:[a-z]{1000}){9}">::capture_count() == 1);

}  // namespace t_concepts_pattern
