// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Flags that somebody else defines, at a URL, while the unit runs: a new document is swapped in without a restart, and of a
// broken one nothing is taken. What a flag finds is told to a webhook. Runs until SIGINT or SIGTERM.
#include <chrono>
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
#include <ovrseer/config/http_source.hpp>
#include <ovrseer/config/remote_flags.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/service/webhook.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

task<int> run(supervisor& stack, remote_flags& flags) {
  const executor ex = co_await asio::this_coro::executor;
  program_signals signals(ex);
  auto work = when_all(stack.run(), flags.run());
  // A signal ends the others; for the stack that is a request to stop.
  const auto first = co_await first_of(std::move(work), signals.next());
  co_return first.index() == 0 ? std::get<0>(std::get<0>(first)) : 0;
}

int main() {
  const char* where = std::getenv("FLAGS_URL");
  const char* hook = std::getenv("WEBHOOK_URL");
  if (where == nullptr || hook == nullptr) return std::cerr << "set FLAGS_URL and WEBHOOK_URL\n", 2;

  asio::io_context io;
  const curl_client client(io.get_executor());
  supervisor stack(io.get_executor());
  stack.add(unit_spec("worker", command::shell("while :; do echo replication lag is 95s; sleep 0.1; done")));

  remote_flags flags(stack);
  remote_flag_options how;
  how.when = poll_schedule(200ms);  // a minute by default
  flags.add(http_source(http_document(url(where)), client), how);
  flags.on_news([](const remote_flag_news& news) { std::cout << to_text(news) << std::endl; });

  // Every match is told here; 21_flag_alert tells the same one once.
  http_deliverer sender(webhook(url(hook)), client);
  auto told = asio::co_spawn(io, attach(stack, std::move(sender)), asio::use_future);
  auto ended = asio::co_spawn(io, run(stack, flags), asio::use_future);
  io.run();
  told.get();
  return ended.get();
}
