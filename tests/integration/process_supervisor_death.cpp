// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A supervisor that is killed with SIGKILL: what remains, without a guard and with one.
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <catch.hpp>
#include <leaks.hpp>
#include <run.hpp>
#include <run_child.hpp>
#include <run_supervisor.hpp>

#include <ovrseer/process/guard.hpp>

namespace t_process_supervisor_death {

using namespace ovrseer;
using test::child_command;
using test::complete;
using test::eventually;
using test::forked_supervisor;
using test::is_alive;
using test::no_leaks;

// The guard is this program executed again, which comes here before its main.
[[maybe_unused]] const bool is_no_guard = (become_guard_if_asked(), true);

/// Starts a child that says a pid; yields that and keeps the child for ever.
template <class Say>
void start_and_tell(asio::io_context& context, const command& what, const Say& say) {
  const auto start = [&]() -> task<process> {
    process child = co_await spawn(what);
    const std::string said = co_await test::read_until(child, "\n");
    say(std::to_string(test::number_after(said, "pid ")));
    co_return child;
  };
  static std::vector<process> kept;
  kept.push_back(complete(context, start()));
}

command child_that_tells() { return child_command("ignore", "TERM", "ignore", "HUP", "pid", "wait"); }
command child_whose_daemon_tells() {
  return child_command("daemon", "{", "ignore", "TERM", "ignore", "HUP", "pid", "wait", "}", "ignore", "TERM", "wait");
}

/// Whether a process ignores what ends others: a guard has begun its duty then.
bool is_deaf(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigIgn:")) return (std::stoull(line.substr(7), nullptr, 16) & (1U << (SIGTERM - 1))) != 0;
  }
  return false;
}

TEST_CASE("a direct child dies with its supervisor") {
  const no_leaks guard;
  forked_supervisor supervisor(
      [](asio::io_context& context, const auto& say) { start_and_tell(context, child_that_tells(), say); });
  const pid_t child = supervisor.next_pid();
  CHECK(is_alive(child));
  supervisor.kill();
  CHECK(eventually([&] { return !is_alive(child); }));
}

TEST_CASE("a child of another user dies with its supervisor") {
  if (::geteuid() != 0) SKIP("needs root to change the user");
  const no_leaks guard;
  forked_supervisor supervisor([](asio::io_context& context, const auto& say) {
    command what = command::shell("trap '' TERM HUP; echo pid $$; while :; do sleep 1000; done");
    what.user("nobody").working_directory("/");
    start_and_tell(context, what, say);
  });
  const pid_t child = supervisor.next_pid();
  CHECK(is_alive(child));
  supervisor.kill();
  CHECK(eventually([&] { return !is_alive(child); }));
}

TEST_CASE("a child that is to be kept survives its supervisor") {
  const no_leaks guard;
  forked_supervisor supervisor([](asio::io_context& context, const auto& say) {
    command what = child_that_tells();
    what.when_supervisor_dies(command::fate::keep);
    start_and_tell(context, what, say);
    start_and_tell(context, child_that_tells(), say);
  });
  const pid_t kept = supervisor.next_pid();
  const pid_t other = supervisor.next_pid();
  supervisor.kill();
  CHECK(eventually([&] { return !is_alive(other); }));
  CHECK(is_alive(kept));
  ::kill(kept, SIGKILL);
  CHECK(eventually([&] { return !is_alive(kept); }));
}

TEST_CASE("with a guard nothing remains grandchildren in sessions of their own included") {
  const no_leaks no_leak;
  forked_supervisor supervisor([](asio::io_context& context, const auto& say) {
    static guard lifeline(context.get_executor());
    say(std::to_string(lifeline.running().pid()));
    start_and_tell(context, child_that_tells(), say);
    start_and_tell(context, child_whose_daemon_tells(), say);
    command kept = child_that_tells();
    kept.when_supervisor_dies(command::fate::keep);
    start_and_tell(context, kept, say);
  });
  const pid_t guarding = supervisor.next_pid();
  const pid_t child = supervisor.next_pid();
  const pid_t daemon = supervisor.next_pid();
  const pid_t kept = supervisor.next_pid();
  REQUIRE(eventually([&] { return is_deaf(guarding); }));
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::kill(guarding, signal);  // what ends a supervisor
  CHECK(is_alive(daemon));
  supervisor.kill();
  CHECK(eventually([&] { return !is_alive(child); }));
  CHECK(eventually([&] { return !is_alive(daemon); }));
  CHECK(eventually([&] { return !is_alive(guarding); }));  // its work is done
  CHECK(is_alive(kept));
  ::kill(kept, SIGKILL);
  CHECK(eventually([&] { return !is_alive(kept); }));
}

TEST_CASE("a guard that is dismissed lets everybody live") {
  const no_leaks no_leak;
  forked_supervisor supervisor([](asio::io_context& context, const auto& say) {
    static guard lifeline(context.get_executor());
    say(std::to_string(lifeline.running().pid()));
    start_and_tell(context, child_whose_daemon_tells(), say);
    complete(context, lifeline.dismiss());
    say(lifeline.running().status() ? to_text(*lifeline.running().status()) : "alive");
    ::_exit(0);
  });
  const pid_t guarding = supervisor.next_pid();
  const pid_t daemon = supervisor.next_pid();
  CHECK(supervisor.next_line() == "exited with code 0");
  supervisor.join();
  CHECK_FALSE(is_alive(guarding));
  CHECK(is_alive(daemon));
  ::kill(daemon, SIGKILL);
  CHECK(eventually([&] { return !is_alive(daemon); }));
}

TEST_CASE("a guard in a context that ends dies with its lifeline") {
  const no_leaks no_leak;
  pid_t guarding = 0;
  {
    asio::io_context context;
    guard lifeline(context.get_executor());
    guarding = lifeline.running().pid();
    CHECK(is_alive(guarding));
    complete(context, lifeline.dismiss());
    complete(context, lifeline.dismiss());  // twice does no harm
  }
  CHECK_FALSE(is_alive(guarding));
}

}  // namespace t_process_supervisor_death
