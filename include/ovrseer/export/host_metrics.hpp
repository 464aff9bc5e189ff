// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the machine beneath all units does: processors, memory, load and the room on its file systems, as metrics.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/metric/registry.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// What processors spend their time on, in the order of /proc/stat. The time of guests is part of user and nice.
inline constexpr std::array<std::string_view, 8> cpu_modes{"user",   "nice", "system",  "idle",
                                                           "iowait", "irq",  "softirq", "steal"};

/// Time of all processors together since boot, by mode.
using cpu_times = std::array<std::chrono::milliseconds, cpu_modes.size()>;

struct host_memory {
  byte_size total;
  byte_size available;  ///< for new work without swapping, as the kernel estimates it
};

/// Runnable and uninterruptible tasks, averaged over the last minutes.
struct host_load {
  double one = 0;
  double five = 0;
  double fifteen = 0;
};

struct mount_usage {
  std::string mount_point;
  byte_size size;
  byte_size free;
  byte_size available;  ///< of `free`, for those who are not root
};

/// The machine at one moment. What could not be read is not there.
struct host_sample {
  std::optional<cpu_times> cpu;
  std::optional<host_memory> memory;
  std::optional<host_load> load;
  std::vector<mount_usage> mounts;
};

/// The content of /proc/stat; nothing where it has no time of all processors. Modes that an old kernel lacks are zero.
OVRSEER_DECL std::optional<cpu_times> read_proc_stat(std::string_view text, unsigned long ticks_per_second = 100);

/// The content of /proc/meminfo; nothing where it lacks one of both.
OVRSEER_DECL std::optional<host_memory> read_meminfo(std::string_view text);

/// The content of /proc/loadavg.
OVRSEER_DECL std::optional<host_load> read_loadavg(std::string_view text);

/// Reads the machine now. Blocks as long as one of the file systems does.
OVRSEER_DECL host_sample sample_host(const std::vector<std::string>& mount_points);

/// Keeps series of a registry up to date with the machine. One strand; the registry must outlive it.
///
/// The names are those of the Prometheus node exporter with another prefix: `ovrseer_host_cpu_seconds_total` (`mode`; all
/// processors together), `ovrseer_host_memory_MemTotal_bytes`, `ovrseer_host_memory_MemAvailable_bytes`,
/// `ovrseer_host_load1`, `ovrseer_host_load5`, `ovrseer_host_load15`, and `ovrseer_host_filesystem_size_bytes`,
/// `ovrseer_host_filesystem_free_bytes` and `ovrseer_host_filesystem_avail_bytes` (`mountpoint`). In a container these are
/// mostly the machine's, not the container's.
class host_metrics {
 public:
  /// `interval` is the time between two samples, not less than 100 ms.
  explicit host_metrics(registry& metrics, std::vector<std::string> mount_points = {"/"},
                        std::chrono::nanoseconds interval = std::chrono::seconds(15));

  /// Takes in a sample. The series of a mount point that it lacks go.
  void observe(const host_sample& now);

  /// Samples now and at each interval, on a thread that it starts: a file system of the network that hangs stops these
  /// metrics and nothing else.
  ///
  /// Errors: none.
  /// Cancellation: every type ends it.
  task<void> run();

 private:
  std::vector<std::string> mount_points_;
  std::chrono::nanoseconds interval_;
  registry& metrics_;
  family<counter>& cpu_;
  family<gauge>& size_;
  family<gauge>& free_;
  family<gauge>& available_;
  cpu_times seen_{};
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/export/impl/host_metrics.ipp>
#endif
