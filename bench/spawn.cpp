// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// spawn and wait against raw vfork, exec and waitpid in the same process, small and with 512 MB resident;
// and a crash to the next start against the same two raw calls.
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <asio/io_context.hpp>

#include <ovrseer/process/process.hpp>

#include "measure.hpp"

namespace {

constexpr const char* program = "/bin/true";

void raw_once() {
  char* const argv[] = {const_cast<char*>(program), nullptr};
  const pid_t pid = ::vfork();
  if (pid == 0) {
    ::execve(program, argv, environ);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
}

ovrseer::task<void> spawn_and_wait() {
  ovrseer::process child = co_await ovrseer::spawn(ovrseer::command(program));
  co_await child.wait();
}

void ours_once(asio::io_context& io) {
  asio::co_spawn(io, spawn_and_wait(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.restart();
  io.run();
}

ovrseer::task<void> crash_and_restart() {
  ovrseer::process first = co_await ovrseer::spawn(ovrseer::command("/bin/false"));
  const ovrseer::exit_status status = co_await first.wait();
  if (status.code() != 1) std::abort();
  ovrseer::process second = co_await ovrseer::spawn(ovrseer::command(program));
  co_await second.wait();
}

void compare(const char* what, asio::io_context& io) {
  const auto pair = bench::in_turn(bench::rounds(1500), [&] { ours_once(io); }, raw_once);
  bench::row(what, bench::micros(pair.ours), bench::micros(pair.theirs), pair.ratio(), 1.25);
}

}  // namespace

int main() {
  asio::io_context io(1);
  bench::heading("spawn with two pipes, wait, exit; against raw vfork + exec + waitpid");
  compare("a small supervisor", io);
  {
    constexpr std::size_t size = std::size_t{512} << 20U;
    const std::unique_ptr<char[]> ballast(new char[size]);
    std::memset(ballast.get(), 1, size);
    compare("512 MB resident", io);
  }
  const auto restart = bench::in_turn(
      bench::rounds(800),
      [&] {
        asio::co_spawn(io, crash_and_restart(), [](const std::exception_ptr&) {});
        io.restart();
        io.run();
      },
      [] {
        raw_once();
        raw_once();
      });
  bench::row("crash to restarted, both to their ends", bench::micros(restart.ours), bench::micros(restart.theirs),
             restart.ratio(), 1.3);
}
