// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/source.hpp>.
#pragma once

#include <algorithm>
#include <utility>

#include <ovrseer/config/source.hpp>

namespace ovrseer {

OVRSEER_DECL source_text::source_text(std::string name, std::string text)
    : pieces_{{std::move(name)}}, text_(std::move(text)) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);
  index_from(0);
}

OVRSEER_DECL void source_text::index_from(std::size_t begin) {
  std::uint32_t characters = begin == 0 ? 0 : characters_before(begin);
  for (std::size_t i = begin; i < text_.size(); ++i) {
    if (i % block == 0) characters_before_.push_back(characters);
    characters += is_continuation_byte(text_[i]) ? 0U : 1U;
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
    characters += is_continuation_byte(text_[i]) ? 0U : 1U;
  }
  return characters;
}

}  // namespace ovrseer
