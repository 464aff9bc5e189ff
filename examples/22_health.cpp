// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Pages for an orchestrator: /health says whether the supervisor itself works, /ready whether all units are ready, and if
// not, which and why. Runs until SIGINT or SIGTERM.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <variant>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/async/first_of.hpp>
#include <ovrseer/async/signals.hpp>
#include <ovrseer/check/file.hpp>
#include <ovrseer/check/probe.hpp>
#include <ovrseer/export/endpoint.hpp>
#include <ovrseer/export/supervisor_health.hpp>
#include <ovrseer/net/llhttp.hpp>
#include <ovrseer/supervise/supervisor.hpp>

using namespace ovrseer;

task<int> run(supervisor& stack, llhttp_server& server) {
  const executor ex = co_await asio::this_coro::executor;
  program_signals signals(ex);
  const endpoint pages([] { return metric_snapshot(); }, [&] { return health_of(stack); });
  // Whoever ends first ends the others; for the stack that is a request to stop.
  const auto first = co_await first_of(stack.run(), server.serve(pages.handler()), signals.next());
  co_return first.index() == 0 ? std::get<0>(first) : 0;
}

int main() {
  const char* port = std::getenv("HEALTH_PORT");
  const char* marker = std::getenv("DB_READY_FILE");
  if (port == nullptr || marker == nullptr) {
    return std::cerr
               << "set HEALTH_PORT, to 0 for any that is free, and DB_READY_FILE, which is there when all is ready\n",
           2;
  }

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec db("db", command("sleep", "3600"));
  db.ready_when(probing(file_check(marker)));
  stack.add(std::move(db));

  llhttp_server server(io.get_executor(), server_endpoint::loopback(static_cast<std::uint16_t>(std::stoul(port))));
  std::cout << "health on " << to_text(server.endpoint().at("/health")) << std::endl;
  auto ended = asio::co_spawn(io, run(stack, server), asio::use_future);
  io.run();
  return ended.get();
}
