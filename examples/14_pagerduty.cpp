// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Somebody is called in PagerDuty when a unit is restarted for the third time, and the incident is resolved when the unit has
// recovered for good. Here an api that cannot find its database comes back at the fourth start.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <ovrseer/check/log_line.hpp>
#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/report/incidents.hpp>
#include <ovrseer/service/pagerduty.hpp>
#include <ovrseer/supervise/supervisor.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

const char* const api_script =
    "cd $FOLDER; echo >> starts; test $(wc -l < starts) -ge 4 || { echo no database at db-1; exit 1; }; echo serving; "
    "sleep 1";

int main() {
  const char* key = std::getenv("PAGERDUTY_ROUTING_KEY");
  if (key == nullptr) return std::cerr << "set PAGERDUTY_ROUTING_KEY, of an integration by Events API v2\n", 2;
  pagerduty service(key, "host-1");
  service.from_restarts(3);
  if (const char* base = std::getenv("PAGERDUTY_EVENTS_URL")) service.base(base);
  char folder[] = "/tmp/ovrseer-example-XXXXXX";
  if (::mkdtemp(folder) == nullptr) return std::cerr << "no folder in /tmp\n", 1;

  asio::io_context io;
  supervisor stack(io.get_executor());
  unit_spec api("api", command::shell(api_script).env("FOLDER", folder));
  api.ready_when(log_line(pattern<"serving">()));
  api.restart(restart_rules().delays(backoff::constant(100ms)).max_retries(5));
  stack.add(std::move(api));

  pagerduty_reporter<curl_client> reporter(service, curl_client(io.get_executor()));
  incident_options when;
  when.opens = [&service](const crash_report& report) { return service.triggers(report); };
  when.settled_after = 500ms;  // it must be well for so long
  incidents calls(io.get_executor(), retried(circuit_broken(std::move(reporter))), when);
  auto told = asio::co_spawn(io, calls.run(stack), asio::use_future);
  auto ended = asio::co_spawn(io, stack.run(), asio::use_future);
  io.run();
  std::filesystem::remove_all(folder);
  told.get();
  return ended.get();
}
