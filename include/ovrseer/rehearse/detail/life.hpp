// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From how a process behaves to the script of one of its lives. Pure: what chance decides comes in.
#pragma once

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/check/needs.hpp>
#include <ovrseer/sim/process_behavior.hpp>
#include <ovrseer/sim/process_script.hpp>

namespace ovrseer::rehearse_detail {

using std::chrono::nanoseconds;

/// Numbers that are the same on every platform for the same seed, which those of <random>'s distributions are not.
class chance {
 public:
  explicit chance(std::uint64_t seed) : generator_(seed) {}

  /// In [0, 1).
  double share() { return static_cast<double>(generator_() >> 11U) * 0x1p-53; }
  /// `middle`, up to `part` of it more or less.
  nanoseconds around(nanoseconds middle, double part);
  /// How long until what comes at random, this often on the average; at least a nanosecond, at most 292 years.
  nanoseconds until_next(nanoseconds mean);

 private:
  std::mt19937_64 generator_;
};

/// What a process must do to pass its checks.
struct duties {
  std::vector<std::string> lines;
  std::vector<std::uint16_t> ports;
  std::vector<process_script::file_step> files;
  std::vector<std::string> notices;
  struct beat {
    process_script::step what;
    nanoseconds every{};
  };
  std::vector<beat> beats;
  std::vector<std::string> impossible;  ///< in words: what no process can do

  bool empty() const noexcept { return lines.empty() && ports.empty() && files.empty() && notices.empty(); }
};

OVRSEER_DECL duties duties_of(const check_needs& needs);

/// What chance and people have decided for one life.
struct fate {
  nanoseconds up_after{};                 ///< when it has come up
  std::optional<nanoseconds> ends_after;  ///< by itself, as `ends_with` says
  exit_status ends_with = exit_status::exited(0);
  std::optional<nanoseconds> hangs_after;
};

/// The steps of a life in the order of their times, made as they are played: lines may come again for ever.
class agenda {
 public:
  using step = process_script::step;

  void add(nanoseconds at, step what, nanoseconds every = {}) { entries_.push_back({at, every, std::move(what)}); }

  /// The next step; nothing when there is none any more. Of two at one time the one that was added first.
  std::optional<step> operator()();

 private:
  struct entry {
    nanoseconds at;
    nanoseconds every;
    step what;
  };
  std::vector<entry> entries_;
  nanoseconds now_{};
};

/// The script of one life. `asked_by` are the signals of its stop plan.
OVRSEER_DECL process_script life_of(const process_behavior& how, const duties& to_do, const fate& decided,
                                    const std::vector<signal_number>& asked_by);

}  // namespace ovrseer::rehearse_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/rehearse/detail/impl/life.ipp>
#endif
