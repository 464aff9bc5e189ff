// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whether a process has said that it is ready.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// Ready when a line of either stream has a match, whole lines whatever the portions they are written in.
///
/// It reads from the first line that this incarnation of the process wrote, and asks the process to wait for it:
/// no line is missed. It waits for the line: ask it once, not by `probing`.
class log_line_check {
 public:
  explicit log_line_check(pattern<> what) : what_(std::move(what)) {}

  /// How long to wait for the line. Zero means no limit. Default zero.
  log_line_check& limit(std::chrono::nanoseconds duration) {
    limit_ = duration;
    return *this;
  }
  /// Ready also where the line has not come within the limit, for programs that only complain when they are not.
  /// A process that ends before is not ready in any case.
  log_line_check& pass_if_not_found(std::chrono::nanoseconds limit_of_waiting) {
    passes_if_not_found_ = true;
    return limit(limit_of_waiting);
  }

  /// Cancellation: every type abandons the wait.
  task<check_result> operator()(check_target target) const { return run(*this, target); }

  /// "log line /ready to accept/".
  std::string describe() const { return "log line /" + std::string(what_.text()) + "/"; }
  std::chrono::nanoseconds bound() const { return limit_; }
  void tell_needs(check_needs& into) const { into.lines.push_back(what_); }

 private:
  enum class sighting : std::uint8_t { found, ended };

  static task<check_result> run(log_line_check self, check_target target) {
    const executor ex = co_await asio::this_coro::executor;
    const steady_time began = clock_of(ex).now();
    check_result answer;
    answer.attempts = 1;
    answer.outcome = check_result::verdict::not_ready;
    answer.reason = "the output is not read";
    if (target.lines == nullptr) co_return answer;
    task<sighting> looking = look(*target.lines, self.what_, target.first_seq);
    if (self.limit_ != std::chrono::nanoseconds::zero()) {
      looking = with_deadline(std::move(looking), self.limit_, std::chrono::nanoseconds::zero());
    }
    const attempted<sighting> seen = co_await attempt(std::move(looking));
    answer.took = clock_of(ex).now() - began;
    if (!seen && seen.reason().code() != errc::timed_out) seen.reason().rethrow();
    const bool is_ready = seen ? *seen == sighting::found : self.passes_if_not_found_;
    if (is_ready) {
      answer.outcome = check_result::verdict::ready;
      answer.reason.clear();
    } else if (seen) {
      answer.reason = "the output ended before a line that matches /" + std::string(self.what_.text()) + "/";
    } else {
      answer.outcome = check_result::verdict::timed_out;
      answer.reason = "no line that matches /" + std::string(self.what_.text()) + "/ within " + to_text(self.limit_);
    }
    co_return answer;
  }

  static task<sighting> look(line_feed& lines, pattern<> what, std::uint64_t first_seq) {
    line_stream stream = lines.subscribe(on_overrun::wait, read_from::oldest);
    for (;;) {
      const std::optional<line> next = co_await stream.next();
      if (!next) co_return sighting::ended;
      // What an earlier incarnation wrote says nothing of this one, nor does a remark of the supervisor.
      if (next->seq < first_seq || next->source == line_source::own) continue;
      if (what.matches(next->text)) co_return sighting::found;
    }
  }

  pattern<> what_;
  std::chrono::nanoseconds limit_{};
  bool passes_if_not_found_ = false;
};

/// Ready when a line has a match.
inline log_line_check log_line(pattern<> what) { return log_line_check(std::move(what)); }

}  // namespace ovrseer
