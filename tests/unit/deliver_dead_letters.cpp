// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Dead letters: a file each, oldest first, bounded, and forgotten one by one by whoever reads them.
#include <catch.hpp>
#include <disk_folder.hpp>
#include <memory_file_system.hpp>
#include <ovrseer/deliver/dead_letters.hpp>
#include <ovrseer/disk/write_atomic.hpp>

namespace t_deliver_dead_letters {

using namespace ovrseer;
using ovrseer_test::disk_folder;

std::vector<std::uint64_t> numbers(const dead_letters& of) {
  std::vector<std::uint64_t> made;
  for (const dead_letter& each : of.all()) made.push_back(each.sequence);
  return made;
}

TEST_CASE("letters come back as they were in the order of their numbers") {
  const disk_folder disk;
  dead_letters letters(disk.path());
  CHECK(letters.all().empty());  // there is no folder yet
  CHECK(letters.add({12, "refused: \"no\"", "{\"a\":\n1}"}, 10) == 0);
  CHECK(letters.add({9, "too large", "x"}, 10) == 0);
  CHECK(letters.add({100, "", ""}, 10) == 0);
  const auto all = dead_letters(disk.path()).all();
  REQUIRE(all.size() == 3);
  CHECK(all[0].sequence == 9);
  CHECK(all[1].sequence == 12);
  CHECK(all[1].reason == "refused: \"no\"");
  CHECK(all[1].item == "{\"a\":\n1}");
  CHECK(all[2].item.empty());
}

TEST_CASE("of more letters than are kept the oldest go") {
  const disk_folder disk;
  dead_letters letters(disk.path());
  for (std::uint64_t number = 1; number != 4; ++number) CHECK(letters.add({number, "no", "x"}, 3) == 0);
  CHECK(letters.add({4, "no", "x"}, 3) == 1);
  CHECK(letters.add({5, "no", "x"}, 2) == 2);
  CHECK(numbers(letters) == std::vector<std::uint64_t>{4, 5});
}

TEST_CASE("who forgets a letter need not be who wrote it and may come twice") {
  const disk_folder disk;
  dead_letters writer(disk.path());
  writer.add({1, "no", "x"}, 10);
  writer.add({2, "no", "y"}, 10);
  dead_letters reader(disk.path());
  reader.forget(1);
  reader.forget(1);
  CHECK(numbers(writer) == std::vector<std::uint64_t>{2});
}

TEST_CASE("files that are no letters are left alone") {
  const disk_folder disk;
  dead_letters letters(disk.path());
  letters.add({1, "no", "x"}, 10);
  for (const char* name : {"note.json", "1x.json", "2.txt", "-3.json"}) {
    write_atomic(disk / "dead/" + name, "{\"item\":\"z\"}");
  }
  write_atomic(disk / "dead/7.json", "not JSON");
  write_atomic(disk / "dead/8.json", "{\"reason\":\"no item\"}");
  CHECK(numbers(letters) == std::vector<std::uint64_t>{1});
}

}  // namespace t_deliver_dead_letters
