// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The seam between the disk folder and the operating system: few calls, so that tests can let each of them fail.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// A value, or the error code of the call that should have given it.
template <class T>
using io_result = result<T, std::error_code>;

/// Where "now" comes from; an empty one means `std::chrono::system_clock::now`.
using wall_clock = std::function<std::chrono::system_clock::time_point()>;

/// How a file is opened. Every descriptor is close-on-exec.
enum class open_mode {
  read,        ///< to read; it must exist
  read_write,  ///< to read and write; it must exist
  create,      ///< to read and write; made when absent
  create_new,  ///< to read and write; it must not exist
  append,      ///< every write goes to the end; made when absent
  folder,      ///< a folder, for `sync`
};

enum class file_kind { regular, folder, other };

struct file_status {
  file_kind kind = file_kind::other;
  std::uint64_t size = 0;
  std::chrono::system_clock::time_point modified{};
  /// The time of birth, where the file system keeps one.
  std::optional<std::chrono::system_clock::time_point> created{};
};

/// The calls that the disk folder makes, each as close to POSIX as its name.
///
/// Descriptors are small numbers that mean something to this object only. No call throws but for want of
/// memory; an interrupted call (EINTR) is repeated inside; a write may take less than it was given.
class file_system {
 public:
  file_system() = default;
  file_system(const file_system&) = delete;
  file_system& operator=(const file_system&) = delete;
  virtual ~file_system() = default;

  /// `permissions` are those of a new file, before the umask.
  virtual io_result<int> open(const std::string& path, open_mode mode, unsigned permissions) = 0;
  virtual void close(int file) noexcept = 0;
  /// Zero bytes at the end of the file.
  virtual io_result<std::size_t> read_at(int file, std::span<char> into, std::uint64_t offset) = 0;
  virtual io_result<std::size_t> write(int file, std::string_view bytes) = 0;
  virtual io_result<std::size_t> write_at(int file, std::string_view bytes, std::uint64_t offset) = 0;
  virtual std::error_code truncate(int file, std::uint64_t size) = 0;
  /// fsync: content and metadata; of a folder, its entries.
  virtual std::error_code sync(int file) = 0;
  /// fdatasync: content, and of the metadata what is needed to read it.
  virtual std::error_code sync_data(int file) = 0;
  /// Takes the exclusive lock of the file at once or fails with `resource_unavailable_try_again`; `close` frees it.
  virtual std::error_code lock(int file) = 0;
  virtual io_result<file_status> status(int file) = 0;
  virtual io_result<file_status> status(const std::string& path) = 0;
  virtual std::error_code rename(const std::string& from, const std::string& to) = 0;
  virtual std::error_code unlink(const std::string& path) = 0;
  virtual std::error_code make_folder(const std::string& path, unsigned permissions) = 0;
  /// The names in a folder without `.` and `..`, in no order.
  virtual io_result<std::vector<std::string>> list(const std::string& folder) = 0;
};

/// An open file that closes itself. The file system must outlive it.
class owned_file {
 public:
  owned_file() noexcept = default;
  owned_file(file_system& files, int descriptor) noexcept : files_(&files), descriptor_(descriptor) {}
  owned_file(owned_file&& other) noexcept
      : files_(std::exchange(other.files_, nullptr)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  owned_file& operator=(owned_file&& other) noexcept;
  ~owned_file() { reset(); }

  explicit operator bool() const noexcept { return files_ != nullptr; }
  int get() const noexcept { return descriptor_; }
  void reset() noexcept;

 private:
  file_system* files_ = nullptr;
  int descriptor_ = -1;
};

/// How far a sequence of writes came, and what stopped it.
struct write_progress {
  std::size_t written = 0;
  std::error_code code{};
};

/// Opens a file that closes itself.
OVRSEER_DECL io_result<owned_file> open_file(file_system& files, const std::string& path, open_mode mode,
                                             unsigned permissions = 0644);

/// Writes all of `bytes` at the offset, in as many calls as it takes; a call that takes nothing is `errc::short_write`.
OVRSEER_DECL write_progress write_all_at(file_system& files, int file, std::string_view bytes, std::uint64_t offset);

/// Writes all of `bytes` where the file stands, in as many calls as it takes; see `write_all_at`.
OVRSEER_DECL write_progress write_all(file_system& files, int file, std::string_view bytes);

/// The folder of a path: "a/b" gives "a", "b" gives ".", "/b" gives "/".
OVRSEER_DECL std::string folder_of(const std::string& path);

/// Makes a folder and those above it that are absent; no error where it exists.
OVRSEER_DECL std::error_code make_folders(file_system& files, const std::string& path, unsigned permissions = 0755);

/// Makes the entries of a folder durable: what was created, renamed or removed in it.
OVRSEER_DECL std::error_code sync_folder(file_system& files, const std::string& folder);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/disk/impl/file_system.ipp>
#endif
