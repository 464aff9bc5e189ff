// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Secrets across the cut of a line that comes in pieces: neither piece alone tells that there is one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/redact/detail/text.hpp>

namespace ovrseer::redact_detail {

/// So much before a cut is looked at with what follows it.
inline constexpr std::size_t longest_cut_word = std::size_t{4} * 1024;

/// A word that is nothing by itself, and a secret wherever one is expected.
inline constexpr std::string_view some_word = "Zq7Wx3Gp9Rt2Vb6Nm4Lc8Hd5";

/// The text with its secrets hidden if it ends within one, however that goes on: the rest of it then belongs there too.
template <class R>
std::optional<std::string> redacted_if_open(const R& rules, std::string_view text) {
  for (const std::string_view rest : {""sv, "@h"sv}) {  // of an address the host tells where the password was
    std::string whole(text);
    whole.append(some_word).append(rest);
    std::string hidden;
    rules.append(hidden, whole);
    if (hidden.find(some_word) != std::string::npos) continue;
    if (hidden.ends_with(rest)) hidden.erase(hidden.size() - rest.size());
    return hidden;
  }
  return std::nullopt;
}

constexpr std::string_view last_bytes(std::string_view text, std::size_t most) noexcept {
  return text.substr(text.size() - std::min(text.size(), most));
}

/// A piece behind a cut, redacted: `alone` is what it is by itself, `whole` what it is with `before` the cut.
inline std::string behind_cut(std::string_view whole, std::string_view alone, std::string_view replacement) {
  if (whole.ends_with(alone)) return std::string(alone);
  // What both end in lies behind the secret.
  const auto differing = std::ranges::mismatch(whole.rbegin(), whole.rend(), alone.rbegin(), alone.rend()).in2;
  return std::string(replacement).append(differing.base(), alone.end());
}

/// A piece before a cut: `text` is what it was redacted to so far. Gives what it is with the word at the cut hidden if that
/// may be a secret's beginning, and keeps in `before` what the next piece must be seen with.
template <class R>
std::string before_cut(const R& rules, std::string& before, std::string_view piece, std::string text) {
  const std::string_view replacement = rules.replacement();
  // A secret that has begun in an earlier piece and has not ended in this one.
  if (!before.empty() && text == replacement && redacted_if_open(rules, before + std::string(piece))) return text;
  const std::string_view tail = last_bytes(piece, longest_cut_word);
  before = tail;
  if (text.ends_with(replacement) && !replacement.empty()) {
    if (!redacted_if_open(rules, tail)) before = piece;
    return text;
  }
  std::size_t size = 0;
  if (const auto open = redacted_if_open(rules, tail)) {
    const std::string closed = rules.redact(tail);
    size = static_cast<std::size_t>(closed.end() - std::ranges::mismatch(*open, closed).in2);
    if (size == 0) return text;  // nothing of it has come yet
  } else {
    const auto is_word = [](char c) { return static_cast<unsigned char>(c) > ' ' && !is_quote(c); };
    const auto begin = std::find_if_not(text.rbegin(), text.rend(), is_word).base();
    const std::string_view word = last_bytes(std::string_view(begin, text.end()), longest_cut_word);
    if (rules.may_contain_secret(word)) size = word.size();
  }
  if (size != 0) text.replace(text.size() - std::min(size, text.size()), size, replacement);
  return text;
}

}  // namespace ovrseer::redact_detail
