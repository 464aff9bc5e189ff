// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The file reporter: it writes beside the strand, and says what went wrong.
#include <catch.hpp>
#include <disk_folder.hpp>
#include <faulty_file_system.hpp>
#include <memory_file_system.hpp>
#include <ovrseer/deliver/delivery_queue.hpp>
#include <ovrseer/deliver/fan_out.hpp>
#include <ovrseer/report/file_reporter.hpp>
#include <report_samples.hpp>

namespace t_report_file_reporter {

using namespace ovrseer;
using ovrseer_test::disk_folder;
using ovrseer_test::full_report;

// Runs on the machine's clock: the work is on another thread.
std::exception_ptr run(task<void> operation) {
  asio::io_context context;
  std::exception_ptr ended;
  asio::co_spawn(context, std::move(operation), [&](std::exception_ptr failure) { ended = failure; });
  context.run();
  return ended;
}

TEST_CASE("a report is on disk when the operation completes") {
  const disk_folder disk;
  file_reporter reporter(report_folder_options(disk / "reports"));
  CHECK(reporter.folder().list().empty());
  const crash_report report = full_report();
  CHECK_FALSE(run(reporter.deliver(report)));
  CHECK(reporter.folder().list().size() == 1);
  const auto last = reporter.folder().last();
  REQUIRE(last);
  CHECK(last->last_lines == report.last_lines);
  CHECK(reporter.folder().by_unit("api").size() == 1);
}

TEST_CASE("what fails on the thread is the exception of the operation") {
  const disk_folder disk;
  write_atomic(disk / "file", "not a folder");
  file_reporter reporter(report_folder_options(disk / "file"));
  const crash_report report = full_report();
  const std::exception_ptr failure = run(reporter.deliver(report));
  REQUIRE(failure);
  CHECK(caught(failure).code() == std::errc::not_a_directory);
  CHECK_THAT(caught(failure).what(), catchx::ContainsSubstring("make folder"));
}

TEST_CASE("a failing disk does not spoil it for the other reporters") {
  ovrseer_test::memory_file_system files;
  ovrseer_test::faulty_file_system faulty(files);
  faulty.fail_always(ovrseer_test::file_call::write, ENOSPC);
  report_folder_options options("/r");
  options.files = &faulty;
  recording_reporter kept;
  deliverer_list<crash_report> all;
  all.add("file", file_reporter(options)).add("kept", borrowed(kept));
  const crash_report report = full_report();
  const std::exception_ptr failure = run(all.deliver(report));
  REQUIRE(failure);
  CHECK(caught(failure).code() == std::errc::no_space_on_device);
  CHECK(kept.items.size() == 1);
}

TEST_CASE("many reports through the queue keep to the bounds") {
  const disk_folder disk;
  report_folder_options options(disk / "reports");
  options.max_files = 5;
  options.survives = durability::process_death;
  file_reporter reporter(options);
  asio::io_context context;
  delivery_queue<crash_report> queue(context.get_executor(), borrowed(reporter));
  for (int i = 0; i < 20; ++i) CHECK(queue.offer(full_report("api", i)));
  queue.close();
  std::exception_ptr ended;
  asio::co_spawn(context, queue.run(), [&](std::exception_ptr failure) { ended = failure; });
  context.run();
  CHECK_FALSE(ended);
  CHECK(queue.counts().delivered == 20);
  const auto found = reporter.folder().list();
  REQUIRE(found.size() == 5);
  CHECK(found.front().time == "1970-01-01T00-00-00-015Z");
}

TEST_CASE("an abandoned report is still written") {
  const disk_folder disk;
  auto reporter = std::make_unique<file_reporter>(report_folder_options(disk / "reports"));
  const crash_report first = full_report("first", 1);
  const crash_report second = full_report("second", 2);
  asio::io_context context;
  asio::cancellation_signal cancel;
  std::exception_ptr abandoned;
  asio::co_spawn(context, reporter->deliver(first),
                 asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr failure) { abandoned = failure; }));
  cancel.emit(cancellation_type::terminal);
  asio::co_spawn(context, reporter->deliver(second), [](std::exception_ptr) {});
  context.run();
  CHECK(reporter->folder().by_unit("second").size() == 1);  // the thread writes in order
  if (abandoned) CHECK(caught(abandoned).code() == asio::error::operation_aborted);
}

}  // namespace t_report_file_reporter
