// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A child on a terminal of its own: what it sees, what is typed, its size, its end, and nothing left of it.
#include <csignal>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include <catch.hpp>
#include <leaks.hpp>
#include <run.hpp>
#include <run_child.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/log/line_stream.hpp>

namespace t_process_terminal {

using namespace ovrseer;
using test::child_command;
using test::no_leaks;
using test::read_all;
using test::read_until;
using test::run;

template <class... Words>
command on_terminal(Words&&... words) {
  command what = child_command(std::forward<Words>(words)...);
  what.terminal(132, 43);
  return what;
}

std::string said_by(command what) {
  asio::io_context context;
  return run(context, test::output_of(std::move(what)));
}

TEST_CASE("all three streams are a terminal of the given size that is the controlling one") {
  const no_leaks guard;
  CHECK(said_by(on_terminal("terminal")) == "terminal yes yes yes 132x43 foreground\r\n");
  command standard = child_command("terminal");
  standard.terminal(80, 24);
  CHECK(said_by(standard) == "terminal yes yes yes 80x24 foreground\r\n");
  CHECK_THAT(said_by(child_command("terminal")), catchx::StartsWith("terminal no no no 0x0"));
}

TEST_CASE("it leads a session of its own and has no descriptor but its three streams") {
  const no_leaks guard;
  command what = on_terminal("pid", "groups");
  what.in_group(command::group::inherited);
  const std::string said = said_by(what);
  const int pid = test::number_after(said, "pid ");
  CHECK(test::number_after(said, "group ") == pid);
  CHECK(test::number_after(said, "session ") == pid);
  CHECK(said_by(on_terminal("descriptors")) == "descriptors 0 1 2\r\n");
}

TEST_CASE("both outputs come as one stream in their order and as lines without CR") {
  const no_leaks guard;
  CHECK(said_by(on_terminal("print", "a", "error", "b", "print", "c")) == "a\r\nb\r\nc\r\n");
  asio::io_context context;
  std::vector<std::string> lines;
  const auto listen = [&]() -> task<void> {
    process child = co_await spawn(on_terminal("print", "one", "error", "two", "partial", "rest"));
    CHECK(child.is_piped(output_stream::out));
    CHECK_FALSE(child.is_piped(output_stream::err));
    line_stream stream = child.lines();
    for (;;) {
      const std::optional<line> next = co_await stream.next();
      if (!next) break;
      lines.emplace_back(next->text);
    }
  };
  run(context, listen);
  CHECK(lines == std::vector<std::string>{"one", "two", "rest"});
}

TEST_CASE("much output comes whole to its end") {
  const no_leaks guard;
  CHECK(said_by(on_terminal("flood", "1000000", "print", "", "print", "end")).find("end\r\n") != std::string::npos);
}

TEST_CASE("what is written is typed and closing is the end of file") {
  const no_leaks guard;
  asio::io_context context;
  std::string said;
  const auto talk = [&]() -> task<void> {
    process child = co_await spawn(on_terminal("cat", "print", "end"));
    co_await child.write_stdin("hello\n");
    said = co_await read_until(child, "hello\r\nhello\r\n");
    child.close_stdin();
    child.close_stdin();
    said += co_await read_all(child);
    const exit_status status = co_await child.wait();
    CHECK(status.is_success());
    const attempted<void> late = co_await attempt(child.write_stdin("x"));
    CHECK(late.reason().code() == errc::stdin_closed);
  };
  run(context, talk);
  CHECK(said == "hello\r\nhello\r\nend\r\n");
}

TEST_CASE("an interrupt that is typed reaches the child as a signal") {
  const no_leaks guard;
  asio::io_context context;
  const auto talk = [&]() -> task<exit_status> {
    process child = co_await spawn(on_terminal("no-core", "print", "ready", "wait"));
    co_await read_until(child, "ready");
    co_await child.write_stdin("\x03");
    co_return co_await child.wait();
  };
  CHECK(run(context, talk) == exit_status::signaled(signal_number(SIGINT)));
}

TEST_CASE("a new size is seen and told by a signal") {
  const no_leaks guard;
  asio::io_context context;
  std::string said;
  const auto talk = [&]() -> task<void> {
    process child = co_await spawn(on_terminal("print", "ready", "read-line", "terminal"));
    co_await read_until(child, "ready");
    child.resize(100, 30);
    co_await child.write_stdin("\n");
    said = co_await read_all(child);
    co_await child.wait();
    child.resize(1, 1);  // nobody is there who could mind
    process trapping = co_await spawn(on_terminal("trap", "28", "7", "print", "ready", "wait"));
    co_await read_until(trapping, "ready");
    trapping.resize(90, 20);
    const exit_status status = co_await trapping.wait();
    CHECK(status == exit_status::exited(7));
  };
  run(context, talk);
  CHECK_THAT(said, catchx::ContainsSubstring("terminal yes yes yes 100x30 foreground"));
}

TEST_CASE("a child without a terminal has no size") {
  const no_leaks guard;
  asio::io_context context;
  process child = test::complete(context, spawn(child_command("wait")));
  try {
    child.resize(80, 24);
    FAIL("was resized");
  } catch (const error& failure) {
    CHECK(failure.code() == std::errc::inappropriate_io_control_operation);
    CHECK(failure.step() == "resize");
    CHECK_THAT(failure.context(), catchx::ContainsSubstring("give its command a terminal first"));
  }
  child.send(signal_number(SIGKILL));
  test::run_dry(context);
}

TEST_CASE("a terminal whose handle dies hangs up and leaves nothing") {
  const no_leaks guard;
  asio::io_context context;
  {
    const process child = test::complete(context, spawn(on_terminal("ignore", "HUP", "wait")));
    CHECK(child.what().terminal() == terminal_size{132, 43});
  }
  test::run_dry(context);
}

TEST_CASE("a start that fails leaves no terminal and says which stream was set beside it") {
  const no_leaks guard;
  const auto failure_of = [](command what) {
    asio::io_context context;
    try {
      test::complete(context, spawn(std::move(what)));
    } catch (const spawn_error& failure) {
      return failure.step() + ": " + failure.context();
    }
    return std::string("none");
  };
  command absent("/no/such/program");
  absent.terminal(80, 24);
  CHECK(failure_of(absent) == "exec: /no/such/program");
  command contradicting = child_command("wait");
  contradicting.terminal(80, 24).output(output_target(output_target::discarded()));
  CHECK(failure_of(contradicting) == "terminal: all three streams are on the terminal: set none of them after it");
}

TEST_CASE("another user owns its terminal") {
  const no_leaks guard;
  if (::geteuid() != 0) return;
  command what = command::shell("stat -c %u $(tty)");
  what.user("65534").terminal(80, 24);
  CHECK(said_by(what) == "65534\r\n");
}

}  // namespace t_process_terminal
