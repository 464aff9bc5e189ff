// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Each report says where it comes from: environment, version, commit, region and host, as far as the environment has them
// under their usual names, and whatever else one wants to know.
#include <cstdlib>
#include <iostream>
#include <utility>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/deliver/deployment_fields.hpp>
#include <ovrseer/deliver/enriched.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/service/webhook.hpp>

using namespace ovrseer;

int main() {
  const char* address = std::getenv("WEBHOOK_URL");
  if (address == nullptr) return std::cerr << "set WEBHOOK_URL, which takes a report as JSON\n", 2;

  auto fields = read_deployment_fields();
  fields.emplace_back("team", "payments");
  fields.emplace_back("runbook", "https://wiki.example/worker");
  for (const auto& [name, value] : fields) std::cout << name << ": " << value << '\n';

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec worker("worker", command::shell("echo fatal: no space left on device; exit 3"));
  worker.restart(restart_rules(restart_rules::when::never));
  stack.add(std::move(worker));

  http_deliverer sender(webhook(address), curl_client(io.get_executor()));
  enriched reporter(retried(std::move(sender)), std::move(fields));
  auto told = asio::co_spawn(io, attach(stack, std::move(reporter)), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();
  told.get();
  return ended.get();
}
