// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The answers of JavaScript itself, on random patterns and subjects: spans, groups, and what is refused.
// Runs where node is; OVRSEER_TEST_SEED chooses the cases, and a failure prints it.
#include <ovrseer/pattern/pattern.hpp>

#include <catch.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#ifndef OVRSEER_SOURCE_DIR
#define OVRSEER_SOURCE_DIR "."
#endif

namespace t_pattern_oracle {

using namespace ovrseer;

std::vector<std::string> lines_of(const std::string& command) {
  std::vector<std::string> lines;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return lines;
  std::string line;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    lines.push_back(std::move(line));
    line.clear();
  }
  pclose(pipe);
  return lines;
}

// What we refuse and JavaScript (without the flag u) does not: by name.
bool is_refused_by_design(pattern_errc code) {
  switch (code) {
    case pattern_errc::unknown_escape:
    case pattern_errc::bad_hex_escape:
    case pattern_errc::bad_unicode_escape:
    case pattern_errc::bad_control_escape:
    case pattern_errc::octal_escape_is_not_supported:
    case pattern_errc::back_reference_is_not_supported:
    case pattern_errc::lookahead_is_not_supported:
    case pattern_errc::lookbehind_is_not_supported: return true;
    default: return false;
  }
}

using all_spans = std::vector<std::vector<long>>;

all_spans spans_of(const pattern<>& compiled, const std::string& subject) {
  all_spans all;
  for (const match& found : compiled.find_all(subject)) {
    std::vector<long> spans;
    for (std::size_t i = 0; i != found.size(); ++i) {
      const auto span = found.span(i);
      spans.push_back(span ? static_cast<long>(span->begin) : -1);
      spans.push_back(span ? static_cast<long>(span->end) : -1);
    }
    all.push_back(std::move(spans));
  }
  return all;
}

TEST_CASE("random patterns have the answers of JavaScript", "[pattern]") {
  if (std::system("node --version >/dev/null 2>&1") != 0) SKIP("node is not installed");
  const char* chosen = std::getenv("OVRSEER_TEST_SEED");
  const unsigned seed =
      chosen != nullptr ? static_cast<unsigned>(std::strtoul(chosen, nullptr, 10)) : std::random_device{}();
  const char* wanted = std::getenv("OVRSEER_TEST_PAIRS");
  constexpr unsigned long subjects = 20;
  const unsigned long pairs = wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : 20'000;
  const std::string command = std::string("node ") + OVRSEER_SOURCE_DIR + "/tests/tools/pattern_oracle.mjs " +
                              std::to_string(seed) + " " + std::to_string(pairs / subjects) + " " +
                              std::to_string(subjects);
  INFO("OVRSEER_TEST_SEED=" << seed);
  const auto lines = lines_of(command);
  REQUIRE(lines.size() == pairs / subjects);
  std::size_t searched = 0;
  std::size_t refused = 0;
  std::size_t tables = 0;
  std::size_t compared = 0;
  for (const std::string& line : lines) {
    const auto given = nlohmann::json::parse(line);
    const std::string text = given["p"];
    const std::string letters = given["f"];
    INFO("/" << text << "/" << letters);
    const auto flags = parse_pattern_flags(letters);
    REQUIRE(flags);
    const auto compiled = pattern<>::compile(text, *flags);
    if (given["m"].is_null()) {
      ++refused;
      CHECK_FALSE(compiled);
      continue;
    }
    if (!compiled) {
      ++refused;
      INFO(compiled.reason().message());
      CHECK(is_refused_by_design(compiled.reason().code));
      continue;
    }
    ++searched;
    // Made ready by `table`, spans are found in another way than before.
    std::vector<all_spans> by_machine;
    for (const std::string subject : given["s"]) by_machine.push_back(spans_of(*compiled, subject));
    const auto table = pattern_access::table(*compiled);
    tables += table != nullptr ? 1 : 0;
    for (std::size_t i = 0; i != by_machine.size(); ++i) {
      const std::string subject = given["s"][i];
      const auto expected = given["m"][i].get<all_spans>();
      ++compared;
      const bool agrees = by_machine[i] == expected && spans_of(*compiled, subject) == expected &&
                          compiled->matches(subject) != expected.empty() &&
                          (table == nullptr || table->matches(subject, 0) != expected.empty());
      if (!agrees) FAIL("on " << given["s"][i].dump() << ": JavaScript has " << given["m"][i].dump());
    }
  }
  std::printf("%zu pairs of pattern and subject with the spans and groups of JavaScript; seed %u\n", compared, seed);
  CHECK(searched > lines.size() / 2);
  CHECK(refused > 0);
  CHECK(tables > searched * 9 / 10);
}

}  // namespace t_pattern_oracle
