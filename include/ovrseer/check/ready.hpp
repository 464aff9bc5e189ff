// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The operation that waits until a process is ready, or knows why it will not be.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/first_of.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/check/detail/until_ended.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/process/process.hpp>

namespace ovrseer {

namespace check_detail {

/// The lines of a process, or null where somebody reads its output by himself.
inline line_feed* lines_of(process& target) {
  const child& state = *target.shared();
  return state.output_is_read && !state.attachment ? nullptr : &feed_of(target);
}

inline task<check_result> ask_until_ended(process& target, any_check check, notify_channel* notify) {
  const executor ex = co_await asio::this_coro::executor;
  const steady_time began = clock_of(ex).now();
  check_target seen;
  seen.lines = lines_of(target);
  seen.child = &target;
  seen.notify = notify;
  constexpr std::chrono::nanoseconds no_limit{};
  auto first = co_await first_of(ask_once(std::move(check), seen, no_limit), until_ended(target.shared()));
  check_result answer;
  if (auto* said = std::get_if<check_result>(&first)) {
    answer = std::move(*said);
  } else {
    answer.outcome = check_result::verdict::not_ready;
    answer.reason = to_text(*target.status()) + " before it was ready";
  }
  answer.took = clock_of(ex).now() - began;
  co_return answer;
}

}  // namespace check_detail

/// Asks `check` about a process until it has an answer, or the process has ended, which is one: not ready,
/// "exited with code 3 before it was ready". The process is not stopped, whatever the answer.
///
/// Reads the output into the feed of the process (`feed_of`), unless somebody reads it already. `target` must
/// outlive the call.
/// Errors: `errc::no_process` for an empty handle. A check that throws is an answer: not ready.
/// Cancellation: every type abandons the check; the process goes on.
inline task<check_result> ready(process& target, any_check check) {
  target.status();  // throws for an empty handle
  return check_detail::ask_until_ended(target, std::move(check), nullptr);
}
/// The same for a process that has a notify channel, which listens to it beside this; `notify` must outlive the call.
inline task<check_result> ready(process& target, any_check check, notify_channel& notify) {
  target.status();  // throws for an empty handle
  return check_detail::ask_until_ended(target, std::move(check), &notify);
}

}  // namespace ovrseer
