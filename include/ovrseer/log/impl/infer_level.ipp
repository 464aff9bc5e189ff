// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/infer_level.hpp>.
#pragma once

#include <bit>

#include <ovrseer/log/infer_level.hpp>
#include <ovrseer/log/json_line.hpp>

namespace ovrseer::log_detail {

OVRSEER_DECL std::uint64_t letters_of(const char* bytes) noexcept {
  std::uint64_t letters = 0;
#if defined(__SSE2__)
  for (unsigned i = 0; i < 64; i += 16) {
    const __m128i text = _mm_load_si128(reinterpret_cast<const __m128i*>(bytes + i));
    // 'a' to 'z' become the 26 smallest signed bytes.
    const __m128i shifted = _mm_add_epi8(_mm_or_si128(text, _mm_set1_epi8(0x20)), _mm_set1_epi8(0x80 - 'a'));
    const __m128i is_alphabetic = _mm_cmplt_epi8(shifted, _mm_set1_epi8(-128 + 26));
    const __m128i is_underscore = _mm_cmpeq_epi8(text, _mm_set1_epi8('_'));
    const int found = _mm_movemask_epi8(_mm_or_si128(is_alphabetic, is_underscore));
    letters |= static_cast<std::uint64_t>(static_cast<unsigned>(found)) << i;
  }
#else
  for (unsigned i = 0; i < 64; ++i) letters |= static_cast<std::uint64_t>(is_letter(bytes[i])) << i;
#endif
  return letters;
}

OVRSEER_DECL level_reader::level_reader(std::string_view text) noexcept {
  if (text.empty()) {
    size_ = 0;
  } else if (std::memchr(text.data(), '\x1b', std::min(text.size(), head)) == nullptr) {
    size_ = std::min(text.size(), head);
    std::memcpy(head_.data(), text.data(), size_);
  } else {
    copy_without_escapes(text);
  }
  std::memset(head_.data() + size_, 0, head_.size() - size_);
}

OVRSEER_DECL level level_reader::read() noexcept {
  if (const level by_prefix = prefix(); by_prefix != level::unknown) return by_prefix;
  std::uint64_t last_of_block = 0;
  for (std::size_t base = 0; base < size_; base += 64) {
    const std::uint64_t letters = letters_of(head_.data() + base);
    std::uint64_t starts = letters & ~(letters << 1U | last_of_block);
    last_of_block = letters >> 63U;
    for (; starts != 0; starts &= starts - 1) {
      const std::size_t first = base + static_cast<std::size_t>(std::countr_zero(starts));
      // Letters that cling to digits ("10ms", "2024T") are no words.
      if (first != 0 && is_digit(head_[first - 1])) continue;
      std::size_t end = first + static_cast<std::size_t>(std::countr_one(letters >> (first - base)));
      while (is_letter(head_[end])) ++end;  // on into the next block
      if (const level stated = judge(first, end); stated != level::unknown) return stated;
    }
  }
  return level::unknown;
}

OVRSEER_DECL void level_reader::copy_without_escapes(std::string_view from) noexcept {
  bool was_escape = false;
  for (std::size_t i = 0; i < from.size() && size_ < head; ++i) {
    if (from[i] == '\x1b' && i + 1 < from.size() && from[i + 1] == '[') {
      for (i += 2; i < from.size() && (from[i] < '@' || from[i] > '~');) ++i;
      was_escape = true;
      continue;
    }
    const auto is_of_word = [](char c) { return is_letter(c) || is_digit(c); };
    if (was_escape && size_ != 0 && is_of_word(head_[size_ - 1]) && is_of_word(from[i])) head_[size_++] = ' ';
    was_escape = false;
    if (size_ < head) head_[size_++] = from[i];
  }
}

OVRSEER_DECL level level_reader::prefix() const noexcept {
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

OVRSEER_DECL level level_reader::syslog_prefix() const noexcept {
  unsigned priority = 0;
  std::size_t i = 1;
  for (; i <= 3 && is_digit(at(i)); ++i) priority = priority * 10 + static_cast<unsigned>(at(i) - '0');
  return i > 1 && at(i) == '>' ? level_of_syslog(priority & 7U) : level::unknown;
}

OVRSEER_DECL level level_reader::redis_mark() const noexcept {
  std::size_t i = 0;
  while (is_digit(at(i))) ++i;
  if (at(i) != ':' || std::string_view("XCSM").find(at(i + 1)) == std::string_view::npos || at(i + 2) != ' ') {
    return level::unknown;
  }
  i += 2;
  for (int blanks = 0; blanks < 5; ++i) {
    if (i >= size_) return level::unknown;
    if (head_[i] == ' ') ++blanks;
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

OVRSEER_DECL level level_reader::judge(std::size_t first, std::size_t end) noexcept {
  const std::string_view word = text().substr(first, end - first);
  const char right = at(end);
  if (!may_name_level(word) && right != ':' && right != '\0' && !in_column_) return level::unknown;
  const char left = first == 0 ? ' ' : head_[first - 1];
  if (word.size() == 1) return judge_letter(first, left, right);
  const level named = may_name_level(word) ? parse_level(word) : level::unknown;
  if (named == level::unknown) {
    const level by_suffix = right == ':' || right == '\0' ? judge_suffix(word, left) : level::unknown;
    if (by_suffix == level::unknown && in_column_ && !is_calendar_word(word)) in_column_ = false;
    return by_suffix;
  }
  const level stated =
      is_edge(left) && (is_edge(right) || is_closing(right)) ? judge_name(first, end, named) : level::unknown;
  in_column_ = false;
  return stated;
}

OVRSEER_DECL level level_reader::judge_name(std::size_t first, std::size_t end, level named) const noexcept {
  const std::string_view word = text().substr(first, end - first);
  const char left = first == 0 ? ' ' : head_[first - 1];
  const char right = at(end);
  const std::uint64_t name = packed(word);
  const bool is_weak = name == packed("log") || name == packed("note") || name == packed("fine");
  if (is_upper(word) && (!is_weak || right == ':' || right == ']')) return named;
  if (right == ']' && (left == '[' || (left == ':' && is_in_bracket(first)))) return named;
  if (!is_weak && in_column_ && (has_digit_before(first) || begins_lines(name))) return named;
  if (left == '=' && follows_level_key(first - 1)) return named;
  if (left == '"' && first >= 2 && head_[first - 2] == '=' && follows_level_key(first - 2)) return named;
  if (right == ':' && left != '=' && (named >= level::warning || begins_clause(first))) return named;
  if (name == packed("fatal") && text().substr(end).starts_with(" error:")) return level::critical;
  return level::unknown;
}

OVRSEER_DECL level level_reader::judge_letter(std::size_t first, char left, char right) noexcept {
  const char letter = head_[first];
  const level named = level_of_letter(letter);
  if (named != level::unknown) {
    if (left == '[' && right == ']') return named;
    if (in_column_ && left == ' ' && ((right == ' ' && has_digit_before(first)) || right == '/')) return named;
  }
  if (letter != 'T' && letter != 'Z') in_column_ = false;
  return level::unknown;
}

OVRSEER_DECL bool level_reader::begins_lines(std::uint64_t name) noexcept {
  return name == packed("info") || name == packed("warn") || name == packed("warning") || name == packed("error") ||
         name == packed("debug") || name == packed("fatal");
}

OVRSEER_DECL bool level_reader::is_in_bracket(std::size_t first) const noexcept {
  while (first-- != 0) {
    if (head_[first] == '[') return true;
    if (head_[first] == ']' || head_[first] == ' ') return false;
  }
  return false;
}

OVRSEER_DECL level level_reader::judge_suffix(std::string_view word, char left) noexcept {
  if (left != ' ' && left != '.') return level::unknown;
  if (word.ends_with("Error") || word.ends_with("Exception")) return level::error;
  return word.ends_with("Warning") ? level::warning : level::unknown;
}

OVRSEER_DECL bool level_reader::is_edge(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\0' || c == '[' || c == '(' || c == '<' || c == '|' || c == ':' || c == '=' ||
         c == '"' || c == ',' || c == '*' || c == '{' || c == ';';
}

OVRSEER_DECL bool level_reader::follows_level_key(std::size_t equals) const noexcept {
  std::size_t first = equals;
  while (first > 0 && is_letter(head_[first - 1])) --first;
  const std::uint64_t key = packed(text().substr(first, equals - first));
  return key == packed("level") || key == packed("lvl") || key == packed("severity") || key == packed("loglevel");
}

OVRSEER_DECL bool level_reader::begins_clause(std::size_t first) const noexcept {
  if (first == 0) return true;
  return first >= 2 && head_[first - 1] == ' ' && (head_[first - 2] == ':' || head_[first - 2] == ']');
}

}  // namespace ovrseer::log_detail

namespace ovrseer {

OVRSEER_DECL level infer_level(std::string_view text) noexcept {
  if (looks_like_json(text)) {
    const level stated = level_of(scan_json_line(text).level);
    if (stated != level::unknown) return stated;
  }
  return log_detail::level_reader(text).read();
}

}  // namespace ovrseer
