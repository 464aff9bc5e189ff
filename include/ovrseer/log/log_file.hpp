// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The lines of a unit in a file that rotates: a sink that counts its troubles and never passes them on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/rotating_file.hpp>
#include <ovrseer/log/encode.hpp>
#include <ovrseer/log/line.hpp>
#include <ovrseer/log/rotation.hpp>

namespace ovrseer {

/// Writes lines to a rotating file. No write throws or waits for more than the disk: what cannot be written is
/// kept up to a bound, tried again, and counted beyond.
class log_file {
 public:
  /// Opens the file; makes its folder first. Throws `error` with the errno at step "open" or "mkdir".
  ///
  /// `now` is what the age of files is measured by (empty: the system's clock), `files` the file system (null:
  /// the real one).
  explicit log_file(log_file_spec spec, wall_clock now = {}, file_system* files = nullptr)
      : spec_(with_folder(std::move(spec), files)),
        file_(spec_.path().string(), options(spec_, std::move(now), files)) {}

  log_file(const log_file&) = delete;
  log_file& operator=(const log_file&) = delete;
  ~log_file() { hand_over(); }

  /// Adds a line. It reaches the file with the next `flush` at the latest.
  void write(const line& what) {
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

  /// Hands to the kernel what was written so far.
  void flush() {
    hand_over();
    (void)file_.flush();
  }

  const log_file_spec& spec() const noexcept { return spec_; }
  /// What was written, and what could not be.
  const rotating_file_stats& stats() const noexcept { return file_.stats(); }
  /// Begins a new file now, whatever its size. Says why where that failed; the present one is then used on.
  std::error_code rotate() {
    hand_over();
    return file_.rotate();
  }
  /// Opens the path anew, after somebody else has moved the file away.
  std::error_code reopen() {
    hand_over();
    return file_.reopen();
  }

 private:
  static constexpr std::size_t largest_batch = 65'536;

  static log_file_spec with_folder(log_file_spec spec, file_system* files) {
    const std::string folder = folder_of(spec.path().string());
    const std::error_code code = make_folders(files_or_real(files), folder);
    if (code) throw error(code, "mkdir", folder);
    return spec;
  }
  static rotating_file_options options(const log_file_spec& spec, wall_clock now, file_system* files) {
    rotating_file_options chosen;
    chosen.rotate = rotation_rule(spec.max_size(), spec.max_age());
    chosen.keep = spec.keep();
    chosen.buffer = byte_size(0);
    chosen.files = files;
    chosen.now = std::move(now);
    return chosen;
  }

  void hand_over() {
    if (batch_.empty()) return;
    (void)file_.append(batch_);
    batch_.clear();
  }

  log_file_spec spec_;
  rotating_file file_;
  std::string batch_;
  utc_text times_;
};

}  // namespace ovrseer
