// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A supervisor of one's own, composed from operations: no supervisor class.
#include <iostream>
#include <stdexcept>

#include <ovrseer/ovrseer.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

const char* const script = "echo listening on 8080; echo query took 12ms; echo java: Out of memory; sleep 60";

// One life of the worker: started, ready, and watched until a line asks for its end.
task<void> one_life(std::uint32_t attempt) {
  process worker = co_await spawn(command::shell(script));
  line_stream lines = worker.lines();
  const check_result up = co_await with_deadline(ready(worker, log_line(pattern<"listening on (\\d+)">())), 5s);
  if (!up.is_ready()) throw error(errc::not_ready, "worker", up.reason);
  std::cout << "attempt " << attempt << ": ready\n";
  for (;;) {
    const std::optional<line> next = co_await lines.next();
    if (!next) break;
    std::cout << "  worker | " << next->text << '\n';
    if (!pattern<"out of memory", icase>().matches(next->text)) continue;
    const stop_report end = co_await stop(worker, stop_plan(signal_number(SIGTERM), 2s));
    throw std::runtime_error("out of memory, " + to_text(*end.status));
  }
}

int main() {
  asio::io_context io;
  auto life = retry(retry_limits(backoff::exponential(100ms, 2s)).attempts(2), one_life);
  asio::co_spawn(io, std::move(life), [](const std::exception_ptr& failure) {
    if (failure) std::cout << caught(failure).what() << '\n';
  });
  io.run();
}
