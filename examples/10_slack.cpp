// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Crashes told in Slack, by an incoming webhook or by a bot's token. A crash loop does not flood the channel, and while
// Slack is away nothing waits for it.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/deliver/rate_limited.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/service/slack.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

std::optional<slack> slack_of_environment() {
  if (const char* webhook = std::getenv("SLACK_WEBHOOK_URL")) return slack::with_webhook(webhook);
  const char* token = std::getenv("SLACK_BOT_TOKEN");
  const char* channel = std::getenv("SLACK_CHANNEL");
  if (token == nullptr || channel == nullptr) return std::nullopt;
  slack made = slack::with_token(token, channel);
  if (const char* base = std::getenv("SLACK_API_URL")) made.base(base);
  return made;
}

int main() {
  const std::optional<slack> channel = slack_of_environment();
  if (!channel) return std::cerr << "set SLACK_WEBHOOK_URL, or SLACK_BOT_TOKEN and SLACK_CHANNEL\n", 2;

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec worker("worker", command::shell("echo connecting to db-1; echo fatal: connection refused; exit 3"));
  worker.restart(restart_rules().delays(backoff::constant(100ms)).max_retries(2));
  stack.add(std::move(worker));

  // From the inside: one attempt; a receiver that fails is left alone for a while; what may pass is tried again; and
  // what comes too fast is told together.
  slack_reporter<curl_client> attempt(*channel, curl_client(io.get_executor()));
  rate_limited alerts(retried(circuit_broken(std::move(attempt))));

  auto told = asio::co_spawn(io, attach(stack, std::move(alerts)), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();  // until the stack has ended and the last report is delivered
  told.get();
  return ended.get();
}
