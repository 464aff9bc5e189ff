// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A child that reads the terminal of the supervisor: it may, because it stays in the group that the terminal has in
// front, and one in a group of its own is stopped.
#include <csignal>
#include <string>
#include <string_view>
#include <utility>

#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch.hpp>
#include <leaks.hpp>
#include <run.hpp>
#include <run_child.hpp>

#include <ovrseer/process/detail/launch_plan.hpp>

namespace t_process_inherited_input {

using namespace ovrseer;
using test::child_command;
using test::no_leaks;

/// What becomes of a child that reads our standard input.
std::string story_of(command::group where) {
  asio::io_context context;
  const auto wait = [&]() -> task<std::string> {
    command what = child_command("groups", "terminal", "read-line", "print", "read");
    what.input(stdin_source(stdin_source::inherited{}));
    if (where != command::group::inherited) what.in_group(where);
    process child = co_await spawn(std::move(what));
    const std::string before = co_await test::read_until(child, "ground\n");
    const auto is_stopped = [&] {
      const auto info = process_detail::read_process(child.pid());
      return info && info->state == 'T';
    };
    std::string story = before.find(" foreground") != std::string::npos ? "foreground, " : "background, ";
    if (where != command::group::inherited) {
      story += test::eventually(is_stopped) ? "stopped" : "not stopped";
      child.send(signal_number(SIGKILL));
      co_await child.wait();
      co_return story;
    }
    const std::string rest = co_await test::read_all(child);
    story += before.substr(before.find("ground\n") + 7) + rest;  // both may come at once
    const exit_status status = co_await child.wait();
    co_return story + to_text(status);
  };
  return test::run(context, wait);
}

/// The story that a supervisor tells that lives on a terminal of its own, where `typed` is typed.
std::string told_from_a_terminal(command::group where, std::string_view typed) {
  process_detail::terminal_ends ends = process_detail::make_terminal({80, 24});
  process_detail::pipe_ends story = process_detail::make_pipe(0);
  const pid_t supervisor = ::fork();
  if (supervisor == 0) {
    ::setsid();
    ::ioctl(ends.childs.get(), TIOCSCTTY, 0);
    ::dup2(ends.childs.get(), 0);
    const std::string told = story_of(where);
    const bool is_written = ::write(story.write.get(), told.data(), told.size()) == static_cast<ssize_t>(told.size());
    ::_exit(is_written ? 0 : 1);
  }
  story.write = process_detail::unique_fd();
  CHECK(::write(ends.ours.get(), typed.data(), typed.size()) == static_cast<ssize_t>(typed.size()));
  std::string told(4096, ' ');
  const ssize_t size = ::read(story.read.get(), told.data(), told.size());
  told.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  ::waitpid(supervisor, nullptr, 0);
  return told;
}

TEST_CASE("a child with our input reads the terminal from our group") {
  const no_leaks guard;
  CHECK(told_from_a_terminal(command::group::inherited, "hello\n") == "foreground, read\nexited with code 0");
}

TEST_CASE("a child with our input in a group of its own is stopped when it reads the terminal") {
  const no_leaks guard;
  CHECK(told_from_a_terminal(command::group::own, "hello\n") == "background, stopped");
}

}  // namespace t_process_inherited_input
