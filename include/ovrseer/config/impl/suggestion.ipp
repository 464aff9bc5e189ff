// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/suggestion.hpp>.
#pragma once

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include <ovrseer/config/suggestion.hpp>

namespace ovrseer {

OVRSEER_DECL std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace ovrseer

namespace ovrseer::config_detail {

OVRSEER_DECL std::string bare_word(std::string_view word) {
  std::string made;
  for (const char c : word) {
    if (c == '_' || c == '-' || c == '.' || c == ' ') continue;
    made.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return made;
}

}  // namespace ovrseer::config_detail

namespace ovrseer {

OVRSEER_DECL std::string_view closest_word(std::string_view word, std::span<const std::string_view> known) {
  constexpr std::size_t longest = 80;  // beyond, it is no slip of the hand, and the distance would cost
  if (word.empty() || word.size() > longest) return {};
  const std::string bare = config_detail::bare_word(word);
  std::string_view best;
  std::size_t nearest = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    if (!bare.empty() && config_detail::bare_word(candidate) == bare) return candidate;
    const std::size_t apart =
        candidate.size() > word.size() ? candidate.size() - word.size() : word.size() - candidate.size();
    if (apart >= nearest) continue;
    const std::size_t distance = edit_distance(word, candidate);
    // A word of one or two letters is near to anything: it must share at least one.
    if (distance < nearest && distance < std::max(word.size(), candidate.size())) {
      nearest = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace ovrseer
