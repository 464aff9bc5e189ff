// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The schema for editors says what the reader takes and refuses what it refuses, as far as the form goes; and the
// shipped one is fresh. OVRSEER_UPDATE_GOLDEN=1 writes that anew.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <nlohmann/json.hpp>

#include <ovrseer/config/json_schema.hpp>
#include <ovrseer/config/yaml.hpp>

#include "catch.hpp"

namespace t_config_json_schema {

namespace fs = std::filesystem;
using namespace ovrseer;
using json = nlohmann::ordered_json;

const fs::path root = OVRSEER_SOURCE_DIR;
const fs::path golden = root / "tests/golden/config";

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

/// A document as an editor sees it: plain words that JSON has are no text.
json json_of(const config_node& node) {
  if (node.is_null()) return nullptr;
  json made;
  if (node.is_sequence()) {
    made = json::array();
    for (const config_node& each : node.items) made.push_back(json_of(each));
  } else if (node.is_mapping()) {
    made = json::object();
    for (std::size_t i = 0; i < node.keys.size(); ++i) made[node.keys[i].text] = json_of(node.items[i]);
  } else if (node.quotes == config_node::quoting::plain) {
    made = json::parse(node.text, nullptr, false);
  }
  return made.is_null() || made.is_discarded() ? json(node.text) : made;
}

/// The shape of one file; nothing for what is no document at all.
json document(const fs::path& path) {
  const auto read = read_yaml_or_json(source_text(path.filename().string(), content_of(path)));
  return read ? json_of(read->root) : json();
}

/// Which documents the schema refuses, by the reference implementation; nothing where that is not there.
std::optional<std::set<std::string>> refused_of(const std::map<std::string, json>& documents) {
  constexpr const char* script =
      "import json, sys\n"
      "try:\n  import jsonschema\n  make = jsonschema.Draft202012Validator\n"
      "except (ImportError, AttributeError):\n  print('missing'); sys.exit()\n"
      "work = json.load(open(sys.argv[1]))\n"
      "make.check_schema(work['schema'])\n"
      "check = make(work['schema'])\n"
      "for name, each in work['documents'].items():\n"
      "  if not check.is_valid(each): print(name)\n"
      "print('done')\n";
  const fs::path folder = fs::temp_directory_path() / ("ovrseer_schema_" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "check.py") << script;
  std::ofstream(folder / "work.json") << json{{"schema", config_schema()}, {"documents", documents}}.dump();
  const std::string command =
      "python3 '" + (folder / "check.py").string() + "' '" + (folder / "work.json").string() + "'";
  std::set<std::string> lines;
  if (std::FILE* const pipe = ::popen(command.c_str(), "r")) {
    std::array<char, 512> line{};
    while (std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr) {
      const std::string_view text(line.data());
      lines.emplace(text.substr(0, text.find('\n')));
    }
    ::pclose(pipe);
  }
  fs::remove_all(folder);
  if (lines.empty() || lines.contains("missing")) return std::nullopt;
  CHECK(lines.erase("done") == 1);
  return lines;
}

TEST_CASE("the schema that is shipped is the one of the tables") {
  const fs::path shipped = root / "packaging/ovrseer.schema.json";
  const std::string made = config_schema().dump(2) + "\n";
  if (std::getenv("OVRSEER_UPDATE_GOLDEN") != nullptr) std::ofstream(shipped, std::ios::binary) << made;
  const bool is_fresh = made == content_of(shipped);
  INFO("make it anew: ovrseer schema > packaging/ovrseer.schema.json");
  CHECK(is_fresh);
}

TEST_CASE("the schema tells of every key what the tables tell") {
  const json schema = config_schema();
  CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  CHECK(schema["additionalProperties"] == false);
  CHECK(schema["properties"]["exitCode"]["default"] == "first-failed");
  const json& process = schema["$defs"]["process"];
  CHECK(process["additionalProperties"] == false);
  CHECK(process["properties"]["nice"]["default"] == 0);
  CHECK(process["properties"]["nice"]["anyOf"][0] == json{{"type", "integer"}, {"minimum", -20}, {"maximum", 19}});
  CHECK(process["properties"]["restartPolicy"]["default"] == "on-failure");
  CHECK(process["properties"]["cwd"]["description"] ==
        "Its working directory. Default: the folder of the configuration.");
  CHECK(schema["$defs"]["flag"]["required"] == json{"name", "pattern"});
  CHECK(schema["$defs"]["flag"]["properties"]["color"]["anyOf"][0]["enum"].size() == 7);
  for (const auto& [name, definition] : schema["$defs"].items()) {
    if (!definition.contains("properties")) continue;
    for (const auto& [key, entry] : definition["properties"].items()) {
      INFO(name << ": " << key);
      CHECK(entry["description"].get<std::string>().size() > 5);
    }
  }
}

TEST_CASE("the schema takes what the reader takes and refuses other shapes") {
  std::map<std::string, json> documents;
  for (const char* name : {"everything.yml", "everything.json", "issue.yml"})
    documents[name] = document(golden / "good" / name);
  documents["by id"] = json{{"processes", {{"api", {{"command", "node"}}}, {"x-old", {{"nonsense", 1}}}}}};
  documents["a part"] = json{{"extends", json::array({"base.yml"})}, {"env", {{"X", nullptr}, {"Y", "${Z}"}}}};
  for (const fs::directory_entry& each : fs::recursive_directory_iterator(root / "examples/stacks")) {
    const std::string name = each.path().filename();
    if (name == "ovrseer.yml" || name.ends_with(".yaml")) documents[each.path().string()] = document(each.path());
  }
  const std::size_t good = documents.size();
  for (const fs::directory_entry& each : fs::directory_iterator(golden)) {
    const std::string extension = each.path().extension();
    if (extension != ".yml" && extension != ".json") continue;
    const json made = document(each.path());
    if (made.is_object()) documents[each.path().filename()] = made;
  }
  CHECK(documents.size() > good + 20);
  const std::optional<std::set<std::string>> refused = refused_of(documents);
  if (!refused) {
    WARN("skipped: python3 has no jsonschema with draft 2020-12 (Debian: python3-jsonschema)");
    return;
  }
  // Unknown and missing keys, wrong types, and values of no form that there is. What the others have is in what the
  // parts of a configuration say of each other, or in the text of a pattern, a URL or a path.
  const std::set<std::string> of_shape{"by_name.yml",      "commands.yml",           "compression.yml",
                                       "conditions.yml",   "exporters.yml",          "extends_values.yml",
                                       "journal.yml",      "keys_of_others.yml",     "limits.yml",
                                       "log_files.yml",    "missing_keys.yml",       "no_processes.yml",
                                       "remote_flags.yml", "reporters.yml",          "restart_policy.yml",
                                       "secrets.yml",      "simulate.yml",           "sinks.yml",
                                       "stack.yml",        "stop_conditions.yml",    "stop_plan.yml",
                                       "terminals.yml",    "unknown_dependency.yml", "unknown_key.json",
                                       "unknown_key.yml",  "wrong_types.yml",        "wrong_values.yml"};
  CHECK(*refused == of_shape);
}

}  // namespace t_config_json_schema
