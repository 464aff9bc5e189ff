// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Metrics of all units on a page that Prometheus scrapes, until SIGINT or SIGTERM.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/async/first_of.hpp>
#include <ovrseer/async/signals.hpp>
#include <ovrseer/async/when_all.hpp>
#include <ovrseer/export/endpoint.hpp>
#include <ovrseer/export/supervisor_health.hpp>
#include <ovrseer/export/supervisor_metrics.hpp>
#include <ovrseer/net/llhttp.hpp>
#include <ovrseer/supervise/supervisor.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

task<int> run(supervisor& stack, llhttp_server& server) {
  const executor ex = co_await asio::this_coro::executor;
  program_signals signals(ex);
  registry metrics;
  supervisor_metrics units(metrics);
  const endpoint pages([&] { return metrics.collect(); }, [&] { return health_of(stack); });
  auto work = when_all(stack.run(), units.run(stack.events().subscribe_from(1)));
  // Whoever ends first ends the others; for the stack that is a request to stop.
  const auto first = co_await first_of(std::move(work), server.serve(pages.handler()), signals.next());
  co_return first.index() == 0 ? std::get<0>(std::get<0>(first)) : 0;
}

int main() {
  const char* port = std::getenv("METRICS_PORT");
  if (port == nullptr) return std::cerr << "set METRICS_PORT, to 0 for any that is free\n", 2;

  asio::io_context io;
  supervisor stack(io.get_executor());
  stack.add(unit_spec("api", command::shell("echo listening on 8080; exec sleep 3600")));
  unit_spec worker("worker", command::shell("echo fatal: no space left on device; exit 3"));
  worker.restart(restart_rules().delays(backoff::constant(1s)).max_retries(0));  // for ever
  stack.add(std::move(worker));

  llhttp_server server(io.get_executor(), server_endpoint::loopback(static_cast<std::uint16_t>(std::stoul(port))));
  std::cout << "metrics on " << to_text(server.endpoint().at("/metrics")) << std::endl;
  auto ended = asio::co_spawn(io, run(stack, server), asio::use_future);
  io.run();
  return ended.get();
}
