// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Datadog's Agent, by DogStatsD: metrics of all units every ten seconds, and of each crash an event for people and a service
// check for monitors.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <variant>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/async/first_of.hpp>
#include <ovrseer/async/when_all.hpp>
#include <ovrseer/export/periodic_export.hpp>
#include <ovrseer/export/statsd_exporter.hpp>
#include <ovrseer/export/supervisor_metrics.hpp>
#include <ovrseer/report/attach.hpp>
#include <ovrseer/report/datadog_reporter.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

task<int> run(supervisor& stack, datagram_socket agent) {
  const statsd service = statsd().tag("env", "staging").tag("service", "shop");
  registry metrics;
  supervisor_metrics units(metrics);
  periodic_export_options often;
  often.interval = 10s;
  periodic_export out(metrics, statsd_exporter(service, agent), often);

  auto all = when_all(stack.run(), attach(stack, datadog_reporter(service, agent)),
                      units.run(stack.events().subscribe_from(1)));
  const auto first = co_await first_of(std::move(all), out.run());  // the export has no end of its own
  co_await out.export_now();                                        // what is new since the last time
  co_return std::get<0>(std::get<0>(first));
}

int main() {
  const char* host = std::getenv("DD_AGENT_HOST");
  const char* port = std::getenv("DD_DOGSTATSD_PORT");
  if (host == nullptr) return std::cerr << "set DD_AGENT_HOST, and DD_DOGSTATSD_PORT where it is not 8125\n", 2;
  const auto number = static_cast<std::uint16_t>(port != nullptr ? std::stoul(port) : 8125);

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec worker("worker", command::shell("echo fatal: no space left on device; exit 3"));
  worker.restart(restart_rules().delays(backoff::constant(100ms)).max_retries(1));
  stack.add(std::move(worker));

  datagram_socket agent(io.get_executor(), datagram_address::udp(host, number));
  auto ended = asio::co_spawn(io, run(stack, agent), asio::use_future);
  io.run();
  return ended.get();
}
