// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/process/real_os.hpp>.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ovrseer/process/detail/leftovers.hpp>
#include <ovrseer/process/real_os.hpp>

namespace ovrseer::process_detail {

OVRSEER_DECL ssize_t write_quietly(int fd, std::string_view bytes) {
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

OVRSEER_DECL real_child::real_child(const executor& ex, const command& command_line, std::string mark,
                                    std::shared_ptr<real_children> shared)
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
  memory_kills_before_ = shared_->killed_for_memory.count();  // after the launch: the child runs meanwhile
}

OVRSEER_DECL void real_child::watch() {
  shared_->alive.emplace(pid, shared_from_this());
  wait_for_end();
}

OVRSEER_DECL task<std::string_view> real_child::read_output(output_stream stream) {
  co_await detail::admit_all_cancellation();
  descriptor& pipe = stream == output_stream::out ? out_ : err_;
  const std::shared_ptr<child> keep = shared_from_this();
  // A child that floods must not keep everybody else from running.
  constexpr std::size_t most_in_row = std::size_t{1024} * 1024;
  constexpr std::size_t least_worth = std::size_t{16} * 1024;  // a read of little takes its time too
  if (read_in_row_ >= most_in_row) {
    read_in_row_ = 0;
    co_await asio::post(changed.get_executor(), use_task);
  }
  while (pipe.is_open()) {
    const ssize_t n = ::read(pipe.native_handle(), shared_->buffer.get(), real_children::buffer_size);
    if (n > 0) {
      read_in_row_ += std::max(static_cast<std::size_t>(n), least_worth);
      co_return std::string_view(shared_->buffer.get(), static_cast<std::size_t>(n));
    }
    if (n == 0) break;
    if (errno == EINTR) continue;
    if (errno == EIO && what.terminal()) break;  // nobody has the terminal any more
    if (errno != EAGAIN) throw error(errno_code(errno), "read", "the output of " + to_text(what));
    read_in_row_ = 0;
    co_await pipe.async_wait(descriptor::wait_read, use_task);
  }
  close_quietly(pipe);
  co_return std::string_view();
}

OVRSEER_DECL task<void> real_child::write_input(std::string bytes) {
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
    } else if (errno == EPIPE || (errno == EIO && what.terminal())) {
      close_quietly(input_);
    } else if (errno != EINTR) {
      throw error(errno_code(errno), "write", "the standard input of " + to_text(what));
    }
  }
}

OVRSEER_DECL void real_child::close_input() {
  constexpr std::string_view end_of_file = "\x04";
  if (what.terminal() && input_.is_open()) (void)write_quietly(input_.native_handle(), end_of_file);
  close_quietly(input_);
}

OVRSEER_DECL std::error_code real_child::resize(terminal_size size) {
  if (const std::error_code code = child::resize(size)) return code;
  descriptor& terminal = out_.is_open() ? out_ : input_;
  winsize window{};
  window.ws_col = size.columns;
  window.ws_row = size.rows;
  // Where both are closed the child has left its terminal, and nobody is there who looks at its size.
  if (!terminal.is_open() || ::ioctl(terminal.native_handle(), TIOCSWINSZ, &window) == 0) return {};
  return errno_code(errno);
}

OVRSEER_DECL std::error_code real_child::signal(signal_number number, stop_scope scope) {
  if (number.value() == SIGKILL) was_killed_by_us_ = true;
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

OVRSEER_DECL std::error_code real_child::signal_member(const process_info& member, signal_number number) {
  if (member.pid == pid) return signal_leader(number);
  const std::optional<process_info> now = read_process(member.pid);
  const bool is_there = now && now->start_time == member.start_time;
  if (!is_there || ::kill(member.pid, number.value()) == 0 || errno == ESRCH) return {};
  return errno_code(errno);
}

OVRSEER_DECL std::string real_child::command_line_of(const process_info& member) {
  std::string words = read_proc_file(proc_path(member.pid, "cmdline").c_str());
  while (!words.empty() && words.back() == '\0') words.pop_back();
  std::ranges::replace(words, '\0', ' ');
  return words;
}

OVRSEER_DECL std::optional<process_sample> real_child::sample() {
  if (status) return std::nullopt;
  return sample_of(pid);
}

OVRSEER_DECL void real_child::adopt(descriptor& into, unique_fd& from) {
  if (from.get() < 0) return;
  ::fcntl(from.get(), F_SETFL, O_NONBLOCK);
  into.assign(from.release());
}

OVRSEER_DECL bool real_child::has_bytes(descriptor& pipe) {
  int count = 0;
  return pipe.is_open() && ::ioctl(pipe.native_handle(), FIONREAD, &count) == 0 && count > 0;
}

OVRSEER_DECL void real_child::close_quietly(descriptor& what) {
  std::error_code ignored;
  what.close(ignored);
}

OVRSEER_DECL std::error_code real_child::signal_leader(signal_number number) {
  if (status) return {};
  if (::syscall(SYS_pidfd_send_signal, pidfd_.native_handle(), number.value(), nullptr, 0) == 0) return {};
  return errno == ESRCH ? std::error_code() : errno_code(errno);
}

OVRSEER_DECL std::error_code real_child::signal_group(signal_number number) {
  if (what.in_group() == command::group::inherited) return signal_leader(number);
  // Once the leader is reaped its number may be a stranger's, unless the group still has members.
  if (status && !has_group_members()) return {};
  if (::kill(-pid, number.value()) == 0 || errno == ESRCH) return {};
  return errno_code(errno);
}

OVRSEER_DECL bool real_child::has_group_members() {
  for (const process_info& member : members()) {
    if (member.group == pid) return true;
  }
  return false;
}

OVRSEER_DECL void real_child::wait_for_end() {
  pidfd_.async_wait(descriptor::wait_read, [keep = shared_from_this(), this](const std::error_code& code) {
    if (code) return;  // the context is being destroyed
    if (!reap()) return wait_for_end();
    shared_->alive.erase(pid);
    close_quietly(pidfd_);
    changed.notify_all();
  });
}

OVRSEER_DECL bool real_child::reap() {
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
  const bool is_strange = info.si_code == CLD_KILLED && info.si_status == SIGKILL && !was_killed_by_us_;
  if (is_strange && shared_->killed_for_memory.claim(memory_kills_before_)) status = exit_status::out_of_memory();
  status->usage(usage_of(used));
  return true;
}

OVRSEER_DECL resource_usage real_child::usage_of(const rusage& used) {
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

OVRSEER_DECL void real_child::kill_unreaped() {
  if (pid <= 0) return;
  if (what.when_handle_dies() == command::fate::kill) signal(signal_number(SIGKILL), stop_scope::group);
  if (!reap()) leftovers::instance().add(pidfd_.native_handle());
}

OVRSEER_DECL real_backend::real_backend()
    : children_(std::make_shared<real_children>()), generator_(std::random_device{}()) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(generator_()));
  cookie_ = text.data();
}

OVRSEER_DECL real_backend::~real_backend() {
  // Breaks the ring of a child that waits for its own end while it keeps itself alive.
  children_->alive.clear();
  leftovers::instance().reap();
}

OVRSEER_DECL std::shared_ptr<child> real_backend::spawn(const executor& ex, const command& what) {
  leftovers::instance().reap();
  const char* fate = what.when_supervisor_dies() == command::fate::keep ? ".k" : ".";
  auto made = std::make_shared<real_child>(ex, what, cookie_ + fate + std::to_string(++serial_), children_);
  made->watch();
  return made;
}

OVRSEER_DECL task<std::error_code> real_backend::connect(std::string host, std::uint16_t port) {
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

OVRSEER_DECL std::filesystem::file_status real_backend::file_status(const std::filesystem::path& path) {
  std::error_code code;
  return std::filesystem::status(path, code);
}

OVRSEER_DECL result<seen_file, std::error_code> real_backend::look_into(const std::filesystem::path& path,
                                                                        std::size_t most) {
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

OVRSEER_DECL result<std::size_t, std::error_code> real_backend::connections_at(std::uint16_t port) {
  const std::size_t whole = std::string().max_size();
  const result<seen_file, std::error_code> four = look_into("/proc/net/tcp", whole);
  if (!four) return failure(four.reason());
  const result<seen_file, std::error_code> six = look_into("/proc/net/tcp6", whole);  // not there without IPv6
  return connections_in(four->content, port) + (six ? connections_in(six->content, port) : 0);
}

OVRSEER_DECL seen_file real_backend::seen_by(const struct stat& found) {
  seen_file seen;
  seen.type = S_ISREG(found.st_mode)   ? std::filesystem::file_type::regular
              : S_ISDIR(found.st_mode) ? std::filesystem::file_type::directory
                                       : std::filesystem::file_type::unknown;
  seen.size = static_cast<std::uint64_t>(found.st_size);
  const auto since = std::chrono::seconds(found.st_mtim.tv_sec) + std::chrono::nanoseconds(found.st_mtim.tv_nsec);
  seen.written = wall_time(std::chrono::duration_cast<wall_time::duration>(since));
  return seen;
}

OVRSEER_DECL std::vector<asio::ip::tcp::endpoint> real_backend::numeric_endpoints(const std::string& host,
                                                                                  std::uint16_t port) {
  if (host == "localhost") return {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
  std::error_code is_name;
  const asio::ip::address address = asio::ip::make_address(host, is_name);
  if (is_name) return {};
  return {{address, port}};
}

}  // namespace ovrseer::process_detail
