// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The moment between clone and exec. The child shares our memory until it execs (as after vfork), so
// it makes raw system calls only: no allocation, no lock, no libc function that keeps state.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ovrseer/build.hpp>

// glibc's clone by its other name: sanitizers that intercept `clone` cannot follow one that shares memory.
extern "C" int __clone(int (*fn)(void*), void* stack, int flags, void* arg, ...);

#if defined(__clang__)
#define OVRSEER_AFTER_CLONE __attribute__((no_sanitize("address", "thread", "undefined", "memory"), noinline))
#else
#define OVRSEER_AFTER_CLONE __attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined, noinline))
#endif

namespace ovrseer::process_detail {

enum class launch_step : std::uint8_t {
  none,
  clone,
  group,
  terminal,
  limits,
  nice,
  groups,
  gid,
  uid,
  chdir,
  stdio,
  death_signal,
  exec
};

OVRSEER_DECL const char* name_of(launch_step step) noexcept;

struct launch_limit {
  int resource;
  rlimit64 value;
};

/// Everything that the child needs, laid out before the clone; pointers into storage of the caller.
struct launch_request {
  const char* const* paths = nullptr;  ///< candidates for exec, null-terminated
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  const char* directory = nullptr;
  int stdio[3] = {-1, -1, -1};  ///< sources for 0, 1, 2; -1 keeps what is there
  bool merge_error = false;     ///< 2 becomes a copy of 1
  int group = 0;                ///< 0 inherit, 1 setpgid, 2 setsid
  int terminal = -1;            ///< becomes the controlling terminal of the new session, or -1
  int nice = 0;
  long mask = -1;  ///< umask, or -1
  const launch_limit* limits = nullptr;
  std::size_t limit_count = 0;
  bool change_groups = false;
  const gid_t* groups = nullptr;
  std::size_t group_count = 0;
  bool change_gid = false;
  gid_t gid = 0;
  bool change_uid = false;
  uid_t uid = 0;
  int death_signal = 0;
  pid_t parent = 0;

  // What the child leaves when it fails.
  launch_step failed_step = launch_step::none;
  int failed_errno = 0;
};

/// The kernel's own struct sigaction on all our architectures.
struct kernel_sigaction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};

/// The kernel reads whole registers: integers are widened before they go through the variadic call.
template <class Argument>
OVRSEER_AFTER_CLONE inline auto word(Argument argument) noexcept {
  if constexpr (std::is_integral_v<Argument>)
    return static_cast<long>(argument);
  else if constexpr (std::is_null_pointer_v<Argument>)
    return static_cast<void*>(nullptr);
  else
    return argument;
}

template <class... Args>
OVRSEER_AFTER_CLONE inline long raw(long number, Args... args) noexcept {
  return ::syscall(number, word(args)...);
}

[[noreturn]] OVRSEER_AFTER_CLONE inline void launch_fail(launch_request& request, launch_step step) noexcept {
  request.failed_errno = errno;
  request.failed_step = step;
  for (;;) raw(SYS_exit_group, 127);
}

OVRSEER_AFTER_CLONE inline void launch_stdio(launch_request& request) noexcept {
  // Sources that stand where a target will come first move out of the way.
  for (int& source : request.stdio) {
    if (source < 0 || source > 2) continue;
    const long moved = raw(SYS_fcntl, source, F_DUPFD_CLOEXEC, 3);
    if (moved < 0) launch_fail(request, launch_step::stdio);
    source = static_cast<int>(moved);
  }
  for (int target = 0; target < 3; ++target) {
    const int source = request.stdio[target];
    if (source < 0) continue;
    if (raw(SYS_dup3, source, target, 0) < 0) launch_fail(request, launch_step::stdio);
  }
  if (request.merge_error && raw(SYS_dup3, 1, 2, 0) < 0) launch_fail(request, launch_step::stdio);
  // No descriptor but the three goes over; those that are kept from us may be marked close-on-exec.
  for (int target = 0; target < 3; ++target) raw(SYS_fcntl, target, F_SETFD, 0);
  if (raw(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */) == 0) return;
  rlimit64 open_files{};
  raw(SYS_prlimit64, 0, RLIMIT_NOFILE, nullptr, &open_files);
  const long last = open_files.rlim_cur > 65536 ? 65536 : static_cast<long>(open_files.rlim_cur);
  for (long fd = 3; fd < last; ++fd) raw(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
}

OVRSEER_AFTER_CLONE inline int launch_child(void* argument) noexcept {
  launch_request& request = *static_cast<launch_request*>(argument);
  // Handlers of ours must not run here, and what we ignore must not be ignored there.
  const kernel_sigaction standard{};
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal != SIGKILL && signal != SIGSTOP) raw(SYS_rt_sigaction, signal, &standard, nullptr, 8);
  }
  if (request.group == 1 && raw(SYS_setpgid, 0, 0) < 0) launch_fail(request, launch_step::group);
  if (request.group == 2 && raw(SYS_setsid) < 0) launch_fail(request, launch_step::group);
  if (request.terminal >= 0 && raw(SYS_ioctl, request.terminal, TIOCSCTTY, 0) < 0) {
    launch_fail(request, launch_step::terminal);
  }
  if (request.mask >= 0) raw(SYS_umask, request.mask);
  for (std::size_t i = 0; i < request.limit_count; ++i) {
    const launch_limit& limit = request.limits[i];
    if (raw(SYS_prlimit64, 0, limit.resource, &limit.value, nullptr) < 0) launch_fail(request, launch_step::limits);
  }
  if (request.nice != 0) {
    const long present = 20 - raw(SYS_getpriority, PRIO_PROCESS, 0);  // the kernel answers 20 - nice
    if (raw(SYS_setpriority, PRIO_PROCESS, 0, present + request.nice) < 0) launch_fail(request, launch_step::nice);
  }
  if (request.change_groups && raw(SYS_setgroups, request.group_count, request.groups) < 0) {
    launch_fail(request, launch_step::groups);
  }
  if (request.change_gid && raw(SYS_setresgid, request.gid, request.gid, request.gid) < 0) {
    launch_fail(request, launch_step::gid);
  }
  if (request.change_uid && raw(SYS_setresuid, request.uid, request.uid, request.uid) < 0) {
    launch_fail(request, launch_step::uid);
  }
  // After the user has changed: the change clears it.
  if (request.death_signal != 0) {
    if (raw(SYS_prctl, PR_SET_PDEATHSIG, request.death_signal, 0, 0, 0) < 0) {
      launch_fail(request, launch_step::death_signal);
    }
    if (raw(SYS_getppid) != request.parent) raw(SYS_exit_group, 127);
  }
  if (request.directory != nullptr && raw(SYS_chdir, request.directory) < 0) launch_fail(request, launch_step::chdir);
  launch_stdio(request);
  const std::uint64_t nothing = 0;
  raw(SYS_rt_sigprocmask, SIG_SETMASK, &nothing, nullptr, 8);
  int worst = ENOENT;
  for (const char* const* path = request.paths; *path != nullptr; ++path) {
    raw(SYS_execve, *path, request.argv, request.envp);
    if (errno == EACCES) worst = EACCES;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
      worst = errno;
      break;
    }
    if (path[1] == nullptr && worst != EACCES) worst = errno;
  }
  errno = worst;
  launch_fail(request, launch_step::exec);
}

/// The stack on which the child runs until it execs. One is enough for a thread: the parent waits.
class launch_stack {
 public:
  launch_stack();
  launch_stack(const launch_stack&) = delete;
  launch_stack& operator=(const launch_stack&) = delete;
  ~launch_stack() {
    if (memory_ != nullptr) ::munmap(memory_, size);
  }
  void* top() const noexcept { return memory_ == nullptr ? nullptr : static_cast<char*>(memory_) + size; }

 private:
  static constexpr std::size_t size = std::size_t{64} * 1024;
  void* memory_;
};

struct launched {
  pid_t pid = -1;
  int pidfd = -1;
};

/// Clones and execs. On failure `request.failed_step` and `failed_errno` say why, and nothing is left.
/// Source: clone(2), vfork(2); the order of the steps is that of `launch_child`.
OVRSEER_DECL launched launch(launch_request& request) noexcept;

}  // namespace ovrseer::process_detail

#undef OVRSEER_AFTER_CLONE

#if OVRSEER_HEADER_ONLY
#include <ovrseer/process/detail/impl/launch.ipp>
#endif
