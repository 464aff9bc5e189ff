// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Several reporters at once: all are told at the same time, one that fails takes nothing from the others, and it is known
// how each of them fared.
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/fan_out.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/service/slack.hpp>
#include <ovrseer/service/webhook.hpp>

using namespace ovrseer;

/// A reporter of one's own around the list, which writes down each outcome.
struct all_of_them {
  deliverer_list<crash_report> list;

  task<void> deliver(const crash_report& report) {
    const std::vector<delivery_outcome> outcomes = co_await list.deliver_all(report);
    for (const delivery_outcome& each : outcomes) {
      std::cout << each.name << ": " << (each.failure ? each.failure->what() : "delivered") << '\n';
    }
  }
};

int main() {
  const char* slack_webhook = std::getenv("SLACK_WEBHOOK_URL");
  const char* address = std::getenv("WEBHOOK_URL");
  if (slack_webhook == nullptr || address == nullptr) return std::cerr << "set SLACK_WEBHOOK_URL and WEBHOOK_URL\n", 2;

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec worker("worker", command::shell("echo fatal: no space left on device; exit 3"));
  worker.restart(restart_rules(restart_rules::when::never));
  stack.add(std::move(worker));

  const curl_client client(io.get_executor());
  all_of_them reporters;
  reporters.list.add("slack", circuit_broken(http_deliverer(slack::with_webhook(slack_webhook), client)));
  reporters.list.add("webhook", circuit_broken(http_deliverer(webhook(address), client)));
  auto told = asio::co_spawn(io, attach(stack, std::move(reporters)), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();
  told.get();
  return ended.get();
}
