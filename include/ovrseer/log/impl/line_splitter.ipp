// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/line_splitter.hpp>.
#pragma once

#include <ovrseer/log/line_splitter.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer {

OVRSEER_DECL bool line_splitter::next(std::string_view& rest) {
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

OVRSEER_DECL bool line_splitter::finish() {
  release();
  if (held_.empty()) return false;
  if (held_.size() > cap_) {
    std::string_view nothing;
    return yield_piece(held_, nothing, 0);
  }
  return yield_line(held_);
}

OVRSEER_DECL std::string_view line_splitter::joined(std::string_view more) {
  if (held_.empty()) return more;
  held_.append(more);
  return held_;
}

OVRSEER_DECL bool line_splitter::yield_line(std::string_view body) noexcept {
  text_ = body;
  part_ = in_long_line_ ? line_part::last : line_part::whole;
  in_long_line_ = false;
  releases_ = held_.size();
  return true;
}

OVRSEER_DECL bool line_splitter::yield_piece(std::string_view body, std::string_view& rest,
                                             std::size_t taken) noexcept {
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

OVRSEER_DECL std::size_t line_splitter::piece_size(std::string_view body) const noexcept {
  std::size_t size = cap_;
  while (size + 3 > cap_ && is_continuation_byte(body[size])) --size;
  return is_continuation_byte(body[size]) ? cap_ : size;
}

OVRSEER_DECL void line_splitter::release() {
  if (releases_ == 0) return;
  held_.erase(0, releases_);
  releases_ = 0;
  if (held_.empty() && held_.capacity() > largest_idle) held_ = std::string();
}

}  // namespace ovrseer
