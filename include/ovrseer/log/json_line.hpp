// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A light look into lines that are JSON objects: where level, message and time are, without building a tree.
// It trusts nobody: any bytes are fine, and what is no JSON object just has no fields.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include <ovrseer/log/level.hpp>

namespace ovrseer {

/// A value of a JSON object as it stands in the line.
struct json_field {
  enum class kind : std::uint8_t { absent, string, number, literal, nested };
  /// The raw text: of a string what is between its quotes, escapes left as they are.
  std::string_view raw;
  kind what = kind::absent;

  explicit operator bool() const noexcept { return what != kind::absent; }
};

/// The fields of one JSON line that a log viewer wants. The first of several candidates counts.
struct json_line {
  json_field level;    ///< level, severity, lvl, loglevel, levelname, log.level, @l; `s` of mongod
  json_field message;  ///< message, msg, @message, @m, event
  json_field time;     ///< time, timestamp, ts, @timestamp, @t, t
  /// Whether the object was closed, and nothing but blanks followed.
  bool is_complete = false;
};

namespace log_detail {

class json_cursor {
 public:
  explicit json_cursor(std::string_view text) noexcept : text_(text) {}

  bool at_end() const noexcept { return at_ >= text_.size(); }
  void skip_blanks() noexcept {
    while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  bool take(char expected) noexcept {
    skip_blanks();
    if (at_end() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }
  /// A string; the cursor is on its opening quote. Nothing where it is not closed.
  bool take_string(std::string_view& raw) noexcept {
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
  bool take_value(json_field& value) noexcept {
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

 private:
  static bool ends_scalar(char c) noexcept {
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"' || c == ':';
  }
  // Counts brackets of both kinds alike: a line whose brackets do not pair is not JSON anyway.
  bool skip_nested() noexcept {
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

  std::string_view text_;
  std::size_t at_ = 0;
};

inline void keep_first(json_field& kept, const json_field& value) noexcept {
  if (!kept) kept = value;
}

// mongod writes "s":"I", or D1 to D5; other programs use the name for anything.
inline bool is_mongod_severity(const json_field& value) noexcept {
  if (value.what != json_field::kind::string || value.raw.empty() || value.raw.size() > 2) return false;
  return std::string_view("FEWID").find(value.raw[0]) != std::string_view::npos &&
         (value.raw.size() == 1 || value.raw[0] == 'D');
}

inline void sort_field(json_line& line, std::string_view key, const json_field& value) noexcept {
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

}  // namespace log_detail

/// Whether a line may be a JSON object: it begins with a brace.
constexpr bool looks_like_json(std::string_view text) noexcept { return !text.empty() && text.front() == '{'; }

/// Finds the fields of a line that begins with '{'. The views point into `text`. Linear; allocates nothing.
inline json_line scan_json_line(std::string_view text) noexcept {
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

/// The level that a field states: a word, or a number as pino and bunyan write it (10 trace to 60 fatal), below
/// 10 as syslog does.
inline level level_of(const json_field& field) noexcept {
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
