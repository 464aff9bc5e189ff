// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/process/detail/launch.hpp>.
#pragma once

#include <pthread.h>

#include <sched.h>
#include <sys/wait.h>

#include <ovrseer/process/detail/launch.hpp>

namespace ovrseer::process_detail {

OVRSEER_DECL const char* name_of(launch_step step) noexcept {
  constexpr const char* names[] = {"",       "clone",  "setpgid", "terminal", "setrlimit", "setpriority", "setgroups",
                                   "setgid", "setuid", "chdir",   "dup2",     "prctl",     "exec"};
  return names[static_cast<std::size_t>(step)];
}

OVRSEER_DECL launch_stack::launch_stack()
    : memory_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
  if (memory_ == MAP_FAILED)
    memory_ = nullptr;
  else
    ::mprotect(memory_, 4096, PROT_NONE);
}

OVRSEER_DECL launched launch(launch_request& request) noexcept {
  thread_local const launch_stack stack;
  launched result;
  if (stack.top() == nullptr) {
    request.failed_step = launch_step::clone;
    request.failed_errno = ENOMEM;
    return result;
  }
  request.parent = ::getpid();
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  int cancel_state = 0;
  ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  result.pid =
      __clone(launch_child, stack.top(), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &request, &result.pidfd);
  const int clone_errno = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_setcancelstate(cancel_state, nullptr);
  if (result.pid < 0) {
    request.failed_step = launch_step::clone;
    request.failed_errno = clone_errno;
    result.pidfd = -1;
  } else if (request.failed_step != launch_step::none) {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(result.pid), &info, WEXITED) < 0 && errno == EINTR) {}
    ::close(result.pidfd);
    result = {};
  }
  return result;
}

}  // namespace ovrseer::process_detail
