// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A test of a configuration without a test framework: thirty days of it in the simulated world, with a database that
// crashes three times in a row and a worker that crashes now and then. Nothing of it is started.
#include <iostream>

#include <ovrseer/ovrseer.hpp>

using namespace ovrseer;
using namespace std::chrono_literals;

constexpr const char* shop = R"({
  "processes": [
    { "id": "db", "type": "dependency", "command": "postgres",
      "readyChecks": [ { "tcp": "127.0.0.1:5432" }, { "logPattern": "ready to accept connections" } ],
      "simulate": { "startTime": "5s" } },
    { "id": "worker", "command": "./worker",
      "restartPolicy": { "type": "always", "maxRetries": 0, "jitter": 0, "backoff": "constant" } }
  ]
})";

int main() {
  auto document = read_json(source_text("shop.json", shop));
  const auto stack = read_configuration(*std::move(document), read_options().directory("/srv/shop"));
  if (!stack) return std::cerr << to_text(stack.reason()), 2;

  rehearsal_options how;
  how.duration = 24h * 30;
  how.seed = 7;
  how.faults = {rehearsal_fault::crash_at("db", 5min, 3), rehearsal_fault::random_crash("worker", 12h)};
  const rehearsal_result result = rehearse(*stack, how);

  for (const timeline_entry& entry : result.timeline) {
    if (entry.unit == unit_id("db")) std::cout << timeline_time(entry.time) << "  " << entry.text << '\n';
  }
  std::cout << to_text(result);
  return result.is_ok() ? 0 : 1;
}
