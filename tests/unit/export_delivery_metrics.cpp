// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Policies as metrics: counts as they grow, a policy that was made anew, and the state of its breaker.
#include <catch.hpp>
#include <ovrseer/deliver/circuit_broken.hpp>
#include <ovrseer/deliver/deduplicated.hpp>
#include <ovrseer/deliver/delivery_queue.hpp>
#include <ovrseer/deliver/fan_out.hpp>
#include <ovrseer/deliver/rate_limited.hpp>
#include <ovrseer/deliver/retried.hpp>
#include <ovrseer/export/delivery_metrics.hpp>
#include <ovrseer/metric/text.hpp>
#include <report_samples.hpp>
#include <run.hpp>

namespace t_export_delivery_metrics {

using namespace ovrseer;
using namespace std::chrono_literals;

// Fails while it is told to.
struct receiver {
  bool* fails;
  task<void> deliver(const crash_report&) {
    if (*fails) throw error(errc::unavailable, "deliver", "gone");
    co_return;
  }
};

double value_of(registry& metrics, std::string_view name, const std::vector<std::string>& labels) {
  for (const metric_family& each : metrics.collect()) {
    if (each.name != name) continue;
    for (const metric_sample& sample : each.samples) {
      if (sample.label_values == labels) return std::get<double>(sample.value);
    }
  }
  return -1;
}

TEST_CASE("the status of a policy gathers what all within it know") {
  asio::io_context context;
  virtual_clock time(context);
  bool fails = true;
  breaker_options options;
  options.least = 3;
  retry_limits twice = retry_limits(backoff::constant(1ms)).attempts(2);
  delivery_queue<crash_report> queue(context.get_executor(),
                                     deduplicated(circuit_broken(retried(receiver{&fails}, twice), options)));
  crash_report report = ovrseer_test::full_report();
  const auto tell = [&](int number) {
    report.kind = static_cast<crash_kind>(number % 8);
    queue.offer(report);
  };
  for (int i = 0; i != 4; ++i) tell(i);
  CHECK(status_of(queue).waiting == 4);
  test::started<void> running(context, queue.run());
  test::settle(context);
  CHECK(status_of(queue).since.has_value());
  time.run_for(10ms);
  delivery_status status = status_of(queue);
  CHECK(status.failed == 4);
  CHECK(status.retried == 3);  // the fourth was not tried
  CHECK(status.waiting == 0);
  CHECK_FALSE(status.since.has_value());
  CHECK(status.breaker == breaker_state::open);
  CHECK(status.openings == 1);
  fails = false;
  time.run_for(1min);
  for (int i = 0; i != 2; ++i) tell(0);
  test::settle(context);
  status = status_of(queue);
  CHECK(status.delivered == 2);
  CHECK(status.folded == 1);
  CHECK(status.breaker == breaker_state::closed);
  queue.close();
  test::settle(context);
  CHECK(running.is_done());
}

TEST_CASE("of several breakers the one that is not closed is told") {
  delivery_status status;
  status.add_breaker(breaker_state::closed, 1);
  status.add_breaker(breaker_state::half_open, 2);
  status.add_breaker(breaker_state::closed, 0);
  CHECK(status.breaker == breaker_state::half_open);
  CHECK(status.openings == 3);
  bool fails = false;
  const fan_out both(circuit_broken(receiver{&fails}), receiver{&fails});
  CHECK(status_of(both).breaker == breaker_state::closed);
  CHECK_FALSE(status_of(fan_out(receiver{&fails})).breaker);
}

TEST_CASE("metrics of a delivery follow its status") {
  registry metrics;
  delivery_metrics shown(metrics);
  delivery_status status;
  status.delivered = 3;
  status.failed = 1;
  status.waiting = 2;
  status.bytes = 200;
  status.since = steady_time(5s);
  shown.apply("ops", status, steady_time(7s));
  CHECK(value_of(metrics, "ovrseer_delivery_delivered_total", {"ops"}) == 3);
  CHECK(value_of(metrics, "ovrseer_delivery_failed_total", {"ops"}) == 1);
  CHECK(value_of(metrics, "ovrseer_delivery_waiting", {"ops"}) == 2);
  CHECK(value_of(metrics, "ovrseer_delivery_waiting_bytes", {"ops"}) == 200);
  CHECK(value_of(metrics, "ovrseer_delivery_lag_seconds", {"ops"}) == 2);
  CHECK(value_of(metrics, "ovrseer_delivery_breaker_state", {"ops", "closed"}) == -1);
  status.delivered = 5;
  status.since.reset();
  status.add_breaker(breaker_state::open, 1);
  shown.apply("ops", status, steady_time(8s));
  CHECK(value_of(metrics, "ovrseer_delivery_delivered_total", {"ops"}) == 5);
  CHECK(value_of(metrics, "ovrseer_delivery_lag_seconds", {"ops"}) == 0);
  CHECK(value_of(metrics, "ovrseer_delivery_breaker_state", {"ops", "open"}) == 1);
  CHECK(value_of(metrics, "ovrseer_delivery_breaker_state", {"ops", "closed"}) == 0);
  CHECK(value_of(metrics, "ovrseer_delivery_breaker_openings_total", {"ops"}) == 1);
  delivery_status anew;
  anew.delivered = 2;
  shown.apply("ops", anew, steady_time(9s));
  CHECK(value_of(metrics, "ovrseer_delivery_delivered_total", {"ops"}) == 7);
}

}  // namespace t_export_delivery_metrics
