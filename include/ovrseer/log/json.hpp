// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Log lines and JSON: reading back what `append_json` wrote, and the fields of programs that log JSON.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <ovrseer/build.hpp>
#include <ovrseer/log/line.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

namespace log_detail {

OVRSEER_DECL std::optional<std::string> decode_base64(std::string_view text);

/// "2024-01-02T10:11:12.345Z" and nothing else.
OVRSEER_DECL std::optional<wall_time> parse_utc(std::string_view text);

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<Enum, N>& values, std::string_view name) {
  for (const Enum value : values) {
    if (to_text(value) == name) return value;
  }
  return std::nullopt;
}

}  // namespace log_detail

/// Reads what `append_json` wrote. Unknown keys are passed over, so that later versions can add some. The level
/// comes back as stated.
///
/// Errors: one sentence that names the key that is missing or wrong.
OVRSEER_DECL result<owned_line, std::string> decode_line(std::string_view text);

/// The JSON object that a line is, with all its fields; nothing where the line is not exactly one.
OVRSEER_DECL std::optional<nlohmann::json> fields_of(std::string_view text);

/// What a person wants to read of a line: the message of a JSON line, else the line itself.
OVRSEER_DECL std::string message_of(std::string_view text);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/json.ipp>
#endif
