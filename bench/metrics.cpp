// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Counters and histograms that one thread and two threads use, the look-up of a series by its labels, and the scrape of
// 100,000 series; each against prometheus-cpp.
#include <fmt/core.h>

#include "measure.hpp"

#if OVRSEER_HAS_PROMETHEUS

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <ovrseer/metric/registry.hpp>
#include <ovrseer/metric/text.hpp>

namespace {

/// `work` on so many threads at the same time, this one among them.
template <class Work>
void on_threads(std::size_t count, Work work) {
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < count; ++i) others.emplace_back(work);
  work();
  for (std::thread& each : others) each.join();
}

std::string nanos(bench::seconds time, std::size_t operations) {
  return fmt::format("{:.1f} ns", time.count() * 1e9 / static_cast<double>(operations));
}

/// Both ways of doing one thing, `operations` times on each thread; the figures are time by operation of a thread.
template <class Ours, class Theirs>
void compare(const char* what, std::size_t threads, std::size_t operations, double goal, Ours ours, Theirs theirs) {
  const auto pair = bench::in_turn(
      bench::rounds(31), [&] { on_threads(threads, [&] { ours(operations); }); },
      [&] { on_threads(threads, [&] { theirs(operations); }); });
  const std::string name = fmt::format("{}, {} thread{}", what, threads, threads == 1 ? "" : "s");
  bench::row(name, nanos(pair.ours, operations), nanos(pair.theirs, operations), pair.ratio(), goal);
}

/// Walks over all buckets.
template <class Observe>
void observe_all(std::size_t operations, Observe observe) {
  double value = 0;
  for (std::size_t i = 0; i < operations; ++i) {
    observe(value);
    value = value > 11 ? 0 : value + 0.003;
  }
}

void compare_instruments() {
  constexpr std::size_t operations = 1'000'000;
  ovrseer::registry ours;
  prometheus::Registry theirs;
  auto& our_family = ours.counters("work_total", "Work.", {"namespace", "unit", "code"});
  auto& their_family = prometheus::BuildCounter().Name("work_total").Help("Work.").Register(theirs);
  const auto our_counter = our_family.with("default", "api", "200");
  auto& their_counter = their_family.Add({{"namespace", "default"}, {"unit", "api"}, {"code", "200"}});
  const auto our_times = ours.histograms("work_seconds", "Work.").with();
  const std::vector<double> bounds = ovrseer::default_buckets();
  auto& their_times = prometheus::BuildHistogram().Name("work_seconds").Help("Work.").Register(theirs).Add({}, bounds);
  for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
    compare(
        "counter, add 1", threads, operations, 1.0,
        [&](std::size_t count) {
          for (std::size_t i = 0; i < count; ++i) our_counter->add();
        },
        [&](std::size_t count) {
          for (std::size_t i = 0; i < count; ++i) their_counter.Increment();
        });
    compare(
        "histogram of 11 bounds, observe", threads, operations, 1.0,
        [&](std::size_t count) { observe_all(count, [&](double value) { our_times->observe(value); }); },
        [&](std::size_t count) { observe_all(count, [&](double value) { their_times.Observe(value); }); });
    compare(
        "series looked up by 3 labels", threads, operations / 10, 1.0,
        [&](std::size_t count) {
          for (std::size_t i = 0; i < count; ++i) our_family.with("default", "api", "200")->add();
        },
        [&](std::size_t count) {
          for (std::size_t i = 0; i < count; ++i) {
            their_family.Add({{"namespace", "default"}, {"unit", "api"}, {"code", "200"}}).Increment();
          }
        });
  }
}

void compare_scrape() {
  constexpr std::size_t units = 10'000;
  constexpr std::size_t codes = 10;
  ovrseer::registry ours(units * codes);
  prometheus::Registry theirs;
  auto& our_family = ours.counters("requests_total", "Requests.", {"namespace", "unit", "code"});
  auto& their_family = prometheus::BuildCounter().Name("requests_total").Help("Requests.").Register(theirs);
  for (std::size_t i = 0; i < units * codes; ++i) {
    const std::string unit = "unit-" + std::to_string(i / codes);
    const std::string code = std::to_string(200 + i % codes);
    our_family.with("default", unit, code)->add(i);
    their_family.Add({{"namespace", "default"}, {"unit", unit}, {"code", code}}).Increment(static_cast<double>(i));
  }
  std::size_t our_size = 0;
  std::size_t openmetrics_size = 0;
  std::size_t their_size = 0;
  const auto scrape_theirs = [&] { their_size = prometheus::TextSerializer().Serialize(theirs.Collect()).size(); };
  const auto text =
      bench::in_turn(bench::rounds(15), [&] { our_size = to_prometheus_text(ours.collect()).size(); }, scrape_theirs);
  bench::row("scrape of 100,000 series as text", bench::millis(text.ours), bench::millis(text.theirs), text.ratio(),
             0.4);
  const auto open = bench::in_turn(
      bench::rounds(15), [&] { openmetrics_size = to_openmetrics_text(ours.collect()).size(); }, scrape_theirs);
  bench::row("the same as OpenMetrics, theirs as text", bench::millis(open.ours), bench::millis(open.theirs),
             open.ratio(), 0.4);
  fmt::print("  pages of {}, {} and {} bytes\n", our_size, openmetrics_size, their_size);
  if (our_size == 0 || openmetrics_size == 0 || their_size == 0) std::abort();
}

}  // namespace

int main() {
  bench::heading("metrics, against prometheus-cpp");
  compare_instruments();
  compare_scrape();
}

#else

int main() {
  bench::heading("metrics, against prometheus-cpp");
  fmt::print("  skipped: prometheus-cpp is not installed (Debian: prometheus-cpp-dev)\n");
}

#endif
