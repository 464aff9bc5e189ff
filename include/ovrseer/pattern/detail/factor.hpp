// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a line must contain for a pattern to match in it: short sequences of byte classes, of which one
// at least occurs in every match of the trimmed pattern.
#pragma once

#include <cstddef>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/pattern/detail/rarity.hpp>
#include <ovrseer/pattern/detail/tree.hpp>

namespace ovrseer::pattern_detail {

/// One of `sequences` occurs in every match. When `is_complete`, a line in which one occurs matches.
struct factors {
  std::vector<byte_sequence> sequences;
  bool is_complete = false;
  /// From where a match may begin to the last byte of a window in it, at most; or `unbounded_lead`.
  std::size_t reach = 0;
};

OVRSEER_DECL factors find_factors(tree parsed);

}  // namespace ovrseer::pattern_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/pattern/detail/impl/factor.ipp>
#endif
