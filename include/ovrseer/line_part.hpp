// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines beyond a cap come in pieces, and whoever reads one is told.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ovrseer {

/// Which part of a line as it was written this is. Only lines beyond the cap have several: their texts, one
/// after the other, are the line.
enum class line_part : std::uint8_t { whole, first, middle, last };

constexpr std::string_view to_text(line_part part) noexcept {
  constexpr std::array<std::string_view, 4> names{"whole", "first", "middle", "last"};
  return names[static_cast<std::size_t>(part)];
}

/// Whether the line goes on behind this part of it.
constexpr bool goes_on(line_part part) noexcept { return part == line_part::first || part == line_part::middle; }
/// Whether the line has begun before this part of it.
constexpr bool has_begun(line_part part) noexcept { return part == line_part::middle || part == line_part::last; }

}  // namespace ovrseer
