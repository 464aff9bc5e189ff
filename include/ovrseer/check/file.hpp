// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whether a file is there: a pid file, a socket, a marker that a program leaves when it has come up.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/process/process.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// Ready when a file exists, and is what the setters ask. One attempt: see `probing`. The operating-system
/// service is asked, which may be a scripted one.
class file_check {
 public:
  explicit file_check(std::filesystem::path path) : path_(std::move(path)) {}

  /// It must have at least one byte.
  file_check& non_empty() {
    is_non_empty_ = true;
    return *this;
  }
  /// It must have been written since the process was started, so that what an earlier run left does not count.
  /// Not asked where the check has no process.
  file_check& newer_than_start() {
    is_newer_ = true;
    return *this;
  }
  /// It must be a regular file, whose first MiB has a match.
  file_check& expect_content(pattern<> what) {
    content_ = std::move(what);
    return *this;
  }

  /// Cancellation: it does not wait, so there is nothing to cancel.
  task<check_result> operator()(check_target target) const { return run(*this, target); }

  /// "file /run/x.pid".
  std::string describe() const { return "file " + path_.string(); }
  /// The least there is: zero would mean "without bound".
  std::chrono::nanoseconds bound() const { return std::chrono::nanoseconds(1); }
  void tell_needs(check_needs& into) const { into.files.push_back({path_, content_, is_non_empty_}); }

 private:
  static task<check_result> run(file_check self, check_target target) {
    const executor ex = co_await asio::this_coro::executor;
    check_result answer;
    answer.attempts = 1;
    answer.reason = self.what_is_missing(ex, target);
    if (!answer.reason.empty()) answer.outcome = check_result::verdict::not_ready;
    co_return answer;
  }

  std::string what_is_missing(const executor& ex, check_target target) const {
    const std::filesystem::file_status status = os_of(ex).file_status(path_);
    if (status.type() == std::filesystem::file_type::not_found) return path_.string() + " does not exist";
    if (!std::filesystem::exists(status)) return path_.string() + " cannot be looked at";
    if (!is_non_empty_ && !is_newer_ && !content_) return "";
    const result<seen_file, std::error_code> seen = os_of(ex).look_into(path_, content_ ? most_content : 0);
    if (!seen) return path_.string() + ": " + seen.reason().message();
    if (is_non_empty_ && seen->size == 0) return path_.string() + " is empty";
    if (is_newer_ && target.child != nullptr && seen->written < started_at(ex, *target.child)) {
      return path_.string() + " is older than the process";
    }
    if (!content_) return "";
    if (seen->type != std::filesystem::file_type::regular) return path_.string() + " is not a regular file";
    if (content_->matches(seen->content)) return "";
    return path_.string() + " has no match of /" + std::string(content_->text()) + "/";
  }

  static wall_time started_at(const executor& ex, const process& child) {
    const clock_service& clock = clock_of(ex);
    // File systems stamp with the time of the last tick, up to 10 ms ago.
    const auto age = clock.now() - child.started() + std::chrono::milliseconds(10);
    return clock.wall_now() - std::chrono::duration_cast<wall_time::duration>(age);
  }

  static constexpr std::size_t most_content = std::size_t{1} << 20U;

  std::filesystem::path path_;
  std::optional<pattern<>> content_;
  bool is_non_empty_ = false;
  bool is_newer_ = false;
};

/// Ready when `path` exists.
inline file_check file(std::filesystem::path path) { return file_check(std::move(path)); }

}  // namespace ovrseer
