// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Every operation on a process cancelled at every suspension point with every type; see support/cancel.hpp.
#include <memory>
#include <string>
#include <string_view>

#include <cancel.hpp>
#include <run_child.hpp>

#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/process/stop.hpp>

namespace t_process_cancellation {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::all_abort;
using test::all_finish;
using test::cancel_everywhere;
using test::child_command;
using test::ending;
using test::progress;
using test::stage;
using test::time_kind;

/// Speaks and ends by itself, but not before somebody listens.
command short_lived() { return child_command("sleep", "20", "print", "ready", "sleep", "20", "exit", "7"); }
/// Ends gently on SIGTERM.
command obedient() { return child_command("trap", "TERM", "7", "print", "ready", "wait"); }
/// Ends by SIGKILL alone.
command deaf() { return child_command("ignore", "TERM", "print", "ready", "wait"); }
/// Waits for its input to end.
command listening() {
  command what = child_command("print", "ready", "sleep", "20", "skip-input", "exit", "7");
  what.input(stdin_source(stdin_source::writer{}));
  return what;
}

task<void> start(command what, process& into) {
  into = co_await spawn(std::move(what));
  co_await test::read_until(into, "ready");
}

/// A child that has said that it is ready, before the operation begins.
process& child_of(stage& at, command what) {
  process& child = at.keep_process();
  test::complete(at.context(), start(std::move(what), child));
  return child;
}

process* prepared = nullptr;

task<void> spawn_only(stage&) {
  const process child = co_await spawn(short_lived());
  if (child.pid() <= 0) throw std::runtime_error("no child");
}
TEST_CASE("spawn") { cancel_everywhere({"spawn", spawn_only, all_abort, time_kind::real}); }

task<void> wait_for_end(stage&) {
  process child = co_await spawn(short_lived());
  const exit_status status = co_await child.wait();
  if (status != exit_status::exited(7)) throw std::runtime_error(to_text(status));
}
TEST_CASE("wait") { cancel_everywhere({"process::wait", wait_for_end, all_abort, time_kind::real}); }

task<void> read_output(stage&) {
  process child = co_await spawn(short_lived());
  const std::string said = co_await test::read_all(child);
  if (said != "ready\n") throw std::runtime_error("said " + said);
}
TEST_CASE("read_output") { cancel_everywhere({"process::read_output", read_output, all_abort, time_kind::real}); }

task<void> write_input(stage&) {
  const std::string large(300'000, 'x');  // more than the pipe holds
  co_await prepared->write_stdin(large);
}
void prepare_listener(stage& at) { prepared = &child_of(at, listening()); }
TEST_CASE("write_stdin") {
  cancel_everywhere({"process::write_stdin", write_input, all_abort, time_kind::real, prepare_listener});
}

task<void> await_notice(stage& at) {
  const std::unique_ptr<notify_socket> socket = os_of(at.ex()).open_notify_socket(at.ex());
  command what = child_command("sleep", "20", "notify", "READY=1", "exit", "7");
  what.env("NOTIFY_SOCKET", socket->address());
  const process child = co_await spawn(what);
  co_await socket->wait();
  if (!socket->try_receive()) throw std::runtime_error("no notice");
}
TEST_CASE("notify_socket") { cancel_everywhere({"notify_socket::wait", await_notice, all_abort, time_kind::real}); }

// `total` changes nothing, so that the plan must come to its end by itself; what pushes must not wait for it.
void prepare_obedient(stage& at) { prepared = &child_of(at, obedient()); }
void prepare_deaf(stage& at) { prepared = &child_of(at, deaf()); }

task<void> stop_by(stop_plan plan) {
  const stop_report report = co_await stop(*prepared, std::move(plan));
  if (!report.is_clean()) throw std::runtime_error("not clean");
}
task<void> stop_soon(stage&) { return stop_by(stop_plan(signal_number(SIGTERM), 5ms)); }
TEST_CASE("stop") { cancel_everywhere({"stop", stop_soon, all_finish, time_kind::real, prepare_obedient}); }
TEST_CASE("stop of a deaf child") {
  cancel_everywhere({"stop, of a deaf child", stop_soon, all_finish, time_kind::real, prepare_deaf});
}

// Without a push it would take an hour, but `total` is none: then the child obeys.
void prepare_pushed(stage& at) { prepared = &child_of(at, at.planned_end == ending::total ? obedient() : deaf()); }
task<void> stop_late(stage&) { return stop_by(stop_plan(signal_number(SIGTERM), 1h)); }
TEST_CASE("stop that is pushed") {
  cancel_everywhere({"stop, pushed", stop_late, all_finish, time_kind::real, prepare_pushed, progress::when_pushed});
}

task<void> stop_by_command(stage& at) {
  const auto never = [&at](process&) -> task<void> {
    const stage::frame here(at);
    co_await sleep_for(1h);
  };
  stop_plan plan = stop_plan::empty();
  plan.then(stop_step(child_command("wait"), 20ms).until(never)).then_kill();
  co_await stop_by(plan);
}
TEST_CASE("stop by a command and a condition") {
  cancel_everywhere({"stop, by a command", stop_by_command, all_finish, time_kind::real, prepare_deaf});
}

task<void> with_child(stage& at) {
  const auto body = [&at](process& child) -> task<void> {
    const stage::frame here(at);
    co_await test::read_until(child, "ready");
  };
  // A child that has not yet said that it is ready may not yet obey: the plan must not wait long for it.
  co_await with_process(obedient(), body, stop_plan(signal_number(SIGTERM), 50ms));
}
TEST_CASE("with_process") { cancel_everywhere({"with_process", with_child, all_abort, time_kind::real}); }

task<void> deadline_on_process(stage& at) {
  const auto body = [&at](process& child) -> task<void> {
    const stage::frame here(at);
    co_await child.wait();
  };
  const stop_plan plan(signal_number(SIGTERM), 1h);
  const attempted<void> late = co_await attempt(with_deadline(with_process(deaf(), body, plan), 20ms, 5ms));
  if (late) throw std::runtime_error("not too late");
}
TEST_CASE("with_deadline of with_process") {
  cancel_everywhere({"with_deadline of with_process", deadline_on_process, all_abort, time_kind::real});
}

}  // namespace t_process_cancellation
