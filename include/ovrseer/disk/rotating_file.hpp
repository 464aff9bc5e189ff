// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A text file that begins anew when it is full or old, and keeps some of its predecessors: the sink of log files.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/disk/compression.hpp>
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/real_file_system.hpp>
#include <ovrseer/disk/rotation.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// How a log file is written and rotated.
struct rotating_file_options {
  rotating_file_options() noexcept = default;

  /// When a new file is begun. Looked at when bytes are appended. Age counts from the file's birth, over restarts too.
  rotation_rule rotate{byte_size(10U << 20U), {}};
  /// How many old files stay, as `<path>.1` (the youngest) to `<path>.N`, compressed ones with their suffix after
  /// that. Zero: none.
  std::size_t keep = 5;
  /// How old files are compressed; empty: not at all. A little is done with each append: 64 KiB of an old file, and as
  /// much as is appended; with the last of it, two fsyncs.
  compression compress;
  /// Bytes gathered before they are written; `flush()` writes earlier. Zero: every append is written at once.
  byte_size buffer{64U << 10U};
  /// Bytes kept in memory while the file does not take them; beyond, whole appends are dropped and counted.
  byte_size largest_backlog{1U << 20U};
  unsigned permissions = 0644;   ///< of new files, before the umask
  file_system* files = nullptr;  ///< null: the real ones
  wall_clock now;                ///< empty: the system's; used for `rotate.age`
};

/// Counters since the file was opened.
struct rotating_file_stats {
  std::uint64_t written_bytes = 0;
  std::uint64_t dropped_bytes = 0;
  std::uint64_t dropped_lines = 0;
  std::uint64_t rotations = 0;
  std::uint64_t failed_writes = 0;
  std::uint64_t failed_rotations = 0;  ///< the old file is used on, beyond its limit
  std::uint64_t compressed_files = 0;
  std::uint64_t failed_compressions = 0;  ///< the old file stays as it was; tried again after the next rotation
  std::error_code last_failure{};
};

/// Appends whole lines to a file and rotates it.
///
/// What one `append` gives is never split between two files, nor lost in part. Failures are values, since a log
/// file must not end what it logs: what the file does not take waits in memory up to a bound and is tried again
/// in order; what is dropped beyond is counted. Old names are shifted (`.1` to `.2` …) and the new file is
/// opened before the old one is renamed, so at every moment there is a file that takes lines.
///
/// Compression writes to `<path><suffix>.tmp` beside, syncs it, and only then takes the place of the old file: a crash
/// leaves the one or the other, whole, and the next run goes on with what it finds uncompressed. One file at a time,
/// the youngest first.
///
/// A path that is no regular file (a device, a pipe) is written and never rotated. Not thread-safe.
class rotating_file {
 public:
  /// Opens `path` to append; its folder must exist. Throws `error` with the errno at step "open".
  explicit rotating_file(std::string path, rotating_file_options options = {})
      : files_(files_or_real(options.files)), options_(std::move(options)), path_(std::move(path)) {
    if (const auto code = open_current(); code) throw error(code, "open", path_);
    if (options_.compress) (void)files_.unlink(temporary_path());  // an earlier run may have left a part
  }
  rotating_file(const rotating_file&) = delete;
  rotating_file& operator=(const rotating_file&) = delete;
  /// Writes what is gathered; what fails then is lost, so `flush()` before, where it matters.
  ~rotating_file();

  /// Appends `lines`: one or more whole lines, each with its line end.
  ///
  /// An error tells that the file could not be written or rotated just now; what was given is kept and tried again
  /// unless the backlog is full: see `stats().dropped_bytes`.
  std::error_code append(std::string_view lines);

  /// Writes what is gathered. The kernel then has it: it survives the death of the process, not a power loss.
  std::error_code flush();

  /// Writes what is gathered and makes it survive a power loss. After a failed sync what was written since the last
  /// good one may be lost, though a later call may succeed.
  std::error_code sync();

  /// Begins a new file now. On failure the present one is used on.
  std::error_code rotate();

  /// Opens the path anew, after somebody else has moved the file away. On failure the present one is used on.
  std::error_code reopen();

  const std::string& path() const noexcept { return path_; }
  const rotating_file_stats& stats() const noexcept { return stats_; }
  /// Bytes that wait in memory.
  std::size_t pending() const noexcept { return buffer_.size() - taken_; }
  /// The size of the present file with what waits for it.
  std::uint64_t size() const noexcept { return written_ + pending(); }
  /// The path of the n-th youngest old file, from 1 on; where it is compressed, the suffix stands behind.
  std::string old_path(std::size_t n) const { return path_ + '.' + std::to_string(n); }

 private:
  std::error_code append_directly(std::string_view lines, std::uint64_t room, std::error_code before);

  bool must_rotate(std::size_t more) const;

  std::error_code open_current();

  std::error_code shift_and_begin();

  // The old file under compression.
  struct compressing {
    explicit compressing(std::size_t which) : number(which) {}
    std::size_t number;  // which of the old files it is by now
    owned_file from;
    owned_file to;
    std::uint64_t taken = 0;
    std::unique_ptr<compressor> stream;
  };

  std::string compressed_path(std::size_t n) const { return old_path(n) + options_.compress.suffix(); }
  std::string temporary_path() const { return path_ + options_.compress.suffix() + ".tmp"; }
  bool is_there(const std::string& path, std::error_code& code) const;
  void compress_some(std::size_t appended);
  std::error_code begin_compression();
  std::error_code compress_piece();
  std::error_code end_compression();
  void abandon_compression();

  // Makes `.1` free. More than `keep` are there when an earlier run kept more.
  std::error_code shift();

  void drop(std::string_view lines);
  void count(const write_progress& progress);
  std::error_code note(std::error_code code);
  std::chrono::system_clock::time_point now() const {
    return options_.now ? options_.now() : std::chrono::system_clock::now();
  }

  file_system& files_;
  rotating_file_options options_;
  std::string path_;
  owned_file file_;
  bool is_regular_ = false;
  std::uint64_t written_ = 0;       // of the present file
  std::uint64_t retry_beyond_ = 0;  // after a failed rotation: not before the file has this size
  std::chrono::system_clock::time_point begun_{};
  std::string buffer_;
  std::size_t taken_ = 0;  // bytes of the buffer that the file has
  rotating_file_stats stats_;
  bool may_have_uncompressed_ = true;  // old files; looked for at the next append
  std::optional<compressing> compressing_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/disk/impl/rotating_file.ipp>
#endif
