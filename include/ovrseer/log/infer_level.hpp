// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The level of a line, guessed from its text as a person would: a level column, a word in brackets, a key,
// a prefix of syslog or klog, a JSON field, or the first words of a crash.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include <ovrseer/log/json_line.hpp>
#include <ovrseer/log/level.hpp>

namespace ovrseer {

namespace log_detail {

enum class byte_kind : std::uint8_t { other, letter, digit };

inline constexpr std::array<byte_kind, 256> byte_kinds = [] {
  std::array<byte_kind, 256> kinds{};
  for (std::size_t c = 0; c < kinds.size(); ++c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') kinds[c] = byte_kind::letter;
    if (c >= '0' && c <= '9') kinds[c] = byte_kind::digit;
  }
  return kinds;
}();

constexpr byte_kind kind_of(char c) noexcept { return byte_kinds[static_cast<unsigned char>(c)]; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_upper(std::string_view word) noexcept {
  for (const char c : word) {
    if (c < 'A' || c > 'Z') return false;
  }
  return true;
}

/// Whether a word may name a level, by its first letter and its length: most words of a line may not.
constexpr bool may_name_level(std::string_view word) noexcept {
  constexpr auto lengths = [] {
    std::array<std::uint16_t, 32> masks{};
    const auto allow = [&masks](char first, std::initializer_list<unsigned> sizes) {
      for (const unsigned size : sizes) {
        auto& mask = masks[static_cast<unsigned char>(first) & 31U];
        mask = static_cast<std::uint16_t>(mask | (1U << size));
      }
    };
    allow('a', {5});
    allow('c', {4, 8});
    allow('d', {3, 4, 5, 6});
    allow('e', {3, 4, 5, 9});
    allow('f', {3, 4, 5, 6});
    allow('i', {3, 4, 11, 13});
    allow('l', {3});
    allow('n', {4, 6});
    allow('p', {5});
    allow('s', {6});
    allow('t', {3, 5});
    allow('v', {7});
    allow('w', {3, 4, 7});
    return masks;
  }();
  return word.size() <= 13 && (lengths[static_cast<unsigned char>(word[0]) & 31U] >> word.size() & 1U) != 0;
}

/// Words that stand in timestamps: they do not end the part of a line in which a column is looked for.
constexpr bool is_calendar_word(std::string_view word) noexcept {
  switch (packed(word)) {
    case packed("jan"): case packed("feb"): case packed("mar"): case packed("apr"): case packed("may"):
    case packed("jun"): case packed("jul"): case packed("aug"): case packed("sep"): case packed("oct"):
    case packed("nov"): case packed("dec"): case packed("mon"): case packed("tue"): case packed("wed"):
    case packed("thu"): case packed("fri"): case packed("sat"): case packed("sun"): case packed("am"):
    case packed("pm"): case packed("utc"): case packed("gmt"): case packed("t"): case packed("z"): return true;
    default: return false;
  }
}

/// The one-letter columns of Android and of brackets like "[W]".
constexpr level level_of_letter(char letter) noexcept {
  switch (letter) {
    case 'V':
    case 'T': return level::trace;
    case 'D': return level::debug;
    case 'I': return level::info;
    case 'W': return level::warning;
    case 'E': return level::error;
    case 'F':
    case 'C': return level::critical;
    default: return level::unknown;
  }
}

/// Reads the head of a line word by word; the first word that states a level decides.
class level_reader {
 public:
  explicit level_reader(std::string_view text) noexcept : text_(text.substr(0, head)) {}

  level read() noexcept {
    if (const level by_prefix = prefix(); by_prefix != level::unknown) return by_prefix;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const byte_kind kind = kind_of(c);
      if (kind == byte_kind::letter) {
        const std::size_t first = at_;
        while (at_ < text_.size() && kind_of(text_[at_]) == byte_kind::letter) ++at_;
        if (const level stated = judge(first); stated != level::unknown) return stated;
        after_colour_ = false;
      } else if (kind == byte_kind::digit) {
        // Letters that cling to digits ("10ms", "v2", "2024T") are no words.
        while (at_ < text_.size() && kind_of(text_[at_]) != byte_kind::other) ++at_;
        had_digit_ = true;
        after_colour_ = false;
      } else if (c == '\x1b') {
        skip_escape();
      } else {
        if (c == '[') ++open_brackets_;
        if (c == ']' && open_brackets_ != 0) --open_brackets_;
        if (c != ' ') after_colour_ = false;
        ++at_;
      }
    }
    return level::unknown;
  }

 private:
  static constexpr std::size_t head = 192;

  char at(std::size_t i) const noexcept { return i < text_.size() ? text_[i] : '\0'; }
  char before(std::size_t first) const noexcept { return first == 0 || after_colour_ ? ' ' : text_[first - 1]; }
  bool starts_with(std::string_view words) const noexcept { return text_.starts_with(words); }

  // Colour sequences (ECMA-48 CSI) stand for nothing.
  void skip_escape() noexcept {
    ++at_;
    if (at(at_) != '[') return;
    ++at_;
    while (at_ < text_.size() && (text_[at_] < '@' || text_[at_] > '~')) ++at_;
    if (at_ < text_.size()) ++at_;
    after_colour_ = true;
  }

  level prefix() const noexcept {
    const char c = at(0);
    if (c == '<') return syslog_prefix();
    if (is_digit(c)) return redis_mark();
    // klog: "E0102 15:04:05.678901".
    if (is_digit(at(1)) && is_digit(at(2)) && is_digit(at(3)) && is_digit(at(4)) && at(5) == ' ' && is_digit(at(6))) {
      return level_of_letter(c);
    }
    if (starts_with("Traceback (most recent") || starts_with("Exception in thread") || starts_with("Caused by: ")) {
      return level::error;
    }
    if (starts_with("Segmentation fault") || starts_with("terminate called") || starts_with("panic: ")) {
      return level::critical;
    }
    return level::unknown;
  }
  level syslog_prefix() const noexcept {
    unsigned priority = 0;
    std::size_t i = 1;
    for (; i <= 3 && is_digit(at(i)); ++i) priority = priority * 10 + static_cast<unsigned>(at(i) - '0');
    return i > 1 && at(i) == '>' ? level_of_syslog(priority & 7U) : level::unknown;
  }
  // Redis: "pid:role day month year time mark text".
  level redis_mark() const noexcept {
    std::size_t i = 0;
    while (is_digit(at(i))) ++i;
    if (at(i) != ':' || std::string_view("XCSM").find(at(i + 1)) == std::string_view::npos || at(i + 2) != ' ') {
      return level::unknown;
    }
    i += 2;
    for (int blanks = 0; blanks < 5; ++i) {
      if (i >= text_.size()) return level::unknown;
      if (text_[i] == ' ') ++blanks;
    }
    if (at(i + 1) != ' ') return level::unknown;
    switch (at(i)) {
      case '.': return level::debug;
      case '-': return level::debug;
      case '*': return level::info;
      case '#': return level::warning;
      default: return level::unknown;
    }
  }

  // What the word [first, at_) says of the line.
  level judge(std::size_t first) noexcept {
    const std::string_view word = text_.substr(first, at_ - first);
    const char left = before(first);
    const char right = at(at_);
    if (word.size() == 1) return judge_letter(word[0], left, right);
    const level named = may_name_level(word) ? parse_level(word) : level::unknown;
    if (named == level::unknown) {
      const level by_suffix = right == ':' || at_ == text_.size() ? judge_suffix(word, left) : level::unknown;
      if (by_suffix == level::unknown && in_column_ && !is_calendar_word(word)) in_column_ = false;
      return by_suffix;
    }
    if (!is_edge(left) || !(is_edge(right) || is_closing(right))) {
      in_column_ = false;
      return level::unknown;
    }
    const bool is_weak = packed(word) == packed("log") || packed(word) == packed("note") || packed(word) == packed("fine");
    if (is_upper(word) && (!is_weak || right == ':' || right == ']')) return named;
    if (right == ']' && (left == '[' || (left == ':' && open_brackets_ != 0))) return named;
    if (!is_weak && in_column_ && (had_digit_ || begins_lines(word))) return named;
    if (left == '=' && follows_level_key(first - 1)) return named;
    if (left == '"' && first >= 2 && text_[first - 2] == '=' && follows_level_key(first - 2)) return named;
    if (right == ':' && left != '=' && (named >= level::warning || begins_clause(first))) return named;
    if (packed(word) == packed("fatal") && text_.substr(at_).starts_with(" error:")) return level::critical;
    in_column_ = false;
    return level::unknown;
  }

  level judge_letter(char letter, char left, char right) noexcept {
    const level named = level_of_letter(letter);
    if (named != level::unknown) {
      if (left == '[' && right == ']') return named;
      if (in_column_ && left == ' ' && ((right == ' ' && had_digit_) || right == '/')) return named;
    }
    if (letter != 'T' && letter != 'Z') in_column_ = false;
    return level::unknown;
  }

  // What tools write first without a time before it: "warn deprecated package". Others begin sentences.
  static bool begins_lines(std::string_view word) noexcept {
    const std::uint64_t number = packed(word);
    return number == packed("info") || number == packed("warn") || number == packed("warning") ||
           number == packed("error") || number == packed("debug") || number == packed("fatal");
  }

  // "TypeError:", "java.io.IOException:", "DeprecationWarning:".
  static level judge_suffix(std::string_view word, char left) noexcept {
    if (left != ' ' && left != '.') return level::unknown;
    if (word.ends_with("Error") || word.ends_with("Exception")) return level::error;
    return word.ends_with("Warning") ? level::warning : level::unknown;
  }

  static bool is_edge(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\0' || c == '[' || c == '(' || c == '<' || c == '|' || c == ':' || c == '=' ||
           c == '"' || c == ',' || c == '*' || c == '{' || c == '\x1b' || c == ';';
  }
  static bool is_closing(char c) noexcept { return c == ']' || c == ')' || c == '>' || c == '}' || c == '!'; }

  // Whether the '=' at `equals` ends a key like "level", "lvl" or "severity".
  bool follows_level_key(std::size_t equals) const noexcept {
    std::size_t first = equals;
    while (first > 0 && kind_of(text_[first - 1]) == byte_kind::letter) --first;
    const std::uint64_t key = packed(text_.substr(first, equals - first));
    return key == packed("level") || key == packed("lvl") || key == packed("severity") || key == packed("loglevel");
  }
  // Whether a word stands at the start of the line or of what follows a program's name: "sshd[12]: info: ".
  bool begins_clause(std::size_t first) const noexcept {
    if (first == 0) return true;
    return first >= 2 && text_[first - 1] == ' ' && (text_[first - 2] == ':' || text_[first - 2] == ']');
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t open_brackets_ = 0;
  bool in_column_ = true;  // only time, numbers and punctuation so far
  bool had_digit_ = false;
  bool after_colour_ = false;
};

}  // namespace log_detail

/// The level that a line states, or `unknown`. Reads JSON fields of lines that begin with '{', and else the first
/// 192 bytes. Allocates nothing.
inline level infer_level(std::string_view text) noexcept {
  if (looks_like_json(text)) {
    const level stated = level_of(scan_json_line(text).level);
    if (stated != level::unknown) return stated;
  }
  return log_detail::level_reader(text).read();
}

}  // namespace ovrseer
