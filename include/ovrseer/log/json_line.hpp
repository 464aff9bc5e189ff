// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A light look into lines that are JSON objects: where level, message and time are, without building a tree.
// It trusts nobody: any bytes are fine, and what is no JSON object just has no fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ovrseer/build.hpp>
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
  bool take(char expected) noexcept;
  /// A string; the cursor is on its opening quote. Nothing where it is not closed.
  bool take_string(std::string_view& raw) noexcept;
  bool take_value(json_field& value) noexcept;

 private:
  static bool ends_scalar(char c) noexcept {
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"' || c == ':';
  }
  // Counts brackets of both kinds alike: a line whose brackets do not pair is not JSON anyway.
  bool skip_nested() noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
};

inline void keep_first(json_field& kept, const json_field& value) noexcept {
  if (!kept) kept = value;
}

// mongod writes "s":"I", or D1 to D5; other programs use the name for anything.
OVRSEER_DECL bool is_mongod_severity(const json_field& value) noexcept;

OVRSEER_DECL void sort_field(json_line& line, std::string_view key, const json_field& value) noexcept;

}  // namespace log_detail

/// Whether a line may be a JSON object: it begins with a brace.
constexpr bool looks_like_json(std::string_view text) noexcept { return !text.empty() && text.front() == '{'; }

/// Finds the fields of a line that begins with '{'. The views point into `text`. Linear; allocates nothing.
OVRSEER_DECL json_line scan_json_line(std::string_view text) noexcept;

/// The level that a field states: a word, or a number as pino and bunyan write it (10 trace to 60 fatal), below
/// 10 as syslog does.
OVRSEER_DECL level level_of(const json_field& field) noexcept;

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/json_line.ipp>
#endif
