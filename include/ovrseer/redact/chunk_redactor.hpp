// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Redacts a stream that comes in chunks of any size: a secret may lie across the border of two.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/redact/line_redactor.hpp>

namespace ovrseer {

/// A `line_redactor` for bytes as a pipe gives them. One for each stream; a value.
///
/// What stands behind the last line end is held back until its line is complete, so what comes out is the same wherever the
/// chunks end. Of a line longer than `most_held` all but the last `least_kept` bytes are let go, at a blank where there is
/// one; what lies across such a cut is hidden as `line_redactor` does it.
class chunk_redactor {
 public:
  static constexpr std::size_t most_held = std::size_t{64} * 1024;
  static constexpr std::size_t least_kept = std::size_t{4} * 1024;

  explicit chunk_redactor(redactor rules = {}) : lines_(std::move(rules)) {}

  /// Appends what is known of the stream up to the end of `chunk` to `out`, redacted; says whether anything was hidden.
  bool append(std::string& out, std::string_view chunk) {
    bool has_hidden = false;
    for (std::size_t end = chunk.find('\n'); end != std::string_view::npos; end = chunk.find('\n')) {
      held_.append(chunk.substr(0, end));
      has_hidden =
          let_go(out, held_.size(), std::exchange(is_cut_, false) ? line_part::last : line_part::whole) || has_hidden;
      out.push_back('\n');
      chunk.remove_prefix(end + 1);
    }
    held_.append(chunk);
    if (held_.size() <= most_held) return has_hidden;
    const std::size_t last = held_.size() - least_kept;
    const std::size_t blank = held_.find_last_of(" \t", last);
    const line_part part = std::exchange(is_cut_, true) ? line_part::middle : line_part::first;
    return let_go(out, blank == std::string::npos ? last : blank + 1, part) || has_hidden;
  }

  /// The end of the stream: appends what was held back.
  bool finish(std::string& out) {
    return !held_.empty() && let_go(out, held_.size(), is_cut_ ? line_part::last : line_part::whole);
  }

  const redactor& rules() const noexcept { return lines_.rules(); }

 private:
  bool let_go(std::string& out, std::size_t size, line_part part) {
    const bool has_hidden = lines_.append(out, std::string_view(held_).substr(0, size), part);
    held_.erase(0, size);
    return has_hidden;
  }

  line_redactor lines_;
  std::string held_;
  bool is_cut_ = false;  // the beginning of the line was let go
};

}  // namespace ovrseer
