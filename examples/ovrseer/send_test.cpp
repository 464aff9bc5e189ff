// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer send-test`: one report that nothing happened to each reporter, one metric to each exporter, one line and one event
// to each sink, and what came back.
#include <unistd.h>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <ovrseer/config/exporters.hpp>
#include <ovrseer/config/reporters.hpp>
#include <ovrseer/config/sinks.hpp>
#include <ovrseer/deliver/deliver_within.hpp>
#include <ovrseer/metric/registry.hpp>

#include "load.hpp"
#include "means.hpp"
#include "words.hpp"

namespace program {
namespace {

ovrseer::unit_id test_unit() { return ovrseer::unit_id("ovrseer-test"); }

/// Another one for each test, as receivers keep one item of an id.
std::string test_id(ovrseer::wall_time now) { return "send-test-" + std::to_string(now.time_since_epoch().count()); }

ovrseer::crash_report test_report(ovrseer::wall_time now) {
  ovrseer::crash_report made;
  made.time = now;
  made.id = test_id(now);
  made.unit = test_unit();
  // As grave as it gets, so that no threshold holds it back.
  made.kind = ovrseer::crash_kind::retries_exhausted;
  made.message = "this is a test: nothing has crashed";
  made.last_lines = {"the last lines of the log would stand here"};
  return made;
}

ovrseer::log_record test_line(ovrseer::wall_time now) {
  ovrseer::log_record made;
  made.boot_id = test_id(now);
  made.unit = test_unit();
  made.line.text = "this is a test: nobody has printed this";
  made.line.seq = 1;
  made.line.time = now;
  return made;
}

ovrseer::stored_event test_event(ovrseer::wall_time now) {
  ovrseer::stored_event made;
  made.boot_id = test_id(now);
  made.entry.seq = 1;
  made.entry.time = now;
  made.entry.unit = test_unit();
  ovrseer::transition_data change;
  change.why.what = "this is a test: nothing has happened";
  made.entry.data = std::move(change);
  return made;
}

/// What somebody of the configuration said to the test.
struct answer {
  const char* role;  // as the configuration calls it
  std::string name;
  std::string failure;  // empty: delivered
  std::chrono::nanoseconds took{};
};

ovrseer::task<void> send(const ovrseer::reporter_settings& to, answer& into) {
  const ovrseer::executor ex = co_await asio::this_coro::executor;
  const ovrseer::clock_service& clock = ovrseer::clock_of(ex);
  ovrseer::any_incident_reporter service = service_of(to, means_of(ex, to.connection));
  const ovrseer::incident_update report(test_report(clock.wall_now()));
  const ovrseer::steady_time begin = clock.now();
  ovrseer::delivery_end ended = co_await deliver_within(service, report, ovrseer::delivery_limits());
  into.took = clock.now() - begin;
  // Nobody is to be woken by a test that stays open.
  if (!ended.failure && keeps_incidents(to)) {
    const ovrseer::incident_update over(ovrseer::recovery(test_unit(), clock.wall_now()));
    ended = co_await deliver_within(service, over, ovrseer::delivery_limits());
  }
  if (ended.failure) into.failure = ended.failure->what();
}

/// Hands one item to a policy that gathers them, and has it sent at once.
template <class Policy, class T>
ovrseer::task<void> send_now(std::optional<Policy>& policy, const T& item, answer& into) {
  if (!policy || !into.failure.empty()) co_return;
  co_await policy->deliver(item);
  const std::optional<ovrseer::steady_time> due = due_of(*policy);
  if (!due) co_return;
  const auto flush = [&policy, due] { return flush_of(*policy, *due); };
  const ovrseer::delivery_end ended = co_await ovrseer::end_within(flush, ovrseer::delivery_limits());
  // What the receiver refused was told before.
  if (ended.failure && into.failure.empty()) into.failure = ended.failure->what();
}

ovrseer::task<void> send(const ovrseer::sink_settings& to, answer& into) {
  const ovrseer::executor ex = co_await asio::this_coro::executor;
  const ovrseer::clock_service& clock = ovrseer::clock_of(ex);
  const auto tell = [&into](const ovrseer::caught& why) {
    if (into.failure.empty()) into.failure = why.what();
  };
  ovrseer::sink_policies sink = sinks_of(to, http_client_of(ex, to.connection), tell);
  const ovrseer::wall_time now = clock.wall_now();
  const ovrseer::log_record line = test_line(now);
  const ovrseer::stored_event event = test_event(now);
  const ovrseer::steady_time begin = clock.now();
  co_await send_now(sink.lines, line, into);
  co_await send_now(sink.events, event, into);
  into.took = clock.now() - begin;
}

ovrseer::task<void> send(const ovrseer::exporter_settings& to, answer& into) {
  const ovrseer::executor ex = co_await asio::this_coro::executor;
  const ovrseer::clock_service& clock = ovrseer::clock_of(ex);
  ovrseer::any_metric_exporter exporter = exporter_of(to, ex);
  ovrseer::registry metrics;
  metrics.gauges("ovrseer_send_test", "1 when somebody tried the exporter by hand.").with()->set(1);
  const ovrseer::metric_snapshot snapshot = metrics.collect();
  const ovrseer::steady_time begin = clock.now();
  ovrseer::delivery_end ended = co_await deliver_within(exporter, snapshot, ovrseer::delivery_limits());
  into.took = clock.now() - begin;
  // That nobody listens to a datagram comes back with the next.
  if (!ended.failure && std::holds_alternative<ovrseer::statsd_target>(to.target)) {
    co_await ovrseer::sleep_for(std::chrono::milliseconds(100));
    ended = co_await deliver_within(exporter, snapshot, ovrseer::delivery_limits());
  }
  if (ended.failure) into.failure = ended.failure->what();
}

/// Runs one test to its end and tells what came of it; whether it was delivered.
bool tell(console& out, output_form form, asio::io_context& io, ovrseer::task<void> test, answer& told) {
  asio::co_spawn(io, std::move(test), [&told](const std::exception_ptr& failure) {
    if (failure) told.failure = ovrseer::caught(failure).what();
  });
  io.run();
  io.restart();
  const bool is_delivered = told.failure.empty();
  if (form == output_form::json) {
    nlohmann::ordered_json json{{told.role, told.name}, {"delivered", is_delivered}};
    if (!is_delivered) json["failure"] = told.failure;
    json["took_ns"] = told.took.count();
    out.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (is_delivered) {
    out.line(told.name + ": delivered in " + ovrseer::to_text(told.took), color::green);
  } else {
    out.line(told.name + ": " + told.failure, color::red);
  }
  return is_delivered;
}

}  // namespace

int run_send_test(const send_test_options& options) {
  asio::io_context io(1);
  const std::optional<stack_configuration> stack = load(options.stack, io.get_executor());
  if (!stack) return usage;
  console out(STDOUT_FILENO, options.stack.colors);
  console err(STDERR_FILENO, options.stack.colors);
  bool is_anybody = false;
  bool has_failed = false;
  const auto test = [&](answer told, const auto& to) {
    if (options.name && *options.name != told.name) return;
    is_anybody = true;
    if (!tell(out, options.stack.form, io, send(to, told), told)) has_failed = true;
  };
  for (const ovrseer::reporter_settings& each : stack->reporters) test({"reporter", each.name, {}, {}}, each);
  for (const ovrseer::exporter_settings& each : stack->exporters) test({"exporter", each.name, {}, {}}, each);
  for (const ovrseer::sink_settings& each : stack->sinks) test({"sink", each.name, {}, {}}, each);
  if (!is_anybody) {
    err.line(options.name ? "there is no reporter, exporter or sink " + *options.name + " in the configuration"
                          : "the configuration has no reporters, exporters or sinks",
             color::red);
    return usage;
  }
  return has_failed ? nothing_found : success;
}

}  // namespace program
