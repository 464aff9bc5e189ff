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
#include <ovrseer/process/process.hpp>

namespace ovrseer {

namespace process_detail {

inline constexpr const char* guard_variable = "OVRSEER_GUARD";

/// Whether a mark has an element of the supervisor `cookie` that is not marked to be kept.
inline bool is_guarded(std::string_view marker, std::string_view cookie) {
  while (!marker.empty()) {
    std::string_view part = marker.substr(0, marker.find('/'));
    marker.remove_prefix(std::min(part.size() + 1, marker.size()));
    if (!part.starts_with(cookie)) continue;
    part.remove_prefix(cookie.size());
    if (part.starts_with(".") && !part.starts_with(".k")) return true;
  }
  return false;
}

inline std::vector<pid_t> guarded_processes(std::string_view cookie) {
  std::vector<pid_t> found;
  for (const pid_t pid : all_pids()) {
    if (pid != ::getpid() && is_guarded(marker_of(pid), cookie)) found.push_back(pid);
  }
  return found;
}

/// Reads the lifeline to its end. A byte on it says that the supervisor ends in order.
inline bool ends_in_order(int lifeline) {
  for (;;) {
    char byte = 0;
    const ssize_t n = ::read(lifeline, &byte, 1);
    if (n == 1) return true;
    if (n == 0 || errno != EINTR) return false;
  }
}

}  // namespace process_detail

/// Call first in `main`: where this process was started as a guard, it does its duty and never returns.
inline void become_guard_if_asked() {
  const char* const cookie = std::getenv(process_detail::guard_variable);
  if (cookie == nullptr) return;
  // What ends the supervisor must not end its guard.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
  if (!process_detail::ends_in_order(STDIN_FILENO)) {
    // Who forks while it is looked for is found the next time: until two looks find nobody.
    for (int quiet = 0, looks = 0; quiet < 2 && looks < 500; ++looks) {
      const std::vector<pid_t> left = process_detail::guarded_processes(cookie);
      for (const pid_t pid : left) ::kill(pid, SIGKILL);
      quiet = left.empty() ? quiet + 1 : 0;
      ::poll(nullptr, 0, 10);
    }
  }
  ::_exit(0);
}

/// Holds a guard for all children of its execution context, as long as it lives; see
/// `become_guard_if_asked`. A library never starts one unasked.
///
/// The guard finds children by their mark in the environment: one that clears its environment and leaves
/// its group as well is not found. Children whose command keeps them on the supervisor's death are left.
class guard {
 public:
  /// Starts it: the program's own executable, in a session of its own. Errors: `spawn_error`.
  explicit guard(const executor& ex) {
    auto* real = dynamic_cast<process_detail::real_backend*>(&os_of(ex));
    if (real == nullptr) return;  // a scripted world leaves nothing behind
    command what("/proc/self/exe");
    what.env(process_detail::guard_variable, real->cookie())
        .in_group(command::group::session)
        .input(stdin_source(stdin_source::writer{}))
        .output(output_target(output_target::discarded()))
        .error_output(output_target(output_target::discarded()))
        .when_handle_dies(command::fate::keep)
        .when_supervisor_dies(command::fate::keep);
    process_ = process(real->spawn(ex, what));
  }
  guard(const guard&) = delete;
  guard& operator=(const guard&) = delete;
  guard(guard&&) noexcept = default;
  guard& operator=(guard&&) noexcept = default;

  /// The guard's process; empty in a scripted world.
  process& running() noexcept { return process_; }

  /// Lets the guard go without work, after everything has been stopped in order, and waits for its end.
  ///
  /// Cancellation: every type abandons the wait; the guard ends all the same.
  task<void> dismiss() {
    if (!process_ || process_.status()) co_return;
    const attempted<void> told = co_await attempt(process_.write_stdin("q"));
    if (told) co_await process_.wait();
  }

 private:
  process process_;
};

}  // namespace ovrseer
