// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/disk/write_atomic.hpp>.
#pragma once

#include <atomic>
#include <cstdint>

#include <unistd.h>

#include <ovrseer/disk/real_file_system.hpp>
#include <ovrseer/disk/write_atomic.hpp>

namespace ovrseer::disk_detail {

OVRSEER_DECL std::string temporary_name(const std::string& path) {
  static std::atomic<std::uint64_t> counter{0};
  std::string name = path + '.' + std::to_string(::getpid()) + '-';
  return name.append(std::to_string(counter.fetch_add(1, std::memory_order_relaxed))).append(temporary_suffix);
}

OVRSEER_DECL std::error_code write_temporary(file_system& files, const std::string& path, std::string_view content,
                                             const write_options& options, const char*& step) {
  const auto opened = open_file(files, path, open_mode::create_new, options.permissions);
  step = "create";
  if (!opened) return opened.reason();
  step = "write";
  if (const auto progress = write_all(files, opened->get(), content); progress.code) return progress.code;
  step = "fsync";
  return options.survives == durability::power_loss ? files.sync(opened->get()) : std::error_code();
}

}  // namespace ovrseer::disk_detail

namespace ovrseer {

OVRSEER_DECL void write_atomic(const std::string& path, std::string_view content, const write_options& options) {
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

OVRSEER_DECL std::size_t remove_temporaries(const std::string& folder, file_system* files) {
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
