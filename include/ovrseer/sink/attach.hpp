// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A journal file on a supervisor: follows its events from outside, from the first one on.
#pragma once

#include <ovrseer/event/journal_file.hpp>
#include <ovrseer/supervise/error_handler.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

/// Writes every event of `of` to `file`, those already made included, until the supervisor has ended and the last one is
/// durable. What the disk does goes to the supervisor's error handler, once a change; it takes the place of the file's
/// hook. Run it beside `supervisor::run`; both must outlive it.
///
/// Errors and cancellation: as `journal_file::follow`.
inline task<void> attach(supervisor& of, journal_file& file) {
  file.on_notice(
      [&of](const journal_file_notice& notice) { of.report_failure({"journal", {}, notice.level, notice.message}); });
  return file.follow(of.events());
}

}  // namespace ovrseer
