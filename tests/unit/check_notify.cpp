// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What processes say by the notify protocol: scripted ones in virtual time, and real ones over real sockets.
#include <ovrseer/check/notify.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/check/combine.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/check/ready.hpp>
#include <ovrseer/check/tcp.hpp>
#include <ovrseer/check/within.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/process/stop.hpp>
#include <ovrseer/sim/simulated_world.hpp>

#include "catch.hpp"
#include "leaks.hpp"
#include "run.hpp"
#include "run_child.hpp"

namespace t_check_notify {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;
using verdict = check_result::verdict;

// ---- scripted processes

/// A scripted process with a channel, and what a check says of it.
struct scene {
  explicit scene(process_script script) { world.os().program("server", std::move(script)); }

  check_result ask(any_check check) { return world.run(ask(*this, std::move(check))); }

  static task<check_result> ask(scene& in, any_check check) {
    command what("server");
    in.said.prepare(what);
    in.server = co_await spawn(what);
    asio::co_spawn(in.world.context(), in.said.listen(in.server.shared()), [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
    check_result answer = co_await ready(in.server, std::move(check), in.said);
    co_return answer;
  }

  simulated_world world;
  notify_channel said{world.get_executor()};
  process server;
};

TEST_CASE("a scripted process is ready when it notifies so") {
  scene s(process_script().notify("STATUS=loading").wait(7s).notify("READY=1\nSTATUS=serving").wait(1h).exit(0));
  const check_result answer = s.ask(notified());
  CHECK(answer.is_ready());
  CHECK(answer.took == 7s);
  CHECK(s.said.state().status == "serving");
  CHECK(s.said.state().ready_at == steady_time(7s));
  CHECK(s.said.counts().taken == 2);
}

TEST_CASE("a process that does not notify in time is late") {
  scene s(process_script().notify("STATUS=still loading").wait(1h));
  const check_result answer = s.ask(notified().limit(30s));
  CHECK(answer.outcome == verdict::timed_out);
  CHECK(answer.reason == "no READY=1 within 30s, its status: still loading");
  CHECK(answer.took == 30s);
}

TEST_CASE("a process can ask for more time to become ready") {
  const auto more = [](const char* usec) { return std::string("EXTEND_TIMEOUT_USEC=") + usec; };
  scene s(process_script()
              .wait(20s)
              .notify(more("30000000"))
              .wait(25s)
              .notify(more("10000000"))
              .wait(6s)
              .notify("READY=1"));
  CHECK(s.ask(notified().limit(30s)).took == 51s);
  scene late(process_script().wait(20s).notify(more("15000000")).wait(16s).notify("READY=1"));
  CHECK(late.ask(notified().limit(30s)).took == 35s);
  scene shorter(process_script().wait(5s).notify(more("1000000")).wait(20s).notify("READY=1"));
  CHECK(shorter.ask(notified().limit(30s)).is_ready());  // more time is never less
}

TEST_CASE("a process that stops or ends before it notified is not ready") {
  scene stops(process_script().wait(1s).notify("STOPPING=1\nSTATUS=no disk").wait(1h));
  const check_result answer = stops.ask(notified());
  CHECK(answer.outcome == verdict::not_ready);
  CHECK(answer.reason == "it says that it is stopping, its status: no disk");
  scene ends(process_script().wait(2s).exit(4));
  CHECK(ends.ask(notified()).reason == "exited with code 4 before it was ready");
}

TEST_CASE("a notified check combines with others and describes itself") {
  scene s(process_script().wait(1s).listen(80).wait(1s).notify("READY=1").wait(1h));
  CHECK(s.ask(all_of(notified(), probing(tcp("127.0.0.1", 80)))).took == 2s);
  CHECK(any_check(notified()).describe() == "READY=1");
  CHECK(any_check(notified()).bound() == 0s);
  CHECK(any_check(notified().limit(5s)).bound() == 5s);
}

TEST_CASE("without a channel nothing is notified") {
  simulated_world world;
  const check_result answer = world.run(notified()(check_target{}));
  CHECK(answer.outcome == verdict::not_ready);
  CHECK(answer.reason == "it was given no notify socket");
  notify_channel said(world.get_executor());
  world.os().program("server", process_script().notify("READY=1").wait(1h));
  const auto story = [&]() -> task<void> {
    process server = co_await spawn(command("server"));
    co_await said.listen(server.shared());
  };
  CHECK_THROWS_AS(world.run(story()), error);
}

TEST_CASE("a channel sets what a child must know and hides what it must not") {
  simulated_world world;
  command what("server");
  what.env("WATCHDOG_PID", "1").env("WATCHDOG_USEC", "5");
  notify_channel plain(world.get_executor());
  plain.prepare(what);
  CHECK(what.environment().at("NOTIFY_SOCKET").value().front() == '@');
  CHECK_FALSE(what.environment().at("WATCHDOG_PID").has_value());
  CHECK_FALSE(what.environment().at("WATCHDOG_USEC").has_value());
  notify_channel watched(world.get_executor(), 1500ms);
  const std::string first = what.environment().at("NOTIFY_SOCKET").value();
  watched.prepare(what);
  CHECK(what.environment().at("WATCHDOG_USEC") == "1500000");
  CHECK(what.environment().at("NOTIFY_SOCKET") != first);
}

TEST_CASE("a grandchild may notify and an incarnation begins with nothing said") {
  scene s(process_script().fork(process_script().wait(3s).notify("READY=1").wait(1s).exit(0)).wait(10s).exit(1));
  CHECK(s.ask(notified()).took == 3s);
  CHECK(s.said.state().is_ready);
  s.world.run_for(1min);
  CHECK(s.said.state().is_ready);  // of the process that has ended
  s.world.os().program("server", process_script().wait(1h));
  CHECK(s.ask(notified().limit(5s)).outcome == verdict::timed_out);
  CHECK_FALSE(s.said.state().is_ready);
  CHECK(s.said.counts().taken == 1);
}

TEST_CASE("a main process is taken from the tree alone") {
  // In a scripted world numbers begin with 1000.
  scene s(process_script().wait(1s).notify("MAINPID=1\nREADY=1").wait(1s).notify("MAINPID=1000").wait(1h));
  CHECK(s.ask(notified()).is_ready());
  CHECK_FALSE(s.said.state().main_pid.has_value());
  CHECK(s.said.counts().strangers == 1);
  s.world.run_for(2s);
  CHECK(s.said.state().main_pid == 1000);
}

TEST_CASE("what is no message and what means nothing is counted") {
  scene s(
      process_script().notify(std::string("READY=1\0", 8)).notify("FDSTORE=1\nFDNAME=x").wait(1s).notify("READY=1"));
  CHECK(s.ask(notified()).took == 1s);
  CHECK(s.said.counts().malformed == 1);
  CHECK(s.said.counts().ignored == 2);
  CHECK(s.said.counts().taken == 2);
}

TEST_CASE("messages before the listener comes and last words are heard") {
  simulated_world world;
  notify_channel said(world.get_executor());
  world.os().program("job", process_script().notify("READY=1").notify("STOPPING=1\nEXIT_STATUS=3").exit(3));
  const auto story = [&]() -> task<void> {
    command what("job");
    said.prepare(what);
    process job = co_await spawn(what);
    co_await job.wait();
    co_await said.listen(job.shared());
  };
  world.run(story());
  CHECK(said.state().is_ready);
  CHECK(said.state().is_stopping);
  CHECK(said.state().exit_status == 3);
}

TEST_CASE("listening ends when the channel is prepared anew or closed") {
  scene s(process_script().wait(1s).notify("READY=1").wait(1s).notify("STATUS=old").wait(1h));
  s.ask(notified());
  command other("server");
  s.said.prepare(other);
  s.world.run_for(1min);
  CHECK(s.said.state().status.empty());
  CHECK(s.said.counts().taken == 1);
  s.said.close();
}

// ---- real processes

/// All lines of a process up to one with a word.
task<std::string> hear(process& from, std::string word) {
  line_stream lines = from.lines();
  std::string all;
  while (all.find(word) == std::string::npos) {
    const std::optional<line> next = co_await lines.next();
    if (!next) throw std::runtime_error("it never said \"" + word + "\" but \"" + all + "\"");
    all.append(next->text).append("\n");
  }
  co_return all;
}

/// The same with a real one: asks, then tells a story with the process, then kills it.
template <class Story>
check_result with_real(command what, any_check check, Story story) {
  const no_leaks nothing_left;
  asio::io_context context;
  const auto scenario = [&]() -> task<check_result> {
    notify_channel said(context.get_executor(), 2s);
    said.prepare(what);
    process server = co_await spawn(what);
    nursery work(context.get_executor());
    work.start(said.listen(server.shared()));
    const check_result answer = co_await ready(server, std::move(check), said);
    co_await story(server, said);
    server.send(signal_number(SIGKILL), stop_scope::tree);
    co_await server.wait();
    co_await work.join();
    if (work.failure()) std::rethrow_exception(work.failure());
    co_return answer;
  };
  check_result answer = run(context, scenario);
  return answer;
}
task<void> nothing_more(process&, notify_channel&) { co_return; }

TEST_CASE("a real process notifies over its socket") {
  const check_result answer =
      with_real(child_command("notify", "READY=1\nSTATUS=serving", "notify-barrier", "notify", "WATCHDOG=1", "wait"),
                notified(), [](process&, notify_channel& said) -> task<void> {
                  while (!said.state().last_beat) co_await said.changed().wait();
                  CHECK(said.state().status == "serving");
                  CHECK(said.counts().taken == 3);
                  CHECK(said.counts().strangers == 0);
                });
  CHECK(answer.is_ready());
}

TEST_CASE("a barrier is passed when everything before it is known") {
  with_real(child_command("notify", "STATUS=1", "notify-with-descriptor", "STATUS=2", "notify-with-descriptor",
                          "FDSTORE=1\nFDNAME=out", "notify-barrier", "print", "passed", "wait"),
            always_ready(), [](process& server, notify_channel& said) -> task<void> {
              const std::string heard = co_await hear(server, "passed");
              CHECK(said.state().status == "2");
              CHECK(said.counts().ignored == 2);
            });
}

TEST_CASE("a real process finds its socket and its watchdog in the environment") {
  with_real(
      child_command("env", "NOTIFY_SOCKET", "env", "WATCHDOG_USEC", "env", "WATCHDOG_PID", "print", "end", "wait"),
      always_ready(), [](process& server, notify_channel&) -> task<void> {
        const std::string said = co_await hear(server, "end");
        CHECK_THAT(said, catchx::ContainsSubstring("NOTIFY_SOCKET=@ovrseer-notify/"));
        CHECK_THAT(said, catchx::ContainsSubstring("WATCHDOG_USEC=2000000\nWATCHDOG_PID unset\n"));
      });
}

TEST_CASE("a daemon that left its tree but for its mark notifies all the same") {
  const check_result answer = with_real(
      child_command("daemon", "{", "notify", "READY=1", "notify-barrier", "print", "known", "wait", "}", "wait"),
      notified(),
      [](process& server, notify_channel&) -> task<void> { const std::string heard = co_await hear(server, "known"); });
  CHECK(answer.is_ready());
}

/// Sends as this process, which belongs to no tree of a child.
void send_as_stranger(const std::string& address, const std::string& text) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  REQUIRE(address.size() < sizeof where.sun_path);
  std::memcpy(where.sun_path, address.data(), address.size());
  where.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  const ssize_t sent = ::sendto(fd, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&where), length);
  CHECK(sent == static_cast<ssize_t>(text.size()));
  ::close(fd);
}

TEST_CASE("a stranger is not believed and what is too long is not read") {
  const no_leaks nothing_left;
  asio::io_context context;
  const auto scenario = [&]() -> task<void> {
    notify_channel said(context.get_executor());
    command what = child_command("cat", "notify", "STATUS=" + std::string(5000, 'x'), "notify", "READY=1", "wait");
    what.input(stdin_source(stdin_source::writer{}));
    said.prepare(what);
    process server = co_await spawn(what);
    send_as_stranger(what.environment().at("NOTIFY_SOCKET").value(), "READY=1\nSTATUS=taken over");
    nursery work(context.get_executor());
    work.start(said.listen(server.shared()));
    server.close_stdin();
    const check_result answer = co_await ready(server, notified(), said);
    CHECK(answer.is_ready());
    CHECK(said.state().status.empty());
    CHECK(said.counts().strangers == 1);
    CHECK(said.counts().malformed == 1);
    CHECK(said.counts().taken == 1);
    server.send(signal_number(SIGKILL));
    co_await server.wait();
    co_await work.join();
    CHECK_FALSE(work.failure());
  };
  run(context, scenario);
}

TEST_CASE("the sender of systemd is understood and its barrier lets it go on") {
  if (::access("/usr/bin/systemd-notify", X_OK) != 0) SKIP("there is no systemd-notify here");
  const check_result answer = with_real(
      command::shell(
          "systemd-notify --ready --status='at work' && systemd-notify WATCHDOG=1 && echo passed; exec sleep 1000"),
      notified(), [](process& server, notify_channel& said) -> task<void> {
        while (!said.state().last_beat) co_await said.changed().wait();
        CHECK(said.state().status == "at work");
        const std::string heard = co_await hear(server, "passed");
        CHECK(said.counts().strangers == 0);
      });
  CHECK(answer.is_ready());
}

TEST_CASE("the last words of a real process are heard") {
  const no_leaks nothing_left;
  asio::io_context context;
  const auto scenario = [&]() -> task<void> {
    notify_channel said(context.get_executor());
    command what = child_command("notify", "READY=1", "notify", "STOPPING=1\nERRNO=28\nEXIT_STATUS=3", "exit", "3");
    said.prepare(what);
    process server = co_await spawn(what);
    co_await said.listen(server.shared());
    CHECK(server.status() == exit_status::exited(3));
    CHECK(said.state().is_ready);
    CHECK(said.state().error_number == 28);
    CHECK(said.state().exit_status == 3);
  };
  run(context, scenario);
}

TEST_CASE("membership of one process is that of the whole tree") {
  const no_leaks nothing_left;
  asio::io_context context;
  const auto scenario = [&]() -> task<void> {
    process parent = co_await spawn(child_command("fork", "{", "pid", "wait", "}", "fork", "{", "setsid", "pid", "wait",
                                                  "}", "daemon", "{", "pid", "wait", "}", "wait"));
    std::size_t pids = 0;
    while (pids < 3) {
      const std::string_view bytes = co_await parent.read_output(output_stream::out);
      for (const char c : bytes) pids += c == '\n' ? 1 : 0;
    }
    child& tree = *parent.shared();
    for (const process_info& each : parent.tree()) {
      INFO(each.name << " " << each.pid);
      CHECK(tree.has_member(each.pid));
    }
    CHECK(parent.tree().size() == 4);
    CHECK_FALSE(tree.has_member(::getpid()));
    CHECK_FALSE(tree.has_member(::getppid()));
    CHECK_FALSE(tree.has_member(1));
    CHECK_FALSE(tree.has_member(0));
    CHECK_FALSE(tree.has_member(-1));
    CHECK_FALSE(tree.has_member(0x3FFFFFFF));
    const stop_report report = co_await stop(parent, stop_plan::kill());
    CHECK(report.is_clean());
  };
  run(context, scenario);
}

}  // namespace t_check_notify
