// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How groups and graph will be once several units have changed, or why they cannot change so. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/supervise/graph.hpp>
#include <ovrseer/supervise/group_tree.hpp>
#include <ovrseer/supervise/unit_changes.hpp>

namespace ovrseer::supervise_detail {

struct outlook {
  group_tree groups;
  dependency_graph graph;
};

/// What `present`, the units in their order, and their groups will be after `what`.
///
/// Errors: `errc::unknown_unit` for the removal or the description of a stranger, `errc::duplicate_unit` where one is
/// named twice, `errc::limit_reached` where there would be more than `most`, and those of groups and graph.
OVRSEER_DECL outlook look_ahead(const std::vector<const unit_spec*>& present, const group_tree& groups,
                                const unit_changes& what, std::size_t most);

}  // namespace ovrseer::supervise_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/detail/impl/outlook.ipp>
#endif
