// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The text of a configuration, kept for messages: an offset becomes a line and a column, and what is
// secret on that line is known.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ovrseer {

/// A place in a text as editors count: both from 1, the column in characters. Line 0 means the whole file.
struct text_position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend auto operator<=>(const text_position&, const text_position&) = default;
};

/// A part of a text: bytes from `begin` up to `end`.
struct text_span {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const noexcept { return end - begin; }
};

namespace config_detail {

constexpr bool is_continuation_byte(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// The length of the UTF-8 sequence at the beginning of `text`; zero where it is none.
inline std::size_t utf8_length(std::string_view text) noexcept {
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

}  // namespace config_detail

/// The offset of the first byte that is not UTF-8, if there is one.
inline std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = config_detail::utf8_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

/// A named text with an index of its lines.
///
/// A byte order mark at the beginning is dropped: offsets count without it.
class source_text {
 public:
  /// `name` is what messages call it, usually the path as the user wrote it.
  source_text(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);
    std::uint32_t characters = 0;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (i % block == 0) characters_before_.push_back(characters);
      characters += config_detail::is_continuation_byte(text_[i]) ? 0U : 1U;
      if (text_[i] == '\n') line_begins_.push_back(i + 1);
    }
  }

  const std::string& name() const noexcept { return name_; }
  std::string_view text() const noexcept { return text_; }

  /// The line that holds `offset`, from 0, without its end.
  text_span line_around(std::size_t offset) const noexcept {
    const std::size_t index = line_index(offset);
    const std::size_t begin = line_begins_[index];
    std::size_t end = index + 1 < line_begins_.size() ? line_begins_[index + 1] - 1 : text_.size();
    if (end > begin && text_[end - 1] == '\r') --end;
    return {begin, end};
  }

  /// Offsets beyond the end count as the end.
  text_position position_of(std::size_t offset) const noexcept {
    offset = std::min(offset, text_.size());
    const std::size_t index = line_index(offset);
    const std::uint32_t column = characters_before(offset) - characters_before(line_begins_[index]) + 1;
    return {static_cast<std::uint32_t>(index + 1), column};
  }

  /// Marks a part that no message may show. Parts are given in any order.
  void hide(text_span part) { hidden_.push_back(part); }
  const std::vector<text_span>& hidden() const noexcept { return hidden_; }

 private:
  std::size_t line_index(std::size_t offset) const noexcept {
    const auto after = std::ranges::upper_bound(line_begins_, offset);
    return static_cast<std::size_t>(after - line_begins_.begin()) - 1;
  }

  std::uint32_t characters_before(std::size_t offset) const noexcept {
    if (text_.empty()) return 0;
    const std::size_t counted = std::min(offset / block, characters_before_.size() - 1);
    std::uint32_t characters = characters_before_[counted];
    for (std::size_t i = counted * block; i < offset; ++i) {
      characters += config_detail::is_continuation_byte(text_[i]) ? 0U : 1U;
    }
    return characters;
  }

  // A file may be one line of many megabytes: columns are counted from the beginning of a block.
  static constexpr std::size_t block = 1024;

  std::string name_;
  std::string text_;
  std::vector<std::size_t> line_begins_{0};
  std::vector<std::uint32_t> characters_before_;
  std::vector<text_span> hidden_;
};

}  // namespace ovrseer
