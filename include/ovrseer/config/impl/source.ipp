// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/source.hpp>.
#pragma once

#include <algorithm>
#include <utility>

#include <ovrseer/config/source.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation_byte(text[i])) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F)) return 0;
  if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)) return 0;
  return length;
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = config_detail::utf8_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

OVRSEER_DECL source_text::source_text(std::string name, std::string text)
    : pieces_{{std::move(name)}}, text_(std::move(text)) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);
  index_from(0);
}

OVRSEER_DECL void source_text::index_from(std::size_t begin) {
  std::uint32_t characters = begin == 0 ? 0 : characters_before(begin);
  for (std::size_t i = begin; i < text_.size(); ++i) {
    if (i % block == 0) characters_before_.push_back(characters);
    characters += config_detail::is_continuation_byte(text_[i]) ? 0U : 1U;
    if (text_[i] == '\n') line_begins_.push_back(i + 1);
  }
}

OVRSEER_DECL std::size_t source_text::append(const source_text& more) {
  const std::size_t end = text_.size();
  // A line of its own between the two, so that the end of the one is not the beginning of the other.
  text_ += '\n';
  const std::size_t distance = text_.size();
  text_ += more.text_;
  index_from(end);
  for (const piece& each : more.pieces_) {
    pieces_.push_back({each.name, each.begin + distance, line_index(each.begin + distance)});
  }
  for (const text_span each : more.hidden_) hide({each.begin + distance, each.end + distance});
  return distance;
}

OVRSEER_DECL std::size_t source_text::part_at(std::size_t offset) const noexcept {
  const auto after = std::ranges::upper_bound(pieces_, offset, {}, &piece::begin);
  return static_cast<std::size_t>(after - pieces_.begin()) - 1;
}

OVRSEER_DECL text_span source_text::line_around(std::size_t offset) const noexcept {
  const std::size_t index = line_index(offset);
  const std::size_t begin = line_begins_[index];
  std::size_t end = index + 1 < line_begins_.size() ? line_begins_[index + 1] - 1 : text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  return {begin, end};
}

OVRSEER_DECL text_position source_text::position_of(std::size_t offset) const noexcept {
  offset = std::min(offset, text_.size());
  const std::size_t index = line_index(offset);
  const std::uint32_t column = characters_before(offset) - characters_before(line_begins_[index]) + 1;
  return {static_cast<std::uint32_t>(index - pieces_[part_at(offset)].first_line + 1), column};
}

OVRSEER_DECL std::size_t source_text::line_index(std::size_t offset) const noexcept {
  const auto after = std::ranges::upper_bound(line_begins_, offset);
  return static_cast<std::size_t>(after - line_begins_.begin()) - 1;
}

OVRSEER_DECL std::uint32_t source_text::characters_before(std::size_t offset) const noexcept {
  if (text_.empty()) return 0;
  const std::size_t counted = std::min(offset / block, characters_before_.size() - 1);
  std::uint32_t characters = characters_before_[counted];
  for (std::size_t i = counted * block; i < offset; ++i) {
    characters += config_detail::is_continuation_byte(text_[i]) ? 0U : 1U;
  }
  return characters;
}

}  // namespace ovrseer
