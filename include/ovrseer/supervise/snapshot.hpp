// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The state of a whole supervisor at one moment, as plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/process/exit_status.hpp>

namespace ovrseer {

struct unit_snapshot {
  unit_id id;
  ovrseer::role role = role::main;
  unit_state state = unit_state::created;
  std::uint32_t incarnation = 0;
  std::uint32_t restarts = 0;         ///< automatic and requested, in its whole life
  std::optional<std::int32_t> pid;    ///< while it lives
  std::chrono::nanoseconds uptime{};  ///< of the present process
  std::optional<exit_status> last_status;
  std::string why;  ///< the cause of the present state, in words
  std::vector<unit_id> depends_on;
  std::uint64_t lines = 0;
  std::uint64_t missed_lines = 0;  ///< that a reader came too late for
  std::uint64_t below_level = 0;   ///< lines that were not kept, for the unit's log has a least level
};

struct supervisor_snapshot {
  std::string boot_id;
  wall_time time{};
  std::uint64_t last_seq = 0;  ///< the newest event that it reflects
  bool is_ready = false;
  bool is_stopping = false;
  std::vector<unit_snapshot> units;  ///< in the order in which they were added
};

}  // namespace ovrseer
