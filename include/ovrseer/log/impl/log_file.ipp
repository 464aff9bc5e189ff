// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/log_file.hpp>.
#pragma once

#include <ovrseer/log/log_file.hpp>

namespace ovrseer {

OVRSEER_DECL void log_file::write(const line& what) {
  const std::size_t before = batch_.size();
  append_line(batch_, what, spec_.format(), times_);
  const std::uint64_t limit = spec_.max_size().count();
  if (before != 0 && limit != 0 && batch_.size() > limit) {
    // A batch is never split between files: it must not make one larger than asked.
    (void)file_.append(std::string_view(batch_).substr(0, before));
    batch_.erase(0, before);
  }
  if (batch_.size() >= largest_batch) hand_over();
}

OVRSEER_DECL void log_file::flush() {
  hand_over();
  (void)file_.flush();
}

OVRSEER_DECL std::error_code log_file::rotate() {
  hand_over();
  return file_.rotate();
}

OVRSEER_DECL std::error_code log_file::reopen() {
  hand_over();
  return file_.reopen();
}

OVRSEER_DECL log_file_spec log_file::with_folder(log_file_spec spec, file_system* files) {
  const std::string folder = folder_of(spec.path().string());
  const std::error_code code = make_folders(files_or_real(files), folder);
  if (code) throw error(code, "mkdir", folder);
  return spec;
}

OVRSEER_DECL rotating_file_options log_file::options(const log_file_spec& spec, wall_clock now, file_system* files) {
  rotating_file_options chosen;
  chosen.rotate = rotation_rule(spec.max_size(), spec.max_age());
  chosen.keep = spec.keep();
  chosen.compress = spec.compress();
  chosen.buffer = byte_size(0);
  chosen.files = files;
  chosen.now = std::move(now);
  return chosen;
}

OVRSEER_DECL void log_file::hand_over() {
  if (batch_.empty()) return;
  (void)file_.append(batch_);
  batch_.clear();
}

}  // namespace ovrseer
