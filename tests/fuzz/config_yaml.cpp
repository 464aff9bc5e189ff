// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Arbitrary bytes as a YAML configuration: every node lies in the text, every message has its place, nothing
// that could harm a terminal is printed, and JSON is read as the JSON reader reads it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/config/read.hpp>
#include <ovrseer/config/yaml.hpp>

namespace fuzz_config_yaml {

using namespace ovrseer;

void must(bool holds) {
  if (!holds) std::abort();
}

void check_places(const source_text& source, const config_node& node) {
  must(node.where.begin <= node.where.end && node.where.end <= source.text().size());
  must(node.keys.empty() || node.keys.size() == node.items.size());
  for (const config_node& key : node.keys) check_places(source, key);
  for (const config_node& item : node.items) check_places(source, item);
}

void check_messages(const diagnostics& found) {
  must(found.has_errors());
  for (const diagnostic& each : found.sorted()) must(each.at.line > 0 && each.at.column > 0);
  for (const char c : to_text(found)) must(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
}

void check(std::string_view text) {
  document_limits limits;
  limits.nodes = 20'000;  // so that a bomb costs little time
  auto read = read_yaml(source_text("x.yml", std::string(text)), limits);
  if (!read) return check_messages(read.reason());
  check_places(read->source, read->root);
  const auto made = read_configuration(*std::move(read), read_options().directory("/srv").variables({}));
  if (!made) check_messages(made.reason());
}

}  // namespace fuzz_config_yaml

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz_config_yaml::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
