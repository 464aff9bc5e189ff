// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whether a command succeeds: `pg_isready`, a script of one's own.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/process/process.hpp>

namespace ovrseer {

namespace check_detail {

/// Keeps the last line that is not blank of bytes that come in any portions, at most 200 bytes of it.
class last_line {
 public:
  void take(std::string_view bytes);
  std::string text();

 private:
  static constexpr std::size_t most = 200;

  void end_line();

  std::string current_;
  std::string last_;
};

}  // namespace check_detail

/// Ready when a command exits with 0. One attempt: see `probing`.
///
/// The command is killed with its group when its time is over, and when the check is abandoned. Its output is
/// read; the last line is part of the reason, secrets masked. Its environment has `OVRSEER_PID`, the process that is checked.
class exec_check {
 public:
  explicit exec_check(command what);

  /// How long the command may run. Zero means no limit. Default 10 s.
  exec_check& limit(std::chrono::nanoseconds duration);

  /// Cancellation: every type kills the command and abandons the check.
  task<check_result> operator()(check_target target) const { return run(command_, limit_, target); }

  /// "exec pg_isready -q", secrets masked.
  std::string describe() const { return "exec " + to_text(command_); }
  std::chrono::nanoseconds bound() const { return limit_; }
  void tell_needs(check_needs& into) const { into.commands.push_back(command_); }

 private:
  static task<check_result> run(command what, std::chrono::nanoseconds limit, check_target target);

  /// Reads the output until the process has ended, and then what is left in the pipe: a grandchild may hold it open.
  static task<exit_status> follow(process& child, check_detail::last_line& said);
  static task<void> read(process& child, output_stream stream, check_detail::last_line& said);

  command command_;
  std::chrono::nanoseconds limit_ = std::chrono::seconds(10);
};

/// Ready when `what` exits with 0 within 10 s.
inline exec_check exec(command what) { return exec_check(std::move(what)); }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/exec.ipp>
#endif
