// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Structured logs on standard output, as containers want them: one JSON object for each line of each unit and for each
// event of the supervisor. With a `rotating_writer` in place of the writer here they go to a file.
#include <iostream>
#include <string>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/sink/attach_events.hpp>
#include <ovrseer/sink/attach_lines.hpp>
#include <ovrseer/sink/json_lines.hpp>

using namespace ovrseer;

struct standard_output {
  task<void> deliver(const std::string& lines) {
    std::cout << lines << std::flush;
    co_return;
  }
};

int main() {
  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec worker(
      "worker", command::shell("echo job 1 took 12ms; echo '{\"level\":\"warn\",\"msg\":\"job 2 is slow\"}'; exit 3"));
  worker.restart(restart_rules(restart_rules::when::never));
  worker.flag(flag_spec("slow", pattern<"took (?<ms>\\d+)ms">()));
  stack.add(std::move(worker));

  auto lines = asio::co_spawn(io, attach_lines(stack, json_lines(standard_output())), asio::use_future);
  auto events = asio::co_spawn(io, attach_events(stack, json_lines(standard_output())), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();
  lines.get();
  events.get();
  return ended.get();
}
