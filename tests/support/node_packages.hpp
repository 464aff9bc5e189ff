// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Packages of the npm registry for tests: installed once for a list, and kept beside the build.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/result.hpp>

#include "counterparty.hpp"

namespace ovrseer::test {

/// A folder with `node_modules`, or why there is none.
using node_folder = result<std::string, std::string>;

/// Installs into a folder of its own below `home` and gives it its name when it is whole: of two processes that install at
/// the same time the second takes what the first has made.
inline node_folder install_node_packages(const std::filesystem::path& home, const std::vector<std::string>& list) {
  namespace fs = std::filesystem;
  if (!has_program("node")) return failure(std::string("needs node"));
  std::string name;
  std::string words;
  for (const std::string& each : list) {
    name += (name.empty() ? "" : ",") + each;
    words += " '" + each + "'";
  }
  for (char& c : name) c = c == '/' ? '+' : c;
  const fs::path kept = home / name;
  if (fs::exists(kept)) return kept.string();
  if (!has_program("npm")) return failure("needs npm for" + words);
  std::error_code ignored;
  fs::create_directories(home, ignored);
  std::string draft = (home / ".draft-XXXXXX").string();
  if (::mkdtemp(draft.data()) == nullptr) return failure("no folder " + draft);
  const std::string log = draft + "/install.log";
  // Without --prefix npm looks for a project in the folders above; of itself it waits a minute before it tries again.
  const std::string command =
      "timeout --kill-after=5 120 npm install --prefix '" + draft +
      "' --ignore-scripts --no-audit --no-fund --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000" + words +
      " >'" + log + "' 2>&1 </dev/null";
  if (std::system(command.c_str()) != 0) {
    std::ifstream file(log);
    const std::string said{std::istreambuf_iterator<char>(file), {}};
    fs::remove_all(draft, ignored);
    return failure("npm could not install" + words + ": " + said.substr(0, 500));
  }
  fs::rename(draft, kept, ignored);
  fs::remove_all(draft, ignored);  // only there when another was first
  if (!fs::exists(kept)) return failure("no folder " + kept.string());
  return kept.string();
}

/// Packages by name and version, such as "statsd@0.9.0"; pin each. Asked once a process: where there is no registry, every
/// further test would wait for it again. They are below the folder in `OVRSEER_TEST_NODE_PACKAGES`, else below that of the
/// program of the tests.
inline const node_folder& node_packages(const std::vector<std::string>& list) {
  static std::map<std::vector<std::string>, node_folder> known;
  const auto found = known.find(list);
  if (found != known.end()) return found->second;
  const char* named = std::getenv("OVRSEER_TEST_NODE_PACKAGES");
  const std::filesystem::path home =
      named != nullptr ? std::filesystem::absolute(named)
                       : std::filesystem::read_symlink("/proc/self/exe").parent_path() / "node_packages";
  return known.emplace(list, install_node_packages(home, list)).first->second;
}

}  // namespace ovrseer::test
