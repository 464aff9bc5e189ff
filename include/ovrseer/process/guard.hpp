// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A second process that outlives the supervisor by a moment: when the supervisor dies without a chance
// to act, it ends whatever the supervisor's children have left, wherever that has gone.
#pragma once

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/process/process.hpp>

namespace ovrseer {

namespace process_detail {

inline constexpr const char* guard_variable = "OVRSEER_GUARD";

/// Whether a mark has an element of the supervisor `cookie` that is not marked to be kept.
OVRSEER_DECL bool is_guarded(std::string_view marker, std::string_view cookie);

OVRSEER_DECL std::vector<pid_t> guarded_processes(std::string_view cookie);

/// Reads the lifeline to its end. A byte on it says that the supervisor ends in order.
OVRSEER_DECL bool ends_in_order(int lifeline);

}  // namespace process_detail

/// Call first in `main`: where this process was started as a guard, it does its duty and never returns.
OVRSEER_DECL void become_guard_if_asked();

/// Holds a guard for all children of its execution context, as long as it lives; see
/// `become_guard_if_asked`. A library never starts one unasked.
///
/// The guard finds children by their mark in the environment: one that clears its environment and leaves
/// its group as well is not found. Children whose command keeps them on the supervisor's death are left.
class guard {
 public:
  /// Starts it: the program's own executable, in a session of its own.
  ///
  /// Errors: `spawn_error`; `std::errc::operation_not_permitted` in a program that was itself started as a guard and has
  /// not become one.
  explicit guard(const executor& ex);
  guard(const guard&) = delete;
  guard& operator=(const guard&) = delete;
  guard(guard&&) noexcept = default;
  guard& operator=(guard&&) noexcept = default;

  /// The guard's process; empty in a scripted world.
  process& running() noexcept { return process_; }

  /// Lets the guard go without work, after everything has been stopped in order, and waits for its end.
  ///
  /// Cancellation: every type abandons the wait; the guard ends all the same.
  task<void> dismiss();

 private:
  process process_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/process/impl/guard.ipp>
#endif
