// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines in a file that rotates: every format, its bounds, and a disk that fails.
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include <catch.hpp>
#include <disk_folder.hpp>
#include <faulty_file_system.hpp>
#include <memory_file_system.hpp>
#include <ovrseer/disk/read_file.hpp>
#include <ovrseer/log/json.hpp>
#include <ovrseer/log/line_feed.hpp>
#include <ovrseer/log/log_file.hpp>

namespace t_log_file {

using namespace ovrseer;
using namespace ovrseer_test;

line line_of(std::string_view text, std::uint64_t seq = 1) {
  line made;
  made.text = text;
  made.seq = seq;
  made.time = wall_time(std::chrono::milliseconds(1'704'190'272'345));
  return made;
}

TEST_CASE("a description has defaults and setters that chain") {
  const log_file_spec plain("a.log");
  CHECK(plain.max_size() == 10_MiB);
  CHECK(plain.max_age() == std::chrono::milliseconds(0));
  CHECK(plain.keep() == 5);
  CHECK(plain.format() == log_format::text);
  const auto full =
      log_file_spec("b.log").max_size(1_KiB).max_age(std::chrono::hours(24)).keep(2).format(log_format::jsonl);
  CHECK(full.max_size() == 1_KiB);
  CHECK(full.max_age() == std::chrono::hours(24));
  CHECK(full.keep() == 2);
  CHECK(full.format() == log_format::jsonl);
}

TEST_CASE("lines reach the file with a flush in the format that was asked for") {
  memory_file_system files;
  files.put("./other", "");
  for (const log_format format : {log_format::text, log_format::timed_text, log_format::jsonl}) {
    files.erase("./a.log");
    log_file file(log_file_spec("a.log").format(format), {}, &files);
    file.write(line_of("one"));
    file.write(line_of("two", 2));
    CHECK(files.get("a.log").empty());
    file.flush();
    const std::string content = files.get("a.log");
    if (format == log_format::text) CHECK(content == "one\ntwo\n");
    if (format == log_format::timed_text) {
      CHECK(content == "2024-01-02T10:11:12.345Z out one\n2024-01-02T10:11:12.345Z out two\n");
    }
    if (format == log_format::jsonl) {
      const auto second = decode_line(std::string_view(content).substr(content.find('\n') + 1));
      REQUIRE(second.has_value());
      CHECK(second->text == "two");
      CHECK(second->seq == 2);
    }
  }
}

/// Writes nothing but a mark, which is all that is looked for here.
class marking final : public compressor {
 public:
  std::error_code add(std::string_view, std::string&) override { return {}; }
  std::error_code finish(std::string& into) override {
    into += "packed";
    return {};
  }
};

TEST_CASE("old log files are compressed in the way of the description") {
  memory_file_system files;
  const auto how = compression(".z", [] { return std::make_unique<marking>(); });
  log_file file(log_file_spec("a.log").max_size(byte_size(5)).compress(how), {}, &files);
  for (const char* text : {"one1", "two2", "thr3"}) {
    file.write(line_of(text));
    file.flush();
  }
  CHECK(files.get("./a.log.2.z") == "packed");
  CHECK(files.get("./a.log.1") == "two2\n");
  CHECK(file.stats().compressed_files == 1);
}

TEST_CASE("the folder of the file is made") {
  const disk_folder folder;
  { log_file(log_file_spec(folder / "deep/er/a.log")).write(line_of("x")); }
  CHECK(*read_file(folder / "deep/er/a.log") == "x\n");
}

TEST_CASE("a file that cannot be opened is an error that names it") {
  memory_file_system below;
  below.put("./other", "");
  faulty_file_system files(below);
  files.fail_always(file_call::open, EACCES);
  try {
    log_file file(log_file_spec("a.log"), {}, &files);
    FAIL("it did open");
  } catch (const error& failure) {
    CHECK(failure.step() == "open");
    CHECK(failure.code().value() == EACCES);
  }
}

TEST_CASE("no file grows beyond its limit though lines come in batches") {
  memory_file_system files;
  files.put("./other", "");
  log_file file(log_file_spec("a.log").max_size(100_B).keep(3), {}, &files);
  for (int i = 0; i < 50; ++i) file.write(line_of("line number " + std::to_string(100 + i)));
  file.flush();
  for (const char* name : {"a.log", "a.log.1", "a.log.2", "a.log.3"}) {
    CHECK(files.get(name).size() <= 100);
    CHECK(files.get(name).ends_with("\n"));
  }
  CHECK_FALSE(files.has("a.log.4"));
  CHECK_THAT(files.get("a.log"), catchx::EndsWith("line number 149\n"));
  CHECK(file.stats().rotations > 5);
}

TEST_CASE("a feed writes its lines with every read and a full disk stops nobody") {
  memory_file_system below;
  below.put("./other", "");
  faulty_file_system files(below);
  asio::io_context context;
  line_feed feed(context.get_executor());
  feed.write_to(std::make_unique<log_file>(log_file_spec("a.log"), wall_clock(), &files));
  feed.write(output_stream::out, "one\ntw");
  CHECK(below.get("a.log") == "one\n");
  feed.append("a remark");
  CHECK(below.get("a.log") == "one\na remark\n");
  files.fail_always(file_call::write, ENOSPC);
  feed.write(output_stream::out, "o\nthree\n");
  CHECK(feed.lines().size() == 4);
  CHECK(feed.file()->stats().failed_writes > 0);
  CHECK(feed.file()->stats().last_failure.value() == ENOSPC);
  files.heal();
  feed.write(output_stream::out, "four\n");
  CHECK(below.get("a.log") == "one\na remark\ntwo\nthree\nfour\n");
}

TEST_CASE("lines that the disk does not take for long are counted and not kept for ever") {
  memory_file_system below;
  below.put("./other", "");
  faulty_file_system files(below);
  files.fail_always(file_call::write, ENOSPC);
  log_file file(log_file_spec("a.log"), {}, &files);
  const std::string text(999, 'x');
  for (int i = 0; i < 5'000; ++i) file.write(line_of(text));
  file.flush();
  CHECK(file.stats().dropped_lines > 3'000);
  files.heal();
  file.flush();
  CHECK(below.get("a.log").size() + file.stats().dropped_bytes == 5'000'000);
}

}  // namespace t_log_file
