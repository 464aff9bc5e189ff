// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/interpolate.hpp>.
#pragma once

#include <utility>

#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/interpolate.hpp>
#include <ovrseer/redact/secret_key.hpp>

namespace ovrseer::config_detail {

OVRSEER_DECL interpolated_text interpolator::run() {
  made_.text = until(text_.size(), 0);
  return std::move(made_);
}

OVRSEER_DECL std::string interpolator::until(std::size_t end, int depth) {
  std::string expanded;
  while (at_ < end) {
    const std::size_t dollar = std::min(text_.find('$', at_), end);
    expanded.append(text_.substr(at_, dollar - at_));
    at_ = dollar;
    if (at_ == end) break;
    const char next = at_ + 1 < end ? text_[at_ + 1] : '\0';
    if (next == '$') {
      expanded.push_back('$');
      at_ += 2;
    } else if (next == '{') {
      expanded += reference(end, depth);
    } else {
      expanded.push_back('$');
      ++at_;
    }
  }
  return expanded;
}

OVRSEER_DECL std::string interpolator::reference(std::size_t end, int depth) {
  const std::size_t begin = at_;
  const std::size_t close = closing_brace(begin, end);
  if (close == std::string_view::npos) {
    return fault(begin, 2, end, "\"${\" is not closed", "close it with }, or write $${ for \"${\" itself");
  }
  std::size_t name_end = begin + 2;
  while (name_end < close && is_name(text_[name_end], name_end - begin - 2)) ++name_end;
  const std::string name(text_.substr(begin + 2, name_end - begin - 2));
  const bool has_default = text_.substr(name_end, close - name_end).starts_with(":-");
  const std::string whole(text_.substr(begin, close + 1 - begin));
  if (name.empty() || (name_end != close && !has_default)) {
    // Beyond a secret's name there may be a secret.
    const std::string shown = is_secret_key(name) ? "\"${" + name + "...}\"" : in_quotes(whole);
    return fault(begin, whole.size(), close + 1, shown + " is neither ${VAR} nor ${VAR:-default}",
                 "write $${...} to leave it to the shell");
  }
  if (depth >= deepest) return fault(begin, 2, close + 1, "defaults are nested too deep", "use fewer");
  made_.names.push_back(name);
  const std::optional<std::string> value = lookup_ ? lookup_(name) : std::nullopt;
  if (!has_default) {
    if (!value && !is_spare_) {
      return fault(begin, whole.size(), close + 1, "the variable " + name + " is not set",
                   "set it, write ${" + name + ":-default}, or $${" + name + "} to leave it to the shell");
    }
    at_ = close + 1;
    return value.value_or("");
  }
  // A default that is not needed is read all the same, so that its faults are found; but it may name
  // variables that are not set.
  const bool is_needed = !value || value->empty();
  const bool was_spare = std::exchange(is_spare_, is_spare_ || !is_needed);
  at_ = name_end + 2;
  std::string fallback = until(close, depth + 1);
  is_spare_ = was_spare;
  at_ = close + 1;
  return is_needed ? fallback : *value;
}

OVRSEER_DECL std::size_t interpolator::closing_brace(std::size_t begin, std::size_t end) const noexcept {
  int open = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (text_[i] == '$' && i + 1 < end && text_[i + 1] == '$')
      ++i;
    else if (text_[i] == '$' && i + 1 < end && text_[i + 1] == '{')
      ++open;
    else if (text_[i] == '}' && --open == 0)
      return i;
  }
  return std::string_view::npos;
}

OVRSEER_DECL std::string interpolator::fault(std::size_t begin, std::size_t length, std::size_t resume,
                                             std::string found, std::string cure) {
  made_.faults.push_back({begin, length, std::move(found), std::move(cure)});
  at_ = resume;
  return std::string(text_.substr(begin, resume - begin));
}

OVRSEER_DECL void interpolate_tree(const source_text& source, config_node& node, const lookup_choice& choose,
                                   diagnostics& out) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (node.is_mapping() && node.keys[i].text.starts_with("x-")) continue;
    interpolate_tree(source, node.items[i], choose, out);
  }
  if (!node.is_scalar() || node.expanded == config_node::expansion::usual) return;
  if (node.text.find('$') == std::string::npos) return;
  interpolated_text made = interpolate(node.text, choose(node));
  for (interpolation_fault& fault : made.faults) {
    const text_span place = span_within(source, node, fault.offset, fault.length);
    out.error(source, place, std::move(fault.found)).cure = std::move(fault.cure);
  }
  if (!made.faults.empty()) {
    node.expanded = config_node::expansion::failed;
    return;
  }
  if (made.text == node.text) return;
  node.text = std::move(made.text);
  node.expanded = config_node::expansion::done;
  for (const std::string& name : made.names) {
    if (is_secret_key(name)) node.expanded = config_node::expansion::secret;
  }
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL void interpolate(const source_text& source, config_node& node, const variable_lookup& lookup,
                              diagnostics& out) {
  const auto same = [&](const config_node&) -> const variable_lookup& { return lookup; };
  config_detail::interpolate_tree(source, node, same, out);
}

}  // namespace ovrseer
