// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Redacts a stream line by line: a private key that is printed over many lines is hidden in all of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/line_part.hpp>
#include <ovrseer/redact/detail/credentials.hpp>
#include <ovrseer/redact/detail/cut_word.hpp>
#include <ovrseer/redact/redaction.hpp>
#include <ovrseer/redact/redactor.hpp>

namespace ovrseer {

/// A redaction for lines that come one at a time. One for each stream; a value. Most want `line_redactor`.
///
/// Between "-----BEGIN … PRIVATE KEY-----" and "-----END" every line becomes the replacement, whatever else is in
/// it: such as a date before each line. For every line given there is one line out. A key without an end is
/// taken to be over after `most_lines` or `most_bytes`, so that it does not hide a whole log.
///
/// Of a line that comes in pieces, a secret that lies across a cut is hidden on both sides of it. What is left of the cut
/// is judged before the rest is known: a word there that may be the beginning of a token is hidden as well.
template <redaction R>
class basic_line_redactor {
 public:
  static constexpr std::size_t most_lines = 400;  // a key of 16384 bits has some 200
  static constexpr std::size_t most_bytes = redact_detail::largest_pem;

  explicit basic_line_redactor(R rules = {}) : rules_(std::move(rules)) {}

  /// The line, given without its line end, with its secrets replaced.
  std::string redact(std::string_view line, line_part part = line_part::whole) {
    std::string out;
    append(out, line, part);
    return out;
  }

  /// Appends the redacted line to `out`; says whether anything was hidden.
  bool append(std::string& out, std::string_view line, line_part part = line_part::whole) {
    if (part != line_part::whole) return append_piece(out, line, part);
    before_.clear();
    return append_line(out, line);
  }

  /// Whether the last line lay within a private key.
  bool in_block() const noexcept { return in_block_; }
  /// Whether nothing of what came before matters for the next line.
  bool is_idle() const noexcept { return !in_block_ && before_.empty(); }
  /// Begins anew, for another stream or after lines were left out.
  void reset() noexcept {
    leave_block();
    before_.clear();
  }
  const R& rules() const noexcept { return rules_; }

 private:
  bool append_line(std::string& out, std::string_view line) {
    if (!in_block_) return append_outside(out, line);
    const std::size_t end = line.find(redact_detail::pem_end);
    if (end == std::string_view::npos) {
      ++lines_;
      bytes_ += line.size();
      if (lines_ >= most_lines || bytes_ >= most_bytes) leave_block();
      out.append(line.empty() ? std::string_view() : std::string_view(rules_.replacement()));
      return !line.empty();
    }
    leave_block();
    if (end != 0) out.append(rules_.replacement());
    const bool is_hidden = append_outside(out, line.substr(end));
    return is_hidden || end != 0;
  }

  bool append_piece(std::string& out, std::string_view piece, line_part part) {
    if (!has_begun(part)) before_.clear();
    const bool was_in_block = in_block_;
    std::string text;
    append_line(text, piece);
    if (!was_in_block && !before_.empty()) {
      std::string whole;
      in_block_ |= rules_.append(whole, before_ + std::string(piece)) == redaction_result::open_block;
      text = redact_detail::behind_cut(whole, text, rules_.replacement());
    }
    if (goes_on(part) && !in_block_) text = redact_detail::before_cut(rules_, before_, piece, std::move(text));
    if (!goes_on(part) || in_block_) before_.clear();
    out.append(text);
    return text != piece;
  }

  void leave_block() noexcept {
    in_block_ = false;
    lines_ = 0;
    bytes_ = 0;
  }

  bool append_outside(std::string& out, std::string_view line) {
    const auto result = rules_.append(out, line);
    in_block_ = result == redaction_result::open_block;
    return result != redaction_result::unchanged;
  }

  R rules_;
  std::string before_;  // of a line in pieces, as it was: what the next piece must be seen with
  bool in_block_ = false;
  std::size_t lines_ = 0;
  std::size_t bytes_ = 0;
};

/// The one with the rules of `redactor`.
using line_redactor = basic_line_redactor<redactor>;

}  // namespace ovrseer
