// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A supervisor in a process of its own, so that a test can end it as nobody ends a test: by SIGKILL.
#pragma once

#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <run.hpp>

namespace ovrseer::test {

/// Runs `supervise(context, say)` in a forked process, where `say(line)` tells the test. What it has started
/// keeps running when it returns; then the process waits to be killed.
class forked_supervisor {
 public:
  template <class Supervise>
  explicit forked_supervisor(Supervise supervise) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    std::fflush(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      live(ends[1], supervise);
    }
    ::close(ends[1]);
    read_end_ = ends[0];
  }
  forked_supervisor(const forked_supervisor&) = delete;
  forked_supervisor& operator=(const forked_supervisor&) = delete;
  ~forked_supervisor() {
    kill();
    ::close(read_end_);
  }

  pid_t pid() const noexcept { return pid_; }

  /// The next line that it says.
  std::string next_line() {
    for (;;) {
      const auto end = heard_.find('\n');
      if (end != std::string::npos) {
        const std::string line = heard_.substr(0, end);
        heard_.erase(0, end + 1);
        return line;
      }
      pollfd wait{read_end_, POLLIN, 0};
      if (::poll(&wait, 1, static_cast<int>(hang_limit / std::chrono::milliseconds(1))) <= 0) {
        throw std::runtime_error("the supervisor says nothing");
      }
      char buffer[256];
      const ssize_t n = ::read(read_end_, buffer, sizeof buffer);
      if (n <= 0) throw std::runtime_error("the supervisor is gone");
      heard_.append(buffer, static_cast<std::size_t>(n));
    }
  }
  pid_t next_pid() { return std::stoi(next_line()); }

  /// Ends it without a chance to act, and reaps it.
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  /// Waits for an end of its own.
  void join() {
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  template <class Supervise>
  [[noreturn]] static void live(int write_end, Supervise& supervise) {
    const auto say = [write_end](const std::string& line) {
      const std::string text = line + "\n";
      if (::write(write_end, text.data(), text.size()) < 0) ::_exit(98);
    };
    try {
      asio::io_context context;
      supervise(context, say);
      const auto idle = asio::make_work_guard(context);
      context.restart();
      context.run();
    } catch (const std::exception& failure) {
      say(std::string("failed: ") + failure.what());
    }
    ::_exit(97);
  }

  pid_t pid_ = -1;
  int read_end_ = -1;
  std::string heard_;
};

}  // namespace ovrseer::test
