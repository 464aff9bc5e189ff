// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A line of a configuration as a message may show it: without secrets, without control characters, and
// not longer than a terminal.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/config/source.hpp>
#include <ovrseer/redact/redactor.hpp>

namespace ovrseer::config_detail {

inline constexpr std::string_view mask = "***";

/// Text of others, safe to print: control characters, and bytes that are not UTF-8, become `?`.
OVRSEER_DECL std::string printable(std::string_view text);

/// How many columns a text takes, one for each character.
inline std::size_t width_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !is_continuation_byte(c); }));
}

/// What finds secrets by their form, where no key tells of them: credentials in a URL, `--password=x`.
OVRSEER_DECL const redactor& message_redactor();

/// The line around a place, with the place in it.
struct excerpt {
  std::string text;
  std::size_t caret = 0;  ///< columns before the place
  std::size_t width = 1;  ///< columns of the place
};

/// The end of the hidden part that holds `offset`, or `offset` itself where nothing is hidden.
OVRSEER_DECL std::size_t end_of_hidden(const source_text& source, std::size_t offset) noexcept;

/// Cuts what surrounds the place out of a long line.
OVRSEER_DECL excerpt windowed(excerpt whole);

/// The line that `place` begins on, as a message may show it.
OVRSEER_DECL excerpt excerpt_of(const source_text& source, text_span place);

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/masking.ipp>
#endif
