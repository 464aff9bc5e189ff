// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A receiver that fails is left alone: after two failures the circuit breaker opens and nothing is sent, after its rest one
// report is a probe, and when that arrives all goes on as before.
#include <chrono>
#include <cstdlib>
#include <iostream>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/service/webhook.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

/// Tells of each change of the breaker, and ends the stack when it has closed again.
struct watched {
  supervisor& stack;
  circuit_broken<webhook_reporter<curl_client>> inner;
  breaker_state last = breaker_state::closed;
  int kept_back = 0;

  task<void> deliver(const crash_report& report) {
    const attempted<void> ended = co_await attempt(inner.deliver(report));
    if (!ended && ended.reason().code() == errc::circuit_open) ++kept_back;
    if (inner.breaker().state() != last) {
      last = inner.breaker().state();
      std::cout << "the breaker is " << to_text(last) << std::endl;
      if (last == breaker_state::closed) stack.request_stop("the receiver is back");
    }
  }
};

int main() {
  const char* address = std::getenv("WEBHOOK_URL");
  if (address == nullptr) return std::cerr << "set WEBHOOK_URL, which takes a report as JSON\n", 2;

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec worker("worker", command::shell("echo fatal: no space left on device; exit 3"));
  worker.restart(restart_rules().delays(backoff::constant(50ms)).max_retries(0));  // for ever
  stack.add(std::move(worker));

  breaker_options options;
  options.least = 2;
  options.rest = 200ms;
  options.longest = 1s;
  webhook_reporter<curl_client> sender(webhook(address), curl_client(io.get_executor()));
  watched reporter{stack, circuit_broken(std::move(sender), options)};
  auto told = asio::co_spawn(io, attach(stack, borrowed(reporter)), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();
  told.get();
  std::cout << "kept back meanwhile: " << reporter.kept_back << '\n';
  return ended.get();
}
