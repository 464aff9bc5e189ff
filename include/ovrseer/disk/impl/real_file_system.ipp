// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/disk/real_file_system.hpp>.
#pragma once

#include <ovrseer/disk/real_file_system.hpp>

namespace ovrseer {

OVRSEER_DECL io_result<int> real_file_system::open(const std::string& path, open_mode mode, unsigned permissions) {
  const int opened =
      uninterrupted([&] { return ::open(path.c_str(), flags_of(mode), static_cast<mode_t>(permissions)); });
  if (opened < 0) return failure(errno_code(errno));
  return opened;
}

OVRSEER_DECL io_result<std::vector<std::string>> real_file_system::list(const std::string& folder) {
  DIR* const opened = ::opendir(folder.c_str());  // glibc opens it close-on-exec
  if (opened == nullptr) return failure(errno_code(errno));
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = ::readdir(opened)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int why = errno;
  ::closedir(opened);
  if (why != 0) return failure(errno_code(why));
  return names;
}

OVRSEER_DECL int real_file_system::flags_of(open_mode mode) noexcept {
  switch (mode) {
    case open_mode::read: return O_RDONLY | O_CLOEXEC;
    case open_mode::read_write: return O_RDWR | O_CLOEXEC;
    case open_mode::create: return O_RDWR | O_CREAT | O_CLOEXEC;
    case open_mode::create_new: return O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    case open_mode::append: return O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY;
    case open_mode::folder: return O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  }
  return O_RDONLY | O_CLOEXEC;
}

OVRSEER_DECL io_result<file_status> real_file_system::status_at(int folder, const char* path, int flags) {
  struct statx raw{};
  constexpr unsigned wanted = STATX_BASIC_STATS | STATX_BTIME;
  if (uninterrupted([&] { return ::statx(folder, path, flags, wanted, &raw); }) < 0) {
    return failure(errno_code(errno));
  }
  file_status status;
  if (S_ISREG(raw.stx_mode)) status.kind = file_kind::regular;
  if (S_ISDIR(raw.stx_mode)) status.kind = file_kind::folder;
  status.size = raw.stx_size;
  status.modified = time_of(raw.stx_mtime);
  if ((raw.stx_mask & STATX_BTIME) != 0) status.created = time_of(raw.stx_btime);
  return status;
}

OVRSEER_DECL std::chrono::system_clock::time_point real_file_system::time_of(const statx_timestamp& at) {
  using namespace std::chrono;
  return system_clock::time_point(duration_cast<system_clock::duration>(seconds(at.tv_sec) + nanoseconds(at.tv_nsec)));
}

OVRSEER_DECL file_system& real_files() noexcept {
  // Never destroyed: the thread of a worker may still be at it while the program ends.
  static auto* const instance = new real_file_system;
  return *instance;
}

}  // namespace ovrseer
