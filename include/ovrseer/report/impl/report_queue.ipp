// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/report/report_queue.hpp>.
#pragma once

#include <ovrseer/report/report_queue.hpp>

namespace ovrseer {

OVRSEER_DECL bool report_queue::offer(const item& report) {
  if (waiting_.try_push(report)) return true;
  ++counts_.dropped;
  const errc why = waiting_.is_closed() ? errc::closed : errc::limit_reached;
  tell(*report, std::make_exception_ptr(error(why, "report", "dropped")));
  return false;
}

OVRSEER_DECL task<void> report_queue::run() {
  co_await detail::admit_all_cancellation();
  for (;;) {
    const std::optional<item> next = co_await waiting_.pop();
    if (!next) co_return;
    co_await deliver(**next);
  }
}

OVRSEER_DECL task<void> report_queue::deliver(const crash_report& report) {
  const executor ex = co_await asio::this_coro::executor;
  outcome<void> ended;
  nursery delivery(ex);
  delivery.start(call(reporter_, report, ended));
  bool expired = false;
  if (options_.limit > std::chrono::nanoseconds::zero()) {
    expired = co_await delivery.join_within(options_.limit, options_.patience);
  } else {
    co_await delivery.join();
  }
  if (!ended.failure) {
    ++counts_.delivered;
  } else {
    ++counts_.failed;
    const bool is_late = expired && !delivery.was_cancelled() && is_cancelled(ended.failure);
    tell(report, is_late ? too_late() : ended.failure);
  }
  if (delivery.was_cancelled()) detail::throw_cancelled();
}

OVRSEER_DECL task<void> report_queue::call(any_crash_reporter& reporter, const crash_report& report,
                                           outcome<void>& ended) {
  try {
    co_await reporter.report(report);
  } catch (...) {
    ended.failure = std::current_exception();
  }
}

OVRSEER_DECL bool report_queue::is_cancelled(const std::exception_ptr& failure) {
  const std::error_code code = caught(failure).code();
  return code == asio::error::operation_aborted || code == condition::cancelled;
}

OVRSEER_DECL void report_queue::tell(const crash_report& report, const std::exception_ptr& why) const noexcept {
  if (!options_.on_error) return;
  try {
    options_.on_error(report, caught(why));
  } catch (...) {  // the hook is the last resort; there is nobody left to tell
  }
}

}  // namespace ovrseer
