// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The text of a configuration, kept for messages: an offset becomes a line and a column, and what is
// secret on that line is known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/utf8.hpp>

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

/// A named text with an index of its lines; or several of them behind each other, as of files that one configuration
/// is made of.
///
/// A byte order mark at the beginning is dropped: offsets count without it.
class source_text {
 public:
  /// `name` is what messages call it, usually the path as the user wrote it.
  source_text(std::string name, std::string text);

  /// Of the first text.
  const std::string& name() const noexcept { return pieces_.front().name; }
  std::string_view text() const noexcept { return text_; }

  /// The line that holds `offset`, from 0, without its end.
  text_span line_around(std::size_t offset) const noexcept;

  /// Takes another text in, with what is hidden in it; yields the distance by which offsets in it have moved.
  std::size_t append(const source_text& more);
  /// Which of the texts an offset is in, from 0.
  std::size_t part_at(std::size_t offset) const noexcept;
  const std::string& name_at(std::size_t offset) const noexcept { return pieces_[part_at(offset)].name; }

  /// In the text that the offset is in. Offsets beyond the end count as the end.
  text_position position_of(std::size_t offset) const noexcept;

  /// Marks a part that no message may show. Parts are given in any order.
  void hide(text_span part) { hidden_.push_back(part); }
  const std::vector<text_span>& hidden() const noexcept { return hidden_; }

 private:
  struct piece {
    std::string name;
    std::size_t begin = 0;
    std::size_t first_line = 0;
  };

  void index_from(std::size_t begin);
  std::size_t line_index(std::size_t offset) const noexcept;

  std::uint32_t characters_before(std::size_t offset) const noexcept;

  // A file may be one line of many megabytes: columns are counted from the beginning of a block.
  static constexpr std::size_t block = 1024;

  std::vector<piece> pieces_;
  std::string text_;
  std::vector<std::size_t> line_begins_{0};
  std::vector<std::uint32_t> characters_before_;
  std::vector<text_span> hidden_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/source.ipp>
#endif
