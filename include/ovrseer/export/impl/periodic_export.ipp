// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/export/periodic_export.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/export/periodic_export.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

OVRSEER_DECL task<void> periodic_export::run() {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  const auto interval = std::max<std::chrono::nanoseconds>(options_.interval, std::chrono::milliseconds(1));
  steady_time next = clock_of(ex).now();
  for (;;) {
    co_await export_now();
    next = std::max(next + interval, clock_of(ex).now());
    co_await sleep_until(next);
  }
}

OVRSEER_DECL task<void> periodic_export::export_now() {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  const metric_snapshot snapshot = metrics_.collect();
  std::exception_ptr failure;
  nursery delivery(ex);
  delivery.start(call(exporter_, snapshot, failure));
  bool expired = false;
  if (options_.limit > std::chrono::nanoseconds::zero()) {
    expired = co_await delivery.join_within(options_.limit, options_.patience);
  } else {
    co_await delivery.join();
  }
  note(failure, expired && !delivery.was_cancelled());
  if (delivery.was_cancelled()) detail::throw_cancelled();
}

OVRSEER_DECL task<void> periodic_export::call(any_metric_exporter& exporter, const metric_snapshot& snapshot,
                                              std::exception_ptr& failure) {
  try {
    co_await exporter.export_metrics(snapshot);
  } catch (...) {
    failure = std::current_exception();
  }
}

OVRSEER_DECL void periodic_export::note(std::exception_ptr failure, bool expired) {
  if (!failure) {
    ++counts_.done;
    return;
  }
  ++counts_.failed;
  if (!options_.on_error) return;
  const std::error_code code = caught(failure).code();
  if (expired && (code == asio::error::operation_aborted || code == condition::cancelled)) {
    failure = std::make_exception_ptr(error(errc::timed_out, "export", "after " + to_text(options_.limit)));
  }
  try {
    options_.on_error(caught(failure));
  } catch (...) {  // the hook is the last resort; there is nobody left to tell
  }
}

}  // namespace ovrseer
