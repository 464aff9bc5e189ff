// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Measuring two things in turn, so that a machine whose speed drifts is fair to both, and printing the
// ratio of their medians beside the number to reach.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/core.h>

namespace bench {

using seconds = std::chrono::duration<double>;

template <class Work>
seconds time_of(Work&& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::steady_clock::now() - begin;
}

inline seconds median(std::vector<seconds> times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

/// The median of what each round says by itself: a machine that is slow for some rounds is slow for both.
inline double median_ratio(const std::vector<seconds>& over, const std::vector<seconds>& under) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i != std::min(over.size(), under.size()); ++i) ratios.push_back(over[i] / under[i]);
  std::ranges::sort(ratios);
  return ratios[ratios.size() / 2];
}

/// How often everything is run: a tenth part and less for the smoke run of the tests.
inline std::size_t rounds(std::size_t full) {
  return std::getenv("OVRSEER_BENCH_SMOKE") == nullptr ? full : std::min<std::size_t>(full, 3);
}

struct pair_of_medians {
  seconds ours;
  seconds theirs;
  double ratio() const { return ours / theirs; }
};

/// `ours` and `theirs` in turn, `count` times, after one round that does not count.
template <class Ours, class Theirs>
pair_of_medians in_turn(std::size_t count, Ours&& ours, Theirs&& theirs) {
  std::vector<seconds> a;
  std::vector<seconds> b;
  ours();
  theirs();
  for (std::size_t i = 0; i < count; ++i) {
    a.push_back(time_of(ours));
    b.push_back(time_of(theirs));
  }
  return {median(std::move(a)), median(std::move(b))};
}

inline std::string machine() {
  std::string model = "unknown processor";
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  return fmt::format("{} x {}", std::thread::hardware_concurrency(), model);
}

inline std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

inline void heading(std::string_view what) { fmt::print("\n{}\n  {}; {}\n", what, machine(), compiler()); }

enum class better : unsigned char { lower, higher };

/// One row: both figures, their ratio, and whether it reaches what it should.
inline void row(std::string_view what, std::string_view ours, std::string_view theirs, double ratio, double goal,
                better which = better::lower) {
  const bool reached = which == better::lower ? ratio <= goal : ratio >= goal;
  fmt::print("  {:<44} {:>12} {:>12}   {:>6.2f}x  goal {} {:.2f}x  {}\n", what, ours, theirs, ratio,
             which == better::lower ? "<=" : ">=", goal, reached ? "reached" : "MISSED");
  std::fflush(stdout);
}

inline std::string micros(seconds time) { return fmt::format("{:.1f} us", time.count() * 1e6); }
inline std::string millis(seconds time) { return fmt::format("{:.2f} ms", time.count() * 1e3); }

}  // namespace bench
