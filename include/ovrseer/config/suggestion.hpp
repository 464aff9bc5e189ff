// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// "Did you mean …?": the nearest of some known words, and nothing where none is near.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>

namespace ovrseer {

/// How many letters must be put in, taken out, replaced or swapped with their neighbour to turn one word
/// into the other (the optimal string alignment distance). Bytes, case counts. Costs the product of the lengths.
OVRSEER_DECL std::size_t edit_distance(std::string_view a, std::string_view b);

namespace config_detail {

/// The word as it would be with every fashion of writing it taken away: `depends_on` is `dependsOn`.
OVRSEER_DECL std::string bare_word(std::string_view word);

}  // namespace config_detail

/// The word of `known` that was most likely meant by `word`; empty where none is near enough.
///
/// Near enough: the same but for case and `_`, `-`; or at most one change for each three letters.
/// Of equally near words the first is taken.
OVRSEER_DECL std::string_view closest_word(std::string_view word, std::span<const std::string_view> known);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/suggestion.ipp>
#endif
