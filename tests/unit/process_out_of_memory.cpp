// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A child that the system kills for want of memory, in a cgroup of its own, and one that somebody else kills there.
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include <catch.hpp>
#include <leaks.hpp>
#include <run.hpp>
#include <run_child.hpp>

namespace t_process_out_of_memory {

using namespace ovrseer;
using test::child_command;
using test::no_leaks;

/// A cgroup below ours with 256 MiB (a supervisor under a sanitizer needs much), or none where such a thing cannot be had.
class small_cgroup {
 public:
  small_cgroup() {
    const auto text = [](const char* path) { return process_detail::read_proc_file(path); };
    const std::string counter =
        process_detail::memory_counter_path(text("/proc/self/cgroup"), text("/proc/self/mountinfo"));
    if (counter.empty()) return;
    folder_ = std::filesystem::path(counter).parent_path() / ("ovrseer-test-" + std::to_string(::getpid()));
    std::error_code code;
    std::filesystem::create_directory(folder_, code);
    set("memory.swappiness", "0");
    set("memory.swap.max", "0");
    is_usable_ = !code && (set("memory.limit_in_bytes", "268435456") || set("memory.max", "268435456"));
  }
  small_cgroup(const small_cgroup&) = delete;
  small_cgroup& operator=(const small_cgroup&) = delete;
  ~small_cgroup() {
    if (!folder_.empty()) test::eventually([this] { return ::rmdir(folder_.c_str()) == 0 || errno != EBUSY; });
  }

  /// Whether it took over the calling process.
  bool enter() const { return is_usable_ && set("cgroup.procs", "0"); }

 private:
  bool set(const char* file, const char* value) const {
    if (!std::filesystem::exists(folder_ / file)) return false;
    std::ofstream out(folder_ / file);
    out << value << std::flush;
    return out.good();
  }

  std::filesystem::path folder_;
  bool is_usable_ = false;
};

std::string ends_of_children() {
  std::string text;
  for (command what : {child_command("allocate", "600", "exit", "0"), child_command("no-core", "die", "KILL"),
                       child_command("exit", "3")}) {
    asio::io_context context;
    const auto wait = [&]() -> task<exit_status> {
      process child = co_await spawn(std::move(what));
      co_return co_await child.wait();
    };
    text += to_text(test::run(context, wait)) + ";";
  }
  return text;
}

TEST_CASE("a child that the system kills for want of memory says so and one that is killed otherwise does not") {
  const no_leaks guard;
  const small_cgroup cgroup;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  // The supervisor must live in the cgroup, so it is a process of its own.
  const pid_t supervisor = ::fork();
  if (supervisor == 0) {
    const std::string said = cgroup.enter() ? ends_of_children() : "no cgroup";
    const bool is_written = ::write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    ::_exit(is_written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string said(4096, ' ');
  const ssize_t size = ::read(ends[0], said.data(), said.size());
  said.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  ::close(ends[0]);
  ::waitpid(supervisor, nullptr, 0);
  if (said == "no cgroup") {
    WARN("not tried: no cgroup with a limit of memory can be made here");
    return;
  }
  CHECK(said == "killed for want of memory;killed by SIGKILL;exited with code 3;");
}

}  // namespace t_process_out_of_memory
