// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/diagnostic.hpp>.
#pragma once

#include <string_view>
#include <tuple>

#include <ovrseer/config/detail/masking.hpp>
#include <ovrseer/config/diagnostic.hpp>

namespace ovrseer {

OVRSEER_DECL std::string to_text(const diagnostic& finding, diagnostic_colors colors) {
  const auto painted = [&](const char* code, std::string_view text) {
    if (colors == diagnostic_colors::none) return std::string(text);
    return std::string("\x1b[").append(code).append("m").append(text).append("\x1b[0m");
  };
  const auto place = [&](text_position at, const std::string& file) {
    std::string text = config_detail::printable(file.empty() ? finding.file : file);
    if (at.line != 0) text.append(":").append(std::to_string(at.line)).append(":").append(std::to_string(at.column));
    return text;
  };
  const char* level_color = finding.level == severity::error ? "1;31" : "1;33";
  std::string text = painted("1", place(finding.at, finding.file) + ":") + " ";
  text += painted(level_color, std::string(to_text(finding.level)) + ":") + " " + painted("1", finding.found);
  if (!finding.expected.empty()) text += "; expected " + finding.expected;
  text += "\n";
  if (!finding.excerpt.empty()) {
    text.append("    ").append(finding.excerpt).append("\n    ").append(finding.caret, ' ');
    text += painted("1;32", "^" + std::string(finding.caret_width - 1, '~')) + "\n";
  }
  if (finding.also)
    text += "  " + painted("1;36", "note:") + " " + finding.also->text + " (" +
            place(finding.also->at, finding.also->file) + ")\n";
  if (!finding.cure.empty()) text += "  " + painted("1;36", "help:") + " " + finding.cure + "\n";
  return text;
}

OVRSEER_DECL diagnostic& diagnostics::error(std::string file, std::string found) {
  diagnostic made;
  made.file = std::move(file);
  made.found = std::move(found);
  return keep(std::move(made));
}

OVRSEER_DECL void diagnostics::append(diagnostics more) {
  for (diagnostic& finding : more.list_) keep(std::move(finding));
  errors_ += more.errors_ - more.kept(severity::error);
  warnings_ += more.warnings_ - more.kept(severity::warning);
}

OVRSEER_DECL std::vector<diagnostic> diagnostics::sorted() const {
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

OVRSEER_DECL diagnostic diagnostics::about(severity level, const source_text& source, text_span place,
                                           std::string found) const {
  diagnostic made;
  made.level = level;
  made.file = source.name_at(place.begin);
  made.found = std::move(found);
  if (is_full(level)) return made;
  made.at = source.position_of(place.begin);
  config_detail::excerpt line = config_detail::excerpt_of(source, place);
  made.excerpt = std::move(line.text);
  made.caret = line.caret;
  made.caret_width = line.width;
  return made;
}

OVRSEER_DECL diagnostic& diagnostics::keep(diagnostic finding) {
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

OVRSEER_DECL std::string to_text(const diagnostics& findings, diagnostic_colors colors) {
  std::string text;
  for (const diagnostic& finding : findings.sorted()) text += to_text(finding, colors);
  if (findings.dropped() != 0) text += "and " + std::to_string(findings.dropped()) + " more\n";
  return text;
}

}  // namespace ovrseer
