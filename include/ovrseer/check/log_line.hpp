// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whether a process has said that it is ready.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/pattern/pattern.hpp>

namespace ovrseer {

/// Ready when a line of either stream has a match, whole lines whatever the portions they are written in.
///
/// It reads from the first line that this incarnation of the process wrote, and asks the process to wait for it:
/// no line is missed. Where the feed does not keep lines below a level, it sees those as well, from when it is asked.
/// It waits for the line: ask it once, not by `probing`.
class log_line_check {
 public:
  explicit log_line_check(pattern<> what) : what_(std::move(what)) {}

  /// How long to wait for the line. Zero means no limit. Default zero.
  log_line_check& limit(std::chrono::nanoseconds duration);
  /// Ready also where the line has not come within the limit, for programs that only complain when they are not.
  /// A process that ends before is not ready in any case.
  log_line_check& pass_if_not_found(std::chrono::nanoseconds limit_of_waiting);

  /// Cancellation: every type abandons the wait.
  task<check_result> operator()(check_target target) const { return run(*this, target); }

  /// "log line /ready to accept/".
  std::string describe() const { return "log line /" + std::string(what_.text()) + "/"; }
  std::chrono::nanoseconds bound() const { return limit_; }
  void tell_needs(check_needs& into) const { into.lines.push_back(what_); }

 private:
  enum class sighting : std::uint8_t { found, ended };

  static task<check_result> run(log_line_check self, check_target target);

  /// Of the lines that are kept.
  static task<sighting> look(line_feed& lines, pattern<> what, std::uint64_t first_seq);
  /// Of all lines, those that are not kept included.
  static task<sighting> look_at_all(line_feed& lines, pattern<> what, std::uint64_t first_seq);
  static task<void> until_found(notifier& told, const bool& is_found);

  pattern<> what_;
  std::chrono::nanoseconds limit_{};
  bool passes_if_not_found_ = false;
};

/// Ready when a line has a match.
inline log_line_check log_line(pattern<> what) { return log_line_check(std::move(what)); }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/log_line.ipp>
#endif
