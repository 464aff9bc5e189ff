// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/masking.hpp>.
#pragma once

#include <utility>
#include <vector>

#include <ovrseer/config/detail/masking.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL std::string printable(std::string_view text) {
  std::string made;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    const bool is_control = static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F ||
                            (length == 2 && text[i] == '\xC2' && static_cast<unsigned char>(text[i + 1]) < 0xA0);
    if (text[i] == '\t')
      made.push_back(' ');
    else if (length == 0 || is_control)
      made.push_back('?');
    else
      made.append(text.substr(i, length));
    i += std::max<std::size_t>(length, 1);
  }
  return made;
}

OVRSEER_DECL const redactor& message_redactor() {
  static const redactor rules = redactor().replacement(std::string(mask));
  return rules;
}

OVRSEER_DECL std::size_t end_of_hidden(const source_text& source, std::size_t offset) noexcept {
  std::size_t end = offset;
  for (const text_span part : source.hidden()) {
    if (part.begin <= offset && offset < part.end) end = std::max(end, part.end);
  }
  return end;
}

OVRSEER_DECL excerpt windowed(excerpt whole) {
  constexpr std::size_t widest = 120;
  constexpr std::size_t before = 60;
  if (width_of(whole.text) <= widest) return whole;
  const auto offset_of = [&](std::size_t column) {
    std::size_t i = 0;
    for (; i < whole.text.size() && (column > 0 || is_continuation_byte(whole.text[i])); ++i) {
      if (!is_continuation_byte(whole.text[i]) && column-- == 0) break;
    }
    return i;
  };
  const std::size_t skipped = whole.caret > widest - before / 2 ? whole.caret - before : 0;
  const std::size_t begin = offset_of(skipped);
  const std::size_t end = offset_of(skipped + widest);
  excerpt made;
  if (begin > 0) made.text = "...";
  made.caret = whole.caret - skipped + made.text.size();
  made.text += whole.text.substr(begin, end - begin);
  made.width =
      std::max<std::size_t>(1, std::min(whole.width, width_of(made.text) - std::min(width_of(made.text), made.caret)));
  if (end < whole.text.size()) made.text += "...";
  return made;
}

OVRSEER_DECL excerpt excerpt_of(const source_text& source, text_span place) {
  constexpr std::size_t most = 4U << 10U;
  const std::string_view text = source.text();
  const text_span line = source.line_around(place.begin);
  std::size_t i = place.begin - line.begin > most ? place.begin - most : line.begin;
  const std::size_t end = std::min(line.end, place.begin + most);
  while (i > line.begin && is_continuation_byte(text[i])) --i;
  std::vector<text_span> hidden;
  for (const text_span part : source.hidden()) {
    if (part.begin < end && part.end > i) hidden.push_back(part);
  }
  const auto end_of_hidden_here = [&](std::size_t offset) {
    std::size_t hidden_end = offset;
    for (const text_span part : hidden) {
      if (part.begin <= offset && offset < part.end) hidden_end = std::max(hidden_end, std::min(part.end, end));
    }
    return hidden_end;
  };
  std::string shown;
  std::size_t before = 0;  // bytes of what is shown before the place
  std::size_t after = 0;   // and up to its end
  while (i < end) {
    if (i <= place.begin) before = shown.size();
    const std::size_t hidden_end = end_of_hidden_here(i);
    const std::size_t length = std::max<std::size_t>(utf8_length(text.substr(i, end - i)), 1);
    shown += hidden_end > i ? std::string(mask) : printable(text.substr(i, length));
    i = hidden_end > i ? hidden_end : i + length;
    if (i <= place.end) after = shown.size();
  }
  if (place.begin >= end) before = shown.size();
  const auto redacted = [](std::string_view part) { return message_redactor().redact(part); };
  excerpt made;
  made.text = redacted(shown);
  if (made.text == shown) {
    made.caret = width_of(std::string_view(shown).substr(0, before));
    if (after > before) made.width = width_of(std::string_view(shown).substr(before, after - before));
  } else {
    // The place moves with what was hidden before it; inside of a secret it is where that begins.
    const std::string head = redacted(std::string_view(shown).substr(0, before));
    const auto differing = std::ranges::mismatch(made.text, head).in1;
    made.caret = width_of(std::string_view(made.text.begin(), differing));
  }
  return windowed(std::move(made));
}

}  // namespace ovrseer::config_detail
