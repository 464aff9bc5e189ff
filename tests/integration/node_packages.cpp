// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Packages for tests are installed once, whoever asks first, and what fails leaves nothing behind.
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <catch.hpp>
#include <disk_folder.hpp>
#include <node_packages.hpp>

namespace t_node_packages {

namespace fs = std::filesystem;

using namespace ovrseer::test;
using ovrseer_test::disk_folder;

/// Puts a script in the place of npm while it lives; `$3` is the folder to install into.
class npm_instead {
 public:
  explicit npm_instead(const std::string& script) : path_(std::getenv("PATH")) {
    std::ofstream(folder_ / "npm") << "#!/bin/sh\n" << script;
    fs::permissions(folder_ / "npm", fs::perms::owner_all);
    ::setenv("PATH", (folder_.path() + ":" + path_).c_str(), 1);
  }
  npm_instead(const npm_instead&) = delete;
  npm_instead& operator=(const npm_instead&) = delete;
  ~npm_instead() { ::setenv("PATH", path_.c_str(), 1); }

 private:
  std::string path_;
  disk_folder folder_;
};

std::size_t count_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_CASE("packages are installed once and found by their list") {
  if (!has_program("node")) SKIP("needs node");
  const disk_folder home;
  {
    const npm_instead npm("mkdir \"$3/node_modules\" && echo \"$@\" >\"$3/node_modules/words\"");
    const node_folder made = install_node_packages(home / "a/b", {"@x/one@1.2.3", "two@2.0.0"});
    REQUIRE(made);
    CHECK(*made == home / "a/b/@x+one@1.2.3,two@2.0.0");
    std::ifstream words(*made + "/node_modules/words");
    const std::string said{std::istreambuf_iterator<char>(words), {}};
    CHECK(said.ends_with(" @x/one@1.2.3 two@2.0.0\n"));
    CHECK(said.find("--ignore-scripts --no-audit --no-fund") != std::string::npos);
  }
  const npm_instead npm("exit 1");
  CHECK(install_node_packages(home / "a/b", {"@x/one@1.2.3", "two@2.0.0"}));
  CHECK(count_in(home / "a/b") == 1);
}

TEST_CASE("who comes second takes the packages of the first") {
  if (!has_program("node")) SKIP("needs node");
  const disk_folder home;
  const npm_instead npm("mkdir -p \"$3/node_modules/mine\" \"$3/../one@1.0.0/node_modules/first\"");
  const node_folder made = install_node_packages(home.path(), {"one@1.0.0"});
  REQUIRE(made);
  CHECK(fs::exists(*made + "/node_modules/first"));
  CHECK_FALSE(fs::exists(*made + "/node_modules/mine"));
  CHECK(count_in(home.path()) == 1);
}

TEST_CASE("packages that cannot be had say why and leave nothing") {
  if (!has_program("node")) SKIP("needs node");
  const disk_folder home;
  const npm_instead npm("mkdir \"$3/node_modules\"; echo 'no such version' >&2; exit 1");
  const node_folder none = install_node_packages(home.path(), {"one@1.0.0"});
  REQUIRE_FALSE(none);
  CHECK(none.reason() == "npm could not install 'one@1.0.0': no such version\n");
  CHECK(count_in(home.path()) == 0);
  CHECK_FALSE(install_node_packages("/proc/nowhere", {"one@1.0.0"}));
}

}  // namespace t_node_packages
