// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The severity of a log line, and the many words that programs have for it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ovrseer {

/// How grave a line is, in rising order; `unknown` where the line does not say.
enum class level : std::uint8_t { trace, debug, info, warning, error, critical, unknown };

constexpr std::string_view to_text(level value) noexcept {
  constexpr std::array<std::string_view, 7> names{"trace", "debug", "info", "warning", "error", "critical", "unknown"};
  return names[static_cast<std::size_t>(value)];
}

/// Whether a line of this level belongs to "at least `least`". A line that does not say counts as info.
constexpr bool is_at_least(level value, level least) noexcept {
  if (least == level::unknown) return true;
  return (value == level::unknown ? level::info : value) >= least;
}

namespace log_detail {

/// The letters of a word of at most eight, in lower case, as one number: what a switch can tell apart.
/// Zero where the word is longer or not of letters alone.
constexpr std::uint64_t packed(std::string_view word) noexcept {
  if (word.size() > 8) return 0;
  std::uint64_t number = 0;
  for (const char c : word) {
    const auto lower = static_cast<unsigned char>(static_cast<unsigned char>(c) | 0x20U);
    if (lower < 'a' || lower > 'z') return 0;
    number = number << 8U | lower;
  }
  return number;
}

constexpr bool equal_ignoring_case(std::string_view word, std::string_view lower) noexcept {
  if (word.size() != lower.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i] >= 'A' && word[i] <= 'Z' ? static_cast<char>(word[i] + ('a' - 'A')) : word[i];
    if (c != lower[i]) return false;
  }
  return true;
}

}  // namespace log_detail

/// The level that a word names, in any case: the names of syslog, Java, Python, .NET, Go and Rust loggers and
/// their usual abbreviations. `unknown` for all other words.
constexpr level parse_level(std::string_view word) noexcept {
  using log_detail::packed;
  switch (packed(word)) {
    case packed("trace"):
    case packed("trc"):
    case packed("verbose"):
    case packed("finest"):
    case packed("finer"): return level::trace;
    case packed("debug"):
    case packed("dbg"):
    case packed("dbug"):
    case packed("fine"): return level::debug;
    case packed("info"):
    case packed("inf"):
    case packed("notice"):
    case packed("note"):
    case packed("log"): return level::info;
    case packed("warning"):
    case packed("warn"):
    case packed("wrn"): return level::warning;
    case packed("error"):
    case packed("err"):
    case packed("eror"):
    case packed("severe"): return level::error;
    case packed("critical"):
    case packed("crit"):
    case packed("fatal"):
    case packed("ftl"):
    case packed("alert"):
    case packed("emerg"):
    case packed("panic"):
    case packed("dpanic"): return level::critical;
    default: break;
  }
  if (log_detail::equal_ignoring_case(word, "information") || log_detail::equal_ignoring_case(word, "informational")) {
    return level::info;
  }
  return log_detail::equal_ignoring_case(word, "emergency") ? level::critical : level::unknown;
}

/// The level of a syslog severity, 0 (emergency) to 7 (debug); RFC 5424, 6.2.1.
constexpr level level_of_syslog(unsigned severity) noexcept {
  constexpr std::array<level, 8> levels{level::critical, level::critical, level::critical, level::error,
                                        level::warning,  level::info,     level::info,     level::debug};
  return severity < levels.size() ? levels[severity] : level::unknown;
}

}  // namespace ovrseer
