// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/check/file.hpp>.
#pragma once

#include <system_error>

#include <ovrseer/check/file.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

OVRSEER_DECL file_check& file_check::non_empty() {
  is_non_empty_ = true;
  return *this;
}

OVRSEER_DECL file_check& file_check::newer_than_start() {
  is_newer_ = true;
  return *this;
}

OVRSEER_DECL file_check& file_check::expect_content(pattern<> what) {
  content_ = std::move(what);
  return *this;
}

OVRSEER_DECL task<check_result> file_check::run(file_check self, check_target target) {
  const executor ex = co_await asio::this_coro::executor;
  check_result answer;
  answer.attempts = 1;
  answer.reason = self.what_is_missing(ex, target);
  if (!answer.reason.empty()) answer.outcome = check_result::verdict::not_ready;
  co_return answer;
}

OVRSEER_DECL std::string file_check::what_is_missing(const executor& ex, check_target target) const {
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

OVRSEER_DECL wall_time file_check::started_at(const executor& ex, const process& child) {
  const clock_service& clock = clock_of(ex);
  // File systems stamp with the time of the last tick, up to 10 ms ago.
  const auto age = clock.now() - child.started() + std::chrono::milliseconds(10);
  return clock.wall_now() - std::chrono::duration_cast<wall_time::duration>(age);
}

}  // namespace ovrseer
