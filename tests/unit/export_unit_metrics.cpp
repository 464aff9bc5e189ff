// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What units use and how long they are up: exact in virtual time, and of one real process.
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <catch.hpp>

#include <ovrseer/export/supervisor_metrics.hpp>
#include <ovrseer/export/unit_metrics.hpp>
#include <ovrseer/sim/simulated_world.hpp>

#include "supervised.hpp"

namespace t_export_unit_metrics {

using namespace ovrseer;
using namespace std::chrono_literals;

/// The value of a series; nothing where it is not there.
std::optional<double> value_of(const registry& metrics, std::string_view name, const std::string& unit) {
  for (const metric_family& family : metrics.collect()) {
    if (family.name != name) continue;
    for (const metric_sample& sample : family.samples) {
      if (sample.label_values == std::vector<std::string>{"default", unit}) return std::get<double>(sample.value);
    }
  }
  return std::nullopt;
}

/// A simulated supervisor with its metrics beside it.
struct scene {
  scene() : scene(supervisor_options(), 10s) {}
  scene(supervisor_options options, std::chrono::nanoseconds interval)
      : stack(world.get_executor(), std::move(options)), shown(metrics, interval) {
    stack.on_error([](const failure_notice&) {});
  }
  void follow() {
    asio::co_spawn(world.context(), shown.run(stack), [this](const std::exception_ptr& failure) {
      has_ended = true;
      if (failure) std::rethrow_exception(failure);
    });
  }
  int run() {
    follow();
    const int code = world.run(stack.run());
    world.run_for(0s);
    return code;
  }
  std::optional<double> of(std::string_view name, const std::string& unit = "job") const {
    return value_of(metrics, "ovrseer_unit_" + std::string(name), unit);
  }
  /// Notes values of a series at a time.
  void note(std::chrono::nanoseconds when, std::string name, std::optional<double>& into) {
    world.at(when, [this, name = std::move(name), &into] { into = of(name); });
  }

  simulated_world world;
  supervisor stack;
  registry metrics;
  unit_metrics shown;
  bool has_ended = false;
};

process_script busy_script() {
  return process_script()
      .use_memory(64_MiB)
      .use_descriptors(12)
      .use_cpu(250ms)
      .wait(5s)
      .use_cpu(1250ms)
      .wait(25s)
      .use_cpu(500ms)
      .exit(1);
}

TEST_CASE("what a unit uses and its time up and down are exact") {
  scene s;
  s.world.os().program("job", busy_script());
  unit_spec job("job", command("job"));
  job.restart(restart_rules().delays(backoff::constant(20s)).max_retries(1).stable_after(1h));
  s.stack.add(std::move(job));
  std::optional<double> first_cpu, cpu, uptime, up, resident, descriptors, threads, down_later, up_later, no_uptime,
      no_memory, no_descriptors, no_threads, ended_cpu, second_uptime, third_cpu;
  s.note(1s, "cpu_seconds_total", first_cpu);
  s.note(12s, "cpu_seconds_total", cpu);
  s.note(12s, "uptime_seconds", uptime);
  s.note(12s, "up_seconds_total", up);
  s.note(12s, "resident_memory_bytes", resident);
  s.note(12s, "open_descriptors", descriptors);
  s.note(12s, "threads", threads);
  s.note(45s, "down_seconds_total", down_later);
  s.note(45s, "up_seconds_total", up_later);
  s.note(45s, "uptime_seconds", no_uptime);
  s.note(45s, "resident_memory_bytes", no_memory);
  s.note(45s, "open_descriptors", no_descriptors);
  s.note(45s, "threads", no_threads);
  s.note(45s, "cpu_seconds_total", ended_cpu);
  s.note(71s, "uptime_seconds", second_uptime);
  s.note(71s, "cpu_seconds_total", third_cpu);
  CHECK(s.run() == 1);
  CHECK(s.has_ended);
  CHECK(first_cpu == 0);  // the first sample comes before there is a process
  CHECK(cpu == 1.5);
  CHECK(uptime == 10);
  CHECK(up == 10);
  CHECK(resident == 64.0 * 1024 * 1024);
  CHECK(descriptors == 12);
  CHECK(threads == 1);
  CHECK(up_later == 30);
  CHECK(down_later == 10);
  CHECK(no_uptime == 0);
  CHECK(no_memory == 0);
  CHECK(no_descriptors == 0);
  CHECK(no_threads == 0);
  CHECK(ended_cpu == 2);
  CHECK(second_uptime == 20);
  CHECK(third_cpu == 3.5);
  CHECK(s.of("up_seconds_total") == 60);
  CHECK(s.of("down_seconds_total") == 20);
  CHECK(s.of("cpu_seconds_total") == 4);
}

TEST_CASE("a unit that rests by request is neither up nor down") {
  scene s;
  s.world.os().program("job", process_script());
  s.world.os().program("other", process_script());
  s.stack.add(unit_spec("job", command("job")));
  s.stack.add(unit_spec("other", command("other")));
  const auto stop_job = [&] {
    asio::co_spawn(s.world.context(), s.stack.stop("job"), [](const std::exception_ptr&, unit_state) {});
  };
  s.world.at(60s, stop_job);
  s.world.at(1h, [&] { s.stack.request_stop("done"); });
  CHECK(s.run() == 0);
  CHECK(s.of("up_seconds_total") == 60);
  CHECK(s.of("down_seconds_total") == 0);
  CHECK(s.of("up_seconds_total", "other") == 3600);
}

TEST_CASE("a unit that waits or cannot start is down") {
  scene s;
  s.world.os().program("db", process_script().wait(40s).say("ready").wait(1h));
  s.world.os().program("job", process_script());
  unit_spec db("db", command("db"));
  db.as(role::dependency).ready_when(test::says("ready"));
  s.stack.add(std::move(db));
  s.stack.add(unit_spec("job", command("job")));
  s.world.at(100s, [&] { s.stack.request_stop("done"); });
  CHECK(s.run() == 0);
  CHECK(s.of("down_seconds_total") == 40);
  CHECK(s.of("up_seconds_total") == 60);
  CHECK(s.of("down_seconds_total", "db") == 0);
}

TEST_CASE("the series of a removed unit go and others stay") {
  scene s;
  s.world.os().program("job", process_script());
  s.world.os().program("other", process_script());
  s.stack.add(unit_spec("job", command("job")));
  s.stack.add(unit_spec("other", command("other")));
  s.world.at(30s, [&] { asio::co_spawn(s.world.context(), s.stack.remove("job"), [](const std::exception_ptr&) {}); });
  std::size_t series = 0;
  s.world.at(60s, [&] {
    for (const metric_family& family : s.metrics.collect()) {
      for (const metric_sample& sample : family.samples) {
        if (sample.label_values.at(1) == "job") ++series;
      }
    }
    s.stack.request_stop("done");
  });
  s.run();
  CHECK(series == 0);
  CHECK(s.of("up_seconds_total", "other") == 60);
}

TEST_CASE("units whose changes the journal has forgotten are shown all the same") {
  scene s(supervisor_options().journal_capacity(8), 10s);
  s.world.os().program("job", process_script().use_memory(1_MiB));
  s.world.os().program("loop", process_script().wait(1s).exit(1));
  s.stack.add(unit_spec("job", command("job")));
  unit_spec loop("loop", command("loop"));
  loop.restart(restart_rules().delays(backoff::constant(1s)).max_retries(0));
  s.stack.add(std::move(loop));
  s.world.at(100s, [&] { s.follow(); });
  std::optional<double> uptime, resident;
  s.note(101s, "uptime_seconds", uptime);
  s.note(101s, "resident_memory_bytes", resident);
  s.world.at(200s, [&] { s.stack.request_stop("done"); });
  s.world.run(s.stack.run());
  s.world.run_for(0s);
  CHECK(s.has_ended);
  CHECK(uptime == 100);
  CHECK(resident == 1024.0 * 1024);
  CHECK(s.of("up_seconds_total") == 100);
}

TEST_CASE("what went through the log of a unit is counted over all its processes") {
  scene s({}, 10s);
  s.world.os().program("job", process_script().say("one").wait(1s).say("three words more").wait(1s).exit(1));
  unit_spec job("job", command("job"));
  job.restart(restart_rules().delays(backoff::constant(1s)).max_retries(1));
  s.stack.add(std::move(job));
  s.follow();
  s.world.run(s.stack.run());
  s.world.run_for(0s);
  CHECK(s.has_ended);
  CHECK(s.of("log_lines_total") == 4);
  CHECK(s.of("log_bytes_total") == 2 * (4 + 17));
  CHECK(s.of("log_missed_total") == 0);
}

TEST_CASE("both kinds of metrics share one registry without a clash") {
  registry metrics;
  const supervisor_metrics from_events(metrics);
  const unit_metrics from_samples(metrics);
  const unit_metrics once_more(metrics);
  CHECK(metrics.collect().size() > 3);
}

TEST_CASE("a sample of a unit without a process changes nothing") {
  registry metrics;
  unit_metrics shown(metrics);
  process_sample sample;
  sample.resident = 1_MiB;
  shown.observe("job", sample);
  CHECK_FALSE(value_of(metrics, "ovrseer_unit_resident_memory_bytes", "job"));
  event added;
  added.unit = "job";
  added.type = event_type::unit_added;
  shown.apply(added);
  shown.observe("job", sample);
  CHECK(value_of(metrics, "ovrseer_unit_resident_memory_bytes", "job") == 0);
  CHECK(shown.alive().empty());
}

TEST_CASE("following a supervisor ends with cancellation of every type") {
  for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
    scene s;
    asio::cancellation_signal cancel;
    std::exception_ptr ended;
    asio::co_spawn(s.world.context(), s.shown.run(s.stack),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr failure) { ended = failure; }));
    s.world.run_for(1s);
    CHECK_FALSE(ended);
    cancel.emit(type);
    s.world.run_for(0s);
    CHECK(ended);
  }
}

TEST_CASE("a real unit is sampled") {
  test::supervised s;
  s.add(test::child_unit("job", "allocate", "32", "burn", "50", "print", "up", "wait"));
  registry metrics;
  unit_metrics shown(metrics, 100ms);
  const auto of = [&](const char* name) {
    return value_of(metrics, "ovrseer_unit_" + std::string(name), "job").value_or(-1);
  };
  const auto story = [&]() -> task<void> {
    nursery work(s.context.get_executor());
    work.start(shown.run(s.it));
    co_await s.line("job", "up");
    while (of("cpu_seconds_total") < 0.03) co_await sleep_for(10ms);
    CHECK(of("resident_memory_bytes") >= 32.0 * 1024 * 1024);
    CHECK(of("open_descriptors") == 3);
    CHECK(of("threads") == 1);
    CHECK(of("uptime_seconds") > 0);
    s.it.request_stop("seen");
    co_await work.join();
    CHECK_FALSE(work.failure());
  };
  s.run(story);
  CHECK(of("resident_memory_bytes") == 0);
  CHECK(of("cpu_seconds_total") >= 0.05);
  CHECK(of("up_seconds_total") > 0);
}

}  // namespace t_export_unit_metrics
