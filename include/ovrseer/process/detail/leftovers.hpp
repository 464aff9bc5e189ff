// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Children that outlive their execution context: with it went who would have waited for their end.
#pragma once

#include <mutex>
#include <vector>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ovrseer::process_detail {

/// Keeps them, for the whole program, until they can be reaped. Never blocks: it looks again whenever a
/// child is started and whenever a context ends.
class leftovers {
 public:
  static leftovers& instance() {
    static auto* const all = new leftovers;  // contexts may end after any static object
    return *all;
  }

  /// Takes over the reaping of a child. The descriptor is copied.
  void add(int pidfd) {
    const int own = ::fcntl(pidfd, F_DUPFD_CLOEXEC, 3);
    if (own < 0) return;  // it stays a zombie as long as this program lives
    const std::lock_guard lock(mutex_);
    pidfds_.push_back(own);
  }

  /// Reaps those that have ended.
  void reap() {
    const std::lock_guard lock(mutex_);
    std::erase_if(pidfds_, [](int pidfd) {
      siginfo_t info{};
      const long result = ::syscall(SYS_waitid, P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG, nullptr);
      if (result == 0 && info.si_pid == 0) return false;
      ::close(pidfd);
      return true;
    });
  }

 private:
  std::mutex mutex_;
  std::vector<int> pidfds_;
};

}  // namespace ovrseer::process_detail
