// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What to run and in which surroundings: a description, built synchronously, that `spawn` carries out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <sys/resource.h>
#include <sys/types.h>

#include <ovrseer/build.hpp>

namespace ovrseer {

/// Where the child's standard input comes from.
class stdin_source {
 public:
  struct nothing {};  ///< `/dev/null`
  /// The supervisor's own, for the one child that somebody sits in front of. Such a child stays in the supervisor's
  /// process group unless `command::in_group` says otherwise: a group that the terminal has not in front is stopped
  /// when it reads. So Ctrl-C reaches both and Ctrl-Z stops both, nothing has to be given back to the terminal,
  /// however the supervisor ends, and a stop that is sent to the group reaches the child alone before its tree is
  /// killed.
  struct inherited {};
  struct text {
    std::string content;
  };  ///< written by us, then closed
  struct file {
    std::filesystem::path path;
  };  ///< opened for reading
  struct writer {};  ///< a pipe; `process::write_stdin` and `close_stdin`
  using kind = std::variant<nothing, inherited, text, file, writer>;

  stdin_source() : value_(nothing{}) {}
  explicit stdin_source(kind value) : value_(std::move(value)) {}
  const kind& value() const noexcept { return value_; }

 private:
  kind value_;
};

/// Where one output stream of the child goes.
class output_target {
 public:
  struct piped {};      ///< a pipe of its own, read by us
  struct inherited {};  ///< the supervisor's own stream
  struct discarded {};  ///< `/dev/null`
  struct merged {};     ///< standard error only: wherever standard output goes
  struct file {
    std::filesystem::path path;
    enum class mode : std::uint8_t { append, truncate } open = mode::append;
  };
  using kind = std::variant<piped, inherited, discarded, merged, file>;

  output_target() : value_(piped{}) {}
  explicit output_target(kind value) : value_(std::move(value)) {}
  const kind& value() const noexcept { return value_; }
  bool is_piped() const noexcept { return std::holds_alternative<piped>(value_); }

 private:
  kind value_;
};

/// The size of a terminal in characters.
struct terminal_size {
  std::uint16_t columns = 80;
  std::uint16_t rows = 24;
  friend constexpr bool operator==(const terminal_size&, const terminal_size&) noexcept = default;
};

/// A limit of `setrlimit(2)`; `RLIM_INFINITY` means none. The hard limit follows where it would be lower.
struct resource_limit {
  int resource = 0;  ///< `RLIMIT_NOFILE` and its like
  rlim_t soft = RLIM_INFINITY;
  std::optional<rlim_t> hard;  ///< unset: the soft one, or the present one if that is higher
};

/// Describes a child process. All setters return the command, so that they chain.
///
/// Defaults: environment inherited, standard input from `/dev/null`, standard output and error on pipes
/// of their own, a process group of its own, killed when its handle or the supervisor dies.
///
/// What a service manager says to the supervisor alone is not inherited: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID,
/// LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES. A child that shall have one of them is given it by `env`.
class command {
 public:
  enum class group : std::uint8_t {
    own,        ///< leads a new process group, so that a stop reaches its children: the default
    session,    ///< leads a new session (and group), without a controlling terminal
    inherited,  ///< stays in the supervisor's group: Ctrl-C in a terminal reaches it too
  };
  enum class fate : std::uint8_t { kill, keep };

  /// Runs `program` (a path, or a name that is looked up in the child's `PATH`) with arguments.
  template <class... Args>
    requires(std::is_convertible_v<Args, std::string> && ...)
  explicit command(std::string program, Args&&... arguments) : program_(std::move(program)) {
    (arguments_.emplace_back(std::forward<Args>(arguments)), ...);
  }
  /// Runs `line` by `/bin/sh -c`.
  static command shell(std::string line);

  template <class... Args>
  command& args(Args&&... more) {
    (arguments_.emplace_back(std::forward<Args>(more)), ...);
    return *this;
  }
  command& arg_list(const std::vector<std::string>& more);
  command& env(std::string name, std::string value);
  command& unset_env(std::string name);
  /// Nothing is inherited: only what `env` says.
  command& clear_env();
  command& working_directory(std::filesystem::path path);
  /// A name or a number. Its primary and supplementary groups are taken, unless `groups` says others.
  command& user(std::string name_or_id);
  /// The first is the primary group, the others are supplementary; names or numbers.
  command& groups(std::vector<std::string> names_or_ids);
  command& file_mode_mask(mode_t mask);
  /// Added to the scheduling priority of the child, -20 (most favoured) to 19.
  command& nice(int increment);
  command& limit(resource_limit limit);
  command& in_group(group where);
  command& input(stdin_source source);
  command& output(output_target target);
  command& error_output(output_target target);
  /// Gives the child a terminal of its own (a pseudo-terminal, pty(7)) in place of `input`, `output` and
  /// `error_output`, which must not be set afterwards: its three streams are that terminal, isatty(3) is true, and it
  /// leads a session whose controlling terminal this is.
  ///
  /// All that it writes comes as the one stream `out`, lines ending in CR LF. What `process::write_stdin` writes is
  /// typed, and as on every terminal it is echoed into the output, and Ctrl-C (`"\x03"`) interrupts, until the child
  /// says otherwise; `process::close_stdin` types Ctrl-D. `process::resize` changes the size.
  command& terminal(std::uint16_t columns, std::uint16_t rows);
  /// The capacity of each output pipe in bytes (`F_SETPIPE_SZ`); zero keeps the system's 64 KiB.
  command& pipe_capacity(int bytes);
  /// What becomes of the process when its `process` handle is destroyed while it runs: killed with its
  /// group, or kept running and reaped.
  command& when_handle_dies(fate what);
  /// What becomes of it when the supervisor dies without a chance to act (SIGKILL): killed by
  /// `PR_SET_PDEATHSIG` and the guard where there is one, or kept.
  command& when_supervisor_dies(fate what);

  const std::string& program() const noexcept { return program_; }
  const std::vector<std::string>& arguments() const noexcept { return arguments_; }
  bool is_shell() const noexcept { return is_shell_; }
  /// Names with their new values; without a value where the name is removed.
  const std::map<std::string, std::optional<std::string>>& environment() const noexcept { return environment_; }
  bool inherits_environment() const noexcept { return inherits_environment_; }
  const std::filesystem::path& working_directory() const noexcept { return directory_; }
  const std::optional<std::string>& user() const noexcept { return user_; }
  const std::vector<std::string>& groups() const noexcept { return groups_; }
  std::optional<mode_t> file_mode_mask() const noexcept { return umask_; }
  int nice() const noexcept { return nice_; }
  const std::vector<resource_limit>& limits() const noexcept { return limits_; }
  group in_group() const noexcept;
  const stdin_source& input() const noexcept { return stdin_; }
  const output_target& output() const noexcept { return stdout_; }
  const output_target& error_output() const noexcept { return stderr_; }
  /// The size that its terminal begins with; nothing where it has none.
  const std::optional<terminal_size>& terminal() const noexcept { return terminal_; }
  int pipe_capacity() const noexcept { return pipe_capacity_; }
  fate when_handle_dies() const noexcept { return handle_fate_; }
  fate when_supervisor_dies() const noexcept { return supervisor_fate_; }

 private:
  std::string program_;
  std::vector<std::string> arguments_;
  std::map<std::string, std::optional<std::string>> environment_;
  std::filesystem::path directory_;
  std::optional<std::string> user_;
  std::vector<std::string> groups_;
  std::optional<mode_t> umask_;
  std::vector<resource_limit> limits_;
  stdin_source stdin_;
  output_target stdout_;
  output_target stderr_;
  std::optional<terminal_size> terminal_;
  int nice_ = 0;
  int pipe_capacity_ = 0;
  std::optional<group> group_;
  fate handle_fate_ = fate::kill;
  fate supervisor_fate_ = fate::kill;
  bool inherits_environment_ = true;
  bool is_shell_ = false;
};

/// The command as a person would type it, arguments quoted where they need it and secrets hidden: for messages and plans, not
/// for a shell.
OVRSEER_DECL std::string to_text(const command& what);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/process/impl/command.ipp>
#endif
