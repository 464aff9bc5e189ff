// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What reading a short text comes to: a value, or what should have stood at which place of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <ovrseer/result.hpp>

namespace ovrseer {

/// Why a text is not the value that was asked for.
struct value_error {
  std::string expected;    ///< "a duration such as 500ms, 5s or 1h30m"
  std::string cure;        ///< what was probably meant; may be empty
  std::size_t offset = 0;  ///< in the text, in bytes
};

template <class T>
using parsed = result<T, value_error>;

/// The error for people: the column, a caret under it, and the cure.
inline std::string to_text(const value_error& why, std::string_view text) {
  std::string shown = "column " + std::to_string(why.offset + 1) + ": expected " + why.expected;
  shown += "\n  " + std::string(text) + "\n  " + std::string(why.offset, ' ') + "^";
  if (!why.cure.empty()) shown += "\n  help: " + why.cure;
  return shown;
}

}  // namespace ovrseer
