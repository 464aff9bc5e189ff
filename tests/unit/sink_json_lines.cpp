// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines and events as JSON lines, into a file that rotates and into whatever takes text.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <catch.hpp>

#include <ovrseer/deliver/batched.hpp>
#include <ovrseer/sink/event_sink.hpp>
#include <ovrseer/sink/json_lines.hpp>
#include <ovrseer/sink/log_sink.hpp>

#include <record_samples.hpp>
#include "disk_folder.hpp"
#include "run.hpp"

namespace t_sink_json_lines {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace ovrseer_test;
using namespace std::chrono_literals;
using texts = recording_deliverer<std::string>;

std::vector<nlohmann::json> read_all(const std::string& path) {
  std::ifstream in(path);
  std::vector<nlohmann::json> found;
  for (std::string line; std::getline(in, line);) found.push_back(nlohmann::json::parse(line));
  return found;
}

TEST_CASE("lines and events go to a writer as whole lines of text") {
  asio::io_context context;
  texts to;
  json_lines sink{borrowed<texts>(to)};
  log_record record = record_of("one", 1);
  record.flags = {{"any", 1, {}}};
  run(context, sink.deliver(record));
  const stored_event what = event_of(event_type::crashed);
  run(context, sink.deliver(what));
  const std::vector<log_record> batch{record_of("two", 2), record_of("three", 3)};
  run(context, sink.deliver(batch));
  const std::vector<log_record> nothing;
  run(context, sink.deliver(nothing));
  REQUIRE(to.items.size() == 3);
  CHECK(std::ranges::count(to.items[0], '\n') == 2);
  CHECK(to.items[1] == to_json_text(to_json(what.entry, "boot")) + "\n");
  CHECK(std::ranges::count(to.items[2], '\n') == 2);
  for (const std::string& each : to.items) CHECK(each.back() == '\n');
}

TEST_CASE("a rotating file gets every line whole and in order over its rotations") {
  disk_folder folder;
  const std::string path = folder / "all.jsonl";
  asio::io_context context;
  rotating_file_options options;
  options.rotate = rotation_rule(byte_size(4000), {});
  options.keep = 100;
  json_lines sink{rotating_writer(path, options)};
  for (std::uint64_t i = 1; i != 101; ++i) {
    const log_record record = record_of("line " + std::to_string(i), i);
    run(context, sink.deliver(record));
  }
  const rotating_file_stats stats = run(context, sink.writer().stats());
  CHECK(stats.rotations > 2);
  std::uint64_t expected = 0;
  for (std::uint64_t old = stats.rotations + 1; old-- != 0;) {
    for (const auto& each : read_all(old == 0 ? path : path + "." + std::to_string(old))) {
      CHECK(each["seq"] == ++expected);
      CHECK(each["text"] == "line " + std::to_string(expected));
    }
  }
  CHECK(expected == 100);
}

TEST_CASE("a batch of lines is one text of the file") {
  disk_folder folder;
  const std::string path = folder / "all.jsonl";
  asio::io_context context;
  virtual_clock time(context);
  batched<json_lines<>, log_record> sink{json_lines<>{rotating_writer(path)}};
  for (std::uint64_t i = 1; i != 6; ++i) {
    const log_record record = record_of("x", i);
    run(context, time, sink.deliver(record));
  }
  CHECK(read_all(path).empty());
  run(context, sink.flush(steady_time::max()));
  CHECK(read_all(path).size() == 5);
  CHECK(sink.counts().batches == 1);
}

TEST_CASE("a file that cannot be opened is an error of each delivery until it can") {
  disk_folder folder;
  const std::string path = folder / "later/all.jsonl";
  asio::io_context context;
  json_lines sink{rotating_writer(path)};
  const log_record record = record_of("x");
  for (int i = 0; i != 2; ++i) {
    try {
      run(context, sink.deliver(record));
      FAIL("it was written");
    } catch (const error& failure) {
      CHECK(failure.code() == std::errc::no_such_file_or_directory);
      CHECK(failure.step() == "open");
    }
  }
  std::filesystem::create_directory(folder / "later");
  run(context, sink.deliver(record));
  CHECK(read_all(path).size() == 1);
}

TEST_CASE("text that the disk never took is told when it is dropped") {
  asio::io_context context;
  rotating_file_options options;
  options.buffer = byte_size(0);
  options.largest_backlog = byte_size(300);
  json_lines sink{rotating_writer("/dev/full", options)};
  const log_record record = record_of("x");
  std::uint64_t told = 0;
  for (int i = 0; i != 10; ++i) {
    try {
      run(context, sink.deliver(record));
    } catch (const error& failure) {
      CHECK(failure.code() == errc::limit_reached);
      CHECK_THAT(failure.what(), catchx::ContainsSubstring("/dev/full: No space left on device"));
      ++told;
    }
  }
  CHECK(told > 5);
  const rotating_file_stats stats = run(context, sink.writer().stats());
  CHECK(stats.dropped_lines == told);
}

}  // namespace t_sink_json_lines
