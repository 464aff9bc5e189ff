// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The surroundings of a child as it finds them: environment, directory, limits, user, group, descriptors, signals.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch.hpp>
#include <leaks.hpp>
#include <run.hpp>
#include <run_child.hpp>

namespace t_process_surroundings {

using namespace ovrseer;
using test::child_command;
using test::no_leaks;

std::string said_by(command what) {
  asio::io_context context;
  return test::run(context, test::output_of(std::move(what)));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool is_root() { return ::geteuid() == 0; }

TEST_CASE("the environment is inherited and what is said about it applies") {
  const no_leaks guard;
  ::setenv("OVRSEER_TEST_A", "inherited", 1);
  ::setenv("OVRSEER_TEST_B", "inherited", 1);
  ::setenv("OVRSEER_TEST_C", "inherited", 1);
  command what = child_command("env", "OVRSEER_TEST_A", "env", "OVRSEER_TEST_B", "env", "OVRSEER_TEST_C", "env",
                               "OVRSEER_TEST_D", "env", "OVRSEER_TEST_E");
  what.env("OVRSEER_TEST_B", "over ridden=").unset_env("OVRSEER_TEST_C").env("OVRSEER_TEST_D", "");
  CHECK(lines_of(said_by(what)) == std::vector<std::string>{"OVRSEER_TEST_A=inherited",
                                                            "OVRSEER_TEST_B=over ridden=", "OVRSEER_TEST_C unset",
                                                            "OVRSEER_TEST_D=", "OVRSEER_TEST_E unset"});
  ::unsetenv("OVRSEER_TEST_A");
  ::unsetenv("OVRSEER_TEST_B");
  ::unsetenv("OVRSEER_TEST_C");
}

TEST_CASE("what a service manager says to the supervisor is not inherited and can be given") {
  const no_leaks guard;
  const std::vector<std::string> names{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                                       "LISTEN_FDS",    "LISTEN_PID",    "LISTEN_FDNAMES"};
  command plain = child_command("env", "NOTIFY_SOCKETS");
  command given = child_command("env", "NOTIFY_SOCKETS");
  ::setenv("NOTIFY_SOCKETS", "another name", 1);
  std::vector<std::string> none{"NOTIFY_SOCKETS=another name"};
  std::vector<std::string> all{"NOTIFY_SOCKETS=another name"};
  for (const std::string& name : names) {
    ::setenv(name.c_str(), "of the supervisor", 1);
    plain.args("env", name);
    given.args("env", name).env(name, "of the child");
    none.push_back(name + " unset");
    all.push_back(name + "=of the child");
  }
  CHECK(lines_of(said_by(plain)) == none);
  CHECK(lines_of(said_by(given)) == all);
  for (const std::string& name : names) ::unsetenv(name.c_str());
  ::unsetenv("NOTIFY_SOCKETS");
}

TEST_CASE("a cleared environment has what is set and the mark of the library") {
  const no_leaks guard;
  command what = child_command("environment");
  what.clear_env().env("A", "1");
  const auto lines = lines_of(said_by(what));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "A=1");
  CHECK_THAT(lines[1], catchx::StartsWith("OVRSEER_CHILD="));
}

TEST_CASE("every child has a mark of its own below that of its supervisor") {
  const no_leaks guard;
  const auto mark_of = [](const command& what) { return said_by(what).substr(std::string("OVRSEER_CHILD=").size()); };
  asio::io_context context;
  const auto both = [&]() -> task<void> {
    const std::string first = co_await test::output_of(child_command("env", "OVRSEER_CHILD"));
    const std::string second = co_await test::output_of(child_command("env", "OVRSEER_CHILD"));
    CHECK(first != second);
    CHECK(first.substr(0, first.find('.')) == second.substr(0, second.find('.')));
  };
  test::run(context, both);
  command nested = child_command("env", "OVRSEER_CHILD");
  nested.env("OVRSEER_CHILD", "above.1");
  CHECK_THAT(mark_of(nested), catchx::StartsWith("above.1/"));
  command kept = child_command("env", "OVRSEER_CHILD");
  kept.when_supervisor_dies(command::fate::keep);
  CHECK_THAT(mark_of(kept), catchx::ContainsSubstring(".k"));
}

TEST_CASE("working directory umask nice and limits are set before exec") {
  const no_leaks guard;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  command what = child_command("cwd", "umask", "nice", "limit", "NOFILE", "limit", "CORE", "limit", "CPU");
  resource_limit soft_only;
  soft_only.resource = RLIMIT_NOFILE;
  soft_only.soft = 123;
  resource_limit both;
  both.resource = RLIMIT_CORE;
  both.soft = 0;
  both.hard = 0;
  what.working_directory("/usr").file_mode_mask(027).nice(5).limit(soft_only).limit(both);
  const auto text = [](rlim_t value) { return value == RLIM_INFINITY ? std::string("none") : std::to_string(value); };
  rlimit cpu{};
  ::getrlimit(RLIMIT_CPU, &cpu);
  const int nice = ::getpriority(PRIO_PROCESS, 0);
  CHECK(lines_of(said_by(what)) == std::vector<std::string>{"/usr", "027", std::to_string(std::min(nice + 5, 19)),
                                                            "123 " + text(files.rlim_max), "0 0",
                                                            text(cpu.rlim_cur) + " " + text(cpu.rlim_max)});
  // Ours are as before.
  rlimit after{};
  ::getrlimit(RLIMIT_NOFILE, &after);
  CHECK(after.rlim_cur == files.rlim_cur);
  CHECK(::getpriority(PRIO_PROCESS, 0) == nice);
  CHECK(std::filesystem::current_path() != "/usr");
  const mode_t mask = ::umask(077);
  ::umask(mask);
  CHECK(mask != 027);
}

TEST_CASE("a relative program is found from the child's directory") {
  const no_leaks guard;
  const std::filesystem::path child(OVRSEER_TEST_CHILD);
  command what("./" + child.filename().string(), "print", "here");
  what.working_directory(child.parent_path());
  CHECK(said_by(what) == "here\n");
}

TEST_CASE("a child leads a group or a session or stays in ours") {
  const no_leaks guard;
  const auto groups_of = [](command::group where) {
    command what = child_command("pid", "groups");
    what.in_group(where);
    return said_by(what);
  };
  const std::string own = groups_of(command::group::own);
  CHECK(test::number_after(own, "pid ") == test::number_after(own, "group "));
  CHECK(test::number_after(own, "session ") == ::getsid(0));
  const std::string session = groups_of(command::group::session);
  CHECK(test::number_after(session, "pid ") == test::number_after(session, "session "));
  const std::string ours = groups_of(command::group::inherited);
  CHECK(test::number_after(ours, "group ") == ::getpgrp());
}

TEST_CASE("only the three standard descriptors go over") {
  const no_leaks guard;
  // Descriptors without close-on-exec, low and high, as a library beside us might have.
  const int low = ::open("/dev/null", O_RDONLY);
  const int high = ::fcntl(low, F_DUPFD, 700);
  command piped = child_command("descriptors");
  CHECK(said_by(piped) == "descriptors 0 1 2\n");
  command merged = child_command("descriptors");
  merged.error_output(output_target(output_target::merged())).input(stdin_source(stdin_source::text{"x"}));
  CHECK(said_by(merged) == "descriptors 0 1 2\n");
  command inherited = child_command("descriptors");
  inherited.error_output(output_target(output_target::inherited())).input(stdin_source(stdin_source::inherited{}));
  CHECK(said_by(inherited) == "descriptors 0 1 2\n");
  CHECK(::fcntl(low, F_GETFD) == 0);  // ours are not touched
  ::close(low);
  ::close(high);
}

TEST_CASE("a supervisor whose own standard descriptors are closed starts children with all three") {
  const no_leaks guard;
  asio::io_context context;
  const int saved_input = ::fcntl(0, F_DUPFD_CLOEXEC, 100);
  const int saved_error = ::fcntl(2, F_DUPFD_CLOEXEC, 100);
  ::close(0);
  ::close(2);
  // The pipes of the child now get the numbers 0 and 2 in our process.
  std::string said;
  std::string complained;
  const auto talk = [&]() -> task<void> {
    process child = co_await spawn(child_command("descriptors", "error", "complaint"));
    said = co_await test::read_all(child, output_stream::out);
    complained = co_await test::read_all(child, output_stream::err);
    co_await child.wait();
  };
  test::run(context, talk);
  ::dup2(saved_input, 0);
  ::dup2(saved_error, 2);
  ::close(saved_input);
  ::close(saved_error);
  CHECK(said == "descriptors 0 1 2\n");
  CHECK(complained == "complaint\n");
}

TEST_CASE("ignored and blocked signals of ours are neither in the child") {
  const no_leaks guard;
  const auto old_pipe = std::signal(SIGPIPE, SIG_IGN);
  const auto old_user = std::signal(SIGUSR1, SIG_IGN);
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR2);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto lines = lines_of(said_by(child_command("status", "SigIgn", "status", "SigBlk", "status", "SigCgt")));
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, &before, &after);
  CHECK(::sigismember(&after, SIGUSR2) == 1);
  CHECK(std::signal(SIGUSR1, old_user) == SIG_IGN);
  CHECK(std::signal(SIGPIPE, old_pipe) == SIG_IGN);
  CHECK(lines == std::vector<std::string>{"SigIgn:\t0000000000000000", "SigBlk:\t0000000000000000",
                                          "SigCgt:\t0000000000000000"});
}

TEST_CASE("another user with its groups and the death signal after the change") {
  if (!is_root()) SKIP("needs root to change the user");
  const no_leaks guard;
  command what("/bin/cat", "/proc/self/status");  // a program that every user may run
  what.user("nobody");
  const std::string status = said_by(what);
  CHECK_THAT(status, catchx::ContainsSubstring("Uid:\t65534\t65534\t65534\t65534"));
  CHECK_THAT(status, catchx::ContainsSubstring("Gid:\t65534\t65534\t65534\t65534"));
  CHECK_THAT(status, catchx::ContainsSubstring("Groups:\t65534 \n"));
  command numbered("/bin/cat", "/proc/self/status");
  numbered.user("12345");  // nobody's number
  const std::string of_number = said_by(numbered);
  CHECK_THAT(of_number, catchx::ContainsSubstring("Uid:\t12345\t12345\t12345\t12345"));
  CHECK_THAT(of_number, catchx::ContainsSubstring("Groups:\t \n") || catchx::ContainsSubstring("Groups:\t\n"));
}

TEST_CASE("groups are set as they are said") {
  if (!is_root()) SKIP("needs root to change groups");
  const no_leaks guard;
  command what = child_command("ids");
  what.groups({"1", "nogroup", "33"});
  CHECK(said_by(what) == "uid 0 0 0 gid 1 1 1 groups 1 33 65534\n");
}

TEST_CASE("a child dies with its supervisor unless it is to be kept") {
  const no_leaks guard;
  CHECK(said_by(child_command("death-signal")) == "9\n");
  command kept = child_command("death-signal");
  kept.when_supervisor_dies(command::fate::keep);
  CHECK(said_by(kept) == "0\n");
}

}  // namespace t_process_surroundings
