// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A file that is either the old one or the new one, whatever happens in between: reports, cursors, state.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <unistd.h>

#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/real_file_system.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer {

/// What a finished write has survived.
enum class durability {
  power_loss,     ///< content and name are synced; two fsyncs, milliseconds on most disks
  process_death,  ///< handed to the kernel; after a power loss the file may be the old one, the new one or empty
};

/// How `write_atomic` writes.
struct write_options {
  write_options() noexcept = default;

  unsigned permissions = 0644;  ///< of the new file, before the umask
  durability survives = durability::power_loss;
  file_system* files = nullptr;  ///< null: the real ones
};

namespace disk_detail {

inline constexpr std::string_view temporary_suffix = ".tmp";

/// A name beside `path` that no other writer, in this process or another, uses at this time.
inline std::string temporary_name(const std::string& path) {
  static std::atomic<std::uint64_t> counter{0};
  std::string name = path + '.' + std::to_string(::getpid()) + '-';
  return name.append(std::to_string(counter.fetch_add(1, std::memory_order_relaxed))).append(temporary_suffix);
}

inline std::error_code write_temporary(file_system& files, const std::string& path, std::string_view content,
                                       const write_options& options, const char*& step) {
  const auto opened = open_file(files, path, open_mode::create_new, options.permissions);
  step = "create";
  if (!opened) return opened.reason();
  step = "write";
  if (const auto progress = write_all(files, opened->get(), content); progress.code) return progress.code;
  step = "fsync";
  return options.survives == durability::power_loss ? files.sync(opened->get()) : std::error_code();
}

}  // namespace disk_detail

/// Replaces the content of the file at `path`, or makes it: readers see the old content or all of the new.
///
/// Writes a temporary file in the same folder (`<path>.<pid>-<n>.tmp`), syncs it, renames it over `path`
/// and syncs the folder. A symbolic link at `path` is replaced, not followed. Owner and permissions are
/// those of a new file.
///
/// Throws `error` with the errno of the step that failed: "create", "write" (also `errc::short_write`), "fsync",
/// "rename": the old file is untouched and the temporary one removed. "fsync folder": the new content is in
/// place, but a power loss may bring the old one back.
inline void write_atomic(const std::string& path, std::string_view content, const write_options& options = {}) {
  file_system& files = files_or_real(options.files);
  const std::string temporary = disk_detail::temporary_name(path);
  const char* step = "";
  std::error_code code = disk_detail::write_temporary(files, temporary, content, options, step);
  const bool created = std::string_view(step) != "create";
  if (!code) {
    step = "rename";
    code = files.rename(temporary, path);
  }
  if (code) {
    if (created) (void)files.unlink(temporary);
    throw error(code, step, path);
  }
  if (options.survives == durability::process_death) return;
  if (const auto synced = sync_folder(files, folder_of(path)); synced) throw error(synced, "fsync folder", path);
}

/// Removes the temporary files that writers killed in the middle left in a folder; gives how many.
///
/// Only for a folder that nobody else writes to: it cannot tell a leftover from a write that is under way.
inline std::size_t remove_temporaries(const std::string& folder, file_system* files = nullptr) {
  file_system& system = files_or_real(files);
  const auto names = system.list(folder);
  std::size_t removed = 0;
  if (!names) return removed;
  for (const std::string& name : *names) {
    if (name.ends_with(disk_detail::temporary_suffix) && !system.unlink(folder + '/' + name)) ++removed;
  }
  return removed;
}

}  // namespace ovrseer
