// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One report to many: none spoils it for the others, and each one's outcome is told.
#include <catch.hpp>
#include <ovrseer/deliver/fan_out.hpp>
#include <ovrseer/report/crash_reporter.hpp>
#include <report_samples.hpp>

namespace t_deliver_fan_out {

using namespace ovrseer;
using namespace ovrseer_test;
using namespace std::chrono_literals;

// Not local to its case: a unity build of g++ warns of coroutines over types without linkage.
struct full_disk {
  task<void> deliver(const crash_report&) { throw error(errno_code(ENOSPC), "write"); }
};

// What a run of an operation came to.
template <class T>
struct run_result {
  std::optional<T> value;
  std::exception_ptr failure;
};

run_result<std::vector<delivery_outcome>> run_all(task<std::vector<delivery_outcome>> operation) {
  asio::io_context context;
  virtual_clock time(context);
  run_result<std::vector<delivery_outcome>> result;
  asio::co_spawn(context, std::move(operation), [&](std::exception_ptr failure, std::vector<delivery_outcome> value) {
    result.failure = failure;
    result.value = std::move(value);
  });
  time.run();
  return result;
}

std::exception_ptr run_one(task<void> operation) {
  asio::io_context context;
  virtual_clock time(context);
  std::exception_ptr ended;
  asio::co_spawn(context, std::move(operation), [&](std::exception_ptr failure) { ended = failure; });
  time.run();
  return ended;
}

TEST_CASE("all members get the report and a failing one does not stop the others") {
  const crash_report report = full_report();
  fan_out both{recording_reporter(), throwing_reporter(), refusing_reporter(), recording_reporter()};
  const auto result = run_all(both.deliver_all(report));
  REQUIRE(result.value);
  REQUIRE(result.value->size() == 4);
  CHECK(result.value->at(0).name == "0");
  CHECK_FALSE(result.value->at(0).failure);
  REQUIRE(result.value->at(1).failure);
  CHECK(result.value->at(1).failure->what() == "broken");
  REQUIRE(result.value->at(2).failure);
  CHECK(result.value->at(2).failure->what() == "refused");
  CHECK_FALSE(result.value->at(3).failure);
  CHECK(both.member<0>().items.size() == 1);
  CHECK(both.member<3>().items.at(0).id == report.id);
}

TEST_CASE("members work at the same time") {
  const crash_report report;
  int finished = 0;
  fan_out all(slow_reporter{10s, nullptr, &finished}, slow_reporter{10s, nullptr, &finished});
  asio::io_context context;
  virtual_clock time(context);
  bool is_done = false;
  asio::co_spawn(context, all.deliver(report), [&](std::exception_ptr failure) { is_done = failure == nullptr; });
  time.run_for(9s);
  CHECK(finished == 0);
  time.run_for(1s);
  CHECK(finished == 2);
  CHECK(is_done);
}

TEST_CASE("a list of reporters chosen at run time names them in its outcomes and its failure") {
  const crash_report report = full_report();
  recording_reporter kept;
  deliverer_list<crash_report> all;
  all.add("slack", throwing_reporter{"no route"}).add("file", borrowed(kept)).add("mail", throwing_reporter());
  CHECK(all.size() == 3);
  const std::exception_ptr failure = run_one(all.deliver(report));
  REQUIRE(failure);
  CHECK(kept.items.size() == 1);
  try {
    std::rethrow_exception(failure);
  } catch (const deliveries_failed& failed) {
    CHECK(failed.context() == "slack (no route); mail (broken)");
    CHECK(failed.code() == std::errc::io_error);
    REQUIRE(failed.outcomes().size() == 3);
    CHECK(failed.outcomes()[1].name == "file");
    CHECK_FALSE(failed.outcomes()[1].failure);
  }
}

TEST_CASE("the code of the failure is the first that there is") {
  const crash_report report;
  fan_out all{throwing_reporter(), full_disk(), null_deliverer()};
  try {
    std::rethrow_exception(run_one(all.deliver(report)));
  } catch (const std::system_error& failed) {
    CHECK(failed.code() == std::errc::no_space_on_device);
    CHECK(failed.code() == condition::retryable);
  }
}

TEST_CASE("nobody to tell is no failure") {
  const crash_report report;
  fan_out<> nobody;
  CHECK_FALSE(run_one(nobody.deliver(report)));
  deliverer_list<crash_report> empty;
  CHECK_FALSE(run_one(empty.deliver(report)));
}

TEST_CASE("fan outs nest and may be erased") {
  const crash_report report;
  recording_reporter kept;
  any_crash_reporter all{fan_out{borrowed{kept}, fan_out{borrowed{kept}, null_deliverer()}}};
  CHECK_FALSE(run_one(all.deliver(report)));
  CHECK(kept.items.size() == 2);
}

TEST_CASE("cancellation of every type reaches all members and is what comes back") {
  for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
    asio::io_context context;
    virtual_clock time(context);
    const crash_report report;
    int begun = 0;
    int finished = 0;
    fan_out all(slow_reporter{1h, &begun, &finished}, slow_reporter{1h, &begun, &finished});
    asio::cancellation_signal cancel;
    std::exception_ptr ended;
    asio::co_spawn(context, all.deliver(report),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr failure) { ended = failure; }));
    time.run_for(1s);
    CHECK(begun == 2);
    cancel.emit(type);
    time.run_for(1s);
    CHECK(finished == 0);
    REQUIRE(ended);
    CHECK(caught(ended).code() == asio::error::operation_aborted);
  }
}

}  // namespace t_deliver_fan_out
