// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/disk/file_system.hpp>.
#pragma once

#include <ovrseer/disk/file_system.hpp>

namespace ovrseer {

OVRSEER_DECL owned_file& owned_file::operator=(owned_file&& other) noexcept {
  if (this != &other) {
    reset();
    files_ = std::exchange(other.files_, nullptr);
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

OVRSEER_DECL void owned_file::reset() noexcept {
  if (files_ != nullptr) std::exchange(files_, nullptr)->close(descriptor_);
  descriptor_ = -1;
}

OVRSEER_DECL io_result<owned_file> open_file(file_system& files, const std::string& path, open_mode mode,
                                             unsigned permissions) {
  auto opened = files.open(path, mode, permissions);
  if (!opened) return failure(opened.reason());
  return owned_file(files, *opened);
}

OVRSEER_DECL write_progress write_all_at(file_system& files, int file, std::string_view bytes, std::uint64_t offset) {
  write_progress progress;
  while (progress.written < bytes.size()) {
    const auto taken = files.write_at(file, bytes.substr(progress.written), offset + progress.written);
    if (!taken) return {progress.written, taken.reason()};
    if (*taken == 0) return {progress.written, make_error_code(errc::short_write)};
    progress.written += *taken;
  }
  return progress;
}

OVRSEER_DECL write_progress write_all(file_system& files, int file, std::string_view bytes) {
  write_progress progress;
  while (progress.written < bytes.size()) {
    const auto taken = files.write(file, bytes.substr(progress.written));
    if (!taken) return {progress.written, taken.reason()};
    if (*taken == 0) return {progress.written, make_error_code(errc::short_write)};
    progress.written += *taken;
  }
  return progress;
}

OVRSEER_DECL std::string folder_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

OVRSEER_DECL std::error_code make_folders(file_system& files, const std::string& path, unsigned permissions) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    // Whether one above is there or may not be made shows at the last one.
    (void)files.make_folder(path.substr(0, slash), permissions);
  }
  const auto made = files.make_folder(path, permissions);
  if (!made || made != std::errc::file_exists) return made;
  const auto status = files.status(path);
  if (!status) return status.reason();
  return status->kind == file_kind::folder ? std::error_code() : errno_code(ENOTDIR);
}

OVRSEER_DECL std::error_code sync_folder(file_system& files, const std::string& folder) {
  const auto opened = open_file(files, folder, open_mode::folder);
  if (!opened) return opened.reason();
  return files.sync(opened->get());
}

}  // namespace ovrseer
