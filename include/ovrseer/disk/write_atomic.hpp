// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A file that is either the old one or the new one, whatever happens in between: reports, cursors, state.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include <ovrseer/build.hpp>
#include <ovrseer/disk/file_system.hpp>
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
OVRSEER_DECL std::string temporary_name(const std::string& path);

OVRSEER_DECL std::error_code write_temporary(file_system& files, const std::string& path, std::string_view content,
                                             const write_options& options, const char*& step);

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
OVRSEER_DECL void write_atomic(const std::string& path, std::string_view content, const write_options& options = {});

/// Removes the temporary files that writers killed in the middle left in a folder; gives how many.
///
/// Only for a folder that nobody else writes to: it cannot tell a leftover from a write that is under way.
OVRSEER_DECL std::size_t remove_temporaries(const std::string& folder, file_system* files = nullptr);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/disk/impl/write_atomic.ipp>
#endif
