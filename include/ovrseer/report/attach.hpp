// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A reporter on a supervisor: reads its crash reports from outside, through a bounded queue.
#pragma once

#include <utility>

#include <ovrseer/deliver/delivery_queue.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

namespace report_detail {

inline task<void> deliver_all(supervisor::report_stream::reader reader, any_crash_reporter reporter,
                              delivery_queue_options<crash_report> options) {
  const executor ex = co_await asio::this_coro::executor;
  delivery_queue<crash_report> queue(ex, std::move(reporter), std::move(options));
  co_await queue.run(std::move(reader));
}

}  // namespace report_detail

/// The same as below through a queue of one's own, which can be asked for its status and must outlive the call. What becomes
/// of failures is up to its options.
inline task<void> attach(supervisor& of, delivery_queue<crash_report>& queue) {
  return queue.run(of.reports().subscribe_from(1, on_overrun::drop_oldest));
}

/// Delivers the crash reports of `of` to `reporter`, those already made included, until the supervisor has
/// ended and the last one is delivered. Failures and drops go to the supervisor's error handler unless the
/// options name a hook. Run it beside `supervisor::run`.
///
/// Cancellation: total and partial are passed to the delivery under way, terminal cuts it off; reports that
/// still wait are lost.
inline task<void> attach(supervisor& of, any_crash_reporter reporter,
                         delivery_queue_options<crash_report> options = delivery_queue_options<crash_report>()) {
  if (!options.on_error) {
    options.on_error = [&of](const crash_report& report, const caught& why) {
      of.report_failure({"report", report.unit, severity::error, why.what()});
    };
  }
  return report_detail::deliver_all(of.reports().subscribe_from(1, on_overrun::drop_oldest), std::move(reporter),
                                    std::move(options));
}

}  // namespace ovrseer
