// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What is wrong with a configuration, where, and how to mend it: as data, and as text for people.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/source.hpp>
#include <ovrseer/event/vocabulary.hpp>

namespace ovrseer {

/// One finding. It holds its own text: the file may be gone. Values of keys with a secret's name are
/// never in it.
struct diagnostic {
  /// A second place that belongs to the finding.
  struct note {
    text_position at;
    std::string text;
    std::string file = {};  ///< empty: that of the finding
  };

  severity level = severity::error;  ///< error or warning
  std::string file;
  text_position at;      ///< line 0: the whole file
  std::string found;     ///< what is wrong: `"timeout" is "fast"`
  std::string expected;  ///< what would be right: `a duration such as 500ms or 1h30m`; may be empty
  std::string cure;      ///< what to do: `did you mean "restartPolicy"?`; may be empty
  std::optional<note> also;
  std::string excerpt;    ///< the line, safe to print; may be empty
  std::size_t caret = 0;  ///< columns of the excerpt before the place
  std::size_t caret_width = 1;
};

enum class diagnostic_colors : std::uint8_t { none, ansi };

/// The finding for people, each line ended:
///
///     ovrseer.yml:7:5: error: unknown key "restartPolcy"
///         restartPolcy: always
///         ^~~~~~~~~~~~
///       help: did you mean "restartPolicy"?
OVRSEER_DECL std::string to_text(const diagnostic& finding, diagnostic_colors colors = diagnostic_colors::none);

/// Findings in the order of their places, with a bound on their number.
///
/// Beyond 100 errors and 100 warnings, further ones are counted and not kept: a file of the wrong kind
/// gives thousands.
class diagnostics {
 public:
  static constexpr std::size_t most = 100;

  /// Adds a finding about `place`. The finding may be completed through the reference until the next call.
  diagnostic& error(const source_text& source, text_span place, std::string found) {
    return keep(about(severity::error, source, place, std::move(found)));
  }
  diagnostic& warning(const source_text& source, text_span place, std::string found) {
    return keep(about(severity::warning, source, place, std::move(found)));
  }
  /// An error about a file as a whole.
  diagnostic& error(std::string file, std::string found);
  /// Takes over the findings of another list.
  void append(diagnostics more);

  bool has_errors() const noexcept { return errors_ != 0; }
  bool empty() const noexcept { return list_.empty(); }
  std::size_t errors() const noexcept { return errors_; }
  std::size_t warnings() const noexcept { return warnings_; }
  /// Whether no further error is kept: what would cost time to say of one need not be found out.
  bool is_full() const noexcept { return errors_ >= most; }
  /// How many findings were not kept.
  std::size_t dropped() const noexcept { return errors_ + warnings_ - list_.size(); }

  /// The findings by file (in the order of their first finding), line and column.
  std::vector<diagnostic> sorted() const;

 private:
  std::size_t kept(severity level) const {
    return static_cast<std::size_t>(std::ranges::count(list_, level, &diagnostic::level));
  }
  bool is_full(severity level) const noexcept { return (level == severity::error ? errors_ : warnings_) >= most; }

  diagnostic about(severity level, const source_text& source, text_span place, std::string found) const;
  diagnostic& keep(diagnostic finding);

  std::vector<diagnostic> list_;
  diagnostic spare_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

/// All findings, one after the other; the last line says how many more there were.
OVRSEER_DECL std::string to_text(const diagnostics& findings, diagnostic_colors colors = diagnostic_colors::none);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/diagnostic.ipp>
#endif
