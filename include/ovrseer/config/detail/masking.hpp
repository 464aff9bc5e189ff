// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A line of a configuration as a message may show it: without secrets, without control characters, and
// not longer than a terminal.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <ovrseer/config/source.hpp>

namespace ovrseer::config_detail {

inline constexpr std::string_view mask = "***";

inline bool is_secret_name(std::string_view name) {
  return name.find("PASSWORD") != std::string_view::npos || name.find("TOKEN") != std::string_view::npos;  // TODO redact
}

/// Text of others, safe to print: control characters, and bytes that are not UTF-8, become `?`.
inline std::string printable(std::string_view text) {
  std::string made;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    const bool is_control = static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F ||
                            (length == 2 && text[i] == '\xC2' && static_cast<unsigned char>(text[i + 1]) < 0xA0);
    if (text[i] == '\t') made.push_back(' ');
    else if (length == 0 || is_control) made.push_back('?');
    else made.append(text.substr(i, length));
    i += std::max<std::size_t>(length, 1);
  }
  return made;
}

/// The line around a place, with the place in it.
struct excerpt {
  std::string text;
  std::size_t caret = 0;  ///< columns before the place
  std::size_t width = 1;  ///< columns of the place
};

/// The end of the hidden part that holds `offset`, or `offset` itself where nothing is hidden.
inline std::size_t end_of_hidden(const source_text& source, std::size_t offset) noexcept {
  std::size_t end = offset;
  for (const text_span part : source.hidden()) {
    if (part.begin <= offset && offset < part.end) end = std::max(end, part.end);
  }
  return end;
}

/// The line that `place` begins on, with what is hidden masked; of a long line, what surrounds the place.
inline excerpt excerpt_of(const source_text& source, text_span place) {
  constexpr std::size_t widest = 120;
  constexpr std::size_t before = 60;
  const text_span line = source.line_around(place.begin);
  const std::string_view text = source.text();
  std::size_t i = line.begin;
  if (place.begin - line.begin > widest - before / 2) {
    i = place.begin;
    for (std::size_t n = 0; n < before; ++n) {
      do --i;
      while (i > line.begin && is_continuation_byte(text[i]));
    }
  }
  excerpt made;
  if (i > line.begin) made.text = "...";
  std::size_t column = made.text.size();
  made.caret = column;
  std::size_t end_column = 0;
  for (; i < line.end; ++column) {
    if (column >= widest) {
      made.text += "...";
      break;
    }
    const std::size_t hidden_end = std::min(end_of_hidden(source, i), line.end);
    std::size_t length = std::max<std::size_t>(utf8_length(text.substr(i, line.end - i)), 1);
    if (i <= place.begin) made.caret = column;
    if (hidden_end > i) {
      length = hidden_end - i;
      made.text += mask;
      column += mask.size() - 1;
    } else {
      made.text += printable(text.substr(i, length));
    }
    i += length;
    if (i <= place.end) end_column = column + 1;
  }
  if (place.begin >= line.end) made.caret = column;
  if (end_column > made.caret) made.width = end_column - made.caret;
  return made;
}

}  // namespace ovrseer::config_detail
