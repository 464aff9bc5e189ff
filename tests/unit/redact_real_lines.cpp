// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Real log lines, in which there are no secrets: what is hidden there is hidden wrongly, and must be little.
#include <ovrseer/redact/redactor.hpp>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "catch.hpp"

namespace t_redact_real_lines {

std::filesystem::path data_folder() {
  if (const char* given = std::getenv("OVRSEER_TEST_DATA"); given != nullptr) return given;
#ifdef OVRSEER_SOURCE_DIR
  return std::filesystem::path(OVRSEER_SOURCE_DIR) / "../shared/data";
#else
  return "../shared/data";
#endif
}

TEST_CASE("of real log lines at most five in a thousand are hidden wrongly") {
  const auto folder = data_folder() / "logs";
  if (!std::filesystem::is_directory(folder)) SKIP("no real log lines: set OVRSEER_TEST_DATA to the folder with logs/");
  const ovrseer::redactor rules;
  std::size_t lines = 0;
  std::size_t looked_at = 0;
  std::vector<std::string> changed;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".log") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    for (std::string line; std::getline(file, line);) {
      ++lines;
      if (rules.may_contain_secret(line)) ++looked_at;
      std::string redacted = rules.redact(line);
      if (redacted != line) changed.push_back(std::move(redacted));
    }
  }
  std::cout << "redact: " << changed.size() << " of " << lines << " real lines changed, " << looked_at
            << " looked at closely\n";
  for (std::size_t i = 0; i < changed.size() && i < 20; ++i) UNSCOPED_INFO(changed[i]);
  CHECK(lines > 0);
  CHECK(changed.size() * 1000 <= lines * 5);
}

}  // namespace t_redact_real_lines
