// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What is wrong with a configuration, where, and how to mend it: as data, and as text for people.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <ovrseer/config/detail/masking.hpp>
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
inline std::string to_text(const diagnostic& finding, diagnostic_colors colors = diagnostic_colors::none) {
  const auto painted = [&](const char* code, std::string_view text) {
    if (colors == diagnostic_colors::none) return std::string(text);
    return std::string("\x1b[").append(code).append("m").append(text).append("\x1b[0m");
  };
  const auto place = [&](text_position at) {
    std::string text = config_detail::printable(finding.file);
    if (at.line != 0) text.append(":").append(std::to_string(at.line)).append(":").append(std::to_string(at.column));
    return text;
  };
  const char* level_color = finding.level == severity::error ? "1;31" : "1;33";
  std::string text = painted("1", place(finding.at) + ":") + " ";
  text += painted(level_color, std::string(to_text(finding.level)) + ":") + " " + painted("1", finding.found);
  if (!finding.expected.empty()) text += "; expected " + finding.expected;
  text += "\n";
  if (!finding.excerpt.empty()) {
    text.append("    ").append(finding.excerpt).append("\n    ").append(finding.caret, ' ');
    text += painted("1;32", "^" + std::string(finding.caret_width - 1, '~')) + "\n";
  }
  if (finding.also)
    text += "  " + painted("1;36", "note:") + " " + finding.also->text + " (" + place(finding.also->at) + ")\n";
  if (!finding.cure.empty()) text += "  " + painted("1;36", "help:") + " " + finding.cure + "\n";
  return text;
}

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
  diagnostic& error(std::string file, std::string found) {
    diagnostic made;
    made.file = std::move(file);
    made.found = std::move(found);
    return keep(std::move(made));
  }
  /// Takes over the findings of another list.
  void append(diagnostics more) {
    for (diagnostic& finding : more.list_) keep(std::move(finding));
    errors_ += more.errors_ - more.kept(severity::error);
    warnings_ += more.warnings_ - more.kept(severity::warning);
  }

  bool has_errors() const noexcept { return errors_ != 0; }
  bool empty() const noexcept { return list_.empty(); }
  std::size_t errors() const noexcept { return errors_; }
  std::size_t warnings() const noexcept { return warnings_; }
  /// Whether no further error is kept: what would cost time to say of one need not be found out.
  bool is_full() const noexcept { return errors_ >= most; }
  /// How many findings were not kept.
  std::size_t dropped() const noexcept { return errors_ + warnings_ - list_.size(); }

  /// The findings by file (in the order of their first finding), line and column.
  std::vector<diagnostic> sorted() const {
    std::vector<std::string_view> files;
    for (const diagnostic& finding : list_) {
      if (std::ranges::count(files, finding.file) == 0) files.push_back(finding.file);
    }
    std::vector<std::tuple<std::ptrdiff_t, text_position, std::size_t>> order;
    for (const diagnostic& finding : list_) {
      order.emplace_back(std::ranges::find(files, finding.file) - files.begin(), finding.at, order.size());
    }
    std::ranges::sort(order);
    std::vector<diagnostic> made;
    for (const auto& [file, at, index] : order) made.push_back(list_[index]);
    return made;
  }

 private:
  std::size_t kept(severity level) const {
    return static_cast<std::size_t>(std::ranges::count(list_, level, &diagnostic::level));
  }
  bool is_full(severity level) const noexcept { return (level == severity::error ? errors_ : warnings_) >= most; }

  diagnostic about(severity level, const source_text& source, text_span place, std::string found) const {
    diagnostic made;
    made.level = level;
    made.file = source.name();
    made.found = std::move(found);
    if (is_full(level)) return made;
    made.at = source.position_of(place.begin);
    config_detail::excerpt line = config_detail::excerpt_of(source, place);
    made.excerpt = std::move(line.text);
    made.caret = line.caret;
    made.caret_width = line.width;
    return made;
  }
  diagnostic& keep(diagnostic finding) {
    // What stands in defaults is found once for each process that begins with it.
    const auto is_same = [&](const diagnostic& known) {
      return known.at == finding.at && known.found == finding.found && known.file == finding.file;
    };
    const bool drops = is_full(finding.level);
    if (!drops && std::ranges::any_of(list_, is_same)) {
      spare_ = std::move(finding);
      return spare_;
    }
    ++(finding.level == severity::error ? errors_ : warnings_);
    if (!drops) return list_.emplace_back(std::move(finding));
    spare_ = std::move(finding);
    return spare_;
  }

  std::vector<diagnostic> list_;
  diagnostic spare_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

/// All findings, one after the other; the last line says how many more there were.
inline std::string to_text(const diagnostics& findings, diagnostic_colors colors = diagnostic_colors::none) {
  std::string text;
  for (const diagnostic& finding : findings.sorted()) text += to_text(finding, colors);
  if (findings.dropped() != 0) text += "and " + std::to_string(findings.dropped()) + " more\n";
  return text;
}

}  // namespace ovrseer
