// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Arbitrary bytes as a text with variables, as an env file, and as every kind of value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <ovrseer/config/address.hpp>
#include <ovrseer/config/env_file.hpp>
#include <ovrseer/config/interpolate.hpp>
#include <ovrseer/config/values.hpp>

namespace fuzz_config_interpolate {

using namespace ovrseer;

void must(bool holds) {
  if (!holds) std::abort();
}

std::optional<std::string> variable(std::string_view name) {
  if (name.size() % 2 == 0) return std::nullopt;
  return std::string(name);
}

void check_variables(std::string_view text) {
  const interpolated_text made = interpolate(text, variable);
  for (const interpolation_fault& fault : made.faults) {
    must(fault.offset + fault.length <= text.size() && fault.length > 0 && !fault.found.empty());
  }
  if (text.find('$') == std::string_view::npos) must(made.text == text);
  // What is escaped comes back as it was.
  std::string escaped;
  for (const char c : text) escaped.append(c == '$' ? "$$" : std::string(1, c));
  const interpolated_text back = interpolate(escaped, variable);
  must(back.faults.empty() && back.text == text && back.names.empty());
}

void check_env_file(std::string_view text) {
  const auto read = read_env_file(source_text("x.env", std::string(text)));
  if (!read) return must(read.reason().has_errors() && !to_text(read.reason()).empty());
  for (const auto& [name, value] : *read) {
    must(!name.empty() && name.find_first_of("= \n\t") == std::string::npos && value.find('\0') == std::string::npos);
  }
}

void check_values(std::string_view text) {
  if (const auto read = parse_duration(text))
    must(read->count() >= 0);
  else
    must(read.reason().offset <= text.size());
  if (const auto read = parse_size(text); !read) must(read.reason().offset <= text.size());
  if (const auto read = parse_integer(text, -20, 19)) must(*read >= -20 && *read <= 19);
  if (const auto read = parse_number(text, 0, 1)) must(*read >= 0 && *read <= 1);
  if (const auto read = parse_peer_address(text))
    must(parse_peer_address(to_text(*read)) && *parse_peer_address(to_text(*read)) == *read);
  else
    must(read.reason().offset <= text.size());
  static_cast<void>(parse_listen_address(text));
  for (const resource_name& each : resource_names) static_cast<void>(parse_resource_limit(each, text));
}

}  // namespace fuzz_config_interpolate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  fuzz_config_interpolate::check_variables(text);
  fuzz_config_interpolate::check_env_file(text);
  fuzz_config_interpolate::check_values(text);
  return 0;
}
