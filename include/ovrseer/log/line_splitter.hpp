// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Cuts the bytes of one stream into lines, however they arrive; pure, and without a copy for every line that
// arrives whole.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

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
  bool next(std::string_view& rest) {
    release();
    while (!rest.empty()) {
      // Two more than the cap tell for sure: one byte beyond it, and it is no CR that a newline follows.
      const std::string_view window = rest.substr(0, cap_ + 2 - held_.size());
      const auto* newline = static_cast<const char*>(std::memchr(window.data(), '\n', window.size()));
      if (newline != nullptr) {
        const auto size = static_cast<std::size_t>(newline - window.data());
        const std::string_view body = joined(window.substr(0, size));
        if (size_without_cr(body) <= cap_) {
          rest.remove_prefix(size + 1);
          return yield_line(body.substr(0, size_without_cr(body)));
        }
        // One too many before the newline: a piece first, the rest of the line next time.
        return yield_piece(body, rest, size);
      }
      if (held_.size() + window.size() == cap_ + 2) return yield_piece(joined(window), rest, window.size());
      held_.append(window);
      rest.remove_prefix(window.size());
    }
    return false;
  }

  /// Says that no more bytes come: the text after the last newline, if there is any, is a line. Call it until it
  /// is false; the splitter then begins anew.
  bool finish() {
    release();
    if (held_.empty()) return false;
    if (held_.size() > cap_) {
      std::string_view nothing;
      return yield_piece(held_, nothing, 0);
    }
    return yield_line(held_);
  }

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
  std::string_view joined(std::string_view more) {
    if (held_.empty()) return more;
    held_.append(more);
    return held_;
  }

  bool yield_line(std::string_view body) noexcept {
    text_ = body;
    part_ = in_long_line_ ? line_part::last : line_part::whole;
    in_long_line_ = false;
    releases_ = held_.size();
    return true;
  }

  // The piece at the front of `body`, which is what was held and then `taken` bytes of `rest`.
  bool yield_piece(std::string_view body, std::string_view& rest, std::size_t taken) noexcept {
    const std::size_t size = piece_size(body);
    text_ = body.substr(0, size);
    part_ = in_long_line_ ? line_part::middle : line_part::first;
    in_long_line_ = true;
    if (held_.empty()) {
      rest.remove_prefix(size);
    } else {
      rest.remove_prefix(taken);
      releases_ = size;
    }
    return true;
  }

  // At most the cap, less where that would cut a UTF-8 sequence of up to four bytes.
  std::size_t piece_size(std::string_view body) const noexcept {
    const auto continues = [&](std::size_t i) { return (static_cast<unsigned char>(body[i]) & 0xC0U) == 0x80U; };
    std::size_t size = cap_;
    while (size + 3 > cap_ && continues(size)) --size;
    return continues(size) ? cap_ : size;
  }

  // Drops what the last text pointed to, and the memory after a long one.
  void release() {
    if (releases_ == 0) return;
    held_.erase(0, releases_);
    releases_ = 0;
    if (held_.empty() && held_.capacity() > largest_idle) held_ = std::string();
  }

  static constexpr std::size_t largest_idle = 4'096;

  std::string held_;
  std::string_view text_;
  std::size_t cap_;
  std::size_t releases_ = 0;
  line_part part_ = line_part::whole;
  bool in_long_line_ = false;
};

}  // namespace ovrseer
