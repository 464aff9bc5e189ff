// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A line as it leaves the supervisor: with its unit, its life, and the flags that it matched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/log/line.hpp>

namespace ovrseer {

/// A flag that a line matched.
struct matched_flag {
  std::string flag;
  std::uint64_t count = 0;  ///< matches since the flag was added, this one included
  /// What the groups of its pattern took, by their names, or their numbers from 1 where they have none. Groups that took no
  /// part are left out.
  std::vector<std::pair<std::string, std::string>> captures;
};

/// A line of a unit, complete in itself.
struct log_record {
  std::string boot_id;  ///< of the journal: the supervisor's life
  unit_id unit;
  owned_line line;
  std::vector<matched_flag> flags;  ///< in the order in which they matched
};

/// Unique, and the same whenever the same line is sent: boot id, namespace, unit, number and time, parted by '/'. A unit
/// that is removed and added again numbers its lines anew, so that the number alone would not do.
OVRSEER_DECL std::string id_of(const log_record& record);

/// About what it takes in memory, and as JSON.
OVRSEER_DECL std::size_t size_in_bytes(const log_record& record) noexcept;

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/log_record.ipp>
#endif
