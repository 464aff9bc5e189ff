// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Documents in files: written in place, renamed over, gone, too large, and no files at all.
#include <catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/config/file_source.hpp>
#include <ovrseer/config/polled_document.hpp>
#include <ovrseer/process/process.hpp>

#include "disk_folder.hpp"
#include "run.hpp"

namespace t_config_file_source {

using namespace ovrseer;

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

struct place {
  asio::io_context context;
  ovrseer_test::disk_folder folder;
  std::filesystem::path path = std::filesystem::path(folder.path()) / "flags.yml";
  polled_document<std::string> versions;

  attempted<std::optional<fetched_document>> fetch(byte_size largest = byte_size(1U << 20U)) {
    file_source source(path, largest);
    return test::run(context, attempt(source.fetch({})));
  }
  std::error_code failure_of(byte_size largest = byte_size(1U << 20U)) {
    const auto answer = fetch(largest);
    REQUIRE_FALSE(answer);
    return answer.reason().code();
  }
  poll_news take() {
    auto answer = fetch();
    REQUIRE(answer);
    return versions.take(*std::move(answer),
                         [](const std::string& text) { return result<std::string, std::string>(text); });
  }
};

TEST_CASE("a change of a file is noticed however it is made") {
  place p;
  write(p.path, "one");
  CHECK(p.take() == poll_news::swapped);
  CHECK(p.take() == poll_news::none);
  write(p.path, "two");  // the same size, and perhaps the same moment
  CHECK(p.take() == poll_news::swapped);
  const auto old = std::filesystem::last_write_time(p.path);
  const std::filesystem::path beside = p.path.string() + ".new";
  write(beside, "new");
  std::filesystem::last_write_time(beside, old);
  std::filesystem::rename(beside, p.path);
  CHECK(p.take() == poll_news::swapped);
  CHECK(p.versions.good() == "new");
  write(beside, "new");
  std::filesystem::rename(beside, p.path);
  CHECK(p.take() == poll_news::none);
  std::filesystem::remove(p.path);
  std::filesystem::create_symlink(beside, p.path);
  write(beside, "linked");
  CHECK(p.take() == poll_news::swapped);
}

TEST_CASE("what is no file of a fitting size is a failure") {
  place p;
  CHECK(p.failure_of() == std::errc::no_such_file_or_directory);
  write(p.path, "12345");
  CHECK(p.fetch(byte_size(5)));
  CHECK(p.failure_of(byte_size(4)) == errc::message_too_large);
  std::filesystem::remove(p.path);
  std::filesystem::create_directory(p.path);
  CHECK(p.failure_of() == errc::rejected);
  std::filesystem::remove(p.path);
  REQUIRE(::mkfifo(p.path.c_str(), 0600) == 0);  // whose opening waits for a writer
  CHECK(p.failure_of() == errc::rejected);
  CHECK(file_source(p.path).describe() == p.path.string());
}

}  // namespace t_config_file_source
