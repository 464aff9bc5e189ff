// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who is a metric exporter and who only looks like one.
#include <ovrseer/metric/exporter.hpp>
#include <ovrseer/metric/registry.hpp>

namespace t_metric_concepts {

using namespace ovrseer;

static_assert(metric_exporter<metric_exporter_archetype>);
static_assert(metric_exporter<null_deliverer>);
static_assert(metric_exporter<recording_exporter>);
static_assert(metric_exporter<any_metric_exporter>);

struct no_export {};
struct void_export {
  void deliver(const metric_snapshot&) {}
};
struct wrong_value {
  task<int> deliver(const metric_snapshot&);
};
struct wants_to_change {
  task<void> deliver(metric_snapshot&);
};
struct by_value {
  task<void> deliver(metric_snapshot);
};
static_assert(!metric_exporter<no_export>);
static_assert(!metric_exporter<void_export>);
static_assert(!metric_exporter<wrong_value>);
static_assert(!metric_exporter<wants_to_change>);
static_assert(metric_exporter<by_value>);
static_assert(!metric_exporter<registry>);

static_assert(std::is_constructible_v<any_metric_exporter, recording_exporter>);
static_assert(!std::is_constructible_v<any_metric_exporter, no_export>);
static_assert(!std::is_copy_constructible_v<any_metric_exporter>);
static_assert(!std::is_copy_constructible_v<counter>);
static_assert(!std::is_copy_constructible_v<registry>);
static_assert(std::atomic<double>::is_always_lock_free);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace t_metric_concepts
