// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The operation that waits until a process is ready, or knows why it will not be.
#pragma once

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/process/process.hpp>

namespace ovrseer {

namespace check_detail {

/// The lines of a process, or null where somebody reads its output by himself.
OVRSEER_DECL line_feed* lines_of(process& target);

OVRSEER_DECL task<check_result> ask_until_ended(process& target, any_check check, notify_channel* notify);

}  // namespace check_detail

/// Asks `check` about a process until it has an answer, or the process has ended, which is one: not ready,
/// "exited with code 3 before it was ready". The process is not stopped, whatever the answer.
///
/// Reads the output into the feed of the process (`feed_of`), unless somebody reads it already. `target` must
/// outlive the call.
/// Errors: `errc::no_process` for an empty handle. A check that throws is an answer: not ready.
/// Cancellation: every type abandons the check; the process goes on.
OVRSEER_DECL task<check_result> ready(process& target, any_check check);
/// The same for a process that has a notify channel, which listens to it beside this; `notify` must outlive the call.
OVRSEER_DECL task<check_result> ready(process& target, any_check check, notify_channel& notify);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/ready.ipp>
#endif
