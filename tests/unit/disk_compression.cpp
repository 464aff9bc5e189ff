// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Old log files are compressed a little at a time, and whatever fails or crashes in between, each is there once.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include <ovrseer/disk/rotating_file.hpp>
#include "catch.hpp"
#include "faulty_file_system.hpp"
#include "memory_file_system.hpp"

namespace t_disk_compression {

using namespace ovrseer;
using namespace ovrseer_test;

/// Puts what it is given in brackets: whoever reads it sees whether it is whole.
class bracketing final : public compressor {
 public:
  std::error_code add(std::string_view piece, std::string& into) override {
    into.append(is_begun_ ? "" : "[").append(piece);
    is_begun_ = true;
    return {};
  }
  std::error_code finish(std::string& into) override {
    into.append(is_begun_ ? "]" : "[]");
    return {};
  }

 private:
  bool is_begun_ = false;
};

compression brackets() {
  return compression(".z", [] { return std::make_unique<bracketing>(); });
}

rotating_file_options with(file_system& files, std::uint64_t size, std::size_t keep = 3) {
  rotating_file_options options;
  options.files = &files;
  options.rotate.size = byte_size(size);
  options.keep = keep;
  options.buffer = byte_size(0);
  options.compress = brackets();
  return options;
}

/// All that is kept, oldest first. Of a file that is there twice the compressed one counts; it must be whole.
std::string all_of(memory_file_system& files, std::size_t keep = 100) {
  std::string text;
  for (std::size_t n = keep; n > 0; --n) {
    const std::string path = "./f." + std::to_string(n);
    if (!files.has(path + ".z")) {
      text += files.get(path);
      continue;
    }
    const std::string packed = files.get(path + ".z");
    REQUIRE(packed.size() >= 2);
    REQUIRE(packed.front() == '[');
    REQUIRE(packed.back() == ']');
    text += packed.substr(1, packed.size() - 2);
  }
  return text + files.get("./f");
}

TEST_CASE("an old file is compressed with the next appends and takes the suffix") {
  memory_file_system files;
  rotating_file file("f", with(files, 5));
  CHECK(!file.append("one1\n"));
  CHECK(!file.append("two2\n"));
  CHECK(files.get("./f.1") == "one1\n");
  CHECK(!file.append("3\n"));  // it rotates, after it has looked at what was old before
  CHECK(files.get("./f.2.z") == "[one1\n]");
  CHECK(!file.append("4\n"));
  CHECK(files.get("./f.1.z") == "[two2\n]");
  CHECK(!files.has("./f.1"));
  CHECK(!files.has("./f.2"));
  CHECK(files.list(".")->size() == 3);
  CHECK(files.open_files() == 1);
  CHECK(file.stats().compressed_files == 2);
  CHECK(file.stats().failed_compressions == 0);
}

TEST_CASE("compressed files count as kept ones and the oldest go") {
  memory_file_system files;
  rotating_file file("f", with(files, 5, 2));
  for (const char* line : {"one1\n", "two2\n", "thr3\n", "fou4\n", "fiv5\n"}) CHECK(!file.append(line));
  CHECK(files.get("./f") == "fiv5\n");
  CHECK(files.has("./f.2.z"));
  CHECK(!files.has("./f.3.z"));
  CHECK(!files.has("./f.3"));
  CHECK(files.list(".")->size() == 3);
}

TEST_CASE("no append does more than its share and a file that is shifted meanwhile is finished under its new name") {
  memory_file_system files;
  const std::string large(1'000'000, 'x');
  files.put("./f.1", large);
  rotating_file file("f", with(files, 0));
  CHECK(!file.append("a\n"));
  CHECK(files.get("./f.z.tmp").size() < 140'000);
  CHECK(files.has("./f.1"));
  CHECK(!file.rotate());
  CHECK(files.has("./f.2"));
  for (int i = 0; i < 20; ++i) CHECK(!file.append("b\n"));
  CHECK(files.get("./f.2.z") == "[" + large + "]");
  CHECK(files.get("./f.1.z") == "[a\n]");
  CHECK(!files.has("./f.2"));
  CHECK(!files.has("./f.z.tmp"));
}

TEST_CASE("a file that goes before it is compressed takes its compression with it") {
  memory_file_system files;
  files.put("./f.1", std::string(1'000'000, 'x'));
  rotating_file file("f", with(files, 0, 1));
  CHECK(!file.append("a\n"));
  CHECK(files.has("./f.z.tmp"));
  CHECK(!file.rotate());
  CHECK(!files.has("./f.z.tmp"));
  CHECK(files.get("./f.1") == "a\n");
  CHECK(!file.append("b\n"));
  CHECK(files.get("./f.1.z") == "[a\n]");
  CHECK(files.open_files() == 1);
}

TEST_CASE("what an earlier run left uncompressed or half compressed is done by the next") {
  memory_file_system files;
  files.put("./f.1", "young\n");
  files.put("./f.2.z", "[older\n]");
  files.put("./f.3", "oldest\n");
  files.put("./f.z.tmp", "[a part of something and longer than the whole");
  {
    rotating_file file("f", with(files, 0, 5));
    for (int i = 0; i < 3; ++i) CHECK(!file.append("x\n"));
  }
  CHECK(files.get("./f.1.z") == "[young\n]");
  CHECK(files.get("./f.2.z") == "[older\n]");
  CHECK(files.get("./f.3.z") == "[oldest\n]");
  CHECK(files.list(".")->size() == 4);
}

TEST_CASE("an end in the middle of a compression leaves the old file alone") {
  memory_file_system files;
  const std::string large(1'000'000, 'x');
  files.put("./f.1", large);
  {
    rotating_file file("f", with(files, 0));
    CHECK(!file.append("a\n"));
    CHECK(files.has("./f.z.tmp"));
  }
  CHECK(files.get("./f.1") == large);
  CHECK(files.list(".")->size() == 2);
  CHECK(files.open_files() == 0);
}

TEST_CASE("without a policy compressed files of an earlier run stay and count no more") {
  memory_file_system files;
  files.put("./f.1.z", "[old\n]");
  auto options = with(files, 5);
  options.compress = {};
  rotating_file file("f", options);
  CHECK(!file.append("one1\n"));
  CHECK(!file.append("two2\n"));
  CHECK(files.get("./f.1") == "one1\n");
  CHECK(files.get("./f.1.z") == "[old\n]");
}

std::string append_lines(rotating_file& file, int count) {
  std::string expected;
  for (int i = 0; i < count; ++i) {
    const std::string line = "line " + std::to_string(i) + "\n";
    (void)file.append(line);
    expected += line;
  }
  return expected;
}

TEST_CASE("whichever call fails every line is kept once") {
  for (const int why : {EIO, ENOSPC}) {
    for (std::size_t failing = 1;; ++failing) {
      INFO("call " << failing);
      memory_file_system memory;
      faulty_file_system files(memory);
      std::string expected;
      {
        rotating_file file("f", with(files, 30, 100));
        files.fail_call(failing, why);
        expected = append_lines(file, 25);
        CHECK(!file.flush());
        CHECK(file.stats().dropped_lines == 0);
      }
      CHECK(all_of(memory) == expected);
      CHECK(memory.open_files() == 0);
      if (files.total() < failing) break;
    }
  }
}

TEST_CASE("a crash at any call leaves every old file whole in one form or the other") {
  for (const blackout kind : {blackout::process, blackout::power_mixed}) {
    bool has_crashed = true;
    for (std::size_t failing = 1; has_crashed; ++failing) {
      INFO("call " << failing);
      memory_file_system memory;
      std::string expected;
      for (std::size_t n = 4; n != 0; --n) {
        const std::string line = "old " + std::to_string(n) + "\n";
        memory.put("./f." + std::to_string(n), line);
        expected += line;
      }
      memory.put("./f", "present\n");
      expected += "present\n";
      faulty_file_system files(memory);
      {
        rotating_file file("f", with(files, 0, 100));
        const std::size_t before = files.total();
        files.fail_from(failing, EIO);  // nothing reaches the disk any more, not even the tidying
        for (int i = 0; i < 5; ++i) (void)file.append("x\n");
        has_crashed = files.total() >= before + failing;
      }
      memory.crash(kind, failing);
      CHECK(all_of(memory).starts_with(expected));
      rotating_file file("f", with(memory, 0, 100));
      for (int i = 0; i < 5; ++i) CHECK(!file.append("after\n"));
      CHECK(all_of(memory).starts_with(expected));
      CHECK(memory.has("./f.4.z"));
      CHECK(!memory.has("./f.4"));
      CHECK(!memory.has("./f.z.tmp"));
    }
  }
}

TEST_CASE("a policy that cannot begin or fails leaves the old file and is tried again after the next rotation") {
  for (const bool throws : {false, true}) {
    memory_file_system files;
    auto options = with(files, 5);
    int tries = 0;
    options.compress = compression(".z", [&]() -> std::unique_ptr<compressor> {
      ++tries;
      if (throws) throw std::system_error(std::make_error_code(std::errc::not_enough_memory));
      return nullptr;
    });
    rotating_file file("f", options);
    CHECK(!file.append("one1\n"));
    CHECK(!file.append("two2\n"));
    CHECK(!file.append("3\n"));
    CHECK(!file.append("4\n"));
    CHECK(tries == 2);
    CHECK(file.stats().failed_compressions == 2);
    CHECK(file.stats().last_failure == std::errc::not_enough_memory);
    CHECK(files.get("./f.1") == "two2\n");
    CHECK(files.get("./f.2") == "one1\n");
    CHECK(!files.has("./f.z.tmp"));
    CHECK(files.open_files() == 1);
  }
}

}  // namespace t_disk_compression
