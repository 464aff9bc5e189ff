// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/json_line.hpp>.
#pragma once

#include <charconv>
#include <system_error>

#include <ovrseer/log/json_line.hpp>

namespace ovrseer::log_detail {

OVRSEER_DECL bool json_cursor::take(char expected) noexcept {
  skip_blanks();
  if (at_end() || text_[at_] != expected) return false;
  ++at_;
  return true;
}

OVRSEER_DECL bool json_cursor::take_string(std::string_view& raw) noexcept {
  if (!take('"')) return false;
  const std::size_t first = at_;
  for (; !at_end(); ++at_) {
    if (text_[at_] == '\\') {
      ++at_;
    } else if (text_[at_] == '"') {
      raw = text_.substr(first, at_++ - first);
      return true;
    }
  }
  return false;
}

OVRSEER_DECL bool json_cursor::take_value(json_field& value) noexcept {
  skip_blanks();
  if (at_end()) return false;
  const std::size_t first = at_;
  const char c = text_[at_];
  if (c == '"') {
    value.what = json_field::kind::string;
    return take_string(value.raw);
  }
  if (c == '{' || c == '[') {
    value.what = json_field::kind::nested;
    if (!skip_nested()) return false;
  } else {
    value.what = c == '-' || (c >= '0' && c <= '9') ? json_field::kind::number : json_field::kind::literal;
    while (!at_end() && !ends_scalar(text_[at_])) ++at_;
  }
  value.raw = text_.substr(first, at_ - first);
  return at_ != first;
}

OVRSEER_DECL bool json_cursor::skip_nested() noexcept {
  std::size_t depth = 0;
  while (!at_end()) {
    const char c = text_[at_];
    if (c == '"') {
      std::string_view ignored;
      if (!take_string(ignored)) return false;
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return true;
  }
  return false;
}

OVRSEER_DECL bool is_mongod_severity(const json_field& value) noexcept {
  if (value.what != json_field::kind::string || value.raw.empty() || value.raw.size() > 2) return false;
  return std::string_view("FEWID").find(value.raw[0]) != std::string_view::npos &&
         (value.raw.size() == 1 || value.raw[0] == 'D');
}

OVRSEER_DECL void sort_field(json_line& line, std::string_view key, const json_field& value) noexcept {
  if (key.empty() || key.size() > 10) return;
  switch (key[0] | 0x20) {
    case 'l':
      if (key == "level" || key == "lvl" || equal_ignoring_case(key, "loglevel") || key == "levelname" ||
          key == "log.level" || key == "Level") {
        keep_first(line.level, value);
      }
      return;
    case 's':
      if (key == "severity" || key == "Severity" || (key == "s" && is_mongod_severity(value)))
        keep_first(line.level, value);
      return;
    case 'm':
      if (key == "message" || key == "msg" || key == "Message") keep_first(line.message, value);
      return;
    case 'e':
      if (key == "event" && value.what == json_field::kind::string) keep_first(line.message, value);
      return;
    case 't':
      if (key == "time" || key == "timestamp" || key == "ts" || key == "t" || key == "Timestamp") {
        keep_first(line.time, value);
      }
      return;
    case '@' | 0x20:
      if (key == "@l" || key == "@level")
        keep_first(line.level, value);
      else if (key == "@m" || key == "@message" || key == "@mt")
        keep_first(line.message, value);
      else if (key == "@t" || key == "@timestamp")
        keep_first(line.time, value);
      return;
    default: return;
  }
}

}  // namespace ovrseer::log_detail

namespace ovrseer {

OVRSEER_DECL json_line scan_json_line(std::string_view text) noexcept {
  json_line found;
  log_detail::json_cursor cursor(text);
  if (!cursor.take('{')) return found;
  if (!cursor.take('}')) {
    do {
      std::string_view key;
      json_field value;
      if (!cursor.take_string(key) || !cursor.take(':') || !cursor.take_value(value)) return found;
      log_detail::sort_field(found, key, value);
    } while (cursor.take(','));
    if (!cursor.take('}')) return found;
  }
  cursor.skip_blanks();
  found.is_complete = cursor.at_end();
  return found;
}

OVRSEER_DECL level level_of(const json_field& field) noexcept {
  if (field.what == json_field::kind::string) {
    if (log_detail::is_mongod_severity(field)) {
      switch (field.raw[0]) {
        case 'F': return level::critical;
        case 'E': return level::error;
        case 'W': return level::warning;
        case 'I': return level::info;
        default: return level::debug;
      }
    }
    return parse_level(field.raw);
  }
  if (field.what != json_field::kind::number) return level::unknown;
  unsigned number = 0;
  const char* const last = field.raw.data() + field.raw.size();
  const auto [end, code] = std::from_chars(field.raw.data(), last, number);
  if (code != std::errc() || end != last) return level::unknown;
  if (number < 10) return level_of_syslog(number);
  if (number < 70) return static_cast<level>(number / 10 - 1);
  return level::unknown;
}

}  // namespace ovrseer
