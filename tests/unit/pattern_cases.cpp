// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The cases of another engine's tests, at run time: all pass that do not use a feature which we refuse,
// and each that does is counted under the name of the feature.
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/pattern_set.hpp>

#include <catch.hpp>
#include <pattern_paths.hpp>
#include <regex_cases.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#ifndef OVRSEER_SOURCE_DIR
#define OVRSEER_SOURCE_DIR "."
#endif

namespace t_pattern_cases {

using namespace ovrseer;
using nlohmann::json;
using regex_cases::verdict;

std::filesystem::path data_directory() {
  const char* given = std::getenv("OVRSEER_TEST_DATA");
  return (given != nullptr ? std::filesystem::path(given)
                           : std::filesystem::path(OVRSEER_SOURCE_DIR) / "../shared/data") /
         "regex";
}

std::vector<std::filesystem::path> data_files() {
  std::vector<std::filesystem::path> files;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(data_directory(), missing)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  return files;
}

// "\n", "\\", "\xHH": what the cases escape in haystacks that ask for it.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain.push_back(text[i]);
      continue;
    }
    switch (text[++i]) {
      case 'n': plain.push_back('\n'); break;
      case 'r': plain.push_back('\r'); break;
      case 't': plain.push_back('\t'); break;
      case '0': plain.push_back('\0'); break;
      case 'x':
        plain.push_back(static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)));
        i += 2;
        break;
      default: plain.push_back(text[i]); break;
    }
  }
  return plain;
}

// A match is [begin, end], or a list of groups where [] took no part.
std::vector<std::vector<long>> expected_of(const json& matches) {
  std::vector<std::vector<long>> all;
  for (const json& one : matches) {
    std::vector<long> offsets;
    if (one.is_array() && !one.empty() && one[0].is_number()) {
      offsets = one.get<std::vector<long>>();
    } else {
      for (const json& group : one.is_array()          ? one
                               : one.contains("spans") ? one["spans"]
                                                       : json::array({one["span"]})) {
        offsets.push_back(group.size() == 2 ? group[0].get<long>() : -1);
        offsets.push_back(group.size() == 2 ? group[1].get<long>() : -1);
      }
    }
    all.push_back(std::move(offsets));
  }
  return all;
}

struct prepared {
  std::string text;
  pattern_flags flags{};
  std::string haystack;
};

prepared prepare(const json& given, const std::string& regex) {
  const pattern_flags flags = given.value("case-insensitive", false) ? icase : pattern_flags{};
  const auto lifted = regex_cases::lift_flags(regex, flags);
  const std::string haystack = given["haystack"];
  return {std::string(lifted.text), lifted.flags, given.value("unescape", false) ? unescaped(haystack) : haystack};
}

using tally = std::map<std::string, std::vector<std::string>>;

void print(const char* title, const tally& counts) {
  std::printf("%s\n", title);
  for (const auto& [reason, names] : counts) {
    std::printf("  %4zu  %s", names.size(), reason.c_str());
    if (reason != "agrees") {
      std::printf(":");
      for (const std::string& name : names) std::printf(" %s", name.c_str());
    }
    std::printf("\n");
  }
}

// A line is asked about on every path of the engine.
void check_paths(const std::vector<pattern<>>& patterns, const std::string& line) {
  if (line.find('\n') != std::string::npos) return;
  for (const auto& path : pattern_paths::paths_of(patterns)) {
    const auto found = path.ask(line);
    for (std::size_t i = 0; i != patterns.size(); ++i) {
      INFO(path.name << ", pattern " << i);
      CHECK(found[i] == patterns[i].matches(line));
    }
  }
}

verdict verdict_of(const json& given, std::string& reason) {
  const prepared it = prepare(given, given["regex"]);
  const auto compiled = pattern<>::compile(it.text, it.flags);
  if (!compiled) {
    reason = "refused: " + std::string(to_text(compiled.reason().code));
    return regex_cases::is_refusal_of_a_feature(compiled.reason().code) ? verdict::refused : verdict::differs;
  }
  const auto expected = expected_of(given["matches"]);
  std::vector<regex_cases::expected_match> wanted;
  for (const auto& one : expected) wanted.push_back({one.data(), one.size()});
  const auto where =
      given.value("anchored", false) ? regex_cases::anchoring::at_the_start : regex_cases::anchoring::anywhere;
  const std::size_t limit = given.value("match-limit", std::size_t{1} << 30U);
  const auto found = regex_cases::compare(*compiled, it.haystack, where, limit, wanted.data(), wanted.size());
  const verdict judged = regex_cases::judge(found, it.text, it.flags, it.haystack);
  reason = std::string(regex_cases::to_text(judged));
  check_paths({*compiled}, it.haystack);
  return judged;
}

TEST_CASE("every case of the data passes or is named", "[pattern]") {
  const auto files = data_files();
  if (files.empty()) SKIP("no data in " << data_directory().string());
  tally counts;
  std::size_t agreeing = 0;
  for (const auto& file : files) {
    std::ifstream in(file);
    for (const json& given : json::parse(in)) {
      if (given["regex"].is_array()) continue;
      const std::string name = file.stem().string() + "/" + given["name"].get<std::string>();
      INFO(name << ": " << given["regex"].dump() << " on " << given["haystack"].dump());
      std::string reason;
      const verdict found = verdict_of(given, reason);
      INFO(reason);
      CHECK(found != verdict::differs);
      agreeing += found == verdict::agrees ? 1 : 0;
      counts[reason].push_back(name);
    }
  }
  print("cases of single patterns:", counts);
  CHECK(agreeing > 0);
}

TEST_CASE("every case of sets passes or is named", "[pattern]") {
  const auto files = data_files();
  if (files.empty()) SKIP("no data in " << data_directory().string());
  tally counts;
  for (const auto& file : files) {
    std::ifstream in(file);
    for (const json& given : json::parse(in)) {
      if (!given["regex"].is_array()) continue;
      const std::string name = given["name"];
      INFO(name << ": " << given["regex"].dump() << " on " << given["haystack"].dump());
      const std::string kind = given.value("match-kind", "all");
      std::vector<pattern<>> patterns;
      std::string reason = "agrees";
      std::string haystack = given["haystack"];
      pattern_set set;
      for (const json& regex : given["regex"]) {
        const prepared it = prepare(given, regex);
        haystack = it.haystack;
        const auto compiled = pattern<>::compile(it.text, it.flags);
        if (!compiled) {
          reason = "refused: " + std::string(to_text(compiled.reason().code));
          CHECK(regex_cases::is_refusal_of_a_feature(compiled.reason().code));
          break;
        }
        patterns.push_back(*compiled);
        set.add(*compiled);
      }
      if (haystack.find('\n') != std::string::npos) reason = "several lines: a set works line by line";
      if (given.value("anchored", false)) reason = "anchored: a set searches anywhere";
      // Leftmost-first tells one pattern a match; a set tells all that match the line.
      if (kind != "all") reason = "leftmost-first over the patterns of a set: those named must be among the hits";
      if (reason == "agrees" || kind != "all") {
        pattern_hits hits;
        set.match(haystack, hits);
        check_paths(patterns, haystack);
        std::vector<bool> expected(patterns.size(), false);
        for (const json& one : given["matches"]) expected[one["id"].get<std::size_t>()] = true;
        for (std::size_t i = 0; i != patterns.size(); ++i) {
          INFO("pattern " << i);
          CHECK(hits.contains(i) == patterns[i].matches(haystack));
          if (kind == "all" || expected[i]) CHECK(hits.contains(i) == expected[i]);
        }
      }
      counts[reason].push_back(name);
    }
  }
  print("cases of sets:", counts);
}

}  // namespace t_pattern_cases
