// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From a command to a launch request: looks up users, opens files and pipes, lays out arguments. All that
// can fail or allocate happens here, before the clone.
#pragma once

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ovrseer/build.hpp>
#include <ovrseer/process/detail/launch.hpp>
#include <ovrseer/process/detail/proc_table.hpp>
#include <ovrseer/process/os.hpp>

extern "C" char** environ;

namespace ovrseer::process_detail {

/// A descriptor that closes itself.
class unique_fd {
 public:
  unique_fd() = default;
  explicit unique_fd(int fd) noexcept : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  unique_fd& operator=(unique_fd&& other) noexcept;
  ~unique_fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

[[noreturn]] inline void fail_spawn(const char* step, int error_number, std::string context) {
  throw spawn_error(errno_code(error_number), step, std::move(context));
}

OVRSEER_DECL unique_fd open_or_fail(const std::filesystem::path& path, int flags);

struct pipe_ends {
  unique_fd read;
  unique_fd write;
};

OVRSEER_DECL pipe_ends make_pipe(int capacity);

/// The two ends of a pseudo-terminal.
struct terminal_ends {
  unique_fd ours;
  unique_fd childs;
};

OVRSEER_DECL terminal_ends make_terminal(terminal_size size);

OVRSEER_DECL unique_fd copy_of(const unique_fd& fd);

/// Whom the child runs as.
struct identity {
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;
  std::optional<std::vector<gid_t>> groups;
};

OVRSEER_DECL std::optional<unsigned> number_in(std::string_view text);

OVRSEER_DECL gid_t group_of(const std::string& name);

OVRSEER_DECL identity identity_of(const command& what);

/// The strings of an argument or environment vector, and the pointers to them that exec wants.
class string_vector {
 public:
  void add(std::string text) { strings_.push_back(std::move(text)); }
  char* const* pointers();

 private:
  std::vector<std::string> strings_;
  std::vector<char*> pointers_;
};

/// Whether a variable of our environment is meant for this very process: what a service manager says to it by
/// sd_notify(3), sd_watchdog_enabled(3) and sd_listen_fds(3). A child that had it would speak in our name.
OVRSEER_DECL bool is_meant_for_us(std::string_view variable);

/// A command made ready: owns everything that `request` points to.
struct launch_plan {
  launch_plan(const command& what, std::string_view mark);
  launch_plan(const launch_plan&) = delete;
  launch_plan& operator=(const launch_plan&) = delete;

  launch_request request;
  unique_fd stdin_writer;  ///< our end, where there is one
  unique_fd stdout_reader;
  unique_fd stderr_reader;

 private:
  void lay_out_environment(std::string_view mark);

  void lay_out_program();

  void lay_out_limits();

  void lay_out_stdio();

  void lay_out_terminal();

  unique_fd open_output(const output_target& target, unique_fd& reader) const;

  // A text goes in as a file in memory: no writer that could block, and the child may seek in it.
  static unique_fd memory_file(std::string_view content);

  void fill_request();

  const command& what_;
  std::string search_path_;
  std::string directory_;
  string_vector environment_;
  string_vector arguments_;
  std::vector<std::string> candidates_;
  std::vector<const char*> candidate_pointers_;
  std::vector<launch_limit> limits_;
  identity who_;
  std::array<unique_fd, 3> sources_;
  unique_fd terminal_;
};

/// What a failed launch was about, for the error's context.
OVRSEER_DECL std::string failure_context(const command& what, launch_step step);

}  // namespace ovrseer::process_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/process/detail/impl/launch_plan.ipp>
#endif
