// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports to a command of the user's, which does with them what it likes.
#pragma once

#include <string>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/process/command.hpp>
#include <ovrseer/process/stop_plan.hpp>

namespace ovrseer {

/// Runs a command for each report: the report is its standard input, as our JSON on one line; `OVRSEER_UNIT`, `OVRSEER_KIND`
/// and `OVRSEER_MESSAGE` are in its environment. What it writes to standard output is discarded.
class exec_reporter {
 public:
  /// Of `what`, the three streams are set here.
  explicit exec_reporter(command what);

  /// How the command is ended when a delivery is abandoned, and what is left of its children in any case. Default SIGTERM to
  /// the group, 2 s, SIGKILL to the tree.
  exec_reporter& stop_by(stop_plan plan);

  /// Delivered when the command exits with 0.
  ///
  /// Errors: `errc::unavailable` for exit code 75 (EX_TEMPFAIL) and for an end by a signal; `errc::rejected` for any other
  /// code; the context has the end, and the first line of standard error with secrets masked. `spawn_error` where it cannot
  /// be started.
  /// Cancellation: every type stops the command and its children by the plan, after terminal only by its last step.
  task<void> deliver(const crash_report& report);

 private:
  static task<void> run(command what, stop_plan plan);

  command command_;
  stop_plan plan_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/report/impl/exec_reporter.ipp>
#endif
