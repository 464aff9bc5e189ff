// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/process/detail/memory_kills.hpp>.
#pragma once

#include <algorithm>
#include <charconv>

#include <ovrseer/process/detail/memory_kills.hpp>

namespace ovrseer::process_detail {

OVRSEER_DECL std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    parts.push_back(text.substr(0, text.find(separator)));
    text.remove_prefix(std::min(parts.back().size() + 1, text.size()));
  }
  return parts;
}

OVRSEER_DECL std::optional<memory_cgroup> memory_cgroup_in(std::string_view cgroups) {
  std::optional<memory_cgroup> found;
  // "ID:CONTROLLERS:PATH", where the line of version 2 names no controller.
  for (const std::string_view line : parts_of(cgroups, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::vector<std::string_view> controllers = parts_of(line.substr(first + 1, second - first - 1), ',');
    if (std::ranges::count(controllers, "memory") != 0) return memory_cgroup{line.substr(second + 1), true};
    if (controllers.empty()) found = memory_cgroup{line.substr(second + 1), false};
  }
  return found;
}

OVRSEER_DECL std::string memory_counter_path(std::string_view cgroups, std::string_view mounts) {
  const std::optional<memory_cgroup> group = memory_cgroup_in(cgroups);
  if (!group) return {};
  for (const std::string_view line : parts_of(mounts, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    const std::vector<std::string_view> before = parts_of(line.substr(0, dash), ' ');
    const std::vector<std::string_view> after = parts_of(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.size() < 3) continue;
    const std::vector<std::string_view> options = parts_of(after[2], ',');
    const bool is_it = group->is_version_1 ? after[0] == "cgroup" && std::ranges::count(options, "memory") != 0
                                           : after[0] == "cgroup2";
    if (!is_it) continue;
    // A mount may show a part of the tree: what it shows is cut from the path.
    std::string_view below = group->path;
    const std::string_view root = before[3] == "/" ? std::string_view() : before[3];
    if (below.starts_with(root) && (below.size() == root.size() || below[root.size()] == '/')) {
      below.remove_prefix(root.size());
    }
    if (below == "/") below = {};
    return std::string(before[4]).append(below).append(group->is_version_1 ? "/memory.oom_control" : "/memory.events");
  }
  return {};
}

OVRSEER_DECL std::optional<std::uint64_t> memory_kills_in(std::string_view counters) {
  constexpr std::string_view key = "oom_kill ";
  for (const std::string_view line : parts_of(counters, '\n')) {
    if (!line.starts_with(key)) continue;
    std::uint64_t value = 0;
    const char* const end = line.data() + line.size();
    const auto [last, code] = std::from_chars(line.data() + key.size(), end, value);
    if (code == std::errc() && last == end) return value;
  }
  return std::nullopt;
}

OVRSEER_DECL std::optional<std::uint64_t> memory_kills::count() {
  if (!path_) path_ = memory_counter_path(read_("/proc/self/cgroup"), read_("/proc/self/mountinfo"));
  if (path_->empty()) return std::nullopt;
  return memory_kills_in(read_(*path_));
}

OVRSEER_DECL bool memory_kills::claim(std::optional<std::uint64_t> before) {
  const std::optional<std::uint64_t> now = before ? count() : std::nullopt;
  if (!now) return false;
  const std::uint64_t known = std::max(*before, claimed_);
  if (*now <= known) return false;
  claimed_ = known + 1;
  return true;
}

}  // namespace ovrseer::process_detail
