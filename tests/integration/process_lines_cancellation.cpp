// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What reads a process, its lines and its readiness, cancelled at every suspension point with every type; see
// support/cancel.hpp.
#include <optional>

#include <cancel.hpp>
#include <run_child.hpp>

#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/ready.hpp>
#include <ovrseer/log/line_stream.hpp>

namespace t_process_lines_cancellation {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::cancel_everywhere;
using test::child_command;
using test::promise;
using test::stage;
using test::time_kind;

constexpr std::array<promise, 3> all_abort{promise::aborts, promise::aborts, promise::aborts};

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

task<void> wait_until_ready(stage&) {
  process child = co_await spawn(talker());
  const any_check check = log_line(*pattern<>::compile("ready"));
  const check_result answer = co_await ready(child, check);
  if (!answer.is_ready()) throw std::runtime_error(answer.reason);
}
TEST_CASE("ready by a log line") {
  cancel_everywhere({"ready, by a log line", wait_until_ready, all_abort, time_kind::real});
}

}  // namespace t_process_lines_cancellation
