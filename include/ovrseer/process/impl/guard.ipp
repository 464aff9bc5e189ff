// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/process/guard.hpp>.
#pragma once

#include <ovrseer/process/guard.hpp>

namespace ovrseer::process_detail {

OVRSEER_DECL bool is_guarded(std::string_view marker, std::string_view cookie) {
  while (!marker.empty()) {
    std::string_view part = marker.substr(0, marker.find('/'));
    marker.remove_prefix(std::min(part.size() + 1, marker.size()));
    if (!part.starts_with(cookie)) continue;
    part.remove_prefix(cookie.size());
    if (part.starts_with(".") && !part.starts_with(".k")) return true;
  }
  return false;
}

OVRSEER_DECL std::vector<pid_t> guarded_processes(std::string_view cookie) {
  std::vector<pid_t> found;
  for (const pid_t pid : all_pids()) {
    if (pid != ::getpid() && is_guarded(marker_of(pid), cookie)) found.push_back(pid);
  }
  return found;
}

OVRSEER_DECL bool ends_in_order(int lifeline) {
  for (;;) {
    char byte = 0;
    const ssize_t n = ::read(lifeline, &byte, 1);
    if (n == 1) return true;
    if (n == 0 || errno != EINTR) return false;
  }
}

}  // namespace ovrseer::process_detail

namespace ovrseer {

OVRSEER_DECL void become_guard_if_asked() {
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

OVRSEER_DECL guard::guard(const executor& ex) {
  auto* real = dynamic_cast<process_detail::real_backend*>(&os_of(ex));
  if (real == nullptr) return;  // a scripted world leaves nothing behind
  // What is started here would start the next, and so on without an end.
  if (std::getenv(process_detail::guard_variable) != nullptr) {
    throw error(std::make_error_code(std::errc::operation_not_permitted), "guard",
                "main does not begin with become_guard_if_asked()");
  }
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

OVRSEER_DECL task<void> guard::dismiss() {
  if (!process_ || process_.status()) co_return;
  const attempted<void> told = co_await attempt(process_.write_stdin("q"));
  if (told) co_await process_.wait();
}

}  // namespace ovrseer
