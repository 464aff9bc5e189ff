// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crash reports into a folder, without the disk ever holding up the supervisor.
#pragma once

#include <memory>
#include <utility>

#include <ovrseer/async/on_worker.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/report/report_folder.hpp>

namespace ovrseer {

/// A `crash_reporter` that writes each report to a file of its own; see `report_folder` for names and bounds.
///
/// Writing happens on a thread that the first report starts, because an fsync takes milliseconds and a
/// network disk takes what it likes. Move-only. A report that is still waiting for the thread when the
/// reporter dies is not written: await `deliver` to know.
class file_reporter {
 public:
  explicit file_reporter(report_folder_options options = {}) : folder_(std::move(options)) {}

  /// Writes the report; it is complete and as durable as the options say when this completes.
  ///
  /// Errors: those of `report_folder::write`.
  /// Cancellation: every type abandons the call; the thread still writes the report.
  task<void> deliver(const crash_report& report) {
    if (!worker_) worker_ = std::make_unique<on_worker<report_folder>>(folder_.options());
    auto write = [copy = report](report_folder& folder) { (void)folder.write(copy); };
    return worker_->run(std::move(write));
  }

  /// What has been written so far: `list`, `read`, `last`, `by_unit`. Reading is done at once, on the
  /// caller's thread.
  const report_folder& folder() const noexcept { return folder_; }

 private:
  report_folder folder_;
  std::unique_ptr<on_worker<report_folder>> worker_;
};

}  // namespace ovrseer
