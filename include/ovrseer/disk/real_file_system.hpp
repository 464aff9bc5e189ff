// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The operating system's files behind the seam: what runs when nobody gives another `file_system`.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ovrseer/build.hpp>
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer {

/// The files of the operating system. Has no state: `real_files()` gives the one that everybody may share.
class real_file_system final : public file_system {
 public:
  io_result<int> open(const std::string& path, open_mode mode, unsigned permissions) override;

  // Not repeated after EINTR: Linux has closed the descriptor by then, and its number may be another's.
  void close(int file) noexcept override { ::close(file); }

  io_result<std::size_t> read_at(int file, std::span<char> into, std::uint64_t offset) override {
    return counted([&] { return ::pread(file, into.data(), into.size(), static_cast<off_t>(offset)); });
  }
  io_result<std::size_t> write(int file, std::string_view bytes) override {
    return counted([&] { return ::write(file, bytes.data(), bytes.size()); });
  }
  io_result<std::size_t> write_at(int file, std::string_view bytes, std::uint64_t offset) override {
    return counted([&] { return ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
  }

  std::error_code truncate(int file, std::uint64_t size) override {
    return code_of(uninterrupted([&] { return ::ftruncate(file, static_cast<off_t>(size)); }));
  }
  std::error_code sync(int file) override {
    return code_of(uninterrupted([&] { return ::fsync(file); }));
  }
  std::error_code sync_data(int file) override {
    return code_of(uninterrupted([&] { return ::fdatasync(file); }));
  }
  std::error_code lock(int file) override {
    return code_of(uninterrupted([&] { return ::flock(file, LOCK_EX | LOCK_NB); }));
  }

  io_result<file_status> status(int file) override { return status_at(file, "", AT_EMPTY_PATH); }
  io_result<file_status> status(const std::string& path) override { return status_at(AT_FDCWD, path.c_str(), 0); }

  std::error_code rename(const std::string& from, const std::string& to) override {
    return code_of(::rename(from.c_str(), to.c_str()));
  }
  std::error_code unlink(const std::string& path) override { return code_of(::unlink(path.c_str())); }
  std::error_code make_folder(const std::string& path, unsigned permissions) override {
    return code_of(::mkdir(path.c_str(), static_cast<mode_t>(permissions)));
  }

  io_result<std::vector<std::string>> list(const std::string& folder) override;

 private:
  static int flags_of(open_mode mode) noexcept;

  template <class Call>
  static std::invoke_result_t<Call&> uninterrupted(Call call) noexcept {
    auto value = call();
    while (value < 0 && errno == EINTR) value = call();
    return value;
  }
  template <class Call>
  static io_result<std::size_t> counted(Call call) {
    const auto count = uninterrupted(call);
    if (count < 0) return failure(errno_code(errno));
    return static_cast<std::size_t>(count);
  }
  static std::error_code code_of(int value) noexcept { return value < 0 ? errno_code(errno) : std::error_code(); }

  static io_result<file_status> status_at(int folder, const char* path, int flags);
  static std::chrono::system_clock::time_point time_of(const statx_timestamp& at);
};

/// The file system that everything uses when it is given none.
OVRSEER_DECL file_system& real_files() noexcept;

/// `given`, or the real one when it is null.
inline file_system& files_or_real(file_system* given) noexcept { return given != nullptr ? *given : real_files(); }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/disk/impl/real_file_system.ipp>
#endif
