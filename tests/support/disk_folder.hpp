// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A folder of its own for a test that needs real files; gone with all that is in it when the test ends.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace ovrseer_test {

class disk_folder {
 public:
  disk_folder() : path_((std::filesystem::temp_directory_path() / "ovrseer-test-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no folder for a test: " + path_);
  }
  disk_folder(const disk_folder&) = delete;
  disk_folder& operator=(const disk_folder&) = delete;
  ~disk_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

}  // namespace ovrseer_test
