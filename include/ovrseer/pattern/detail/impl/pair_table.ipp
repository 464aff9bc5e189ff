// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/pattern/detail/pair_table.hpp>.
#pragma once

#include <ovrseer/pattern/detail/pair_table.hpp>

namespace ovrseer::pattern_detail {

OVRSEER_DECL pair_table::pair_table(const whole_view& whole) : whole_(whole), stride_(whole.end + 1) {
  const std::size_t size = whole.cell_count * std::size_t{stride_};
  if (size > max_cells) return;
  cells_.assign(size, 0);
  for (std::uint32_t row = stride_; row != whole.cell_count; row += stride_) {
    for (std::uint32_t first = 0; first != stride_; ++first) {
      const std::uint32_t between = whole.cells[row + first];
      for (std::uint32_t second = 0; second != stride_; ++second) {
        // What has matched between has matched; nothing stands behind the end.
        const bool is_known = (between & accepts) != 0 || first == whole.end;
        const std::uint32_t state = is_known ? between : whole.cells[between + second];
        cells_[row * stride_ + first * stride_ + second] = static_cast<std::uint16_t>(widened(state));
      }
    }
  }
}

OVRSEER_DECL whole_view::outcome pair_table::search_on(std::uint32_t state, std::string_view text, std::size_t from,
                                                       std::size_t past) const noexcept {
  return whole_.search_on(state / stride_, text, from, past);
}

}  // namespace ovrseer::pattern_detail
