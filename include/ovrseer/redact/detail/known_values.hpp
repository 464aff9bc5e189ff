// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Texts that are known to be secret, found as they are: whoever printed them gave no other sign.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/redact/detail/text.hpp>

namespace ovrseer::redact_detail {

/// Whether a text is so rare that it can be looked for everywhere: not short, and not a word of a language.
constexpr bool is_distinctive(std::string_view text) noexcept {
  constexpr std::size_t shortest = 8;
  constexpr std::size_t longest_word = 15;
  if (text.size() < shortest || text.find('\n') != std::string_view::npos) return false;
  const auto is_lower = [](char c) { return is_letter(c) && !is_upper(c); };
  const bool is_word = std::all_of(text.begin(), text.end(), is_lower) ||
                       std::all_of(text.begin(), text.end(), is_upper) ||
                       std::all_of(text.begin(), text.end(), is_digit);
  return !is_word || text.size() > longest_word;
}

class known_values {
 public:
  void add(std::string_view value) {
    if (!is_distinctive(value) || std::ranges::find(values_, value) != values_.end()) return;
    const auto is_shorter = [&](const std::string& each) { return each.size() < value.size(); };
    values_.emplace(std::find_if(values_.begin(), values_.end(), is_shorter), value);
  }
  bool is_empty() const noexcept { return values_.empty(); }

  /// Whether one is in the text, or may begin at its end.
  bool may_be_in(std::string_view text) const noexcept {
    return std::ranges::any_of(values_, [&](const std::string& value) {
      if (text.find(value) != std::string_view::npos) return true;
      for (std::size_t size = std::min(text.size(), value.size() - 1); size >= least_begun; --size) {
        if (value.starts_with(text.substr(text.size() - size))) return true;
      }
      return false;
    });
  }

  /// Puts the text with all of them replaced into `hidden`; where there is none, says so and leaves that alone.
  bool replace(std::string_view text, const std::string& replacement, std::string& hidden) const {
    bool has_hidden = false;
    for (const std::string& value : values_) {
      const std::string_view now = has_hidden ? std::string_view(hidden) : text;
      std::size_t at = now.find(value);
      if (at == std::string_view::npos) continue;
      if (!has_hidden) hidden = text;
      has_hidden = true;
      for (; at != std::string::npos; at = hidden.find(value, at + replacement.size()))
        hidden.replace(at, value.size(), replacement);
    }
    return has_hidden;
  }

 private:
  static constexpr std::size_t least_begun = 4;

  std::vector<std::string> values_;  // longest first: one may be a part of another
};

}  // namespace ovrseer::redact_detail
