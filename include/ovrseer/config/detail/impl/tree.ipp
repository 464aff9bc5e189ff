// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/detail/tree.hpp>.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/redact/secret_key.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  constexpr std::size_t looked_at = 4096;
  const std::string safe = message_redactor().redact(text.substr(0, looked_at));
  std::string_view shown = safe;
  if (safe.size() > longest) {
    shown = shown.substr(0, longest);
    while (is_continuation_byte(safe[shown.size()])) shown.remove_suffix(1);
  }
  return "\"" + printable(shown) + (shown.size() < safe.size() || text.size() > looked_at ? "...\"" : "\"");
}

OVRSEER_DECL bool has_secret_default(std::string_view text) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    const std::size_t end = text.find(":-", at);
    if (end == std::string_view::npos) return false;
    if (is_secret_key(text.substr(at + 2, end - at - 2))) return true;
  }
  return false;
}

OVRSEER_DECL void hide_paths(source_text& source, text_span within) {
  const std::string_view text = source.text().substr(0, within.end);
  for (std::size_t at = text.find("://", within.begin); at != std::string_view::npos; at = text.find("://", at)) {
    const std::size_t end = std::min(text.find_first_of(" \t\"'", at), within.end);
    const std::size_t path = text.find('/', at + 3);
    if (path < end) source.hide({path, end});
    at = end;
  }
}

OVRSEER_DECL void hide_secrets(source_text& source, const config_node& node, std::string_view key, reaching who) {
  if (node.is_scalar() && who == reaching::service) hide_paths(source, node.where);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const config_node& item = node.items[i];
    const std::string_view item_key = node.is_mapping() ? std::string_view(node.keys[i].text) : key;
    const bool is_value = item.is_scalar() || item.is_sequence() || key == "env";
    const bool is_secret = node.is_mapping() && is_value && (is_secret_key(item_key) || key == "headers");
    if (is_secret || has_secret_default(item.text)) source.hide(item.where);
    const bool is_service = key.empty() && (item_key == "reporters" || item_key == "sinks");
    hide_secrets(source, item, item_key, is_service ? reaching::service : who);
  }
}

OVRSEER_DECL void hide_secrets_by_guess(source_text& source, std::size_t offset, values_reach reach) {
  const std::string_view text = source.text();
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  };
  const auto end_of_secret_key = [&](text_span line) {
    for (std::size_t i = line.begin; i < line.end; ++i) {
      if (!is_word(text[i])) continue;
      const std::size_t begin = i;
      while (i < line.end && is_word(text[i])) ++i;
      std::size_t after = i;
      while (after < line.end && (text[after] == '"' || text[after] == '\'' || text[after] == ' ')) ++after;
      const bool is_key = after < line.end && (text[after] == ':' || text[after] == '=');
      if (is_key && is_secret_key(text.substr(begin, i - begin))) return after + 1;
    }
    return std::string_view::npos;
  };
  const auto indentation = [&](text_span line) {
    std::size_t i = line.begin;
    while (i < line.end && (text[i] == ' ' || text[i] == '-')) ++i;
    return i - line.begin;
  };
  text_span line = source.line_around(offset);
  const std::size_t value = end_of_secret_key(line);
  if (value != std::string_view::npos) source.hide({value, line.end});
  hide_paths(source, line);
  const text_span here = line;
  if (reach == values_reach::line_end) return;
  for (std::size_t deep = indentation(line); line.begin > 0 && deep > 0;) {
    line = source.line_around(line.begin - 1);
    if (line.size() == 0 || indentation(line) >= deep) continue;
    deep = indentation(line);
    if (end_of_secret_key(line) != std::string_view::npos) source.hide(here);
  }
}

OVRSEER_DECL void report_duplicate_keys(source_text& source, const config_node& mapping, diagnostics& out,
                                        values_reach reach) {
  std::vector<std::pair<std::string_view, std::size_t>> order;
  for (const config_node& key : mapping.keys) order.emplace_back(key.text, order.size());
  std::ranges::sort(order);
  for (std::size_t i = 1; i < order.size() && !out.is_full(); ++i) {
    const config_node& first = mapping.keys[order[i - 1].second];
    const config_node& second = mapping.keys[order[i].second];
    if (first.text != second.text) continue;
    hide_secrets_by_guess(source, second.where.begin, reach);
    diagnostic& finding = out.error(source, second.where, "the key " + in_quotes(second.text) + " is given twice");
    finding.also = {source.position_of(first.where.begin), "first given here"};
    finding.cure = "remove one of the two, or bring them together";
  }
}

}  // namespace ovrseer::config_detail
