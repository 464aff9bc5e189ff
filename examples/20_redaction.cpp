// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Secrets in a crash's last lines do not leave the machine: what is known to be a secret is hidden when the report is made,
// and rules of one's own are added for a receiver.
#include <cstdlib>
#include <iostream>
#include <utility>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/deliver/redacted.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/service/webhook.hpp>

using namespace ovrseer;

const char* const script =
    "echo connecting to postgres://shop:hunter2@db-1/orders;"
    "echo 'Authorization: Bearer 0123456789abcdefghij';"
    "echo '{\"password\": \"hunter2\", \"user\": \"shop\"}';"
    "echo refused an order of customer 4711001; exit 3";

int main() {
  const char* address = std::getenv("WEBHOOK_URL");
  if (address == nullptr) return std::cerr << "set WEBHOOK_URL, which takes a report as JSON\n", 2;

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec worker("worker", command::shell(script).env("DB_PASSWORD", "hunter2"));
  worker.restart(restart_rules(restart_rules::when::never));
  stack.add(std::move(worker));

  redactor rules;
  rules.add_pattern(pattern<"(customer )\\d{6,}">(), "$1<hidden>");
  webhook_reporter<curl_client> sender(webhook(address), curl_client(io.get_executor()));
  auto told = asio::co_spawn(io, attach(stack, redacted(std::move(sender), std::move(rules))), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();
  told.get();
  return ended.get();
}
