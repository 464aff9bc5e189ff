// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The end of every integration test: no child of ours is left, alive or as a zombie, and no new descriptor.
#pragma once

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include <catch.hpp>
#include <ovrseer/process/detail/leftovers.hpp>
#include <ovrseer/process/real_os.hpp>

namespace ovrseer::test {

/// The open descriptors of this process with what they are, such as "3 socket:[123]".
inline std::vector<std::string> open_descriptions() {
  std::vector<std::string> found;
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return found;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string name(entry->d_name);
    if (name.front() == '.' || name == std::to_string(::dirfd(folder))) continue;
    std::array<char, 256> target{};
    ::readlinkat(::dirfd(folder), entry->d_name, target.data(), target.size() - 1);
    found.push_back(name + " " + target.data());
  }
  ::closedir(folder);
  std::ranges::sort(found);
  return found;
}

/// Our children as the system knows them: "PID NAME STATE".
inline std::vector<std::string> children_of_ours() {
  std::vector<std::string> found;
  for (const pid_t pid : process_detail::all_pids()) {
    const auto info = process_detail::read_process(pid);
    if (!info || info->parent != ::getpid()) continue;
    found.push_back(std::to_string(pid) + " " + info->name + " " + info->state);
  }
  return found;
}

/// Whether `pid` is a living process; a zombie is not.
inline bool is_alive(pid_t pid) {
  const auto info = process_detail::read_process(pid);
  return info && info->state != 'Z' && info->state != 'X';
}

/// Waits until `holds()`; false when it still does not after 20 s. For what the system does in its own time.
template <class Predicate>
bool eventually(Predicate holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

/// Declare it first in a test: at the end, when everything else is gone, it checks that nothing is left.
class no_leaks {
 public:
  no_leaks() : before_(open_descriptions()) {}
  no_leaks(const no_leaks&) = delete;
  no_leaks& operator=(const no_leaks&) = delete;
  ~no_leaks() {
    // Who was killed a moment ago is reaped a moment later.
    eventually([] {
      process_detail::leftovers::instance().reap();
      return children_of_ours().empty();
    });
    CHECK(children_of_ours() == std::vector<std::string>{});
    const std::vector<std::string> after = open_descriptions();
    std::vector<std::string> added;
    std::ranges::set_difference(after, before_, std::back_inserter(added));
    CHECK(added == std::vector<std::string>{});
  }

 private:
  std::vector<std::string> before_;
};

}  // namespace ovrseer::test
