// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which of the processes that were killed the system killed for want of memory: the signal does not tell, but the
// kernel counts such kills in each cgroup.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>

namespace ovrseer::process_detail {

/// The parts of a text between separators; none of an empty text.
OVRSEER_DECL std::vector<std::string_view> parts_of(std::string_view text, char separator);

/// The cgroup that limits the memory of a process, as its /proc/PID/cgroup names it.
struct memory_cgroup {
  std::string_view path;
  bool is_version_1 = false;
};

OVRSEER_DECL std::optional<memory_cgroup> memory_cgroup_in(std::string_view cgroups);

/// The file that counts the kills for want of memory in the cgroup of a process: `memory.events` of version 2, or
/// `memory.oom_control` of version 1. `cgroups` is its /proc/PID/cgroup, `mounts` its /proc/PID/mountinfo. Empty where
/// no such cgroup is mounted. Source: cgroups(7), proc(5); where both versions are there, the one that has memory.
OVRSEER_DECL std::string memory_counter_path(std::string_view cgroups, std::string_view mounts);

/// The value of `oom_kill` in such a file; nothing where it has none (before Linux 4.13).
OVRSEER_DECL std::optional<std::uint64_t> memory_kills_in(std::string_view counters);

/// Tells whether a child was killed for want of memory.
///
/// One count is one kill, and is good for one child: those that share a cgroup are told apart by who comes first.
/// Who was killed is certain only where each has a cgroup of its own.
class memory_kills {
 public:
  /// Yields the content of a file; empty where it cannot be read.
  using reader = std::function<std::string(const std::string& path)>;

  explicit memory_kills(reader read) : read_(std::move(read)) {}

  /// The kills until now in the cgroup that this process was in when it was first asked; nothing where they are not
  /// counted.
  std::optional<std::uint64_t> count();

  /// Whether there was a kill since the count `before` that nobody has claimed yet; it is claimed then.
  bool claim(std::optional<std::uint64_t> before);

 private:
  reader read_;
  std::optional<std::string> path_;
  std::uint64_t claimed_ = 0;  // kills up to this number are somebody's
};

}  // namespace ovrseer::process_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/process/detail/impl/memory_kills.ipp>
#endif
