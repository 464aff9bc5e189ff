// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The level of a line, guessed from its text as a person would: a level column, a word in brackets, a key,
// a prefix of syslog or klog, a JSON field, or the first words of a crash.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <ovrseer/build.hpp>
#include <ovrseer/log/level.hpp>

namespace ovrseer {

namespace log_detail {

constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
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
    case packed("jan"):
    case packed("feb"):
    case packed("mar"):
    case packed("apr"):
    case packed("may"):
    case packed("jun"):
    case packed("jul"):
    case packed("aug"):
    case packed("sep"):
    case packed("oct"):
    case packed("nov"):
    case packed("dec"):
    case packed("mon"):
    case packed("tue"):
    case packed("wed"):
    case packed("thu"):
    case packed("fri"):
    case packed("sat"):
    case packed("sun"):
    case packed("am"):
    case packed("pm"):
    case packed("utc"):
    case packed("gmt"):
    case packed("t"):
    case packed("z"): return true;
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

/// Which of 64 bytes belong to words, lowest bit first.
OVRSEER_DECL std::uint64_t letters_of(const char* bytes) noexcept;

/// Reads the head of a line word by word; the first word that states a level decides.
class level_reader {
 public:
  explicit level_reader(std::string_view text) noexcept;

  level read() noexcept;

 private:
  static constexpr std::size_t head = 192;

  char at(std::size_t i) const noexcept { return i < size_ ? head_[i] : '\0'; }
  std::string_view text() const noexcept { return {head_.data(), size_}; }
  bool starts_with(std::string_view words) const noexcept { return text().starts_with(words); }

  // Colour sequences (ECMA-48 CSI) stand for nothing, but part words.
  void copy_without_escapes(std::string_view from) noexcept;

  level prefix() const noexcept;
  level syslog_prefix() const noexcept;
  // Redis: "pid:role day month year time mark text".
  level redis_mark() const noexcept;

  // What the word [first, end) says of the line.
  level judge(std::size_t first, std::size_t end) noexcept;

  // Whether a level's name, which stands alone, is the level of the line.
  level judge_name(std::size_t first, std::size_t end, level named) const noexcept;

  level judge_letter(std::size_t first, char left, char right) noexcept;

  // What tools write first without a time before it: "warn deprecated package". Others begin sentences.
  static bool begins_lines(std::uint64_t name) noexcept;
  bool has_digit_before(std::size_t end) const noexcept {
    return std::any_of(head_.begin(), head_.begin() + static_cast<std::ptrdiff_t>(end), is_digit);
  }
  // "[core:error]": whether an open bracket stands before the word, in one piece with it.
  bool is_in_bracket(std::size_t first) const noexcept;

  // "TypeError:", "java.io.IOException:", "DeprecationWarning:".
  static level judge_suffix(std::string_view word, char left) noexcept;

  static bool is_edge(char c) noexcept;
  static bool is_closing(char c) noexcept { return c == ']' || c == ')' || c == '>' || c == '}' || c == '!'; }

  // Whether the '=' at `equals` ends a key like "level", "lvl" or "severity".
  bool follows_level_key(std::size_t equals) const noexcept;
  // Whether a word stands at the start of the line or of what follows a program's name: "sshd[12]: info: ".
  bool begins_clause(std::size_t first) const noexcept;

  alignas(16) std::array<char, head + 64> head_;
  std::size_t size_ = 0;
  bool in_column_ = true;  // only time, numbers and punctuation so far
};

}  // namespace log_detail

/// The level that a line states, or `unknown`. Reads JSON fields of lines that begin with '{', and else the first
/// 192 bytes. Allocates nothing.
OVRSEER_DECL level infer_level(std::string_view text) noexcept;

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/infer_level.ipp>
#endif
