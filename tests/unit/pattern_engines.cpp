// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Random patterns on random lines have the answers of RE2 and of PCRE2, on every path of the engine. Each is asked where
// it is; OVRSEER_TEST_SEED chooses the cases, and OVRSEER_TEST_PAIRS says how many pairs of pattern
// and line.
#include <ovrseer/pattern/pattern.hpp>

#include <catch.hpp>
#include <pattern_paths.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#if OVRSEER_HAS_RE2
#include <re2/re2.h>
#endif
#if OVRSEER_HAS_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif

namespace t_pattern_engines {

using namespace ovrseer;

// What is written the same in all three: neither \v nor \r occurs in a line, nor anything beyond ASCII.
struct generator {
  std::mt19937 engine;

  std::size_t below(std::size_t count) { return engine() % count; }
  template <class List>
  std::string pick(const List& list) {
    return list[below(std::size(list))];
  }

  std::string pattern_text(int depth) {
    static constexpr const char* atoms[] = {"a",    "b",     "c",   "e",      "err",  "took ", "A",      ".",   "[ab]",
                                            "[^a]", "[a-e]", "\\w", "\\W",    "\\d",  "\\s",   "\\S",    "\\d", "1",
                                            " ",    "=",     "\\.", "[0-9.]", "warn", "x",     "[^ab1]", "abc"};
    static constexpr const char* places[] = {"^", "$", "\\b", "\\B"};
    static constexpr const char* ends[] = {"*", "+", "?", "*?", "+?", "??", "{2}", "{0,1}", "{1,3}", "{2,}", "{3}"};
    switch (below(depth > 0 ? 10 : 3)) {
      case 0:
      case 1: return pick(atoms);
      case 2: return below(4) == 0 ? pick(places) : pick(atoms);
      case 3:
      case 4:
      case 5: return pattern_text(depth - 1) + pattern_text(depth - 1);
      case 6: return pattern_text(depth - 1) + "|" + pattern_text(depth - 1);
      case 7: return "(" + pattern_text(depth - 1) + ")";
      case 8: return "(?:" + pattern_text(depth - 1) + ")" + pick(ends);
      default: return pick(atoms) + pick(ends);
    }
  }
  std::string line() {
    static constexpr const char* parts[] = {"a", "b", "c", "e", "err",  "took ", "A", "E", "1",  "23",
                                            " ", "=", ".", "x", "warn", "abc",   "_", "-", "\t", "ab"};
    std::string made;
    for (std::size_t n = below(4) == 0 ? below(60) : below(12); n != 0; --n) made += pick(parts);
    return made;
  }
};

// Nothing where the engine gives up.
using other_engine = std::function<std::optional<bool>(std::string_view line)>;

#if OVRSEER_HAS_RE2
other_engine re2_of(const std::string& text, bool icase) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_case_sensitive(!icase);
  options.set_log_errors(false);
  auto made = std::make_shared<re2::RE2>(text, options);
  if (!made->ok()) return nullptr;
  return [made](std::string_view line) -> std::optional<bool> {
    return re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *made);
  };
}
#endif

#if OVRSEER_HAS_PCRE2
other_engine pcre2_of(const std::string& text, bool icase) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  const std::uint32_t options = PCRE2_DOLLAR_ENDONLY | (icase ? PCRE2_CASELESS : 0U);
  pcre2_code* const code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), options, &error, &offset, nullptr);
  if (code == nullptr) return nullptr;
  std::shared_ptr<pcre2_code> owner(code, pcre2_code_free);
  std::shared_ptr<pcre2_match_data> data(pcre2_match_data_create_from_pattern(code, nullptr), pcre2_match_data_free);
  return [owner, data](std::string_view line) -> std::optional<bool> {
    const int found =
        pcre2_match(owner.get(), reinterpret_cast<PCRE2_SPTR>(line.data()), line.size(), 0, 0, data.get(), nullptr);
    return found >= PCRE2_ERROR_NOMATCH ? std::optional(found >= 0) : std::nullopt;
  };
}
#endif

std::size_t number_from(const char* name, std::size_t otherwise) {
  const char* const given = std::getenv(name);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

// Lets every engine answer about random lines, until `pairs` pairs of pattern and line have been asked about.
template <class Make>
void compare_with(const char* name, Make make_other) {
  const auto seed = static_cast<unsigned>(number_from("OVRSEER_TEST_SEED", std::random_device{}()));
  const std::size_t wanted = number_from("OVRSEER_TEST_PAIRS", 20'000);
  INFO("OVRSEER_TEST_SEED=" << seed);
  generator random{std::mt19937(seed)};
  constexpr std::size_t patterns_a_set = 8;
  constexpr std::size_t lines_a_set = 400;
  std::size_t pairs = 0;
  std::size_t matching = 0;
  while (pairs < wanted) {
    std::vector<pattern<>> patterns;
    std::vector<other_engine> others;
    while (patterns.size() != patterns_a_set) {
      const std::string text = random.pattern_text(4);
      const bool is_icase = random.below(3) == 0;
      const auto made = pattern<>::compile(text, is_icase ? icase : pattern_flags{});
      other_engine other = make_other(text, is_icase);
      // What one of them refuses (an assertion that is repeated, say) is not asked about.
      if (!made || !other) continue;
      patterns.push_back(*made);
      others.push_back(std::move(other));
    }
    const auto paths = pattern_paths::paths_of(patterns);
    for (std::size_t n = 0; n != lines_a_set; ++n) {
      const std::string line = random.line();
      std::vector<std::optional<bool>> expected;
      for (const other_engine& other : others) expected.push_back(other(line));
      for (const auto& path : paths) {
        const auto found = path.ask(line);
        for (std::size_t i = 0; i != patterns.size(); ++i) {
          if (!expected[i] || found[i] == *expected[i]) continue;
          FAIL(to_text(patterns[i]) << " on '" << line << "', " << path.name << ": " << name << " says "
                                    << *expected[i]);
        }
      }
      for (const std::optional<bool>& known : expected) {
        pairs += known ? 1 : 0;
        matching += known.value_or(false) ? 1 : 0;
      }
    }
  }
  std::printf("%zu pairs of pattern and line with the answers of %s, %zu of them matches; seed %u\n", pairs, name,
              matching, seed);
  CHECK(matching > pairs / 10);
  CHECK(matching < pairs * 9 / 10);
}

TEST_CASE("random patterns have the answers of RE2 on every path", "[pattern]") {
#if OVRSEER_HAS_RE2
  compare_with("RE2", re2_of);
#else
  SKIP("RE2 is not installed");
#endif
}

TEST_CASE("random patterns have the answers of PCRE2 on every path", "[pattern]") {
#if OVRSEER_HAS_PCRE2
  compare_with("PCRE2", pcre2_of);
#else
  SKIP("PCRE2 is not installed");
#endif
}

}  // namespace t_pattern_engines
