// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a configuration says over what the one that it extends says, key by key. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/config/document.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer::config_detail {

/// Where both are mappings, keys of `over` win and the others stay; anything else is replaced, lists as well. `null`
/// takes a key away, where it is no value of the key. `shape` is the table of the mapping, null where it has none.
OVRSEER_DECL void merge_over(config_node& base, config_node over, const section_shape* shape);

/// The same for whole configurations, in which processes and groups of the same id are one: new ones follow the others.
/// Of two with the same id that name different namespaces each stays.
OVRSEER_DECL void merge_configurations(config_node& base, config_node over, const section_shape& shape);

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/merge.ipp>
#endif
