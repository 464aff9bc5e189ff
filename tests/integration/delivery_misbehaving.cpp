// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Policies that throw, never complete, block their thread or hear garbage: the supervisor does not notice, what they cost is
// bounded and counted, and a breaker opens and closes again, where it can be seen.
#include <catch.hpp>

#include <latch>
#include <list>
#include <memory>
#include <string>

#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/export/delivery_metrics.hpp>
#include <ovrseer/metric/text.hpp>
#include <ovrseer/report/attach.hpp>

#include "misbehaving.hpp"
#include "supervised.hpp"

namespace t_delivery_misbehaving {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

TEST_CASE("policies that misbehave cost reports and never a restart") {
  constexpr std::size_t kept = 8;
  constexpr std::uint32_t restarts = 40;
  const auto until = std::make_shared<std::latch>(1);
  supervised s(supervisor_options().max_reports(kept));
  unit_spec loop = child_unit("loop", "exit", "1");
  loop.restart(restart_rules().delays(backoff::constant(0ns)).max_retries(restarts));
  s.add(std::move(loop));
  const executor ex = s.context.get_executor();
  std::list<delivery_queue<crash_report>> queues;
  queues.emplace_back(ex, throwing_reporter{std::make_shared<bool>(true)}, impatient());
  queues.emplace_back(ex, stuck_reporter(), impatient());
  queues.emplace_back(ex, blocking_reporter{until}, impatient());
  queues.emplace_back(ex, garbled_reporter(), impatient());
  std::size_t most_waiting = 0;
  auto story = [&]() -> task<void> {
    nursery attached(ex);
    for (auto& queue : queues) attached.start(attach(s.it, queue));
    for (std::uint64_t seen = 0;;) {
      const attempted<event> next = co_await attempt(s.next("loop", event_type::crashed, seen));
      if (!next) break;  // the supervisor has ended
      seen = next->seq;
      for (const auto& queue : queues) most_waiting = std::max<std::size_t>(most_waiting, status_of(queue).waiting);
    }
    co_await attached.join();
    until->count_down();  // only the thread is left, which the context waits for
  };
  CHECK(s.run(story) == 1);
  CHECK(s.count("loop", event_type::restarted) == restarts);
  CHECK(most_waiting <= kept);
  for (const auto& queue : queues) {
    const delivery_status status = status_of(queue);
    CHECK(status.delivered == 0);
    CHECK(status.failed > 0);
    CHECK(status.failed + status.dropped == s.count("loop", event_type::crashed));
    CHECK(status.waiting == 0);
  }
}

TEST_CASE("a breaker opens for a receiver that fails and closes once it is well again and the metrics show both") {
  const auto fails = std::make_shared<bool>(true);
  breaker_options breaker;
  breaker.least = 3;
  breaker.rest = 20ms;
  breaker.longest = 20ms;
  supervised s;
  unit_spec loop = child_unit("loop", "exit", "1");
  loop.restart(restart_rules().delays(backoff::constant(5ms)).max_retries(10'000));
  s.add(std::move(loop));
  delivery_queue<crash_report> queue(s.context.get_executor(), circuit_broken(throwing_reporter{fails}, breaker),
                                     impatient());
  started<void> attached(s.context, attach(s.it, queue));
  registry metrics;
  delivery_metrics shown(metrics);
  const auto page = [&] {
    shown.apply("ops", status_of(queue), std::chrono::steady_clock::now());
    return to_prometheus_text(metrics.collect());
  };
  const auto shows = [&](const std::string& line) { return page().find(line + "\n") != std::string::npos; };
  const std::string state = "ovrseer_delivery_breaker_state{to=\"ops\",state=";
  auto story = [&]() -> task<void> {
    std::uint64_t seen = 0;
    while (!shows(state + "\"open\"} 1")) {
      const event next = co_await s.next("loop", event_type::crashed, seen);
      seen = next.seq;
    }
    CHECK(shows(state + "\"closed\"} 0"));
    *fails = false;
    while (!shows(state + "\"closed\"} 1")) {
      const event next = co_await s.next("loop", event_type::crashed, seen);
      seen = next.seq;
    }
    CHECK(shows(state + "\"open\"} 0"));
    s.it.request_stop("seen");
  };
  s.run(story);
  CHECK(status_of(queue).openings > 0);
  CHECK(status_of(queue).delivered > 0);
  CHECK(page().find("ovrseer_delivery_failed_total{to=\"ops\"} ") != std::string::npos);
  CHECK(attached.is_done());
}

}  // namespace t_delivery_misbehaving
