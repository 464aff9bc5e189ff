// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The real operating system: children by clone and exec, their ends by pidfd, their pipes by Asio.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>

#include <ovrseer/build.hpp>
#include <ovrseer/process/detail/launch_plan.hpp>
#include <ovrseer/process/detail/memory_kills.hpp>
#include <ovrseer/process/detail/real_notify_socket.hpp>
#include <ovrseer/process/os.hpp>

#include <asio/connect.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/posix/stream_descriptor.hpp>

namespace ovrseer {

namespace process_detail {

/// What the children of one execution context share: the read buffer, the set of those not reaped, and the count of
/// those that the system killed.
struct real_children {
  // A pipe of a mebibyte that is full is emptied in two steps: who writes waits as long as somebody reads.
  static constexpr std::size_t buffer_size = std::size_t{512} * 1024;
  std::unique_ptr<char[]> buffer =
      std::make_unique_for_overwrite<char[]>(buffer_size);  // what is not used stays unmapped
  std::map<pid_t, std::shared_ptr<child>> alive;
  memory_kills killed_for_memory{[](const std::string& path) { return read_proc_file(path.c_str()); }};
};

/// Writes without the SIGPIPE that a closed pipe raises; the disposition of the program is not touched.
OVRSEER_DECL ssize_t write_quietly(int fd, std::string_view bytes);

class real_child final : public child {
 public:
  using descriptor = asio::posix::stream_descriptor;

  real_child(const executor& ex, const command& command_line, std::string mark, std::shared_ptr<real_children> shared);

  ~real_child() override {
    if (!status) kill_unreaped();
  }

  /// Begins to wait for the end; the register of the living keeps it until then.
  void watch();

  task<std::string_view> read_output(output_stream stream) override;

  bool pending_output() override { return has_bytes(out_) || has_bytes(err_); }

  task<void> write_input(std::string bytes) override;

  void close_input() override;

  std::error_code resize(terminal_size size) override;

  std::error_code signal(signal_number number, stop_scope scope) override;

  std::vector<process_info> members() override { return members_of(pid, status.has_value(), mark_); }
  bool has_member(pid_t other) override { return is_member_of(other, pid, status.has_value(), mark_); }

  std::error_code signal_member(const process_info& member, signal_number number) override;
  std::string command_line_of(const process_info& member) override;
  std::optional<process_sample> sample() override;

 private:
  static void adopt(descriptor& into, unique_fd& from);
  static bool has_bytes(descriptor& pipe);
  static void close_quietly(descriptor& what);

  std::error_code signal_leader(signal_number number);

  std::error_code signal_group(signal_number number);

  bool has_group_members();

  void wait_for_end();

  /// Takes the exit status if there is one; false after a wake-up without an end.
  bool reap();

  static resource_usage usage_of(const rusage& used);

  // The context ends before the child does: nobody is left to wait, so its fate is carried out at once.
  void kill_unreaped();

  std::shared_ptr<real_children> shared_;
  std::string mark_;
  std::optional<std::uint64_t> memory_kills_before_;  // when it was started
  bool was_killed_by_us_ = false;
  std::size_t read_in_row_ = 0;  // bytes, since others had their turn
  descriptor pidfd_;
  descriptor input_;
  descriptor out_;
  descriptor err_;
};

class real_backend final : public os_backend {
 public:
  real_backend();
  ~real_backend() override;

  std::shared_ptr<child> spawn(const executor& ex, const command& what) override;

  task<std::error_code> connect(std::string host, std::uint16_t port) override;

  std::filesystem::file_status file_status(const std::filesystem::path& path) override;

  result<seen_file, std::error_code> look_into(const std::filesystem::path& path, std::size_t most) override;

  result<std::size_t, std::error_code> connections_at(std::uint16_t port) override;

  std::unique_ptr<notify_socket> open_notify_socket(const executor& ex) override {
    return std::make_unique<real_notify_socket>(ex, "ovrseer-notify/" + cookie_ + "." + std::to_string(++serial_));
  }

  double random() override { return std::generate_canonical<double, 53>(generator_); }

  /// The first part of the mark of all children of this context.
  const std::string& cookie() const noexcept { return cookie_; }

 private:
  static seen_file seen_by(const struct stat& found);

  // Asio looks up every host on a thread of its own, which cannot be cancelled: only real names go there.
  static std::vector<asio::ip::tcp::endpoint> numeric_endpoints(const std::string& host, std::uint16_t port);

  std::shared_ptr<real_children> children_;
  std::mt19937_64 generator_;
  std::string cookie_;
  std::uint64_t serial_ = 0;
};

}  // namespace process_detail

inline std::unique_ptr<os_backend> make_real_os() { return std::make_unique<process_detail::real_backend>(); }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/process/impl/real_os.ipp>
#endif
