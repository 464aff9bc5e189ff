// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which file is found, what is said where none is, and loading from a disk.
#include <string>

#include <ovrseer/config/find.hpp>

#include "catch.hpp"
#include "memory_file_system.hpp"

namespace t_config_find {

using namespace ovrseer;
using ovrseer_test::memory_file_system;

TEST_CASE("names are tried in their order") {
  memory_file_system files;
  files.put("/srv/ovrseer.json", "{}");
  CHECK(*find_configuration("/srv", &files) == "/srv/ovrseer.json");
  files.put("/srv/ovrseer.yaml", "");
  CHECK(*find_configuration("/srv", &files) == "/srv/ovrseer.yaml");
  files.put("/srv/ovrseer.yml", "");
  CHECK(*find_configuration("/srv", &files) == "/srv/ovrseer.yml");
}

TEST_CASE("where there is none the message names what was looked for") {
  memory_file_system files;
  files.put("/srv/other.yml", "");
  const auto found = find_configuration("/srv", &files);
  REQUIRE_FALSE(found);
  CHECK(to_text(found.reason()) ==
        "/srv: error: there is no configuration here; expected one of ovrseer.yml, ovrseer.yaml and ovrseer.json\n"
        "  help: name a file with -f FILE, or go to its folder\n");
}

TEST_CASE("a file is loaded with paths from its folder") {
  memory_file_system files;
  files.put("/srv/shop/stack.json",
            R"({"envFile": "shop.env", "processes": [{"id": "api", "command": "${PROGRAM}", "cwd": "sub"}]})");
  files.put("/srv/shop/shop.env", "PROGRAM=node\n");
  const auto made = load_configuration("/srv/shop/stack.json", read_options().files(&files).variables({}));
  REQUIRE(made);
  CHECK(made->units[0].what().program() == "node");
  CHECK(made->units[0].what().working_directory() == "/srv/shop/sub");
}

TEST_CASE("a file that cannot be read is named") {
  memory_file_system files;
  const auto made = load_configuration("/srv/nowhere.json", read_options().files(&files));
  REQUIRE_FALSE(made);
  CHECK_THAT(to_text(made.reason()), catchx::StartsWith("/srv/nowhere.json: error: the file cannot be read: "));
}

TEST_CASE("a file that is too large is not read") {
  memory_file_system files;
  files.put("/srv/large.json", std::string((16U << 20U) + 1, ' '));
  const auto made = load_configuration("/srv/large.json", read_options().files(&files));
  REQUIRE_FALSE(made);
  CHECK_THAT(to_text(made.reason()), catchx::ContainsSubstring("a configuration has at most 16 MiB"));
}

TEST_CASE("an env file is read once and its errors come once") {
  memory_file_system files;
  files.put("/srv/a.json", R"({"envFile": "bad.env", "processes": [
    {"id": "a", "command": "x", "envFile": ["bad.env", "bad.env"]}, {"id": "b", "command": "x", "envFile": "gone.env"}]})");
  files.put("/srv/bad.env", "NAME\n");
  const auto made = load_configuration("/srv/a.json", read_options().files(&files));
  REQUIRE_FALSE(made);
  CHECK(made.reason().errors() == 2);
}

}  // namespace t_config_find
