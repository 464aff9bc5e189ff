// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The queue before a reporter: order, bounds, counts, and reporters that throw, hang or come late.
#include <catch.hpp>
#include <ovrseer/async/broadcast.hpp>
#include <ovrseer/report/report_queue.hpp>
#include <report_samples.hpp>

namespace t_report_queue {

using namespace ovrseer;
using namespace ovrseer_test;
using namespace std::chrono_literals;

// A queue that runs in virtual time, and what its hook heard.
struct bench {
  asio::io_context context;
  virtual_clock time{context};
  std::vector<std::string> heard;
  asio::cancellation_signal cancel;
  std::optional<std::exception_ptr> ended;

  report_queue_options options() {
    report_queue_options made;
    made.on_error = [this](const crash_report& report, const caught& why) {
      heard.push_back(report.unit.name + ": " + why.what());
    };
    return made;
  }
  void start(report_queue& queue) {
    ended.reset();
    asio::co_spawn(
        context, queue.run(),
        asio::bind_cancellation_slot(cancel.slot(), [this](std::exception_ptr failure) { ended = failure; }));
  }
};

TEST_CASE("reports are delivered in order and the queue ends when it is closed and empty") {
  bench on;
  recording_reporter kept;
  report_queue queue(on.context.get_executor(), borrowed_reporter(kept));
  CHECK(queue.offer(full_report("a")));
  CHECK(queue.waiting() == 1);
  on.start(queue);
  CHECK(queue.offer(full_report("b")));
  on.time.run();
  CHECK_FALSE(on.ended);
  CHECK(queue.offer(full_report("c")));
  queue.close();
  on.time.run();
  REQUIRE(on.ended);
  CHECK_FALSE(*on.ended);
  REQUIRE(kept.reports.size() == 3);
  CHECK(kept.reports[0].unit.name == "a");
  CHECK(kept.reports[2].unit.name == "c");
  CHECK(queue.counts().delivered == 3);
  CHECK(queue.counts().failed == 0);
  CHECK(queue.counts().dropped == 0);
}

TEST_CASE("a reporter that throws is counted and told and does not end the queue") {
  bench on;
  report_queue queue(on.context.get_executor(), throwing_reporter(), on.options());
  queue.offer(full_report("a"));
  queue.offer(full_report("b"));
  on.start(queue);
  on.time.run();
  CHECK_FALSE(on.ended);
  CHECK(queue.counts().failed == 2);
  CHECK(on.heard == std::vector<std::string>{"a: broken", "b: broken"});
}

TEST_CASE("a reporter that throws before its task is counted like any other") {
  bench on;
  report_queue queue(on.context.get_executor(), refusing_reporter(), on.options());
  queue.offer(full_report("a"));
  on.start(queue);
  on.time.run();
  CHECK_FALSE(on.ended);
  CHECK(queue.counts().failed == 1);
}

TEST_CASE("a reporter that never completes costs its own reports and nothing else") {
  bench on;
  report_queue_options options = on.options();
  options.capacity = 2;
  options.limit = 30s;
  report_queue queue(on.context.get_executor(), slow_reporter{24h}, options);
  on.start(queue);
  queue.offer(full_report("a"));
  on.time.run_for(1s);
  CHECK(queue.offer(full_report("b")));
  CHECK(queue.offer(full_report("c")));
  CHECK_FALSE(queue.offer(full_report("d")));
  CHECK(queue.counts().dropped == 1);
  REQUIRE(on.heard.size() == 1);
  CHECK_THAT(on.heard[0], catchx::StartsWith("d: report: dropped"));
  on.time.run_for(29s);
  CHECK(queue.counts().failed == 1);
  REQUIRE(on.heard.size() == 2);
  CHECK_THAT(on.heard[1], catchx::StartsWith("a: report: after 30s: timed out"));
  on.time.run_for(60s);
  CHECK(queue.counts().failed == 3);
  CHECK(queue.counts().delivered == 0);
}

TEST_CASE("a report that is late but complete counts as delivered") {
  bench on;
  report_queue_options options = on.options();
  options.limit = std::chrono::nanoseconds::zero();  // none
  int finished = 0;
  report_queue queue(on.context.get_executor(), slow_reporter{24h, nullptr, &finished}, options);
  queue.offer(full_report("a"));
  on.start(queue);
  on.time.run_for(25h);
  CHECK(finished == 1);
  CHECK(queue.counts().delivered == 1);
}

TEST_CASE("reports of a broadcast are delivered and those that were missed are counted") {
  bench on;
  using stream = broadcast<bounded_history<std::shared_ptr<const crash_report>>>;
  stream reports(on.context.get_executor(), std::size_t{2});
  recording_reporter kept;
  report_queue queue(on.context.get_executor(), borrowed_reporter(kept));
  asio::co_spawn(on.context, queue.run(reports.subscribe(on_overrun::drop_oldest)),
                 [&](std::exception_ptr failure) { on.ended = failure; });
  for (const char* unit : {"a", "b", "c", "d"}) reports.push(std::make_shared<const crash_report>(full_report(unit)));
  on.time.run();
  CHECK(kept.reports.size() == 2);
  CHECK(queue.counts().delivered == 2);
  CHECK(queue.counts().dropped == 2);
  reports.push(std::make_shared<const crash_report>(full_report("e")));
  reports.close();
  on.time.run();
  REQUIRE(kept.reports.size() == 3);
  CHECK(kept.reports.back().unit.name == "e");
  REQUIRE(on.ended);
  CHECK_FALSE(*on.ended);
}

TEST_CASE("a closed queue takes nothing and says so") {
  bench on;
  report_queue queue(on.context.get_executor(), null_reporter(), on.options());
  queue.close();
  CHECK_FALSE(queue.offer(full_report("a")));
  CHECK(queue.counts().dropped == 1);
  REQUIRE(on.heard.size() == 1);
  CHECK_THAT(on.heard[0], catchx::ContainsSubstring("closed"));
}

TEST_CASE("a hook that throws harms nobody") {
  bench on;
  report_queue_options options;
  options.capacity = 0;  // as 1
  options.on_error = [](const crash_report&, const caught&) { throw std::runtime_error("hook"); };
  report_queue queue(on.context.get_executor(), throwing_reporter(), options);
  CHECK(queue.offer(full_report("a")));
  CHECK_FALSE(queue.offer(full_report("b")));
  on.start(queue);
  on.time.run();
  CHECK_FALSE(on.ended);
  CHECK(queue.counts().failed == 1);
  CHECK(queue.counts().dropped == 1);
}

TEST_CASE("cancellation of every type abandons the delivery and keeps those that wait") {
  for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
    bench on;
    int begun = 0;
    int finished = 0;
    report_queue queue(on.context.get_executor(), slow_reporter{10s, &begun, &finished}, on.options());
    queue.offer(full_report("a"));
    queue.offer(full_report("b"));
    on.start(queue);
    on.time.run_for(1s);
    on.cancel.emit(type);
    on.time.run_for(1s);
    REQUIRE(on.ended);
    REQUIRE(*on.ended);
    CHECK(caught(*on.ended).code() == asio::error::operation_aborted);
    CHECK(queue.counts().failed == 1);
    CHECK(queue.waiting() == 1);

    on.start(queue);
    queue.close();
    on.time.run_for(20s);
    CHECK(begun == 2);
    CHECK(finished == 1);
    CHECK(queue.counts().delivered == 1);
    REQUIRE(on.ended);
    CHECK_FALSE(*on.ended);
  }
}

TEST_CASE("cancellation of every type ends a queue that waits for reports") {
  for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
    bench on;
    report_queue queue(on.context.get_executor(), null_reporter());
    on.start(queue);
    on.time.run();
    on.cancel.emit(type);
    on.time.run();
    REQUIRE(on.ended);
    CHECK(caught(*on.ended).code() == asio::error::operation_aborted);
    CHECK(queue.offer(full_report("a")));
  }
}

}  // namespace t_report_queue
