// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/pattern/replace.hpp>.
#pragma once

#include <ovrseer/pattern/replace.hpp>

#include <algorithm>
#include <optional>

#include <ovrseer/pattern/detail/unit.hpp>

namespace ovrseer {

OVRSEER_DECL replacement::replacement(pattern_view what, std::string_view text) {
  const auto names = what.group_names();
  const auto number_of = [&](std::string_view name) {
    for (std::size_t i = 1; i != what.capture_count(); ++i) {
      if (what.group_name(i) == name) return i;
    }
    return what.capture_count();  // a group that takes no part
  };
  const auto digit_at = [&](std::size_t at) -> std::size_t {
    const bool is_digit = at < text.size() && pattern_detail::is_digit_unit(pattern_detail::byte_at(text, at));
    return is_digit ? static_cast<std::size_t>(text[at] - '0') : 10;
  };
  std::size_t plain = 0;
  const auto take = [&](std::size_t at, std::size_t size, part special) {
    if (at != plain) parts_.push_back({text.substr(plain, at - plain)});
    parts_.push_back(special);
    plain = at + size;
  };
  for (std::size_t at = text.find('$'); at < text.size(); at = text.find('$', std::max(at + 1, plain))) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('$')) {
      take(at, 2, {text.substr(at, 1)});
    } else if (rest.starts_with('&')) {
      take(at, 2, {{}, 0});
    } else if (rest.starts_with('<') && !names.empty() && rest.find('>') != std::string_view::npos) {
      const std::size_t size = rest.find('>');
      take(at, size + 2, {{}, number_of(rest.substr(1, size - 1))});
    } else if (digit_at(at + 1) != 10) {
      const std::size_t one = digit_at(at + 1);
      const std::size_t two = digit_at(at + 2) != 10 ? one * 10 + digit_at(at + 2) : 0;
      if (two != 0 && two < what.capture_count()) {
        take(at, 3, {{}, two});
      } else if (one != 0 && one < what.capture_count()) {
        take(at, 2, {{}, one});
      }
    }
  }
  if (plain != text.size()) parts_.push_back({text.substr(plain)});
}

OVRSEER_DECL void replacement::append_to(std::string& out, const match& found) const {
  for (const part& one : parts_) {
    out += one.group == no_group ? one.text : found.group(one.group).value_or(std::string_view());
  }
}

OVRSEER_DECL std::string replace_all(pattern_view what, std::string_view subject, std::string_view with) {
  const replacement put(what, with);
  std::string made;
  std::size_t at = 0;
  for (const match& found : what.find_all(subject)) {
    made += subject.substr(at, found.begin() - at);
    put.append_to(made, found);
    at = found.end();
  }
  return made += subject.substr(at);
}

OVRSEER_DECL std::string replace_first(pattern_view what, std::string_view subject, std::string_view with) {
  const std::optional<match> found = what.find(subject);
  std::string made(subject.substr(0, found ? found->begin() : subject.size()));
  if (!found) return made;
  replacement(what, with).append_to(made, *found);
  return made += subject.substr(found->end());
}

}  // namespace ovrseer
