// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What a person wants to know of a crash at three in the morning, gathered when it happens.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/event/vocabulary.hpp>
#include <ovrseer/process/exit_status.hpp>

namespace ovrseer {

/// Why a report was made.
enum class crash_kind : std::uint8_t {
  crash,               ///< a unit ended without success
  spawn_failed,        ///< a unit could not be started
  ready_check_failed,  ///< a unit did not become ready in time
  dependency_failed,   ///< a dependency was given up
  retries_exhausted,   ///< a unit was given up after its last restart
  cleanup_failed,      ///< a cleanup unit failed or took too long
  health_lost,         ///< a health check asked for its restart
  flag_matched,        ///< a flag that acts matched a line
};

constexpr std::string_view to_text(crash_kind kind) noexcept {
  constexpr std::string_view names[] = {
      "crash",          "spawn_failed", "ready_check_failed", "dependency_failed", "retries_exhausted",
      "cleanup_failed", "health_lost",  "flag_matched"};
  return names[static_cast<std::size_t>(kind)];
}

/// A match of a flag with the lines around it.
struct flag_context {
  std::string flag;
  std::uint64_t count = 0;
  std::vector<std::string> lines;
};

/// One earlier end of the same unit.
struct restart_record {
  wall_time time{};
  std::uint32_t incarnation = 0;
  std::optional<exit_status> status;
  std::chrono::nanoseconds uptime{};
};

/// A crash report. Lines, arguments and environment are redacted when it is made.
struct crash_report {
  std::string id;  ///< unique: time, unit, incarnation
  wall_time time{};
  crash_kind kind = crash_kind::crash;
  unit_id unit;
  ovrseer::role role = role::main;
  unit_state state = unit_state::crashed;
  std::uint32_t incarnation = 0;
  std::uint64_t event_seq = 0;  ///< the journal's event that it belongs to
  std::string message;          ///< one sentence for a headline
  std::optional<std::int32_t> pid;
  std::optional<exit_status> status;
  std::chrono::nanoseconds uptime{};
  std::uint32_t retry_count = 0;
  std::vector<restart_record> history;  ///< oldest first
  std::string program;
  std::vector<std::string> arguments;
  std::string working_directory;
  std::vector<std::pair<std::string, std::string>> environment;  ///< what the unit sets, redacted
  std::vector<std::string> last_lines;                           ///< the end of the log, oldest first
  std::vector<flag_context> flags;
  std::uint64_t occurrences = 1;                            ///< how many crashes of its kind it stands for
  std::vector<std::pair<std::string, std::string>> fields;  ///< of the deployment, by name: host, region, commit …
};

}  // namespace ovrseer
