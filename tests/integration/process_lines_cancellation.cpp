// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What reads a process, its lines and its readiness, cancelled at every suspension point with every type; see
// support/cancel.hpp.
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <cancel.hpp>
#include <run_child.hpp>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/alarm.hpp>
#include <ovrseer/check/combine.hpp>
#include <ovrseer/check/exec.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/notify.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/check/ready.hpp>
#include <ovrseer/check/tcp.hpp>
#include <ovrseer/check/within.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/log/pump.hpp>
#include <ovrseer/sim/scripted_os.hpp>

namespace t_process_lines_cancellation {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::all_abort;
using test::cancel_everywhere;
using test::child_command;
using test::stage;
using test::time_kind;

command talker() {
  return child_command("sleep", "20", "print", "one", "error", "two", "sleep", "20", "print", "ready", "wait");
}

task<void> read_lines(stage&) {
  process child = co_await spawn(talker());
  line_stream lines = child.lines();
  for (int count = 0; count < 3; ++count) {
    const std::optional<line> next = co_await lines.next();
    if (!next) throw std::runtime_error("a line is missing");
  }
}
TEST_CASE("lines next") { cancel_everywhere({"process::lines, next", read_lines, all_abort, time_kind::real}); }

task<void> ready_by(any_check check) {
  process child = co_await spawn(talker());
  const check_result answer = co_await ready(child, std::move(check));
  if (!answer.is_ready()) throw std::runtime_error(answer.reason);
}

task<void> ready_by_line(stage&) { return ready_by(log_line(*pattern<>::compile("ready"))); }
TEST_CASE("ready by a log line") {
  cancel_everywhere({"ready, by a log line", ready_by_line, all_abort, time_kind::real});
}

task<void> ready_by_command(stage&) { return ready_by(exec(child_command("sleep", "20", "exit", "0"))); }
TEST_CASE("ready by a command") {
  cancel_everywhere({"ready, by a command", ready_by_command, all_abort, time_kind::real});
}

std::uint16_t open_port = 0;
void open_a_port(stage& at) {
  const asio::ip::tcp::endpoint any_port(asio::ip::address_v4::loopback(), 0);
  auto& door = at.keep<asio::ip::tcp::acceptor>(at.context(), any_port);
  open_port = door.local_endpoint().port();
}
task<void> ready_by_port(stage&) { return ready_by(within(tcp("127.0.0.1", open_port), 5s)); }
TEST_CASE("ready by a port") {
  cancel_everywhere({"ready, by a port within a limit", ready_by_port, all_abort, time_kind::real, open_a_port});
}

// The same without `ready`, which a supervisor does not use.
task<void> ask(any_check check) {
  process child = co_await spawn(talker());
  check_target target;
  target.lines = &feed_of(child);
  target.child = &child;
  const check_result answer = co_await check(target);
  if (!answer.is_ready()) throw std::runtime_error(answer.reason);
}
any_check soon() { return exec(child_command("sleep", "10", "exit", "0")); }
task<void> ask_line(stage&) { return ask(log_line(*pattern<>::compile("ready"))); }
task<void> ask_command(stage&) { return ask(soon()); }
task<void> ask_again(stage&) {
  return ask(probing(soon(), probe_timing().initial_delay(5ms).interval(5ms).successes(2)));
}
task<void> ask_several(stage&) { return ask(all_of({soon(), within(soon(), 5s)})); }
TEST_CASE("checks by themselves") {
  cancel_everywhere({"log_line", ask_line, all_abort, time_kind::real});
  cancel_everywhere({"exec", ask_command, all_abort, time_kind::real});
  cancel_everywhere({"probing", ask_again, all_abort, time_kind::real});
  cancel_everywhere({"all_of, within", ask_several, all_abort, time_kind::real});
}

void script_a_server(stage& at) {
  auto os = std::make_unique<scripted_os>(1);
  process_script script;
  for (int i = 0; i < 40; ++i) script.notify("WATCHDOG=1");  // more than are taken in a row
  os->program("server", script.wait(1s).notify("READY=1").wait(1s).exit(0));
  use_os(at.context(), std::move(os));
}

notify_channel* prepared_channel = nullptr;
process* prepared_server = nullptr;
/// A server that has said much before anybody listens.
void start_a_server(stage& at) {
  script_a_server(at);
  prepared_channel = &at.keep<notify_channel>(at.ex());
  command what("server");
  prepared_channel->prepare(what);
  prepared_server = &at.keep_process();
  *prepared_server = process(os_of(at.ex()).spawn(at.ex(), what));
  at.step();
}
task<void> listen_to_notices(stage&) { return prepared_channel->listen(prepared_server->shared()); }
task<void> ask_for_notice(stage& at) {
  auto& said = at.keep<notify_channel>(at.ex());
  command what("server");
  said.prepare(what);
  const process server = co_await spawn(what);
  asio::co_spawn(at.ex(), said.listen(server.shared()), [](const std::exception_ptr&) {});
  check_target target;
  target.notify = &said;
  const check_result answer = co_await notified()(target);
  if (!answer.is_ready()) throw std::runtime_error(answer.reason);
}
TEST_CASE("notify channels") {
  cancel_everywhere({"notify_channel::listen", listen_to_notices, all_abort, time_kind::simulated, start_a_server});
  cancel_everywhere({"notified", ask_for_notice, all_abort, time_kind::simulated, script_a_server});
}

task<void> pump_both(stage& at) {
  process child = co_await spawn(child_command("sleep", "20", "print", "one", "exit", "0"));
  co_await pump_output(child.shared(), at.keep<line_feed>(at.ex()));
}
TEST_CASE("pump_output") { cancel_everywhere({"pump_output", pump_both, all_abort, time_kind::real}); }

// Says one line, and admits no cancellation by itself.
struct slow_source {
  stage& at;
  int reads = 0;
  task<std::string_view> read_output(output_stream) {
    notifier woken(at.ex());
    const ovrseer::alarm wake(at.ex(), clock_of(at.ex()).now() + 1s, woken);
    co_await woken.wait();
    std::string_view said;
    if (++reads == 1) said = "one\n";
    co_return said;
  }
};
task<void> pump_one(stage& at) {
  auto& source = at.keep<slow_source>(at);
  co_await pump(source, at.keep<line_feed>(at.ex()), output_stream::out);
}
TEST_CASE("pump") { cancel_everywhere({"pump", pump_one}); }

}  // namespace t_process_lines_cancellation
