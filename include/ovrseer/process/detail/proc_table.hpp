// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reading /proc: who descends from a child, even when it has left its group, its session and its parent.
#pragma once

#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/process/os.hpp>

namespace ovrseer::process_detail {

/// Marks every child of ours in its environment; its value is a path of "supervisor.serial" elements, one
/// for each supervisor above. Whoever inherits it belongs to that child, wherever it has gone.
inline constexpr std::string_view marker_name = "OVRSEER_CHILD";

OVRSEER_DECL std::string read_proc_file(const char* path);

inline std::string proc_path(pid_t pid, const char* file) { return "/proc/" + std::to_string(pid) + "/" + file; }

/// The words of a text between blanks and line ends.
OVRSEER_DECL std::vector<std::string_view> words_in(std::string_view text);

/// The fields of a /proc/PID/stat line after the name, from field 3 (state) on.
OVRSEER_DECL std::vector<std::string_view> stat_fields(std::string_view text);

template <class Number>
Number number_of(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

OVRSEER_DECL std::optional<process_info> read_process(pid_t pid);

OVRSEER_DECL std::vector<pid_t> all_pids();

/// The value of the marker in a process's environment; empty where it has none or may not be read.
OVRSEER_DECL std::string marker_of(pid_t pid);

/// Whether one element of a marker's path is `element`.
OVRSEER_DECL bool marker_names(std::string_view marker, std::string_view element);

/// All living processes that belong to the child `leader`: itself, its group and session, its descendants,
/// and those that carry its mark.
OVRSEER_DECL std::vector<process_info> members_of(pid_t leader, bool leader_ended, std::string_view mark);

/// Whether one process, alive or a zombie, belongs to the child `leader` by the rules of `members_of`. Reads a file
/// of each ancestor instead of the whole table.
OVRSEER_DECL bool is_member_of(pid_t pid, pid_t leader, bool leader_ended, std::string_view mark);

/// The number of open descriptors; nothing where we may not look.
OVRSEER_DECL std::optional<std::uint32_t> descriptors_of(pid_t pid);

OVRSEER_DECL std::optional<process_sample> sample_of(pid_t pid);

/// How many lines of a table as in /proc/net/tcp are connections at a local port that are established, or whose other
/// side alone has closed (CLOSE_WAIT).
OVRSEER_DECL std::size_t connections_in(std::string_view table, std::uint16_t port);

}  // namespace ovrseer::process_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/process/detail/impl/proc_table.ipp>
#endif
