// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What becomes of reports and other items on their way out, as metrics.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <ovrseer/async/delivery_status.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/metric/registry.hpp>

namespace ovrseer {

/// Shows the status of policies in a registry, which must outlive it. One strand.
///
/// With the label `to`: the counters `ovrseer_delivery_delivered_total`, `ovrseer_delivery_failed_total`,
/// `ovrseer_delivery_dropped_total`, `ovrseer_delivery_retries_total`, `ovrseer_delivery_folded_total` (told together with
/// others), `ovrseer_delivery_dead_letters_total` and `ovrseer_delivery_breaker_openings_total`; the gauges
/// `ovrseer_delivery_waiting`, `ovrseer_delivery_waiting_bytes`, `ovrseer_delivery_lag_seconds` (how long the oldest item
/// has waited that is not delivered; 0 without one) and `ovrseer_delivery_breaker_state` (and `state`: closed, open,
/// half_open; 1 for the present one, no series without a breaker).
class delivery_metrics {
 public:
  explicit delivery_metrics(registry& metrics);

  /// Takes in how `to` stands at `now`: `status_of(policy)`. Counts that went back are those of a new policy.
  void apply(const std::string& to, const delivery_status& status, steady_time now);

 private:
  void show_breaker(const std::string& to, breaker_state present);

  family<counter>& delivered_;
  family<counter>& failed_;
  family<counter>& dropped_;
  family<counter>& retries_;
  family<counter>& folded_;
  family<counter>& dead_;
  family<counter>& openings_;
  family<gauge>& waiting_;
  family<gauge>& bytes_;
  family<gauge>& lag_;
  family<gauge>& breaker_;
  std::map<std::string, delivery_status> before_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/export/impl/delivery_metrics.ipp>
#endif
