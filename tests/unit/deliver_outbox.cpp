// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The outbox: what it accepts is on the disk, and is delivered, once more after a restart, or becomes a dead letter.
#include <catch.hpp>
#include <disk_folder.hpp>
#include <faulty_file_system.hpp>
#include <memory_file_system.hpp>
#include <ovrseer/async/scope.hpp>
#include <ovrseer/deliver/outbox.hpp>
#include <report_samples.hpp>
#include <run.hpp>

namespace t_deliver_outbox {

using namespace ovrseer;
using namespace ovrseer_test;
using namespace std::chrono_literals;

// Answers each report by its message: "reject", "later N", or takes it.
struct receiver {
  std::vector<std::string> taken;
  std::map<std::string, int> tries;
  std::vector<steady_time> times;

  task<void> deliver(const crash_report& report) {
    const executor ex = co_await asio::this_coro::executor;
    times.push_back(clock_of(ex).now());
    const int tried = ++tries[report.message];
    if (report.message.starts_with("reject")) throw error(errc::rejected, "deliver", "no");
    if (report.message.starts_with("later") && tried < 3) throw error(errc::unavailable, "deliver", "later");
    if (report.message.starts_with("throws") && tried < 2) throw std::runtime_error("a mistake");
    taken.push_back(report.message);
  }
};

crash_report saying(const std::string& message) {
  crash_report made = full_report();
  made.message = message;
  return made;
}

outbox_options quick(const std::string& folder) {
  outbox_options made(folder);
  made.retries = retry_limits(backoff::constant(1ms)).attempts(0);
  return made;
}

// Accepts, delivers all and ends.
void pass(outbox<>& box, receiver& to, asio::io_context& context, std::vector<std::string> messages) {
  std::vector<std::exception_ptr> failures;
  const auto note = [&](std::exception_ptr failure) { failures.push_back(failure); };
  auto work = [&]() -> task<void> {
    for (const std::string& each : messages) {
      const crash_report report = saying(each);
      co_await box.deliver(report);
    }
    box.close();
  };
  asio::co_spawn(context, box.run(to), note);
  asio::co_spawn(context, work(), note);
  test::run_dry(context);
  REQUIRE(failures.size() == 2);
  for (const std::exception_ptr& each : failures) {
    if (each) FAIL(caught(each).what());
  }
}

TEST_CASE("what is accepted is delivered in order") {
  const disk_folder disk;
  asio::io_context context;
  receiver to;
  outbox<> box(context.get_executor(), quick(disk / "box"));
  pass(box, to, context, {"one", "two", "three"});
  CHECK(to.taken == std::vector<std::string>{"one", "two", "three"});
  CHECK(box.counts().accepted == 3);
  CHECK(box.counts().delivered == 3);
  CHECK(dead_letters(disk / "box").all().empty());
}

TEST_CASE("an outbox says since when its oldest item waits") {
  const disk_folder disk;
  asio::io_context context;
  receiver to;
  outbox<> box(context.get_executor(), quick(disk / "box"));
  const crash_report report = saying("one");
  const auto accept = [&] {
    test::complete(context, box.deliver(report));
    return status_of(box).since;
  };
  CHECK_FALSE(status_of(box).since);
  const std::optional<steady_time> first = accept();
  REQUIRE(first);
  CHECK(accept() == first);
  pass(box, to, context, {});
  CHECK(to.taken.size() == 2);
  CHECK_FALSE(status_of(box).since);
}

TEST_CASE("what waited on disk is delivered once by the next who opens it") {
  const disk_folder disk;
  asio::io_context context;
  {
    outbox<> box(context.get_executor(), quick(disk / "box"));
    auto work = [&]() -> task<void> {
      for (const char* each : {"one", "two"}) {
        const crash_report report = saying(each);
        co_await box.deliver(report);
      }
      co_await box.release();
    };
    test::run(context, work());
  }
  for (const auto& expected : {std::vector<std::string>{"one", "two"}, std::vector<std::string>{}}) {
    receiver to;
    outbox<> box(context.get_executor(), quick(disk / "box"));
    pass(box, to, context, {});
    test::run(context, box.release());
    CHECK(to.taken == expected);
    CHECK_THROWS_AS(test::run(context, box.deliver(saying("late"))), error);
  }
}

TEST_CASE("what a receiver refuses for good is a dead letter and what may pass is tried again") {
  const disk_folder disk;
  asio::io_context context;
  receiver to;
  outbox<> box(context.get_executor(), quick(disk / "box"));
  pass(box, to, context, {"reject me", "later", "throws", "fine"});
  CHECK(std::set<std::string>(to.taken.begin(), to.taken.end()) == std::set<std::string>{"fine", "later", "throws"});
  CHECK(box.counts().dead == 1);
  CHECK(box.counts().retried == 3);
  const std::vector<dead_letter> dead = dead_letters(disk / "box").all();
  REQUIRE(dead.size() == 1);
  CHECK(dead[0].reason == "deliver: no: rejected by the receiver");
  CHECK(item_codec<crash_report>::decode(dead[0].item).message == "reject me");
}

TEST_CASE("a full outbox refuses and says so") {
  const disk_folder disk;
  asio::io_context context;
  receiver to;
  outbox_options options = quick(disk / "box");
  options.bytes = byte_size(3000);
  outbox<> box(context.get_executor(), options);
  std::vector<std::error_code> codes;
  auto work = [&]() -> task<void> {
    for (int i = 0; i != 4; ++i) {
      const crash_report report = saying(std::string(900, 'x'));
      std::error_code code;
      try {
        co_await box.deliver(report);
      } catch (const error& failure) {
        code = failure.code();
      }
      codes.push_back(code);
    }
  };
  asio::co_spawn(context, work(), [](std::exception_ptr failure) { CHECK_FALSE(failure); });
  context.run();
  REQUIRE(codes.size() == 4);
  CHECK_FALSE(codes.front());
  CHECK(codes.back() == errc::limit_reached);
  CHECK(box.counts().refused > 0);
}

TEST_CASE("the rate holds from the first attempt on") {
  const disk_folder disk;
  asio::io_context context;
  receiver to;
  outbox_options options = quick(disk / "box");
  options.rate = rate_limit(1000, 1s, 5);
  outbox<> box(context.get_executor(), options);
  const steady_time begin = std::chrono::steady_clock::now();
  std::vector<std::string> many;
  for (int i = 0; i != 60; ++i) many.push_back(std::to_string(i));
  pass(box, to, context, many);
  REQUIRE(to.times.size() == 60);
  for (std::size_t i = 0; i != to.times.size(); ++i) {
    CHECK(to.times[i] - begin >= std::chrono::milliseconds(i));  // empty at the begin: what went before is not known
  }
}

}  // namespace t_deliver_outbox
