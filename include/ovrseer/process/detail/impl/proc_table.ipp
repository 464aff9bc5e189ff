// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/process/detail/proc_table.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ovrseer/process/detail/proc_table.hpp>

namespace ovrseer::process_detail {

OVRSEER_DECL std::string read_proc_file(const char* path) {
  std::string content;
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return content;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n <= 0) break;
    content.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(fd);
  return content;
}

OVRSEER_DECL std::vector<std::string_view> words_in(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto begin = text.find_first_not_of(" \n");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(" \n"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

OVRSEER_DECL std::vector<std::string_view> stat_fields(std::string_view text) {
  const auto end_of_name = text.rfind(')');
  if (end_of_name == std::string_view::npos) return {};
  return words_in(text.substr(end_of_name + 1));
}

OVRSEER_DECL std::size_t connections_in(std::string_view table, std::uint16_t port) {
  std::size_t count = 0;
  while (!table.empty()) {
    const auto end = std::min(table.find('\n'), table.size());
    const std::vector<std::string_view> fields = words_in(table.substr(0, end));
    table.remove_prefix(std::min(end + 1, table.size()));
    if (fields.size() < 4) continue;
    const std::string_view at = fields[1].substr(fields[1].rfind(':') + 1);
    std::uint16_t number = 0;
    const auto [stop, failed] = std::from_chars(at.data(), at.data() + at.size(), number, 16);
    const bool is_ours = failed == std::errc() && stop == at.data() + at.size() && number == port;
    if (is_ours && (fields[3] == "01" || fields[3] == "08")) ++count;
  }
  return count;
}

OVRSEER_DECL std::optional<process_info> read_process(pid_t pid) {
  const std::string text = read_proc_file(proc_path(pid, "stat").c_str());
  const std::vector<std::string_view> fields = stat_fields(text);
  if (fields.size() < 20) return std::nullopt;
  process_info info;
  info.pid = pid;
  info.state = fields[0].front();
  info.parent = number_of<pid_t>(fields[1]);
  info.group = number_of<pid_t>(fields[2]);
  info.session = number_of<pid_t>(fields[3]);
  info.start_time = number_of<std::uint64_t>(fields[19]);
  const auto open = text.find('(');
  info.name = text.substr(open + 1, text.rfind(')') - open - 1);
  return info;
}

OVRSEER_DECL std::vector<pid_t> all_pids() {
  std::vector<pid_t> pids;
  DIR* directory = ::opendir("/proc");
  if (directory == nullptr) return pids;
  while (const dirent* entry = ::readdir(directory)) {
    if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) != 0) pids.push_back(std::atoi(entry->d_name));
  }
  ::closedir(directory);
  return pids;
}

OVRSEER_DECL std::string marker_of(pid_t pid) {
  const std::string text = read_proc_file(proc_path(pid, "environ").c_str());
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    if (entry.size() > marker_name.size() && entry.starts_with(marker_name) && entry[marker_name.size()] == '=') {
      return std::string(entry.substr(marker_name.size() + 1));
    }
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
  }
  return {};
}

OVRSEER_DECL bool marker_names(std::string_view marker, std::string_view element) {
  while (!marker.empty()) {
    const std::string_view part = marker.substr(0, marker.find('/'));
    if (part == element) return true;
    marker.remove_prefix(std::min(part.size() + 1, marker.size()));
  }
  return false;
}

OVRSEER_DECL std::vector<process_info> members_of(pid_t leader, bool leader_ended, std::string_view mark) {
  std::vector<process_info> table;
  for (const pid_t pid : all_pids()) {
    if (auto info = read_process(pid)) table.push_back(std::move(*info));
  }
  std::set<pid_t> inside;
  // A number stays reserved while a group or session has it; once nobody has, it may name a stranger.
  const bool is_reused =
      leader_ended && std::ranges::any_of(table, [&](const process_info& info) { return info.pid == leader; });
  if (!leader_ended) inside.insert(leader);
  for (bool grew = true; grew;) {
    grew = false;
    for (const process_info& info : table) {
      if (inside.contains(info.pid)) continue;
      const bool is_named = !is_reused && (info.group == leader || info.session == leader);
      if (is_named || inside.contains(info.parent)) {
        grew = inside.insert(info.pid).second || grew;
      }
    }
  }
  std::vector<process_info> members;
  for (process_info& info : table) {
    if (info.state == 'Z' || info.state == 'X') continue;
    if (inside.contains(info.pid) || marker_names(marker_of(info.pid), mark)) members.push_back(std::move(info));
  }
  return members;
}

OVRSEER_DECL bool is_member_of(pid_t pid, pid_t leader, bool leader_ended, std::string_view mark) {
  if (pid <= 0) return false;
  const bool is_reused = leader_ended && read_process(leader).has_value();
  pid_t ancestor = pid;
  // The table changes while we climb; that must not become an endless way.
  for (int height = 0; height < 1000 && ancestor > 1; ++height) {
    if (ancestor == leader && !leader_ended) return true;
    const std::optional<process_info> info = read_process(ancestor);
    if (!info) break;
    if (!is_reused && (info->group == leader || info->session == leader)) return true;
    ancestor = info->parent;
  }
  return marker_names(marker_of(pid), mark);
}

OVRSEER_DECL std::optional<std::uint32_t> descriptors_of(pid_t pid) {
  const std::string path = proc_path(pid, "fd");
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return std::nullopt;
  if (about.st_size > 0) return static_cast<std::uint32_t>(about.st_size);  // Linux 6.2 and newer say it there
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return std::nullopt;
  std::uint32_t count = 0;
  while (const dirent* entry = ::readdir(directory)) {
    if (entry->d_name[0] != '.') ++count;
  }
  ::closedir(directory);
  return count;
}

OVRSEER_DECL std::optional<process_sample> sample_of(pid_t pid) {
  const std::string text = read_proc_file(proc_path(pid, "stat").c_str());
  const std::vector<std::string_view> fields = stat_fields(text);
  if (fields.size() < 22) return std::nullopt;
  const auto ticks = number_of<std::uint64_t>(fields[11]) + number_of<std::uint64_t>(fields[12]);
  const auto per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  process_sample sample;
  sample.cpu_time = std::chrono::milliseconds(ticks * 1000 / per_second);
  sample.threads = number_of<std::uint32_t>(fields[17]);
  sample.resident =
      byte_size(number_of<std::uint64_t>(fields[21]) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  sample.descriptors = descriptors_of(pid);
  return sample;
}

}  // namespace ovrseer::process_detail
