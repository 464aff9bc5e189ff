// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The tables are complete: every key has a sentence, a name for its value, and an example that uses it.
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include <ovrseer/config/json.hpp>
#include <ovrseer/config/read.hpp>

#include "catch.hpp"

namespace t_config_schema {

using namespace ovrseer;

/// Calls `see` with every section and each of its keys, sections within sections included.
template <class See>
void walk(const section_shape& section, std::set<const section_shape*>& seen, See see) {
  if (!seen.insert(&section).second) return;
  for (const key_entry& entry : section.keys) {
    see(section, entry);
    if (const section_shape* inner = entry.shape->inner_section()) walk(*inner, seen, see);
  }
}

TEST_CASE("every key has a sentence and every value a name") {
  std::set<const section_shape*> seen;
  int keys = 0;
  walk(configuration_schema(), seen, [&](const section_shape& section, const key_entry& entry) {
    INFO(section.name << ": " << entry.key);
    CHECK(entry.doc.size() > 5);
    CHECK(entry.doc.ends_with('.'));
    CHECK_FALSE(entry.shape->name.empty());
    CHECK(entry.read != nullptr);
    CHECK(entry.locate != nullptr);
    CHECK((entry.presence == need::optional || entry.fallback.empty() || entry.has_variables()));
    CHECK((entry.key.front() >= 'a' && entry.key.front() <= 'z'));
    CHECK(entry.key.find_first_of("_- ") == std::string_view::npos);
    ++keys;
  });
  CHECK(keys > 90);
  CHECK(seen.size() >= 18);
}

TEST_CASE("no section has a key twice") {
  std::set<const section_shape*> seen;
  std::set<std::string> known;
  walk(configuration_schema(), seen, [&](const section_shape& section, const key_entry& entry) {
    INFO(section.name << ": " << entry.key);
    CHECK(known.insert(std::string(section.name) + "/" + std::string(entry.key)).second);
  });
}

void collect(const config_node& node, std::set<std::string, std::less<>>& words) {
  for (const config_node& key : node.keys) words.insert(key.text);
  for (const config_node& item : node.items) collect(item, words);
}

TEST_CASE("the example with everything uses every key") {
  std::ifstream file(std::filesystem::path(OVRSEER_SOURCE_DIR) / "tests/golden/config/good/everything.json");
  const auto document = read_json(source_text("everything.json", {std::istreambuf_iterator<char>(file), {}}));
  REQUIRE(document);
  std::set<std::string, std::less<>> words;
  collect(document->root, words);
  std::set<const section_shape*> seen;
  walk(configuration_schema(), seen, [&](const section_shape& section, const key_entry& entry) {
    INFO(section.name << ": " << entry.key);
    CHECK(words.contains(entry.key));
  });
}

TEST_CASE("the words of a value are known to the tables") {
  for (const key_entry& entry : configuration_schema().keys) {
    if (entry.key == "exitCode") CHECK(entry.shape->words.size() == 3);
    if (entry.key == "processes") CHECK(entry.shape->inner_section()->name == "a process");
  }
}

}  // namespace t_config_schema
