// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Cuts the bytes of one stream into lines, however they arrive; pure, and without a copy for every line that
// arrives whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/log/line.hpp>

namespace ovrseer {

/// Bytes in, lines out. The same bytes give the same lines, whatever the chunks.
///
/// A line ends at LF; a CR before it belongs to the ending. All other bytes, NUL and invalid UTF-8 included, are
/// text. Lines longer than the cap come in pieces of at most the cap, none of which ends inside a UTF-8
/// sequence. It holds at most one cap and a few bytes.
///
///     while (splitter.next(rest)) use(splitter.text(), splitter.part());
class line_splitter {
 public:
  /// `cap` is the longest text in bytes; at least 16.
  explicit line_splitter(std::size_t cap = 65'536) noexcept : cap_(std::max<std::size_t>(cap, 16)) {}

  /// Takes bytes from the front of `rest` until a line or a piece is complete, which `text` and `part` then are.
  /// False when `rest` is used up before.
  bool next(std::string_view& rest);

  /// Says that no more bytes come: the text after the last newline, if there is any, is a line. Call it until it
  /// is false; the splitter then begins anew.
  bool finish();

  /// The line or piece that `next` or `finish` found; valid until the next call, and as long as the bytes given.
  std::string_view text() const noexcept { return text_; }
  line_part part() const noexcept { return part_; }
  /// Bytes of an unfinished line that wait for their end.
  std::size_t held() const noexcept { return held_.size() - releases_; }
  /// Whether the next byte begins a line.
  bool is_idle() const noexcept { return held() == 0 && !in_long_line_; }
  std::size_t cap() const noexcept { return cap_; }

 private:
  static std::size_t size_without_cr(std::string_view body) noexcept {
    return body.ends_with('\r') ? body.size() - 1 : body.size();
  }

  // What is held and what comes, as one text: in place where nothing is held.
  std::string_view joined(std::string_view more);

  bool yield_line(std::string_view body) noexcept;

  // The piece at the front of `body`, which is what was held and then `taken` bytes of `rest`.
  bool yield_piece(std::string_view body, std::string_view& rest, std::size_t taken) noexcept;

  // At most the cap, less where that would cut a UTF-8 sequence of up to four bytes.
  std::size_t piece_size(std::string_view body) const noexcept;

  // Drops what the last text pointed to, and the memory after a long one.
  void release();

  static constexpr std::size_t largest_idle = 4'096;

  std::string held_;
  std::string_view text_;
  std::size_t cap_;
  std::size_t releases_ = 0;
  line_part part_ = line_part::whole;
  bool in_long_line_ = false;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/line_splitter.ipp>
#endif
