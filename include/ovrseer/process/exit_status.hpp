// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a process ended, without folding code and signal into one number.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>

#include <ovrseer/process/signal.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// What a process has used in its life (its reaped children included), as `getrusage(2)` counts.
struct resource_usage {
  std::chrono::microseconds user_time{};
  std::chrono::microseconds system_time{};
  byte_size max_resident;
  std::uint64_t minor_faults = 0;
  std::uint64_t major_faults = 0;
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
};

/// The end of a process: exited with a code, ended by a signal, or lost (somebody else reaped it).
class exit_status {
 public:
  enum class kind : std::uint8_t { exited, signaled, lost };
  enum class core : std::uint8_t { none, dumped };

  static constexpr exit_status exited(int code) noexcept { return {kind::exited, code, core::none}; }
  static constexpr exit_status signaled(signal_number signal, core dump = core::none) noexcept {
    return {kind::signaled, signal.value(), dump};
  }
  static constexpr exit_status lost() noexcept { return {kind::lost, 0, core::none}; }
  /// Killed by the system for want of memory, which it does with SIGKILL.
  static constexpr exit_status out_of_memory() noexcept {
    exit_status made = signaled(signal_number(SIGKILL));
    made.is_out_of_memory_ = true;
    return made;
  }

  constexpr kind how() const noexcept { return kind_; }
  constexpr bool is_success() const noexcept { return kind_ == kind::exited && value_ == 0; }
  constexpr bool is_exited() const noexcept { return kind_ == kind::exited; }
  constexpr bool is_signaled() const noexcept { return kind_ == kind::signaled; }
  /// The exit code; only where `is_exited()`.
  constexpr int code() const noexcept { return value_; }
  /// The signal; only where `is_signaled()`.
  constexpr signal_number signal() const noexcept { return signal_number(value_); }
  constexpr bool has_core() const noexcept { return core_ == core::dumped; }
  /// Whether the system killed it for want of memory: by SIGKILL, which nobody here had sent, and the kernel counts
  /// one more such kill in the supervisor's cgroup than when it was started. False also where nothing can be known:
  /// without a cgroup for memory, or when the process had gone to one that is not below ours.
  constexpr bool was_out_of_memory() const noexcept { return is_out_of_memory_; }

  /// What a shell would report: the code, or 128 + the signal's number; 255 where it is lost.
  constexpr int shell_code() const noexcept {
    switch (kind_) {
      case kind::exited: return value_;
      case kind::signaled: return 128 + value_;
      case kind::lost: break;
    }
    return 255;
  }

  /// The resources used until the end; all zero where the system did not tell.
  const resource_usage& usage() const noexcept { return usage_; }
  exit_status& usage(const resource_usage& used) noexcept {
    usage_ = used;
    return *this;
  }

  /// Two ends are equal when they ended the same way; usage does not count.
  friend constexpr bool operator==(const exit_status& a, const exit_status& b) noexcept {
    return a.kind_ == b.kind_ && a.value_ == b.value_ && a.core_ == b.core_ &&
           a.is_out_of_memory_ == b.is_out_of_memory_;
  }

 private:
  constexpr exit_status(kind how, int value, core dump) noexcept : kind_(how), core_(dump), value_(value) {}

  kind kind_;
  core core_;
  bool is_out_of_memory_ = false;
  int value_;
  resource_usage usage_{};
};

/// "exited with code 3", "killed by SIGSEGV (core dumped)", "killed for want of memory", "lost".
inline std::string to_text(const exit_status& status) {
  if (status.was_out_of_memory()) return "killed for want of memory";
  switch (status.how()) {
    case exit_status::kind::exited: return "exited with code " + std::to_string(status.code());
    case exit_status::kind::signaled:
      return "killed by " + to_text(status.signal()) + (status.has_core() ? " (core dumped)" : "");
    case exit_status::kind::lost: break;
  }
  return "lost";
}

}  // namespace ovrseer
