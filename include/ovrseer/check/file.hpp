// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whether a file is there: a pid file, a socket, a marker that a program leaves when it has come up.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/process/process.hpp>

namespace ovrseer {

/// Ready when a file exists, and is what the setters ask. One attempt: see `probing`. The operating-system
/// service is asked, which may be a scripted one.
class file_check {
 public:
  explicit file_check(std::filesystem::path path) : path_(std::move(path)) {}

  /// It must have at least one byte.
  file_check& non_empty();
  /// It must have been written since the process was started, so that what an earlier run left does not count.
  /// Not asked where the check has no process.
  file_check& newer_than_start();
  /// It must be a regular file, whose first MiB has a match.
  file_check& expect_content(pattern<> what);

  /// Cancellation: it does not wait, so there is nothing to cancel.
  task<check_result> operator()(check_target target) const { return run(*this, target); }

  /// "file /run/x.pid".
  std::string describe() const { return "file " + path_.string(); }
  /// The least there is: zero would mean "without bound".
  std::chrono::nanoseconds bound() const { return std::chrono::nanoseconds(1); }
  void tell_needs(check_needs& into) const { into.files.push_back({path_, content_, is_non_empty_}); }

 private:
  static task<check_result> run(file_check self, check_target target);

  std::string what_is_missing(const executor& ex, check_target target) const;

  static wall_time started_at(const executor& ex, const process& child);

  static constexpr std::size_t most_content = std::size_t{1} << 20U;

  std::filesystem::path path_;
  std::optional<pattern<>> content_;
  bool is_non_empty_ = false;
  bool is_newer_ = false;
};

/// Ready when `path` exists.
inline file_check file(std::filesystem::path path) { return file_check(std::move(path)); }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/file.ipp>
#endif
