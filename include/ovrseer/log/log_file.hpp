// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The lines of a unit in a file that rotates: a sink that counts its troubles and never passes them on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ovrseer/build.hpp>
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
  void write(const line& what);

  /// Hands to the kernel what was written so far.
  void flush();

  const log_file_spec& spec() const noexcept { return spec_; }
  /// What was written, and what could not be.
  const rotating_file_stats& stats() const noexcept { return file_.stats(); }
  /// Begins a new file now, whatever its size. Says why where that failed; the present one is then used on.
  std::error_code rotate();
  /// Opens the path anew, after somebody else has moved the file away.
  std::error_code reopen();

 private:
  static constexpr std::size_t largest_batch = 65'536;

  static log_file_spec with_folder(log_file_spec spec, file_system* files);
  static rotating_file_options options(const log_file_spec& spec, wall_clock now, file_system* files);

  void hand_over();

  log_file_spec spec_;
  rotating_file file_;
  std::string batch_;
  utc_text times_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/log_file.ipp>
#endif
