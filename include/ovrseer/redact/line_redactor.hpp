// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Redacts a stream line by line: a private key that is printed over many lines is hidden in all of them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/redact/detail/credentials.hpp>
#include <ovrseer/redact/redaction.hpp>
#include <ovrseer/redact/redactor.hpp>

namespace ovrseer {

/// A redaction for lines that come one at a time. One for each stream; a value. Most want `line_redactor`.
///
/// Between "-----BEGIN … PRIVATE KEY-----" and "-----END" every line becomes the replacement, whatever else is in
/// it: such as a date before each line. For every line given there is one line out. A key without an end is
/// taken to be over after `most_lines` or `most_bytes`, so that it does not hide a whole log.
template <redaction R>
class basic_line_redactor {
 public:
  static constexpr std::size_t most_lines = 400;  // a key of 16384 bits has some 200
  static constexpr std::size_t most_bytes = redact_detail::largest_pem;

  explicit basic_line_redactor(R rules = {}) : rules_(std::move(rules)) {}

  /// The line, given without its line end, with its secrets replaced.
  std::string redact(std::string_view line) {
    std::string out;
    append(out, line);
    return out;
  }

  /// Appends the redacted line to `out`; says whether anything was hidden.
  bool append(std::string& out, std::string_view line) {
    if (!in_block_) return append_outside(out, line);
    const std::size_t end = line.find(redact_detail::pem_end);
    if (end == std::string_view::npos) {
      ++lines_;
      bytes_ += line.size();
      if (lines_ >= most_lines || bytes_ >= most_bytes) reset();
      out.append(line.empty() ? std::string_view() : std::string_view(rules_.replacement()));
      return !line.empty();
    }
    reset();
    if (end != 0) out.append(rules_.replacement());
    const bool is_hidden = append_outside(out, line.substr(end));
    return is_hidden || end != 0;
  }

  /// Whether the last line lay within a private key.
  bool in_block() const noexcept { return in_block_; }
  /// Begins anew, for another stream or after lines were left out.
  void reset() noexcept {
    in_block_ = false;
    lines_ = 0;
    bytes_ = 0;
  }
  const R& rules() const noexcept { return rules_; }

 private:
  bool append_outside(std::string& out, std::string_view line) {
    const auto result = rules_.append(out, line);
    in_block_ = result == redaction_result::open_block;
    return result != redaction_result::unchanged;
  }

  R rules_;
  bool in_block_ = false;
  std::size_t lines_ = 0;
  std::size_t bytes_ = 0;
};

/// The one with the rules of `redactor`.
using line_redactor = basic_line_redactor<redactor>;

}  // namespace ovrseer
