// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Examples of patterns: short, printable, and always a match; over the cases of another engine's tests as well.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include <catch.hpp>
#include <nlohmann/json.hpp>
#include <regex_cases.hpp>

#include <ovrseer/pattern/example.hpp>

#ifndef OVRSEER_SOURCE_DIR
#define OVRSEER_SOURCE_DIR "."
#endif

namespace t_pattern_example {

using namespace ovrseer;

std::optional<std::string> example(std::string_view text) {
  const auto made = pattern<>::parse(text);
  if (!made) FAIL(made.reason().message());
  return example_of(*made);
}

TEST_CASE("an example is a shortest text that matches") {
  CHECK(example("ready to accept connections") == "ready to accept connections");
  CHECK(example("took \\d{4,}ms|fatal") == "fatal");
  CHECK(example("query took (8\\d)ms") == "query took 80ms");
  CHECK(example("listening on (?:port )?\\d+") == "listening on 0");
  CHECK(example("/ERROR|Fatal/i") == "error");
  CHECK(example("a*") == "");
  CHECK(example("") == "");
  CHECK(example("a{3}(b|cd){2}x?") == "aaabb");
  CHECK(example("(?<level>[A-Z]+): .+") == "A: a");
  CHECK(example("(a?){3}b") == "b");
  CHECK(example("(?:|x)y") == "y");
}

TEST_CASE("printable characters are preferred to others") {
  CHECK(example(".") == "a");
  CHECK(example("[^a]") == "b");
  CHECK(example("\\s") == " ");
  CHECK(example("\\W") == " ");
  CHECK(example("[\\x01-\\x7f]") == "a");
  CHECK(example("\\x01|longer") == "longer");
  CHECK(example("\\n|much longer than that") == "much longer than that");
  CHECK(example("\\x01") == "\x01");
  CHECK(example("\u00e9t\u00e9") == "\u00e9t\u00e9");
  CHECK(example("[\u0100-\u0200]") == "\u0100");
  CHECK(example("[^ -~]") == "\t");
}

TEST_CASE("what an assertion asks of the neighbours is there") {
  CHECK(example("^a$") == "a");
  CHECK(example("\\bup\\b") == "up");
  CHECK(example("a\\b.") == "a ");
  CHECK(example("a\\B.") == "aa");
  CHECK(example("\\Bx") == "ax");
  CHECK(example("x\\B") == "xa");
  CHECK(example("^$") == "");
  CHECK(example("/^a\\n^b$/m") == "a\nb");
  CHECK(example("(^|x)y") == "y");
  CHECK(example("\\B") == "");
  CHECK(example("\\b") == "a");
}

TEST_CASE("what nothing matches has no example") {
  for (const char* text : {"[^\\s\\S]", "a\\bb", "x^", "$x", "a[^\\w\\W]b", "\\b\\B"}) {
    INFO(text);
    CHECK_FALSE(example(text));
  }
  CHECK(example("a\\bb|c") == "c");
}

TEST_CASE("patterns as large as they may be have examples") {
  CHECK(example("(?:abc){1000}")->size() == 3'000);
  CHECK(example("a{1000}")->size() == 1'000);
  CHECK(example("(?:a?b?c?){500}") == "");
}

TEST_CASE("every pattern of the data has an example that it matches") {
  const char* const given = std::getenv("OVRSEER_TEST_DATA");
  const std::filesystem::path folder =
      (given != nullptr ? std::filesystem::path(given) : std::filesystem::path(OVRSEER_SOURCE_DIR) / "../shared/data") /
      "regex";
  std::error_code missing;
  std::size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder, missing)) {
    if (file.path().extension() != ".json") continue;
    std::ifstream in(file.path());
    for (const nlohmann::json& one : nlohmann::json::parse(in)) {
      if (one["regex"].is_array()) continue;
      const auto lifted = regex_cases::lift_flags(one["regex"].get_ref<const std::string&>(), {});
      const auto made = pattern<>::compile(lifted.text, lifted.flags);
      if (!made) continue;
      ++seen;
      INFO(to_text(pattern_view(*made)));
      const std::optional<std::string> found = example_of(*made);
      if (!found) {
        // Another engine found a match, so there is one; but "[]a]" is no class of two in JavaScript.
        CHECK((one["matches"].empty() || regex_cases::has(lifted.text, "[]")));
        continue;
      }
      CHECK(made->matches(*found));
    }
  }
  if (seen == 0) SKIP("no data in " << folder.string());
  CHECK(seen > 100);
}

/// The texts behind `logPattern:` and `pattern:` of the stacks that come with the examples.
TEST_CASE("the patterns of the example stacks have examples") {
  const std::filesystem::path folder = std::filesystem::path(OVRSEER_SOURCE_DIR) / "examples/stacks";
  const pattern<"(?:logPattern|pattern): (?<what>'[^']*'|\"[^\"]*\"|[^,}]*)"> key;
  std::size_t seen = 0;
  for (const char* name : {"demo", "services"}) {
    std::ifstream in(folder / name / "ovrseer.yml");
    for (std::string line; std::getline(in, line);) {
      for (const auto& found : key.find_all(line)) {
        std::string text(*found.get<"what">());
        if (text.front() == '\'' || text.front() == '"') text = text.substr(1, text.size() - 2);
        INFO(text);
        const auto made = pattern<>::parse(text);
        REQUIRE(made);
        const std::optional<std::string> said = example_of(*made);
        REQUIRE(said);
        CHECK(made->matches(*said));
        CHECK(said->find_first_of("\r\n") == std::string::npos);
        ++seen;
      }
    }
  }
  CHECK(seen >= 5);
}

}  // namespace t_pattern_example
