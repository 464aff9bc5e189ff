// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Delays between attempts as tables: every curve, cap and jitter, with the random number given.
#include <algorithm>
#include <vector>

#include <catch.hpp>

#include <ovrseer/async/backoff.hpp>

namespace t_backoff {

using namespace ovrseer;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// The delays of `count` attempts that all fail, each with the same random number.
std::vector<milliseconds> delays(const backoff& curve, unsigned count, double random) {
  std::vector<milliseconds> all;
  nanoseconds previous{};
  for (unsigned number = 1; number <= count; ++number) {
    previous = curve.delay_after(number, previous, random);
    all.push_back(std::chrono::duration_cast<milliseconds>(previous));
  }
  return all;
}

TEST_CASE("a constant backoff stays the same") {
  CHECK(delays(backoff::constant(250ms), 4, 0.9) == std::vector<milliseconds>{250ms, 250ms, 250ms, 250ms});
  CHECK(delays(backoff::constant(0ms), 2, 0.9) == std::vector<milliseconds>{0ms, 0ms});
}

TEST_CASE("an exponential backoff doubles up to its cap") {
  CHECK(delays(backoff::exponential(1s, 10s), 6, 0.5) == std::vector<milliseconds>{1s, 2s, 4s, 8s, 10s, 10s});
  CHECK(delays(backoff::exponential(100ms, 1s, 3.0), 4, 0.5) == std::vector<milliseconds>{100ms, 300ms, 900ms, 1000ms});
  CHECK(delays(backoff::exponential(1s, 10s, 1.0), 3, 0.5) == std::vector<milliseconds>{1s, 1s, 1s});
}

TEST_CASE("a cap below the first delay is raised to it") {
  const backoff curve = backoff::exponential(5s, 1s);
  CHECK(curve.cap() == 5s);
  CHECK(delays(curve, 2, 0.5) == std::vector<milliseconds>{5s, 5s});
}

TEST_CASE("the number of attempts may be absurd") {
  const backoff curve = backoff::exponential(1ms, 1h);
  CHECK(curve.delay_after(0, 0s, 0.0) == 1ms);
  CHECK(curve.delay_after(5000, 0s, 0.0) == 1h);
  CHECK(curve.delay_after(4'294'967'295U, 0s, 0.0) == 1h);
  CHECK(backoff::exponential(0ns, 0ns).delay_after(5000, 0s, 0.0) == 0ns);
}

TEST_CASE("jitter shortens every delay by up to its share") {
  backoff half = backoff::exponential(1s, 8s);
  half.jitter(0.5);
  CHECK(delays(half, 4, 0.0) == std::vector<milliseconds>{1s, 2s, 4s, 8s});
  CHECK(delays(half, 4, 0.5) == std::vector<milliseconds>{750ms, 1500ms, 3s, 6s});
  backoff full = backoff::constant(1s);
  full.jitter(1.0);
  CHECK(full.delay_after(1, 0s, 0.999) < 2ms);
  CHECK(full.delay_after(1, 0s, 0.0) == 1s);
  backoff out_of_range = backoff::constant(1s);
  CHECK(out_of_range.jitter(7.0).delay_after(1, 0s, 0.5) == 500ms);
  CHECK(out_of_range.jitter(-1.0).delay_after(1, 0s, 0.5) == 1s);
}

TEST_CASE("a decorrelated delay lies between the first and thrice the one before") {
  const backoff curve = backoff::decorrelated(1s, 20s);
  CHECK(delays(curve, 5, 0.0) == std::vector<milliseconds>{1s, 1s, 1s, 1s, 1s});
  CHECK(delays(curve, 6, 0.5) == std::vector<milliseconds>{1s, 2s, 3500ms, 5750ms, 9125ms, 14187ms});
  for (double random = 0.0; random < 1.0; random += 0.07) {
    nanoseconds previous{};
    for (unsigned number = 1; number < 20; ++number) {
      const nanoseconds delay = curve.delay_after(number, previous, random);
      CHECK(delay >= 1s);
      CHECK(delay <= 20s);
      CHECK(delay <= std::max<nanoseconds>(1s, 3 * previous));
      previous = delay;
    }
  }
}

TEST_CASE("jitter has no effect on a decorrelated backoff") {
  backoff curve = backoff::decorrelated(1s, 20s);
  curve.jitter(1.0);
  CHECK(curve.delay_after(2, 4s, 0.5) == backoff::decorrelated(1s, 20s).delay_after(2, 4s, 0.5));
}

TEST_CASE("the longest delay is what a plan reckons with") {
  CHECK(backoff::constant(3s).jitter(1.0).longest_after(7) == 3s);
  CHECK(backoff::exponential(1s, 10s).jitter(0.5).longest_after(3) == 4s);
  CHECK(backoff::exponential(1s, 10s).longest_after(100) == 10s);
  CHECK(backoff::decorrelated(1s, 20s).longest_after(1) == 1s);
  CHECK(backoff::decorrelated(1s, 20s).longest_after(2) == 3s);
  CHECK(backoff::decorrelated(1s, 20s).longest_after(3) == 9s);
  CHECK(backoff::decorrelated(1s, 20s).longest_after(50) == 20s);
}

TEST_CASE("the longest delay bounds every delay") {
  const auto share = GENERATE(0.0, 0.3, 1.0);
  for (backoff curve :
       {backoff::constant(700ms), backoff::exponential(300ms, 9s, 1.7), backoff::decorrelated(200ms, 5s)}) {
    curve.jitter(share);
    for (double random = 0.0; random < 1.0; random += 0.19) {
      nanoseconds previous{};
      for (unsigned number = 1; number < 30; ++number) {
        previous = curve.delay_after(number, previous, random);
        CHECK(previous <= curve.longest_after(number));
      }
    }
  }
}

TEST_CASE("a backoff tells what it is") {
  const backoff curve = backoff::exponential(1s, 10s);
  CHECK(curve.shape() == backoff::curve::exponential);
  CHECK(curve.first() == 1s);
  CHECK(curve.cap() == 10s);
}

TEST_CASE("before the first attempt nothing is waited for and the shortest curve is exact") {
  CHECK(backoff::decorrelated(1ns, 1h).longest_after(0) == 0ns);
  CHECK(backoff::decorrelated(1ns, 1h).longest_after(1) == 1ns);
  CHECK(backoff::decorrelated(1ns, 1h).longest_after(2) == 3ns);
}

}  // namespace t_backoff
