// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Counter, gauge and histogram: what they count, what they ignore, and that threads lose nothing.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <thread>

#include <catch.hpp>
#include <ovrseer/metric/counter.hpp>
#include <ovrseer/metric/gauge.hpp>
#include <ovrseer/metric/histogram.hpp>

namespace t_metric_instruments {

using namespace ovrseer;
using namespace std::chrono_literals;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

TEST_CASE("a counter adds whole numbers and fractions and durations and never falls") {
  counter all;
  CHECK(all.value() == 0);
  all.add();
  all.add(4);
  all.add(2U);
  all.add(0.5);
  all.add(1500ms);
  CHECK(all.value() == 9.0);
  all.add(-3);
  all.add(-0.5);
  all.add(no_number);
  all.add(-1s);
  CHECK(all.value() == 9.0);
}

TEST_CASE("a gauge goes both ways and takes moments as seconds since 1970") {
  gauge level;
  level.set(3);
  level.add(-4.5);
  CHECK(level.value() == -1.5);
  level.raise_to(2);
  level.raise_to(1);
  CHECK(level.value() == 2);
  level.set(std::chrono::system_clock::time_point(1500ms));
  CHECK(level.value() == 1.5);
}

TEST_CASE("an observation falls into the first bucket whose bound is not below it") {
  histogram times({1, 2.5, infinity});
  CHECK(times.bounds() == std::vector<double>{1, 2.5});
  times.observe(-7.0);
  times.observe(1.0);
  times.observe(1.5);
  times.observe(infinity);
  times.observe(no_number);
  const histogram_value seen = times.value();
  CHECK(seen.counts == std::vector<std::uint64_t>{2, 1, 1});
  CHECK(seen.count() == 4);
  CHECK(seen.sum == infinity);

  histogram waits({0.1});
  waits.observe(50ms);
  waits.observe(150ms);
  CHECK(waits.value() == histogram_value{{0.1}, {1, 1}, 0.2});
}

TEST_CASE("a histogram without bounds has one bucket and unordered bounds are refused") {
  histogram one(std::vector<double>{});
  one.observe(3.0);
  CHECK(one.value().counts == std::vector<std::uint64_t>{1});
  for (const std::vector<double>& bounds :
       std::vector<std::vector<double>>{{2, 1}, {1, 1}, {1, no_number}, {-infinity, 1}}) {
    try {
      const histogram refused(bounds);
      FAIL("bounds were accepted");
    } catch (const error& failure) {
      CHECK(failure.code() == std::errc::invalid_argument);
    }
  }
}

TEST_CASE("bounds grow by their factor") {
  CHECK(exponential_buckets(0.1, 10, 3).size() == 3);
  CHECK(exponential_buckets(1, 2, 4) == std::vector<double>{1, 2, 4, 8});
  CHECK(exponential_buckets(1, 2, 0).empty());
  CHECK(histogram().bounds() == default_buckets());
}

TEST_CASE("a counter keeps the latest exemplar of what it added") {
  counter all;
  CHECK(all.exemplars().empty());
  all.add(2, exemplar("trace_id", "first"));
  all.add(1500ms, exemplar("trace_id", "second"));
  all.add(5);
  CHECK(all.value() == 8.5);
  REQUIRE(all.exemplars().size() == 1);
  CHECK(all.exemplars()[0].value == 1.5);
  CHECK(all.exemplars()[0].labels == exemplar("trace_id", "second").labels);
  all.add(0, exemplar("trace_id", "nothing"));
  all.add(-1.0, exemplar("trace_id", "ignored"));
  all.add(no_number, exemplar("trace_id", "ignored"));
  all.add(1, exemplar("trace_id", std::string(1000, 'x')));  // counted and not kept
  CHECK(all.value() == 9.5);
  CHECK(all.exemplars()[0].labels[0].second == "second");
}

TEST_CASE("a histogram keeps the latest exemplar of each bucket in the order of the buckets") {
  histogram times({1, 2});
  times.observe(9.0, exemplar("id", "slow"));
  times.observe(0.25, exemplar("id", "quick"));
  times.observe(500ms, exemplar("id", "quicker"));
  times.observe(1.5);
  times.observe(no_number, exemplar("id", "none"));
  CHECK(times.value().counts == std::vector<std::uint64_t>{2, 1, 1});
  const std::vector<exemplar> kept = times.exemplars();
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].labels[0].second == "quicker");
  CHECK(kept[0].value == 0.5);
  CHECK(kept[1].labels[0].second == "slow");
  CHECK(kept[1].value == 9);
}

TEST_CASE("threads may give the first exemplar at the same time and be read") {
  for (int round = 0; round < 50; ++round) {
    counter count;
    histogram times({0.5});
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&, i] {
        for (int n = 0; n < 20; ++n) {
          count.add(1, exemplar("thread", std::to_string(i)));
          times.observe(n % 2, exemplar("thread", std::to_string(i)));
        }
      });
    }
    std::size_t most = 0;
    for (int i = 0; i < 20; ++i) most = std::max({most, count.exemplars().size(), times.exemplars().size()});
    for (std::thread& each : threads) each.join();
    CHECK(most <= 2);
    CHECK(count.value() == 60);
    CHECK(count.exemplars().size() == 1);
    CHECK(times.exemplars().size() == 2);
  }
}

TEST_CASE("threads that count at the same time lose nothing") {
  counter count;
  gauge level;
  histogram times({0.5});
  constexpr int rounds = 20'000;
  const auto work = [&] {
    for (int i = 0; i < rounds; ++i) {
      count.add();
      count.add(0.25);
      level.add(i % 2 == 0 ? 1 : -1);
      times.observe(i % 2 == 0 ? 0.25 : 1.0);
      level.raise_to(-1e9);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  std::uint64_t previous = 0;
  bool is_monotone = true;
  for (int i = 0; i < 1000; ++i) {  // a scraper beside them
    const std::uint64_t seen = times.value().count();
    is_monotone = is_monotone && seen >= previous;
    previous = seen;
  }
  for (std::thread& each : threads) each.join();
  CHECK(is_monotone);
  CHECK(count.value() == 4 * rounds * 1.25);
  CHECK(level.value() == 0);
  CHECK(times.value() == histogram_value{{0.5}, {2 * rounds, 2 * rounds}, 4 * rounds / 2 * 1.25});
}

}  // namespace t_metric_instruments
