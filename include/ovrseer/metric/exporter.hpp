// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What brings metrics out of the program: a policy that is handed a snapshot.
#pragma once

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/metric/snapshot.hpp>

namespace ovrseer {

/// Sends or stores one snapshot, wholly or not at all.
///
/// `export_metrics` completes when the snapshot is where it belongs and throws when it will not get there.
/// The snapshot is the caller's and outlives the call. Every cancellation type abandons the call.
template <class E>
concept metric_exporter = requires(E& exporter, const metric_snapshot& snapshot) {
  { exporter.export_metrics(snapshot) } -> std::same_as<task<void>>;
};

/// The least that a `metric_exporter` is; for tests of what takes one.
struct metric_exporter_archetype {
  metric_exporter_archetype() = delete;
  metric_exporter_archetype(const metric_exporter_archetype&) = delete;
  metric_exporter_archetype& operator=(const metric_exporter_archetype&) = delete;
  task<void> export_metrics(const metric_snapshot& snapshot);
};

/// Throws every snapshot away.
struct null_exporter {
  task<void> export_metrics(const metric_snapshot&) { co_return; }
};

/// Keeps every snapshot, for tests.
struct recording_exporter {
  std::vector<metric_snapshot> snapshots;

  task<void> export_metrics(const metric_snapshot& snapshot) {
    snapshots.push_back(snapshot);
    co_return;
  }
};

/// Any `metric_exporter`, chosen at run time. Move-only.
class any_metric_exporter {
 public:
  template <metric_exporter E>
    requires(!std::same_as<E, any_metric_exporter>)
  any_metric_exporter(E exporter) : self_(std::make_unique<holder<E>>(std::move(exporter))) {}

  task<void> export_metrics(const metric_snapshot& snapshot) { return self_->export_metrics(snapshot); }

 private:
  struct base {
    base() = default;
    base(const base&) = delete;
    base& operator=(const base&) = delete;
    virtual ~base() = default;
    virtual task<void> export_metrics(const metric_snapshot& snapshot) = 0;
  };
  template <class E>
  struct holder final : base {
    explicit holder(E inside) : exporter(std::move(inside)) {}
    task<void> export_metrics(const metric_snapshot& snapshot) override { return exporter.export_metrics(snapshot); }
    E exporter;
  };

  std::unique_ptr<base> self_;
};

}  // namespace ovrseer
