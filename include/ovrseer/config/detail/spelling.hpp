// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a configuration says in one spelling, whatever the file's: so that two of them can be compared key by key.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/config/document.hpp>
#include <ovrseer/config/schema.hpp>

namespace ovrseer::config_detail {

/// A value in one spelling: `5s` is `5000ms`, and the order of keys does not count. `base` is what defaults say of the
/// same key; a mapping adds to it, anything else replaces it. Either may be null, not both.
///
/// Values that differ never have the same spelling; short and long forms of the same one may have two.
OVRSEER_DECL std::string spelled(const config_node* base, const config_node* own, const value_shape* shape);

/// The keys of a mapping, those of `base` where it has none itself
OVRSEER_DECL std::map<std::string, std::string> spelled_keys(const config_node* base, const config_node* own,
                                                             const section_shape& section);

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/spelling.ipp>
#endif
