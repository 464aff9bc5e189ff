// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/export/delivery_metrics.hpp>.
#pragma once

#include <chrono>

#include <ovrseer/export/delivery_metrics.hpp>

namespace ovrseer {

OVRSEER_DECL delivery_metrics::delivery_metrics(registry& metrics)
    : delivered_(metrics.counters("ovrseer_delivery_delivered_total", "Items that were delivered.", {"to"})),
      failed_(metrics.counters("ovrseer_delivery_failed_total", "Items that were given up.", {"to"})),
      dropped_(metrics.counters("ovrseer_delivery_dropped_total", "Items for which there was no room.", {"to"})),
      retries_(metrics.counters("ovrseer_delivery_retries_total", "Attempts after a failed one.", {"to"})),
      folded_(metrics.counters("ovrseer_delivery_folded_total", "Items that were told together with others.", {"to"})),
      dead_(metrics.counters("ovrseer_delivery_dead_letters_total", "Items that were kept as dead letters.", {"to"})),
      openings_(metrics.counters("ovrseer_delivery_breaker_openings_total", "How often the breaker opened.", {"to"})),
      waiting_(metrics.gauges("ovrseer_delivery_waiting", "Items that wait.", {"to"})),
      bytes_(metrics.gauges("ovrseer_delivery_waiting_bytes", "Bytes of items that wait.", {"to"})),
      lag_(metrics.gauges("ovrseer_delivery_lag_seconds", "How long the oldest item has waited that is not delivered.", {"to"})),
      breaker_(metrics.gauges("ovrseer_delivery_breaker_state", "Whether the breaker is so.", {"to", "state"})) {}

OVRSEER_DECL void delivery_metrics::apply(const std::string& to, const delivery_status& status, steady_time now) {
  delivery_status& before = before_[to];
  const auto count = [&](family<counter>& all, std::uint64_t delivery_status::* member) {
    const std::uint64_t then = before.*member;
    const std::uint64_t present = status.*member;
    all.with(to)->add(present < then ? present : present - then);
  };
  count(delivered_, &delivery_status::delivered);
  count(failed_, &delivery_status::failed);
  count(dropped_, &delivery_status::dropped);
  count(retries_, &delivery_status::retried);
  count(folded_, &delivery_status::folded);
  count(dead_, &delivery_status::dead);
  count(openings_, &delivery_status::openings);
  waiting_.with(to)->set(static_cast<double>(status.waiting));
  bytes_.with(to)->set(static_cast<double>(status.bytes));
  lag_.with(to)->set(status.since ? std::chrono::duration<double>(now - *status.since).count() : 0);
  if (status.breaker) show_breaker(to, *status.breaker);
  before = status;
}

OVRSEER_DECL void delivery_metrics::show_breaker(const std::string& to, breaker_state present) {
  for (const breaker_state each : {breaker_state::closed, breaker_state::open, breaker_state::half_open}) {
    breaker_.with(to, to_text(each))->set(each == present ? 1 : 0);
  }
}

}  // namespace ovrseer
