// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What brings metrics out of the program: a policy that is handed a snapshot.
#pragma once

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/metric/snapshot.hpp>

namespace ovrseer {

/// Delivers one snapshot of all metrics; see `deliverer` for what `deliver` must do.
template <class E>
concept metric_exporter = deliverer<E, metric_snapshot>;

/// The least that a `metric_exporter` is; for tests of what takes one.
using metric_exporter_archetype = deliverer_archetype<metric_snapshot>;
/// Keeps every snapshot, for tests.
using recording_exporter = recording_deliverer<metric_snapshot>;
/// Any `metric_exporter`, chosen at run time. Move-only.
using any_metric_exporter = any_deliverer<metric_snapshot>;

}  // namespace ovrseer
