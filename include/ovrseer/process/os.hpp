// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The operating system as a service of the execution context: the core's only door to the outside,
// with a real kind and room for a scripted one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/process/command.hpp>
#include <ovrseer/process/exit_status.hpp>
#include <ovrseer/process/stop_plan.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// The two streams that a child writes.
enum class output_stream : std::uint8_t { out, err };

/// A process of the system, as far as the tree of a child is concerned.
struct process_info {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  char state = '?';              ///< as in /proc/PID/stat; 'Z' is a zombie
  std::uint64_t start_time = 0;  ///< in clock ticks since boot: tells two uses of one pid apart
  std::string name;
};

/// What a living process uses now.
struct process_sample {
  std::chrono::milliseconds cpu_time{};  ///< user and system since its start
  byte_size resident;
  std::uint32_t threads = 0;
  std::optional<std::uint32_t> descriptors;  ///< open ones; nothing where the system does not tell
};

/// One child, alive or ended. Kept by the service until it is reaped, and by everyone who holds a handle.
class child : public std::enable_shared_from_this<child> {
 public:
  child(const executor& ex, command started_as)
      : changed(ex), what(std::move(started_as)), started(clock_of(ex).now()) {}
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  virtual ~child() = default;

  /// Waits for bytes and yields them; the view lives until the caller's next suspension. Empty at the end
  /// of the stream, or when the stream is not on a pipe.
  virtual task<std::string_view> read_output(output_stream stream) = 0;
  /// Whether bytes wait in a pipe now.
  virtual bool pending_output() = 0;
  /// Writes all of `bytes`. Throws `errc::stdin_closed`.
  virtual task<void> write_input(std::string bytes) = 0;
  virtual void close_input() = 0;
  /// Changes the size of its terminal; `std::errc::inappropriate_io_control_operation` where it has none.
  virtual std::error_code resize(terminal_size) {
    return what.terminal() ? std::error_code() : std::make_error_code(std::errc::inappropriate_io_control_operation);
  }
  /// Sends a signal; a scope of which nobody is left is no error.
  virtual std::error_code signal(signal_number signal, stop_scope scope) = 0;
  /// Those of its tree that live (the child itself included); zombies do not count.
  virtual std::vector<process_info> members() = 0;
  /// Whether a process belongs to its tree. As `members`, but for one process and therefore cheap, and a zombie
  /// counts: who has spoken and ended still belongs to it.
  virtual bool has_member(pid_t other) {
    return std::ranges::any_of(members(), [other](const process_info& each) { return each.pid == other; });
  }
  /// Sends a signal to one of its tree; who has gone is no error. Errors: what the system says.
  virtual std::error_code signal_member(const process_info&, signal_number) {
    return std::make_error_code(std::errc::function_not_supported);
  }
  /// The arguments of one of its tree with one blank between two; empty where it has gone.
  virtual std::string command_line_of(const process_info& member) { return member.name; }
  virtual std::optional<process_sample> sample() = 0;

  notifier changed;  ///< told when it has ended
  const command what;
  const steady_time started;
  pid_t pid = 0;
  std::optional<exit_status> status;  ///< set when it has ended
  std::shared_ptr<void> attachment;   ///< one slot for the log path: the feed of its lines
  bool output_is_read = false;        ///< somebody drains the pipes
};

/// A file as it is seen by who looks into it.
struct seen_file {
  std::filesystem::file_type type = std::filesystem::file_type::none;
  std::uint64_t size = 0;
  wall_time written{};
  std::string content;  ///< the beginning, as much as was asked for; of regular files alone
};

/// One message of the notify protocol as it came.
struct notify_datagram {
  std::string text;
  pid_t sender = 0;                   ///< by the word of the system; 0 where it has no number for it
  std::shared_ptr<void> descriptors;  ///< what came with it; closed when the last copy of this is gone
  bool is_cut = false;                ///< it was longer than the system was asked for
};

/// Our end of a socket of the notify protocol, of which nothing is left when it is destroyed. One strand.
class notify_socket {
 public:
  notify_socket() = default;
  notify_socket(const notify_socket&) = delete;
  notify_socket& operator=(const notify_socket&) = delete;
  virtual ~notify_socket() = default;

  /// What a child is to find in NOTIFY_SOCKET.
  virtual std::string address() const = 0;
  /// The next datagram if there is one now. Throws what the system says.
  virtual std::optional<notify_datagram> try_receive() = 0;
  /// Waits until there may be one. Cancellation: every type abandons the wait.
  virtual task<void> wait() = 0;
};

/// What the core asks of the operating system. Replace it with `use_os` before the first operation.
class os_backend {
 public:
  virtual ~os_backend() = default;

  /// Starts a child. Throws `spawn_error`.
  virtual std::shared_ptr<child> spawn(const executor& ex, const command& what) = 0;
  /// Opens a TCP connection and closes it; an empty code says that somebody listens.
  virtual task<std::error_code> connect(std::string host, std::uint16_t port) = 0;
  virtual std::filesystem::file_status file_status(const std::filesystem::path& path) = 0;
  /// Looks into a file, links followed, and reads at most so many bytes of it. Never waits, whatever the file is.
  /// Errors: what the system says; where a backend does not offer it, `std::errc::function_not_supported`.
  virtual result<seen_file, std::error_code> look_into(const std::filesystem::path&, std::size_t) {
    return failure(std::make_error_code(std::errc::function_not_supported));
  }
  /// How many TCP connections at a port of this machine still want something: those that are established, and those
  /// whose other side has said its last word and may wait for an answer. Errors: what the system says.
  virtual result<std::size_t, std::error_code> connections_at(std::uint16_t) {
    return failure(std::make_error_code(std::errc::function_not_supported));
  }
  /// Opens a socket that a child reaches by its address. Throws what the system says; a system without any throws
  /// `std::errc::operation_not_supported`.
  virtual std::unique_ptr<notify_socket> open_notify_socket(const executor&) {
    throw error(std::make_error_code(std::errc::operation_not_supported), "socket", "notify socket");
  }
  /// A number in [0, 1).
  virtual double random() = 0;
};

/// The real operating system; defined in `real_os.hpp`.
std::unique_ptr<os_backend> make_real_os();

/// Holds the operating system of one execution context.
class os_service : public asio::execution_context::service {
 public:
  using key_type = os_service;
  static inline asio::execution_context::id id;

  explicit os_service(asio::execution_context& context) : service(context) {}

  os_backend& backend() {
    if (!backend_) backend_ = make_real_os();
    return *backend_;
  }
  void replace(std::unique_ptr<os_backend> backend) { backend_ = std::move(backend); }

 private:
  void shutdown() override { backend_.reset(); }

  std::unique_ptr<os_backend> backend_;
};

/// The operating system of the context that `ex` belongs to.
inline os_backend& os_of(const executor& ex) {
  return asio::use_service<os_service>(asio::query(ex, asio::execution::context)).backend();
}

/// Replaces the operating system of a context, for tests and simulations.
inline void use_os(asio::execution_context& context, std::unique_ptr<os_backend> backend) {
  asio::use_service<os_service>(context).replace(std::move(backend));
}

/// A child could not be started: `step()` is what failed ("user", "pipe", "open", "clone", "chdir",
/// "setrlimit", "setuid", "exec", …), `code()` the errno, `context()` what it was about.
class spawn_error : public error {
 public:
  using error::error;
};

}  // namespace ovrseer
