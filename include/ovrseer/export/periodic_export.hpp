// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Metrics that leave by the clock, whatever their exporter does.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/async/delivery_status.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/deliver/deliver_within.hpp>
#include <ovrseer/metric/exporter.hpp>
#include <ovrseer/metric/registry.hpp>

namespace ovrseer {

/// Hears of an export that failed. What it throws is ignored.
using export_error_hook = std::function<void(const caught& why)>;

/// How a `periodic_export` works.
struct periodic_export_options {
  periodic_export_options() = default;

  std::chrono::nanoseconds interval = std::chrono::seconds(15);  ///< from start to start; not less than 1 ms
  delivery_limits limits{std::chrono::seconds(10)};              ///< for one export
  export_error_hook on_error;                                    ///< may be empty
};

/// What became of the exports so far.
struct export_counts {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;  ///< the exporter threw or was too slow
};

/// Hands the metrics of a registry to an exporter at an interval; what is idle by then expires. One strand; must outlive `run`, and the
/// registry must outlive it.
class periodic_export {
 public:
  periodic_export(registry& metrics, any_metric_exporter exporter, periodic_export_options options = {})
      : metrics_(metrics), exporter_(std::move(exporter)), options_(std::move(options)) {}
  periodic_export(const periodic_export&) = delete;
  periodic_export& operator=(const periodic_export&) = delete;

  /// Exports now and then at every interval, until it is cancelled. A failure is counted and told, and the
  /// next export comes at its time; an export that took longer than the interval delays the next one.
  ///
  /// Cancellation: every type is passed to the export under way, which counts as failed, and ends it.
  task<void> run();

  /// Exports once, for instance a last time after `run` was cancelled. Throws nothing but its own cancellation.
  ///
  /// Cancellation: as `run`.
  task<void> export_now();

  const export_counts& counts() const noexcept { return counts_; }
  void add_to(delivery_status& into) const {
    into.delivered += counts_.done;
    into.failed += counts_.failed;
    add_status(exporter_, into);
  }

 private:
  void note(const delivery_end& ended);

  registry& metrics_;
  any_metric_exporter exporter_;
  periodic_export_options options_;
  export_counts counts_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/export/impl/periodic_export.ipp>
#endif
