// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A registry as the page that Prometheus reads, as text or in a file.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <ovrseer/async/on_worker.hpp>
#include <ovrseer/disk/file_system.hpp>
#include <ovrseer/disk/write_atomic.hpp>
#include <ovrseer/metric/exporter.hpp>
#include <ovrseer/metric/registry.hpp>
#include <ovrseer/metric/text.hpp>

namespace ovrseer {

/// The metrics as they are now, in the Prometheus text format; its type is `prometheus_content_type`. Tested against Prometheus
/// and promtool.
inline std::string prometheus_text(const registry& metrics) { return to_prometheus_text(metrics.collect()); }

/// A `metric_exporter` that replaces a file at once, so that a reader (such as the textfile collector of
/// node_exporter, which wants the name to end in `.prom`) sees a whole page or the one before. Move-only.
///
/// Writing happens on a thread that the first export starts. The file can be read by all (0644 before the
/// umask). It is not synced: after a power loss it may be old or empty, and is written again soon.
class prometheus_file {
 public:
  /// The folder of `path` must exist. `files` null means the real ones.
  explicit prometheus_file(std::string path, file_system* files = nullptr) : path_(std::move(path)), files_(files) {}

  /// Errors: those of `write_atomic`.
  /// Cancellation: every type abandons the call; the thread still writes the file.
  task<void> deliver(const metric_snapshot& snapshot) {
    if (!worker_) worker_ = std::make_unique<on_worker<writer>>(path_, files_);
    auto write = [page = to_prometheus_text(snapshot)](writer& file) { file.write(page); };
    return worker_->run(std::move(write));
  }

  const std::string& path() const noexcept { return path_; }

 private:
  struct writer {
    writer(std::string where, file_system* files) : path(std::move(where)) {
      options.survives = durability::process_death;
      options.files = files;
    }
    void write(const std::string& page) const { write_atomic(path, page, options); }

    std::string path;
    write_options options;
  };

  std::string path_;
  file_system* files_;
  std::unique_ptr<on_worker<writer>> worker_;
};

}  // namespace ovrseer
