// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The real operating system: children by clone and exec, their ends by pidfd, their pipes by Asio.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
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
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ovrseer/process/detail/launch_plan.hpp>
#include <ovrseer/process/detail/leftovers.hpp>
#include <ovrseer/process/detail/real_notify_socket.hpp>
#include <ovrseer/process/os.hpp>

#include <asio/connect.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/posix/stream_descriptor.hpp>

namespace ovrseer {

namespace process_detail {

/// What the children of one execution context share: the read buffer, and the set of those not reaped.
struct real_children {
  std::array<char, std::size_t{128} * 1024> buffer;
  std::map<pid_t, std::shared_ptr<child>> alive;
};

/// Writes without the SIGPIPE that a closed pipe raises; the disposition of the program is not touched.
inline ssize_t write_quietly(int fd, std::string_view bytes) {
  sigset_t pipe_signal;
  sigset_t before;
  sigset_t pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  const ssize_t written = ::write(fd, bytes.data(), bytes.size());
  const int error_number = errno;
  if (written < 0 && error_number == EPIPE && !was_pending) {
    const timespec now{};
    while (::sigtimedwait(&pipe_signal, nullptr, &now) < 0 && errno == EINTR) {}
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error_number;
  return written;
}

class real_child final : public child {
 public:
  using descriptor = asio::posix::stream_descriptor;

  real_child(const executor& ex, const command& command_line, std::string mark, std::shared_ptr<real_children> shared)
      : child(ex, command_line),
        shared_(std::move(shared)),
        mark_(std::move(mark)),
        pidfd_(ex),
        input_(ex),
        out_(ex),
        err_(ex) {
    launch_plan plan(what, mark_);
    const launched result = launch(plan.request);
    if (result.pid < 0) {
      throw spawn_error(errno_code(plan.request.failed_errno), name_of(plan.request.failed_step),
                        failure_context(what, plan.request.failed_step));
    }
    pid = result.pid;
    pidfd_.assign(result.pidfd);
    adopt(input_, plan.stdin_writer);
    adopt(out_, plan.stdout_reader);
    adopt(err_, plan.stderr_reader);
  }

  ~real_child() override {
    if (!status) kill_unreaped();
  }

  /// Begins to wait for the end; the register of the living keeps it until then.
  void watch() {
    shared_->alive.emplace(pid, shared_from_this());
    wait_for_end();
  }

  task<std::string_view> read_output(output_stream stream) override {
    co_await detail::admit_all_cancellation();
    descriptor& pipe = stream == output_stream::out ? out_ : err_;
    const std::shared_ptr<child> keep = shared_from_this();
    // A child that floods must not keep everybody else from running.
    if (++reads_in_row_ % 8 == 0) co_await asio::post(changed.get_executor(), use_task);
    while (pipe.is_open()) {
      const ssize_t n = ::read(pipe.native_handle(), shared_->buffer.data(), shared_->buffer.size());
      if (n > 0) co_return std::string_view(shared_->buffer.data(), static_cast<std::size_t>(n));
      if (n == 0) break;
      if (errno == EINTR) continue;
      if (errno != EAGAIN) throw error(errno_code(errno), "read", "the output of " + to_text(what));
      reads_in_row_ = 0;
      co_await pipe.async_wait(descriptor::wait_read, use_task);
    }
    close_quietly(pipe);
    co_return std::string_view();
  }

  bool pending_output() override { return has_bytes(out_) || has_bytes(err_); }

  task<void> write_input(std::string bytes) override {
    co_await detail::admit_all_cancellation();
    const std::shared_ptr<child> keep = shared_from_this();
    std::string_view rest = bytes;
    while (!rest.empty()) {
      if (!input_.is_open()) throw error(errc::stdin_closed, "write", to_text(what));
      const ssize_t n = write_quietly(input_.native_handle(), rest);
      if (n >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno == EAGAIN) {
        co_await input_.async_wait(descriptor::wait_write, use_task);
      } else if (errno == EPIPE) {
        close_input();
      } else if (errno != EINTR) {
        throw error(errno_code(errno), "write", "the standard input of " + to_text(what));
      }
    }
  }

  void close_input() override { close_quietly(input_); }

  std::error_code signal(signal_number number, stop_scope scope) override {
    switch (scope) {
      case stop_scope::leader: return signal_leader(number);
      case stop_scope::group: return signal_group(number);
      case stop_scope::tree: break;
    }
    std::error_code first = signal_group(number);
    for (const process_info& member : members()) {
      if (member.group == pid || member.pid == pid) continue;
      if (::kill(member.pid, number.value()) < 0 && errno != ESRCH && !first) first = errno_code(errno);
    }
    return first;
  }

  std::vector<process_info> members() override { return members_of(pid, status.has_value(), mark_); }
  bool has_member(pid_t other) override { return is_member_of(other, pid, status.has_value(), mark_); }

  std::optional<process_sample> sample() override {
    if (status) return std::nullopt;
    return sample_of(pid);
  }

 private:
  static void adopt(descriptor& into, unique_fd& from) {
    if (from.get() < 0) return;
    ::fcntl(from.get(), F_SETFL, O_NONBLOCK);
    into.assign(from.release());
  }
  static bool has_bytes(descriptor& pipe) {
    int count = 0;
    return pipe.is_open() && ::ioctl(pipe.native_handle(), FIONREAD, &count) == 0 && count > 0;
  }
  static void close_quietly(descriptor& what) {
    std::error_code ignored;
    what.close(ignored);
  }

  std::error_code signal_leader(signal_number number) {
    if (status) return {};
    if (::syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), number.value(), nullptr, 0) == 0) return {};
    return errno == ESRCH ? std::error_code() : errno_code(errno);
  }

  std::error_code signal_group(signal_number number) {
    if (what.in_group() == command::group::inherited) return signal_leader(number);
    // Once the leader is reaped its number may be a stranger's, unless the group still has members.
    if (status && !has_group_members()) return {};
    if (::kill(-pid, number.value()) == 0 || errno == ESRCH) return {};
    return errno_code(errno);
  }

  bool has_group_members() {
    for (const process_info& member : members()) {
      if (member.group == pid) return true;
    }
    return false;
  }

  void wait_for_end() {
    pidfd_.async_wait(descriptor::wait_read, [keep = shared_from_this(), this](const std::error_code& code) {
      if (code) return;  // the context is being destroyed
      if (!reap()) return wait_for_end();
      shared_->alive.erase(pid);
      close_quietly(pidfd_);
      changed.notify_all();
    });
  }

  /// Takes the exit status if there is one; false after a wake-up without an end.
  bool reap() {
    siginfo_t info{};
    rusage used{};
    const long result =
        ::syscall(SYS_waitid, P_PIDFD, static_cast<id_t>(pidfd_.native_handle()), &info, WEXITED | WNOHANG, &used);
    if (result < 0 && errno == EINTR) return false;
    if (result < 0) {
      status = exit_status::lost();
      return true;
    }
    if (info.si_pid == 0) return false;
    const auto core = info.si_code == CLD_DUMPED ? exit_status::core::dumped : exit_status::core::none;
    status = info.si_code == CLD_EXITED ? exit_status::exited(info.si_status)
                                        : exit_status::signaled(signal_number(info.si_status), core);
    status->usage(usage_of(used));
    return true;
  }

  static resource_usage usage_of(const rusage& used) {
    const auto time = [](const timeval& value) {
      return std::chrono::seconds(value.tv_sec) + std::chrono::microseconds(value.tv_usec);
    };
    resource_usage usage;
    usage.user_time = time(used.ru_utime);
    usage.system_time = time(used.ru_stime);
    usage.max_resident = byte_size(static_cast<std::uint64_t>(used.ru_maxrss) * 1024);
    usage.minor_faults = static_cast<std::uint64_t>(used.ru_minflt);
    usage.major_faults = static_cast<std::uint64_t>(used.ru_majflt);
    usage.voluntary_switches = static_cast<std::uint64_t>(used.ru_nvcsw);
    usage.involuntary_switches = static_cast<std::uint64_t>(used.ru_nivcsw);
    return usage;
  }

  // The context ends before the child does: nobody is left to wait, so its fate is carried out at once.
  void kill_unreaped() {
    if (pid <= 0) return;
    if (what.when_handle_dies() == command::fate::kill) signal(signal_number(SIGKILL), stop_scope::group);
    if (!reap()) leftovers::instance().add(pidfd_.native_handle());
  }

  std::shared_ptr<real_children> shared_;
  std::string mark_;
  unsigned reads_in_row_ = 0;
  descriptor pidfd_;
  descriptor input_;
  descriptor out_;
  descriptor err_;
};

class real_backend final : public os_backend {
 public:
  real_backend() : children_(std::make_shared<real_children>()), generator_(std::random_device{}()) {
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(generator_()));
    cookie_ = text.data();
  }
  ~real_backend() override {
    // Breaks the ring of a child that waits for its own end while it keeps itself alive.
    children_->alive.clear();
    leftovers::instance().reap();
  }

  std::shared_ptr<child> spawn(const executor& ex, const command& what) override {
    leftovers::instance().reap();
    const char* fate = what.when_supervisor_dies() == command::fate::keep ? ".k" : ".";
    auto made = std::make_shared<real_child>(ex, what, cookie_ + fate + std::to_string(++serial_), children_);
    made->watch();
    return made;
  }

  task<std::error_code> connect(std::string host, std::uint16_t port) override {
    const executor ex = co_await asio::this_coro::executor;
    std::vector<asio::ip::tcp::endpoint> endpoints = numeric_endpoints(host, port);
    if (endpoints.empty()) {
      asio::ip::tcp::resolver resolver(ex);
      auto [failed, found] = co_await resolver.async_resolve(host, std::to_string(port), use_task_tuple);
      if (failed) co_return failed;
      endpoints.assign(found.begin(), found.end());
    }
    asio::ip::tcp::socket socket(ex);
    auto [refused, reached] = co_await asio::async_connect(socket, endpoints, use_task_tuple);
    co_return refused;
  }

  std::filesystem::file_status file_status(const std::filesystem::path& path) override {
    std::error_code code;
    return std::filesystem::status(path, code);
  }

  result<seen_file, std::error_code> look_into(const std::filesystem::path& path, std::size_t most) override {
    struct stat found{};
    if (most == 0) {
      if (::stat(path.c_str(), &found) != 0) return failure(errno_code(errno));
      return seen_by(found);
    }
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return failure(errno_code(errno));
    int failed = ::fstat(fd, &found) != 0 ? errno : 0;
    seen_file seen = seen_by(found);
    std::array<char, 16384> part{};
    while (S_ISREG(found.st_mode) && failed == 0 && seen.content.size() < most) {
      const ssize_t size = ::read(fd, part.data(), std::min(part.size(), most - seen.content.size()));
      if (size == 0) break;
      if (size > 0)
        seen.content.append(part.data(), static_cast<std::size_t>(size));
      else if (errno != EINTR)
        failed = errno;
    }
    ::close(fd);
    if (failed != 0) return failure(errno_code(failed));
    return seen;
  }

  std::unique_ptr<notify_socket> open_notify_socket(const executor& ex) override {
    return std::make_unique<real_notify_socket>(ex, "ovrseer-notify/" + cookie_ + "." + std::to_string(++serial_));
  }

  double random() override { return std::generate_canonical<double, 53>(generator_); }

  /// The first part of the mark of all children of this context.
  const std::string& cookie() const noexcept { return cookie_; }

 private:
  static seen_file seen_by(const struct stat& found) {
    seen_file seen;
    seen.type = S_ISREG(found.st_mode)   ? std::filesystem::file_type::regular
                : S_ISDIR(found.st_mode) ? std::filesystem::file_type::directory
                                         : std::filesystem::file_type::unknown;
    seen.size = static_cast<std::uint64_t>(found.st_size);
    const auto since = std::chrono::seconds(found.st_mtim.tv_sec) + std::chrono::nanoseconds(found.st_mtim.tv_nsec);
    seen.written = wall_time(std::chrono::duration_cast<wall_time::duration>(since));
    return seen;
  }

  // Asio looks up every host on a thread of its own, which cannot be cancelled: only real names go there.
  static std::vector<asio::ip::tcp::endpoint> numeric_endpoints(const std::string& host, std::uint16_t port) {
    if (host == "localhost")
      return {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
    std::error_code is_name;
    const asio::ip::address address = asio::ip::make_address(host, is_name);
    if (is_name) return {};
    return {{address, port}};
  }

  std::shared_ptr<real_children> children_;
  std::mt19937_64 generator_;
  std::string cookie_;
  std::uint64_t serial_ = 0;
};

}  // namespace process_detail

inline std::unique_ptr<os_backend> make_real_os() { return std::make_unique<process_detail::real_backend>(); }

}  // namespace ovrseer
