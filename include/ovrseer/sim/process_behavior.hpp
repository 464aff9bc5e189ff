// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a process of a configuration behaves in a rehearsal, as plain data: what is not said is what most programs do.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ovrseer/process/exit_status.hpp>
#include <ovrseer/process/signal.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// A line that a simulated process writes.
struct simulated_line {
  std::optional<std::chrono::nanoseconds> after;  ///< since its start; unset: when it has come up
  std::string text;
  std::chrono::nanoseconds every{};  ///< again and again at this distance; zero: once
};

/// That a simulated process crashes now and then.
struct simulated_crash {
  enum class rhythm : std::uint8_t {
    regular,  ///< `time` after each start
    random,   ///< after `time` on the average, at any moment as likely as at any other
  };
  rhythm when = rhythm::regular;
  std::chrono::nanoseconds time{};  ///< more than zero
  exit_status how = exit_status::exited(1);
};

/// What a process does in a rehearsal.
///
/// It starts; when it has come up, it writes a line for each pattern that its checks wait for, listens on the ports
/// and makes the files that they name; commands of checks succeed from then on. It sends READY=1 then, where a check
/// listens to it, and the signs of life of its watchdog. A service runs until it is told to end, which it does with
/// code 0; a unit that is one-shot or cleanup ends by itself.
struct process_behavior {
  /// How long it takes to come up. Unset: 1 s, up to a fifth more or less at each start as the seed has it.
  std::optional<std::chrono::nanoseconds> start_time;
  /// After which it ends by itself, counted from its start. Unset: never; one-shot and cleanup units 1 s.
  std::optional<std::chrono::nanoseconds> runs_for;
  /// With which code it ends by itself.
  int exit_code = 0;
  /// How long it takes to end when a signal of its stop plan, SIGTERM, SIGINT or SIGQUIT asks for it.
  std::chrono::nanoseconds stop_time = std::chrono::milliseconds(100);
  /// Signals that it takes no notice of; SIGKILL is none of them.
  std::vector<signal_number> ignores;
  std::vector<simulated_line> lines;
  byte_size memory;
  std::optional<simulated_crash> crash;
};

}  // namespace ovrseer
