// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Every broken configuration of tests/golden/config gives exactly the messages beside it: what a person reads
// is part of the interface. OVRSEER_UPDATE_GOLDEN=1 writes them anew.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/config/read.hpp>
#include <ovrseer/config/yaml.hpp>

#include "catch.hpp"
#include "file_text.hpp"

namespace t_config_golden {

namespace fs = std::filesystem;
using namespace ovrseer;
using ovrseer_test::content_of;

const fs::path folder = fs::path(OVRSEER_SOURCE_DIR) / "tests/golden/config";

std::optional<std::string> variable(std::string_view name) {
  if (name == "HOME") return "/home/ada";
  if (name == "DB_PASSWORD") return "s3cret";
  if (name == "SIZE") return "huge";
  return std::nullopt;
}

read_options how() { return read_options().directory(folder).variables(variable).reader(read_yaml_or_json); }

/// What a person would see, with the paths of this machine taken out.
std::string messages_of(const fs::path& path, document_reader reader) {
  auto document = reader(source_text(path.filename().string(), content_of(path)), document_limits());
  std::string text;
  if (!document) {
    text = to_text(document.reason());
  } else {
    const auto made = read_configuration(*std::move(document), how().http(any_http_client()));
    text = made ? to_text(made->warnings) + "accepted\n" : to_text(made.reason());
  }
  for (std::size_t at = text.find(folder.string()); at != std::string::npos; at = text.find(folder.string())) {
    text.replace(at, folder.string().size(), "<folder>");
  }
  return text;
}

std::vector<fs::path> broken_configurations() {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".yml" || extension == ".json") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

TEST_CASE("every broken configuration gives its golden messages") {
  const std::vector<fs::path> files = broken_configurations();
  REQUIRE(files.size() >= 20);
  const bool updates = std::getenv("OVRSEER_UPDATE_GOLDEN") != nullptr;
  for (const fs::path& path : files) {
    INFO(path.filename().string());
    const std::string messages = messages_of(path, read_yaml_or_json);
    const fs::path expected = fs::path(path.string() + ".expected");
    if (updates) std::ofstream(expected, std::ios::binary) << messages;
    CHECK(messages == content_of(expected));
  }
}

TEST_CASE("no message shows a secret") {
  for (const fs::path& path : broken_configurations()) {
    INFO(path.filename().string());
    CHECK(messages_of(path, read_yaml_or_json).find("s3cret") == std::string::npos);
  }
}

TEST_CASE("every message of a broken configuration has a line and a column") {
  for (const fs::path& path : broken_configurations()) {
    INFO(path.filename().string());
    auto document = read_yaml_or_json(source_text(path.filename().string(), content_of(path)));
    const diagnostics found = [&] {
      if (!document) return document.reason();
      auto made = read_configuration(*std::move(document), how());
      return made ? made->warnings : made.reason();
    }();
    for (const diagnostic& each : found.sorted()) {
      CHECK(each.at.line > 0);
      CHECK(each.at.column > 0);
    }
  }
}

// JSON is YAML: only the faults of syntax are told differently.
TEST_CASE("a JSON file gives the same messages when it is read as YAML") {
  int compared = 0;
  for (const fs::path& path : broken_configurations()) {
    if (path.extension() != ".json") continue;
    INFO(path.filename().string());
    const std::string text = content_of(path);
    if (!read_json(source_text("x.json", text))) continue;
    CHECK(messages_of(path, read_json) == messages_of(path, read_yaml));
    ++compared;
  }
  CHECK(compared > 0);
}

}  // namespace t_config_golden
