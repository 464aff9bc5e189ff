// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/flag_document.hpp>.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

#include <ovrseer/config/detail/build_flags.hpp>
#include <ovrseer/config/detail/flag_tables.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/flag_document.hpp>
#include <ovrseer/supervise/selection.hpp>

namespace ovrseer::config_detail {

/// A document of flags, step by step.
class flag_reading {
 public:
  flag_reading(const config_document& document, const flag_document_rules& rules)
      : root_(document.root), rules_(rules), reader_(document.source, std::filesystem::path(), out_) {}

  result<std::vector<shared_flag>, diagnostics> run();

 private:
  bool is_within_bounds();
  void name(const given<std::string>& written);
  flag_reaction reaction(const given<reaction_draft>& written);
  std::vector<std::string> units(const given<std::vector<std::string>>& written);

  const config_node& root_;
  const flag_document_rules& rules_;
  diagnostics out_;
  config_reader reader_;
};

OVRSEER_DECL result<std::vector<shared_flag>, diagnostics> flag_reading::run() {
  flag_document_draft draft;
  if (!root_.is_mapping()) {
    reader_.error(root_, "this is no document of flags").expected = "a mapping with \"version\" and \"flags\"";
    return failure(std::move(out_));
  }
  // Before their patterns are compiled.
  if (is_within_bounds()) reader_.section(root_, section_for<flag_document_draft>(), &draft);
  std::vector<shared_flag> made;
  if (draft.flags) {
    for (const shared_flag_draft* each : distinct_flags(reader_, *draft.flags)) {
      shared_flag& flag = made.emplace_back(flag_of(*each));
      name(each->name);
      flag.on_match = reaction(each->on_match);
      flag.on_target = reaction(each->on_target);
      flag.units = units(each->units);
    }
  }
  if (out_.has_errors()) return failure(std::move(out_));
  return made;
}

OVRSEER_DECL bool flag_reading::is_within_bounds() {
  const config_node* const flags = root_.find("flags");
  if (flags == nullptr) return true;
  if (flags->items.size() > rules_.most_flags) {
    diagnostic& finding = reader_.error(*flags, std::to_string(flags->items.size()) + " flags");
    finding.expected = "at most " + std::to_string(rules_.most_flags);
  }
  for (const config_node& each : flags->items) {
    const config_node* const pattern = each.find("pattern");
    if (pattern == nullptr || pattern->text.size() <= rules_.longest_pattern) continue;
    diagnostic& finding = reader_.error(*pattern, "a pattern of " + std::to_string(pattern->text.size()) + " bytes");
    finding.expected = "at most " + std::to_string(rules_.longest_pattern);
  }
  return !out_.has_errors();
}

OVRSEER_DECL void flag_reading::name(const given<std::string>& written) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (!written->empty() && written->size() <= rules_.longest_name && std::ranges::none_of(*written, is_control)) return;
  reader_.error(*written.node, "this is no name of a flag").expected =
      "1 to " + std::to_string(rules_.longest_name) + " bytes without control characters";
}

OVRSEER_DECL flag_reaction flag_reading::reaction(const given<reaction_draft>& written) {
  using action = flag_reaction::action;
  flag_reaction made = reaction_of(written, "default");
  const bool is_harmless = made.what() == action::nothing || made.what() == action::report;
  if (is_harmless || rules_.allowed == flag_document_rules::reactions::any) return made;
  diagnostic& finding = reader_.error(*written.key, in_quotes(written.key->text) + " may not touch a process here");
  finding.expected = "nothing or report";
  finding.cure = "whoever runs the supervisor allows it with \"reactions\"";
  return {};
}

OVRSEER_DECL std::vector<std::string> flag_reading::units(const given<std::vector<std::string>>& written) {
  if (!written) return {};
  if (written->empty()) reader_.error(*written.node, "\"units\" names nobody").cure = "remove it for all, or the flag";
  for (const config_node& each : written.node->items) {
    std::string_view text = each.text;
    const std::size_t slash = text.find('/');
    const auto is_name = [](std::string_view part) {
      std::string plain(part);
      std::ranges::replace(plain, '*', '_');
      return is_valid_unit_name(plain);
    };
    if (is_name(text.substr(0, slash)) && (slash == std::string_view::npos || is_name(text.substr(slash + 1))))
      continue;
    diagnostic& finding = reader_.error(each, "this is no name of a process");
    finding.expected = "an id such as api, web-* or shop/api";
  }
  return *written;
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL bool shared_flag::is_for(const unit_spec& unit) const {
  const auto means_it = [&](const std::string& written) {
    return selection::name(written).matches(unit, unit_state::created, group_tree());
  };
  return units.empty() || std::ranges::any_of(units, means_it);
}

OVRSEER_DECL bool operator==(const shared_flag& a, const shared_flag& b) {
  return a.what == b.what && a.units == b.units && config_detail::is_same(a.on_match, b.on_match) &&
         config_detail::is_same(a.on_target, b.on_target);
}

OVRSEER_DECL flag_difference difference(const std::vector<shared_flag>& from, const std::vector<shared_flag>& to) {
  flag_difference made;
  for (const shared_flag& each : to) {
    const auto old = std::ranges::find(from, each.name(), &shared_flag::name);
    if (old == from.end())
      made.added.push_back(each.name());
    else if (!(*old == each))
      made.changed.push_back(each.name());
  }
  for (const shared_flag& each : from) {
    if (std::ranges::find(to, each.name(), &shared_flag::name) == to.end()) made.removed.push_back(each.name());
  }
  return made;
}

OVRSEER_DECL result<std::vector<shared_flag>, diagnostics> read_flags(const config_document& document,
                                                                      const flag_document_rules& rules) {
  return config_detail::flag_reading(document, rules).run();
}

OVRSEER_DECL const section_shape& flag_document_schema() {
  return config_detail::section_for<config_detail::flag_document_draft>();
}

}  // namespace ovrseer
