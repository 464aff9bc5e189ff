// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/export/periodic_export.hpp>.
#pragma once

#include <algorithm>

#include <ovrseer/export/periodic_export.hpp>

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
  const metric_snapshot snapshot = metrics_.collect(clock_of(ex).now());
  const delivery_end ended = co_await deliver_within(exporter_, snapshot, options_.limits);
  note(ended);
  if (ended.was_cancelled) detail::throw_cancelled();
}

OVRSEER_DECL void periodic_export::note(const delivery_end& ended) {
  ++(ended.is_delivered() ? counts_.done : counts_.failed);
  if (ended.is_delivered() || !options_.on_error) return;
  try {
    options_.on_error(*ended.failure);
  } catch (...) {  // the hook is the last resort; there is nobody left to tell
  }
}

}  // namespace ovrseer
