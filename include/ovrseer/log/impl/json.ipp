// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/json.hpp>.
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

#include <ovrseer/log/json.hpp>
#include <ovrseer/log/json_line.hpp>

namespace ovrseer::log_detail {

OVRSEER_DECL std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  if (text.size() % 4 != 0) return std::nullopt;
  const auto value_of = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool is_last = i + 4 == text.size();
    const std::size_t padding = !is_last || text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const int value = k < 4 - padding ? value_of(text[i + k]) : 0;
      if (value < 0) return std::nullopt;
      group = group << 6U | static_cast<std::uint32_t>(value);
    }
    for (std::size_t k = 0; k < 3 - padding; ++k) bytes.push_back(static_cast<char>(group >> (16 - 8 * k) & 0xFFU));
  }
  return bytes;
}

OVRSEER_DECL std::optional<wall_time> parse_utc(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != 24 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text[19] != '.' || text[23] != 'Z') {
    return std::nullopt;
  }
  struct place {
    std::size_t first;
    std::size_t size;
  };
  constexpr std::array<place, 7> places{{{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}, {20, 3}}};
  std::array<unsigned, 7> numbers{};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const char* const first = text.data() + places[i].first;
    const auto [end, code] = std::from_chars(first, first + places[i].size, numbers[i]);
    if (code != std::errc() || end != first + places[i].size) return std::nullopt;
  }
  const year_month_day date(year(static_cast<int>(numbers[0])), month(numbers[1]), day(numbers[2]));
  if (!date.ok() || numbers[3] > 23 || numbers[4] > 59 || numbers[5] > 60) return std::nullopt;
  return sys_days(date) + hours(numbers[3]) + minutes(numbers[4]) + seconds(numbers[5]) + milliseconds(numbers[6]);
}

}  // namespace ovrseer::log_detail

namespace ovrseer {

OVRSEER_DECL result<owned_line, std::string> decode_line(std::string_view text) {
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return failure(std::string("not a JSON object"));
  const auto word = [&](const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
  };
  const auto format = object.find("v");
  if (format == object.end() || *format != 1) return failure(std::string("v: only version 1 is known"));
  const auto seq = object.find("seq");
  if (seq == object.end() || !seq->is_number_unsigned()) return failure(std::string("seq: a number is expected"));
  owned_line decoded;
  decoded.seq = seq->get<std::uint64_t>();

  const std::string* const time = word("time");
  const auto when = time != nullptr ? log_detail::parse_utc(*time) : std::nullopt;
  if (!when) return failure(std::string("time: a time like 2024-01-02T10:11:12.345Z is expected"));
  decoded.time = *when;

  constexpr std::array sources{line_source::out, line_source::err, line_source::own};
  const std::string* const stream = word("stream");
  const auto source = stream != nullptr ? log_detail::named(sources, *stream) : std::nullopt;
  if (!source) return failure(std::string("stream: out, err or own is expected"));
  decoded.source = *source;

  const std::string* const severity = word("level");
  if (severity == nullptr) return failure(std::string("level: a word is expected"));
  decoded.stated = parse_level(*severity);

  if (const std::string* const part = word("part")) {
    constexpr std::array parts{line_part::whole, line_part::first, line_part::middle, line_part::last};
    const auto which = log_detail::named(parts, *part);
    if (!which) return failure(std::string("part: first, middle or last is expected"));
    decoded.part = *which;
  }

  const std::string* const shown = word("text");
  if (shown == nullptr) return failure(std::string("text: a string is expected"));
  decoded.text = *shown;
  if (const std::string* const exact = word("base64")) {
    auto bytes = log_detail::decode_base64(*exact);
    if (!bytes) return failure(std::string("base64: not base64"));
    decoded.text = std::move(*bytes);
  }
  return decoded;
}

OVRSEER_DECL std::optional<nlohmann::json> fields_of(std::string_view text) {
  if (!looks_like_json(text)) return std::nullopt;
  nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  return object;
}

OVRSEER_DECL std::string message_of(std::string_view text) {
  if (looks_like_json(text)) {
    const json_field message = scan_json_line(text).message;
    if (message.what == json_field::kind::string) {
      const auto decoded = nlohmann::json::parse("\"" + std::string(message.raw) + "\"", nullptr, false);
      if (decoded.is_string()) return decoded.get<std::string>();
    }
  }
  return std::string(text);
}

}  // namespace ovrseer
