// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/export/host_metrics.hpp>.
#pragma once

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <span>
#include <system_error>

#include <ovrseer/async/on_worker.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/export/host_metrics.hpp>

namespace ovrseer::export_detail {

/// Takes a number and the blanks before it.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// What follows `name` on the line that begins with it; nothing where there is none.
inline std::optional<std::string_view> line_after(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(name)) return line.substr(name.size());
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::nullopt;
}

inline std::optional<byte_size> memory_of(std::string_view text, std::string_view name) {
  auto rest = line_after(text, name);
  if (!rest) return std::nullopt;
  const auto kibibytes = take_number<std::uint64_t>(*rest);
  if (!kibibytes || *rest != " kB") return std::nullopt;
  return byte_size(*kibibytes << 10U);
}

template <class Read>
auto read_proc(const char* path, Read read) -> decltype(read(std::string_view())) {
  const auto content = read_file(path);
  if (!content) return std::nullopt;
  return read(*content);
}

}  // namespace ovrseer::export_detail

namespace ovrseer {

OVRSEER_DECL std::optional<cpu_times> read_proc_stat(std::string_view text, unsigned long ticks_per_second) {
  auto rest = export_detail::line_after(text, "cpu ");
  if (!rest || ticks_per_second == 0) return std::nullopt;
  cpu_times times{};
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto ticks = export_detail::take_number<std::uint64_t>(*rest);
    if (!ticks && i < 4) return std::nullopt;  // user, nice, system and idle have always been there
    if (!ticks) break;
    const std::uint64_t whole = *ticks / ticks_per_second;
    times[i] = std::chrono::milliseconds(whole * 1000 + *ticks % ticks_per_second * 1000 / ticks_per_second);
  }
  return times;
}

OVRSEER_DECL std::optional<host_memory> read_meminfo(std::string_view text) {
  const auto total = export_detail::memory_of(text, "MemTotal:");
  const auto available = export_detail::memory_of(text, "MemAvailable:");
  if (!total || !available) return std::nullopt;
  return host_memory{*total, *available};
}

OVRSEER_DECL std::optional<host_load> read_loadavg(std::string_view text) {
  const auto one = export_detail::take_number<double>(text);
  const auto five = export_detail::take_number<double>(text);
  const auto fifteen = export_detail::take_number<double>(text);
  if (!one || !five || !fifteen) return std::nullopt;
  return host_load{*one, *five, *fifteen};
}

OVRSEER_DECL host_sample sample_host(const std::vector<std::string>& mount_points) {
  const auto ticks = static_cast<unsigned long>(std::max(0L, ::sysconf(_SC_CLK_TCK)));
  host_sample now;
  now.cpu = export_detail::read_proc("/proc/stat", [&](std::string_view text) { return read_proc_stat(text, ticks); });
  now.memory = export_detail::read_proc("/proc/meminfo", read_meminfo);
  now.load = export_detail::read_proc("/proc/loadavg", read_loadavg);
  for (const std::string& each : mount_points) {
    struct ::statvfs found{};
    if (::statvfs(each.c_str(), &found) != 0) continue;
    const auto bytes = [&](auto blocks) { return byte_size(std::uint64_t{blocks} * found.f_frsize); };
    now.mounts.push_back({each, bytes(found.f_blocks), bytes(found.f_bfree), bytes(found.f_bavail)});
  }
  return now;
}

OVRSEER_DECL host_metrics::host_metrics(registry& metrics, std::vector<std::string> mount_points,
                                        std::chrono::nanoseconds interval)
    : mount_points_(std::move(mount_points)),
      interval_(std::max<std::chrono::nanoseconds>(interval, std::chrono::milliseconds(100))),
      metrics_(metrics),
      cpu_(metrics.counters("ovrseer_host_cpu_seconds_total", "Time of all processors, by what they did.", {"mode"})),
      size_(metrics.gauges("ovrseer_host_filesystem_size_bytes", "Size of the file system.", {"mountpoint"})),
      free_(metrics.gauges("ovrseer_host_filesystem_free_bytes", "Free room on the file system.", {"mountpoint"})),
      available_(metrics.gauges("ovrseer_host_filesystem_avail_bytes", "Free room on the file system for all but root.",
                                {"mountpoint"})) {}

OVRSEER_DECL void host_metrics::observe(const host_sample& now) {
  const auto show = [this](const char* name, const char* help, double value) {
    metrics_.gauges(name, help).with()->set(value);
  };
  const auto bytes = [](byte_size size) { return static_cast<double>(size.count()); };
  if (now.cpu) {
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      const auto fresh = (*now.cpu)[i] - seen_[i];
      const auto series = cpu_.with(cpu_modes[i]);
      if (fresh.count() <= 0) continue;  // the kernel lets iowait fall
      series->add(fresh);
      seen_[i] = (*now.cpu)[i];
    }
  }
  if (now.memory) {
    show("ovrseer_host_memory_MemTotal_bytes", "Memory of the machine.", bytes(now.memory->total));
    show("ovrseer_host_memory_MemAvailable_bytes", "Memory that new work can have.", bytes(now.memory->available));
  }
  if (now.load) {
    show("ovrseer_host_load1", "Load average of a minute.", now.load->one);
    show("ovrseer_host_load5", "Load average of five minutes.", now.load->five);
    show("ovrseer_host_load15", "Load average of fifteen minutes.", now.load->fifteen);
  }
  const auto is_gone = [&now](std::span<const std::string> values) {
    return std::none_of(now.mounts.begin(), now.mounts.end(),
                        [&](const mount_usage& each) { return valid_utf8(each.mount_point) == values[0]; });
  };
  for (family<gauge>* each : {&size_, &free_, &available_}) each->remove_if(is_gone);
  for (const mount_usage& each : now.mounts) {
    size_.with(each.mount_point)->set(bytes(each.size));
    free_.with(each.mount_point)->set(bytes(each.free));
    available_.with(each.mount_point)->set(bytes(each.available));
  }
}

OVRSEER_DECL task<void> host_metrics::run() {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  on_worker<std::vector<std::string>> worker(mount_points_);
  steady_time next = clock_of(ex).now();
  for (;;) {
    const host_sample now = co_await worker.run(&sample_host);
    observe(now);
    next = std::max(next + interval_, clock_of(ex).now());
    co_await sleep_until(next);
  }
}

}  // namespace ovrseer
