// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A handle on a child process, and the operation that makes one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/process/os.hpp>
#include <ovrseer/process/real_os.hpp>

namespace ovrseer {

/// Owns a child process. Move-only and thin: the state lives in the operating-system service, which also
/// reaps the child when the handle is gone.
///
/// Its destructor never blocks: a child that still runs is killed with its group, or left running, as
/// its command says. Not thread-safe: one strand.
class process {
 public:
  process() = default;
  explicit process(std::shared_ptr<child> state) : child_(std::move(state)) {}
  process(process&&) noexcept = default;
  process& operator=(process&& other) noexcept;
  ~process();

  /// Whether the handle has a child, alive or ended.
  explicit operator bool() const noexcept { return child_ != nullptr; }

  pid_t pid() const { return state().pid; }
  const command& what() const { return state().what; }
  executor get_executor() const { return state().changed.get_executor(); }
  steady_time started() const { return state().started; }
  /// How it ended; nothing while it runs.
  const std::optional<exit_status>& status() const { return state().status; }

  /// Waits for the end. May be awaited by several coroutines, and again after the end.
  ///
  /// Where nobody reads the output, what the child writes is read and discarded meanwhile, so that a
  /// talkative child does not block for ever on a full pipe.
  /// Errors: none; a child that somebody else reaped is `lost`.
  /// Cancellation: every type abandons the wait; the child goes on.
  task<exit_status> wait();

  /// What it uses now; nothing when it has ended.
  std::optional<process_sample> usage() const { return state().sample(); }

  /// Sends a signal. Nobody left to receive it is no error.
  /// Errors: what kill(2) says, such as EPERM.
  void send(signal_number signal, stop_scope scope = stop_scope::leader);

  /// All living processes that belong to it, itself included: its group and session, its descendants, and
  /// those of them that have left all three but carry its mark in their environment. Scans /proc.
  std::vector<process_info> tree() const { return state().members(); }

  bool is_piped(output_stream stream) const {
    return (stream == output_stream::out ? what().output() : what().error_output()).is_piped();
  }

  /// Waits for output and yields it; the view lives until the caller's next suspension, empty at the end.
  /// Whoever calls this reads the stream alone. Most callers want `lines()`.
  ///
  /// Cancellation: every type abandons the read; nothing is lost.
  task<std::string_view> read_output(output_stream stream);

  /// The lines of both streams; include <ovrseer/log/line_stream.hpp>.
  line_stream lines();

  /// Writes to the standard input; for commands with `stdin_source::writer`.
  ///
  /// Errors: `errc::stdin_closed` when the child has closed it, or has none.
  /// Cancellation: every type abandons; a part may have been written.
  task<void> write_stdin(std::string bytes) { return state().write_input(std::move(bytes)); }
  /// Closes the standard input: the child reads its end. On a terminal it is Ctrl-D that says so, at the beginning of
  /// a line.
  void close_stdin() { state().close_input(); }

  /// Changes the size of its terminal, which its foreground group is told by SIGWINCH; for commands with `terminal`.
  ///
  /// Errors: `std::errc::inappropriate_io_control_operation` for one without a terminal.
  void resize(std::uint16_t columns, std::uint16_t rows);

  /// The child itself, for those who keep it beyond the handle.
  const std::shared_ptr<child>& shared() const noexcept { return child_; }

 private:
  child& state() const;

  static void drain(const std::shared_ptr<child>& kept, output_stream stream);
  static task<void> read_all(std::shared_ptr<child> kept, output_stream stream);

  std::shared_ptr<child> child_;
};

/// Starts a child process.
///
/// Errors: `spawn_error` with the failing step and errno; nothing is left behind.
/// Cancellation: it does not wait, so there is nothing to cancel; a coroutine that was cancelled before
/// does not come to it.
/// Cost: one clone in the manner of vfork, whatever the size of the supervisor.
OVRSEER_DECL task<process> spawn(command what);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/process/impl/process.ipp>
#endif
