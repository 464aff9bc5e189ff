// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crashes as events in Sentry: grouped there by unit and way of ending, with the end of the log as an attachment.
#include <chrono>
#include <cstdlib>
#include <iostream>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/service/sentry.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

int main() {
  const char* text = std::getenv("SENTRY_DSN");
  if (text == nullptr) return std::cerr << "set SENTRY_DSN, such as https://KEY@o1.ingest.sentry.io/PROJECT\n", 2;
  const auto dsn = sentry_dsn::parse(text);
  if (!dsn) return std::cerr << "SENTRY_DSN: " << dsn.reason().what() << '\n', 2;
  sentry project(*dsn);
  if (const char* release = std::getenv("SENTRY_RELEASE")) project.release(release);
  if (const char* environment = std::getenv("SENTRY_ENVIRONMENT")) project.environment(environment);

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec import("import", command::shell("echo reading orders.csv; echo line 17: no such column; kill -SEGV $$"));
  import.restart(restart_rules().delays(backoff::constant(100ms)).max_retries(1));
  stack.add(std::move(import));

  sentry_reporter<curl_client> reporter(project, curl_client(io.get_executor()));
  auto told = asio::co_spawn(io, attach(stack, retried(circuit_broken(std::move(reporter)))), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();
  told.get();
  return ended.get();
}
