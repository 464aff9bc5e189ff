// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Arbitrary bytes as a configuration, read as JSON and as YAML. What is JSON and what it holds is as nlohmann has it; every
// node lies in the text, every message has its place, and nothing that could harm a terminal is printed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <ovrseer/config/json.hpp>
#include <ovrseer/config/read.hpp>
#include <ovrseer/config/yaml.hpp>

namespace fuzz_config {

using namespace ovrseer;

void must(bool holds) {
  if (!holds) std::abort();
}

// --- JSON

void compare(const source_text& source, const config_node& node, const nlohmann::json& other) {
  must(node.where.begin < node.where.end && node.where.end <= source.text().size());
  const std::string_view written = source.text().substr(node.where.begin, node.where.size());
  switch (node.what) {
    case config_node::kind::null: return must(other.is_null() && written == "null");
    case config_node::kind::scalar:
      if (node.quotes == config_node::quoting::quoted) {
        must(other.is_string() && other.get_ref<const std::string&>() == node.text);
        return must(written.front() == '"' && written.back() == '"');
      }
      return must((other.is_number() || other.is_boolean()) && written == node.text);
    case config_node::kind::sequence:
      must(other.is_array() && other.size() == node.items.size());
      for (std::size_t i = 0; i < node.items.size(); ++i) compare(source, node.items[i], other[i]);
      return;
    case config_node::kind::mapping:
      must(other.is_object() && other.size() == node.keys.size());
      for (std::size_t i = 0; i < node.keys.size(); ++i) compare(source, node.items[i], other.at(node.keys[i].text));
      return;
  }
}

void check_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.starts_with("\xEF\xBB\xBF")) return;  // nlohmann skips one as well
  auto read = read_json(source_text("x.json", std::string(text)));
  // To the other parser a NUL is the end of its input.
  const bool is_comparable = text.find('\0') == std::string_view::npos;
  if (!read) {
    must(read.reason().has_errors());
    must(!to_text(read.reason()).empty());
    const std::string message = to_text(read.reason());
    const bool is_ours =
        message.find("given twice") != std::string::npos || message.find("levels deep") != std::string::npos;
    return must(is_ours || !is_comparable || !nlohmann::json::accept(text));
  }
  const nlohmann::json other = nlohmann::json::parse(text, nullptr, false);
  if (is_comparable && !other.is_discarded()) compare(read->source, read->root, other);
  const auto made = read_configuration(*std::move(read), read_options().directory("/srv").variables({}));
  if (!made) must(made.reason().has_errors() && !to_text(made.reason(), diagnostic_colors::ansi).empty());
}

// --- YAML

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

void check_yaml(std::string_view text) {
  document_limits limits;
  limits.nodes = 20'000;  // so that a bomb costs little time
  auto read = read_yaml(source_text("x.yml", std::string(text)), limits);
  if (!read) return check_messages(read.reason());
  check_places(read->source, read->root);
  const auto made = read_configuration(*std::move(read), read_options().directory("/srv").variables({}));
  if (!made) check_messages(made.reason());
}

}  // namespace fuzz_config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  fuzz_config::check_json(text);
  fuzz_config::check_yaml(text);
  return 0;
}
