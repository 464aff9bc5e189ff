// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The files of /proc as kernels write them and as they should not, what becomes of a sample, and the machine itself.
#include <ovrseer/export/host_metrics.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <ovrseer/metric/text.hpp>

#include "catch.hpp"
#include "run.hpp"

namespace t_export_host_metrics {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

TEST_CASE("the time of all processors is read from the line without a number") {
  const auto times = read_proc_stat(
      "cpu  1832095 207059 215635 790609 14037 0 939 5627 77 5\n"
      "cpu0 893916 96120 103155 432249 4413 0 164 2831 0 0\n"
      "intr 8441650 0 0\n");
  REQUIRE(times);
  CHECK(*times == cpu_times{18320950ms, 2070590ms, 2156350ms, 7906090ms, 140370ms, 0ms, 9390ms, 56270ms});
  const auto fine = read_proc_stat("cpu  1025 1 2 3 4 5 6 7\n", 1024);
  REQUIRE(fine);
  CHECK((*fine)[0] == 1000ms);
  const auto old = read_proc_stat("cpu 100 200 300 400");
  REQUIRE(old);
  CHECK((*old)[3] == 4s);
  CHECK((*old)[7] == 0s);
  const auto ages = read_proc_stat("cpu 1 2 3 18000000000000\n");  // 5,700 processor years
  REQUIRE(ages);
  CHECK((*ages)[3] == 180000000000s);
}

TEST_CASE("a file of processors that is not one is not read") {
  for (const char* text : {"", "\n\n", "cpu", "cpu ", "cpu 1 2 3", "cpu 1 2 x 4", "cpu0 1 2 3 4", "cpu -1 2 3 4",
                           "cpu 99999999999999999999 2 3 4"}) {
    CHECK_FALSE(read_proc_stat(text));
  }
  CHECK_FALSE(read_proc_stat("cpu 1 2 3 4", 0));
}

TEST_CASE("memory is read in bytes whatever lines are between") {
  const auto memory = read_meminfo(
      "MemTotal:       24684084 kB\n"
      "MemFree:        22544164 kB\n"
      "MemAvailable:   23967676 kB\n"
      "HugePages_Total:       0\n");
  REQUIRE(memory);
  CHECK(memory->total == byte_size(24684084ULL * 1024));
  CHECK(memory->available == byte_size(23967676ULL * 1024));
  for (const char* text :
       {"", "MemTotal: 1 kB\n", "MemTotal: 1 kB\nMemAvailable: kB\n", "MemTotal: 1\nMemAvailable: 1 kB",
        "MemTotal: 1 MB\nMemAvailable: 1 kB\n", "xMemTotal: 1 kB\nMemAvailable: 1 kB\n"}) {
    CHECK_FALSE(read_meminfo(text));
  }
}

TEST_CASE("the three averages of the load are read") {
  const auto load = read_loadavg("1.78 0.05 12.32 3/104 16217\n");
  REQUIRE(load);
  CHECK(load->one == 1.78);
  CHECK(load->five == 0.05);
  CHECK(load->fifteen == 12.32);
  for (const char* text : {"", "1.78", "1.78 0.05", "1.78 0.05 x", "a b c"}) CHECK_FALSE(read_loadavg(text));
}

// The numbers that begin with a name, label and all.
std::string line_of(const registry& metrics, const std::string& name) {
  const std::string page = to_prometheus_text(metrics.collect());
  const std::size_t at = page.find("\n" + name);
  return at == std::string::npos ? "none" : page.substr(at + 1, page.find('\n', at + 1) - at - 1);
}

TEST_CASE("a sample becomes series and time only counts forward") {
  registry metrics;
  host_metrics host(metrics);
  CHECK(metrics.collect().empty());
  host_sample now;
  now.cpu = cpu_times{10s, 0s, 2500ms, 100s, 5s};
  now.memory = host_memory{8_GiB, 2_GiB};
  now.load = host_load{0.5, 1, 2};
  host.observe(now);
  CHECK(line_of(metrics, "ovrseer_host_cpu_seconds_total{mode=\"system\"}") ==
        "ovrseer_host_cpu_seconds_total{mode=\"system\"} 2.5");
  CHECK(line_of(metrics, "ovrseer_host_cpu_seconds_total{mode=\"steal\"}") ==
        "ovrseer_host_cpu_seconds_total{mode=\"steal\"} 0");
  CHECK(line_of(metrics, "ovrseer_host_memory_MemTotal_bytes") == "ovrseer_host_memory_MemTotal_bytes 8589934592");
  CHECK(line_of(metrics, "ovrseer_host_memory_MemAvailable_bytes") ==
        "ovrseer_host_memory_MemAvailable_bytes 2147483648");
  CHECK(line_of(metrics, "ovrseer_host_load15") == "ovrseer_host_load15 2");
  now.cpu = cpu_times{11s, 0s, 2500ms, 101s, 4s};
  host.observe(now);
  now.cpu = cpu_times{11s, 0s, 2500ms, 102s, 5s};
  host.observe(now);
  CHECK(line_of(metrics, "ovrseer_host_cpu_seconds_total{mode=\"user\"}").ends_with(" 11"));
  CHECK(line_of(metrics, "ovrseer_host_cpu_seconds_total{mode=\"idle\"}").ends_with(" 102"));
  CHECK(line_of(metrics, "ovrseer_host_cpu_seconds_total{mode=\"iowait\"}").ends_with(" 5"));
}

TEST_CASE("a mount point that is gone takes its series with it") {
  registry metrics;
  host_metrics host(metrics);
  host_sample now;
  now.mounts = {{"/", 100_B, 40_B, 30_B}, {"/mnt/\xFF", 10_B, 4_B, 3_B}};
  host.observe(now);
  host.observe(now);
  CHECK(line_of(metrics, "ovrseer_host_filesystem_size_bytes{mountpoint=\"/\"}").ends_with(" 100"));
  CHECK(line_of(metrics, "ovrseer_host_filesystem_free_bytes{mountpoint=\"/\"}").ends_with(" 40"));
  CHECK(line_of(metrics, "ovrseer_host_filesystem_avail_bytes{mountpoint=\"/\"}").ends_with(" 30"));
  CHECK(line_of(metrics, "ovrseer_host_filesystem_avail_bytes{mountpoint=\"/mnt/\xEF\xBF\xBD\"}").ends_with(" 3"));
  now.mounts.pop_back();
  host.observe(now);
  CHECK(line_of(metrics, "ovrseer_host_filesystem_avail_bytes{mountpoint=\"/m") == "none");
  CHECK(line_of(metrics, "ovrseer_host_filesystem_avail_bytes{mountpoint=\"/\"}").ends_with(" 30"));
}

TEST_CASE("this machine can be sampled and what is not mounted is left out") {
  const host_sample now = sample_host({"/", "/there/is/no/such/folder"});
  REQUIRE(now.cpu);
  CHECK((*now.cpu)[3] > 0ms);
  REQUIRE(now.memory);
  CHECK(now.memory->available <= now.memory->total);
  REQUIRE(now.load);
  CHECK(now.load->one >= 0);
  REQUIRE(now.mounts.size() == 1);
  CHECK(now.mounts[0].free <= now.mounts[0].size);
  CHECK(now.mounts[0].available <= now.mounts[0].free);
}

TEST_CASE("the machine is sampled at once and until it is cancelled") {
  for (const auto type : {cancellation_type::total, cancellation_type::partial, cancellation_type::terminal}) {
    asio::io_context context;
    registry metrics;
    host_metrics host(metrics, {"/"}, 1h);
    started<> running(context, host.run());
    while (metrics.collect().empty() && context.run_one() != 0) {}
    CHECK(line_of(metrics, "ovrseer_host_memory_MemTotal_bytes") != "none");
    CHECK_FALSE(running.is_done());
    running.cancel(type);
    context.run();
    CHECK(running.was_aborted());
  }
}

}  // namespace t_export_host_metrics
