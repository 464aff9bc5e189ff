// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The queue before a policy: order, bounds, counts, and reporters that throw, hang or come late.
#include <catch.hpp>
#include <ovrseer/async/broadcast.hpp>
#include <ovrseer/deliver/delivery_queue.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <report_samples.hpp>

namespace t_deliver_delivery_queue {

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

  delivery_queue_options<crash_report> options() {
    delivery_queue_options<crash_report> made;
    made.on_error = [this](const crash_report& report, const caught& why) {
      heard.push_back(report.unit.name + ": " + why.what());
    };
    return made;
  }
  template <class T>
  void start(delivery_queue<T>& queue) {
    ended.reset();
    asio::co_spawn(
        context, queue.run(),
        asio::bind_cancellation_slot(cancel.slot(), [this](std::exception_ptr failure) { ended = failure; }));
  }
};

// Runs to its end; whether it came there without a failure.
template <class T>
bool run(bench& on, delivery_queue<T>& queue) {
  on.start(queue);
  on.time.run();
  return on.ended && *on.ended == nullptr;
}

TEST_CASE("reports are delivered in order and the queue ends when it is closed and empty") {
  bench on;
  recording_reporter kept;
  delivery_queue<crash_report> queue(on.context.get_executor(), borrowed(kept));
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
  REQUIRE(kept.items.size() == 3);
  CHECK(kept.items[0].unit.name == "a");
  CHECK(kept.items[2].unit.name == "c");
  CHECK(queue.counts().delivered == 3);
  CHECK(queue.counts().failed == 0);
  CHECK(queue.counts().dropped == 0);
}

TEST_CASE("a reporter that throws is counted and told and does not end the queue") {
  bench on;
  delivery_queue<crash_report> queue(on.context.get_executor(), throwing_reporter(), on.options());
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
  delivery_queue<crash_report> queue(on.context.get_executor(), refusing_reporter(), on.options());
  queue.offer(full_report("a"));
  on.start(queue);
  on.time.run();
  CHECK_FALSE(on.ended);
  CHECK(queue.counts().failed == 1);
}

TEST_CASE("a reporter that never completes costs its own reports and nothing else") {
  bench on;
  delivery_queue_options<crash_report> options = on.options();
  options.capacity = 2;
  options.limits.limit = 30s;
  delivery_queue<crash_report> queue(on.context.get_executor(), slow_reporter{24h}, options);
  on.start(queue);
  queue.offer(full_report("a"));
  on.time.run_for(1s);
  CHECK(queue.offer(full_report("b")));
  CHECK(queue.offer(full_report("c")));
  CHECK_FALSE(queue.offer(full_report("d")));
  CHECK(queue.counts().dropped == 1);
  REQUIRE(on.heard.size() == 1);
  CHECK_THAT(on.heard[0], catchx::StartsWith("d: deliver: dropped"));
  CHECK(status_of(queue).since == steady_time(0s));
  on.time.run_for(29s);
  CHECK(queue.counts().failed == 1);
  CHECK(status_of(queue).since == steady_time(1s));  // of b, which waits since then
  REQUIRE(on.heard.size() == 2);
  CHECK_THAT(on.heard[1], catchx::StartsWith("a: deliver: after 30s: timed out"));
  on.time.run_for(60s);
  CHECK(queue.counts().failed == 3);
  CHECK(queue.counts().delivered == 0);
  CHECK_FALSE(status_of(queue).since);
}

TEST_CASE("a report that is late but complete counts as delivered") {
  bench on;
  delivery_queue_options<crash_report> options = on.options();
  options.limits.limit = std::chrono::nanoseconds::zero();  // none
  int finished = 0;
  delivery_queue<crash_report> queue(on.context.get_executor(), slow_reporter{24h, nullptr, &finished}, options);
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
  delivery_queue<crash_report> queue(on.context.get_executor(), borrowed(kept));
  asio::co_spawn(on.context, queue.run(reports.subscribe(on_overrun::drop_oldest)),
                 [&](std::exception_ptr failure) { on.ended = failure; });
  for (const char* unit : {"a", "b", "c", "d"}) reports.push(std::make_shared<const crash_report>(full_report(unit)));
  on.time.run();
  CHECK(kept.items.size() == 2);
  CHECK(queue.counts().delivered == 2);
  CHECK(queue.counts().dropped == 2);
  reports.push(std::make_shared<const crash_report>(full_report("e")));
  reports.close();
  on.time.run();
  REQUIRE(kept.items.size() == 3);
  CHECK(kept.items.back().unit.name == "e");
  REQUIRE(on.ended);
  CHECK_FALSE(*on.ended);
}

TEST_CASE("a closed queue takes nothing and says so") {
  bench on;
  delivery_queue<crash_report> queue(on.context.get_executor(), null_deliverer(), on.options());
  queue.close();
  CHECK_FALSE(queue.offer(full_report("a")));
  CHECK(queue.counts().dropped == 1);
  REQUIRE(on.heard.size() == 1);
  CHECK_THAT(on.heard[0], catchx::ContainsSubstring("closed"));
}

TEST_CASE("a hook that throws harms nobody") {
  bench on;
  delivery_queue_options<crash_report> options;
  options.capacity = 0;  // as 1
  options.on_error = [](const crash_report&, const caught&) { throw std::runtime_error("hook"); };
  delivery_queue<crash_report> queue(on.context.get_executor(), throwing_reporter(), options);
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
    delivery_queue<crash_report> queue(on.context.get_executor(), slow_reporter{10s, &begun, &finished}, on.options());
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
    delivery_queue<crash_report> queue(on.context.get_executor(), null_deliverer());
    on.start(queue);
    on.time.run();
    on.cancel.emit(type);
    on.time.run();
    REQUIRE(on.ended);
    CHECK(caught(*on.ended).code() == asio::error::operation_aborted);
    CHECK(queue.offer(full_report("a")));
  }
}

TEST_CASE("where logs are queued the oldest goes") {
  bench on;
  recording_deliverer<std::string> kept;
  delivery_queue_options<std::string> options;
  options.capacity = 2;
  options.full = when_full::drop_oldest;
  std::vector<std::string> dropped;
  options.on_error = [&](const std::string& item, const caught& why) { dropped.push_back(item + ": " + why.what()); };
  delivery_queue<std::string> queue(on.context.get_executor(), borrowed(kept), std::move(options));
  for (const char* each : {"a", "b", "c", "d"}) CHECK(queue.offer(std::string(each)));
  queue.close();
  CHECK_FALSE(queue.offer(std::string("e")));
  CHECK(run(on, queue));
  CHECK(kept.items == std::vector<std::string>{"c", "d"});
  CHECK(dropped == std::vector<std::string>{"a: deliver: dropped: a limit is reached",
                                            "b: deliver: dropped: a limit is reached", "e: deliver: dropped: closed"});
  CHECK(queue.counts().dropped == 3);
}

TEST_CASE("a queue has a bound in bytes too") {
  bench on;
  recording_deliverer<std::string> kept;
  delivery_queue_options<std::string> options;
  options.bytes = byte_size(10);
  options.size_of = [](const std::string& item) { return item.size(); };
  SECTION("and what comes is dropped") {
    delivery_queue<std::string> queue(on.context.get_executor(), borrowed(kept), options);
    CHECK(queue.offer(std::string(6, 'a')));
    CHECK_FALSE(queue.offer(std::string(5, 'b')));
    CHECK(queue.offer(std::string(4, 'c')));
    CHECK(queue.waiting_bytes() == byte_size(10));
    queue.close();
    CHECK(run(on, queue));
    CHECK(queue.waiting_bytes() == byte_size(0));
    CHECK(kept.items.size() == 2);
  }
  SECTION("or as many of the oldest as must go") {
    options.full = when_full::drop_oldest;
    delivery_queue<std::string> queue(on.context.get_executor(), borrowed(kept), options);
    for (const char one : {'a', 'b', 'c'}) CHECK(queue.offer(std::string(3, one)));
    CHECK(queue.offer(std::string(7, 'd')));
    CHECK(queue.waiting_bytes() == byte_size(10));
    CHECK_FALSE(queue.offer(std::string(11, 'e')));
    CHECK(queue.waiting() == 2);
    queue.close();
    CHECK(run(on, queue));
    CHECK(kept.items == std::vector<std::string>{"ccc", "ddddddd"});
  }
}

}  // namespace t_deliver_delivery_queue
