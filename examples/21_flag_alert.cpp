// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// An alert without a crash: a flag on a line of the log is told in Slack, with the lines around it, and the unit goes on. The
// same matches are counted in the journal and the metrics.
#include <cstdlib>
#include <iostream>
#include <utility>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/deliver/deduplicated.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/service/slack.hpp>

using namespace ovrseer;

int main() {
  const char* webhook = std::getenv("SLACK_WEBHOOK_URL");
  if (webhook == nullptr) return std::cerr << "set SLACK_WEBHOOK_URL\n", 2;

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec worker("worker", command::shell("echo job 1 done; echo replication lag is 95s; echo job 2 done; sleep 1"));
  worker.flag(flag_spec("lag", pattern<"lag is [1-9]\\d+s">()).context_window(3), flag_reaction::report());
  stack.add(std::move(worker));

  // The same alert again is only counted for ten minutes.
  http_deliverer sender(slack::with_webhook(webhook), curl_client(io.get_executor()));
  auto told = asio::co_spawn(io, attach(stack, deduplicated(retried(std::move(sender)))), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();
  told.get();
  const unit_snapshot unit = stack.snapshot("worker");
  std::cout << "the worker is " << to_text(unit.state) << ", started once: " << (unit.incarnation == 1) << '\n';
  return ended.get();
}
