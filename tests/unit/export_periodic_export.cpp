// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Metrics by the clock: the interval, exporters that throw or hang, and the end.
#include <stdexcept>

#include <catch.hpp>
#include <ovrseer/export/periodic_export.hpp>

namespace t_export_periodic_export {

using namespace ovrseer;
using namespace std::chrono_literals;

// An exporter that does as it is told at the time.
struct scripted {
  std::function<void()> before;
  std::chrono::nanoseconds takes{};
  int* finished = nullptr;

  task<void> deliver(const metric_snapshot&) {
    if (before) before();
    co_await sleep_for(takes);
    if (finished != nullptr) ++*finished;
  }
};

// Keeps the number of the first series.
struct watching {
  std::vector<double>* seen;
  task<void> deliver(const metric_snapshot& snapshot) {
    seen->push_back(std::get<double>(snapshot.at(0).samples.at(0).value));
    co_return;
  }
};

struct bench {
  asio::io_context context;
  virtual_clock time{context};
  registry metrics;
  periodic_export_options options;
  std::vector<std::string> heard;
  asio::cancellation_signal cancel;
  std::optional<std::exception_ptr> ended;

  bench() {
    options.interval = 10s;
    options.limits.limit = 30s;
    options.on_error = [this](const caught& why) { heard.push_back(why.what()); };
  }
  void start(periodic_export& exports) {
    asio::co_spawn(
        context, exports.run(),
        asio::bind_cancellation_slot(cancel.slot(), [this](std::exception_ptr failure) { ended = failure; }));
  }
};

TEST_CASE("metrics leave at once and then at every interval") {
  bench on;
  const auto count = on.metrics.counters("c_total", "").with();
  std::vector<double> seen;
  periodic_export exports(on.metrics, watching{&seen}, on.options);
  on.start(exports);
  on.time.run_for(9s);
  CHECK(seen == std::vector<double>{0});
  count->add(3);
  on.time.run_for(1s);
  CHECK(seen == std::vector<double>{0, 3});
  on.time.run_for(30s);
  CHECK(seen.size() == 5);
  CHECK(exports.counts().done == 5);
  CHECK(status_of(exports).delivered == 5);
  CHECK(status_of(exports).failed == 0);
  CHECK(on.heard.empty());
}

TEST_CASE("what is idle is no longer exported") {
  bench on;
  auto& hits = on.metrics.counters("c_total", "", {"path"});
  hits.idle_for(15s);
  hits.with("/a")->add();
  std::vector<std::size_t> families;
  struct sizes {
    std::vector<std::size_t>* seen;
    task<void> deliver(const metric_snapshot& snapshot) {
      seen->push_back(snapshot.size());
      co_return;
    }
  };
  periodic_export exports(on.metrics, sizes{&families}, on.options);
  on.start(exports);
  on.time.run_for(25s);
  CHECK(families == std::vector<std::size_t>{1, 1, 0});
}

TEST_CASE("an exporter that throws is told and asked again at its time") {
  bench on;
  int calls = 0;
  periodic_export exports(on.metrics, scripted{[&] {
                            if (++calls < 3) throw std::runtime_error("no route");
                          }},
                          on.options);
  on.start(exports);
  on.time.run_for(25s);
  CHECK(exports.counts().failed == 2);
  CHECK(exports.counts().done == 1);
  CHECK(on.heard == std::vector<std::string>{"no route", "no route"});
}

TEST_CASE("an exporter that hangs is cut off at its limit and delays only itself") {
  bench on;
  on.options.limits.limit = 15s;
  periodic_export exports(on.metrics, scripted{nullptr, 24h}, on.options);
  on.start(exports);
  on.time.run_for(14s);
  CHECK(exports.counts().failed == 0);
  on.time.run_for(1s);
  CHECK(exports.counts().failed == 1);
  REQUIRE(on.heard.size() == 1);
  CHECK_THAT(on.heard[0], catchx::StartsWith("deliver: after 15s: timed out"));
  on.time.run_for(15s);
  CHECK(exports.counts().failed == 2);
}

TEST_CASE("a hook that throws harms nobody and no limit means none") {
  bench on;
  on.options.limits.limit = 0s;
  on.options.on_error = [](const caught&) { throw std::runtime_error("hook"); };
  int finished = 0;
  periodic_export exports(on.metrics, scripted{nullptr, 25s, &finished}, on.options);
  on.start(exports);
  on.time.run_for(60s);  // each one takes longer than the interval: one after the other
  CHECK(finished == 2);
  CHECK(exports.counts().done == 2);
  periodic_export failing(on.metrics, scripted{[] { throw std::runtime_error("x"); }}, on.options);
  on.start(failing);
  on.time.run_for(1s);
  CHECK(failing.counts().failed == 1);
}

TEST_CASE("cancellation of every type ends it and a last export may follow") {
  for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
    for (const auto when : {5s, 8s}) {  // during an export; between two
      bench on;
      int finished = 0;
      periodic_export exports(on.metrics, scripted{nullptr, 6s, &finished}, on.options);
      on.start(exports);
      on.time.run_for(when);
      on.cancel.emit(type);
      on.time.run_for(1s);
      REQUIRE(on.ended);
      CHECK(caught(*on.ended).code() == asio::error::operation_aborted);
      CHECK(exports.counts().failed == (when == 8s ? 0 : 1));
      const int before = finished;
      asio::co_spawn(on.context, exports.export_now(), [](std::exception_ptr) {});
      on.time.run_for(10s);
      CHECK(finished == before + 1);
    }
  }
}

}  // namespace t_export_periodic_export
