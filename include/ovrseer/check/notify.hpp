// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a process tells its supervisor that it is ready: the notify protocol of sd_notify(3), which many programs
// speak already, over a socket of its own for each incarnation.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/check/check.hpp>
#include <ovrseer/check/notify_message.hpp>
#include <ovrseer/process/os.hpp>

namespace ovrseer {

/// What became of the datagrams of a channel, over all incarnations.
struct notify_counts {
  std::uint64_t taken = 0;
  std::uint64_t strangers = 0;  ///< refused: the sender, or the process of a MAINPID=, is not of the child's tree
  std::uint64_t malformed = 0;  ///< refused: no message, or longer than 4 KiB
  std::uint64_t ignored = 0;    ///< assignments without a meaning here, such as FDSTORE=1
};

/// What one unit says by the notify protocol, incarnation by incarnation. One strand.
///
/// Before each start `prepare` opens a socket and puts its address into the command; then `listen` runs beside the
/// process:
///
///     notify_channel said(ex);
///     command what("/usr/sbin/server");
///     said.prepare(what);
///     process server = co_await spawn(what);
///     work.start(said.listen(server.shared()));
///     const check_result answer = co_await ready(server, notified(), said);
///
/// A message counts only when its sender, by the word of the kernel, belongs to the process's tree. A process that
/// sends and ends at once, such as `systemd-notify`, may be gone before anybody can tell whose it was: its barrier
/// prevents that, without it the message is refused and counted. Understood: READY, RELOADING, STOPPING, STATUS,
/// ERRNO, EXIT_STATUS, WATCHDOG, EXTEND_TIMEOUT_USEC, MAINPID (of a process of the tree; who is waited for and
/// stopped stays the one that was spawned), BARRIER. Descriptors are closed when all before them has been dealt
/// with, which is what a barrier waits for; none is stored.
class notify_channel {
 public:
  /// `watchdog` is the time within which the process is asked to send WATCHDOG=1 each time; it finds it in
  /// WATCHDOG_USEC, and should send twice as often. Zero: it is not asked. See `heartbeat`.
  explicit notify_channel(const executor& ex, std::chrono::nanoseconds watchdog = std::chrono::nanoseconds::zero())
      : changed_(ex), watchdog_(watchdog) {}
  notify_channel(const notify_channel&) = delete;
  notify_channel& operator=(const notify_channel&) = delete;

  /// Opens the socket of the next incarnation, forgets what the last one said, and sets NOTIFY_SOCKET and
  /// WATCHDOG_USEC of a command. What the supervisor itself has of them in its own environment is kept from the
  /// child, and so is WATCHDOG_PID, which would have to name a process that is not born yet.
  ///
  /// Errors: what the system says (such as `std::errc::too_many_files_open`); the channel is closed then.
  void prepare(command& what);

  /// Takes in what `from` and its tree say, until the process has ended and all that it had said is taken in, or
  /// the channel is prepared anew or closed. The channel must outlive it.
  ///
  /// Errors: `errc::invalid_state` where nothing is prepared; what the system says when it cannot be read.
  /// Cancellation: every type abandons it; nothing that was received is lost.
  task<void> listen(std::shared_ptr<child> from);

  /// Forgets the socket and what was said; a `listen` under way ends with its next message or its process.
  void close();

  /// What the present incarnation has said so far.
  const notify_state& state() const noexcept { return state_; }
  const notify_counts& counts() const noexcept { return counts_; }
  std::chrono::nanoseconds watchdog() const noexcept { return watchdog_; }
  /// Told when something was taken in.
  notifier& changed() noexcept { return changed_; }

 private:
  static constexpr int most_in_row = 16;
  static constexpr int most_rounds_after_end = 64;

  // The datagram ends here, and with it the descriptors that came along.
  bool take_next(notify_socket& socket, child& from);

  void take(const notify_datagram& came, child& from);

  static bool belongs(pid_t sender, child& from) {
    return sender > 0 && (sender == from.pid || from.has_member(sender));
  }

  std::shared_ptr<notify_socket> socket_;
  notify_state state_;
  notify_counts counts_;
  notifier changed_;
  std::chrono::nanoseconds watchdog_;
};

/// Ready when the process says READY=1 by its notify channel. It waits for the message: ask it once, not by
/// `probing`. STOPPING=1 before that is an answer too: not ready.
class notified_check {
 public:
  /// How long to wait for the message; the process can ask for more time by EXTEND_TIMEOUT_USEC, as long as its time
  /// is not over. Zero means no limit. Default zero.
  notified_check& limit(std::chrono::nanoseconds duration);

  /// Cancellation: every type abandons the wait.
  task<check_result> operator()(check_target target) const { return run(limit_, target); }

  std::string describe() const { return "READY=1"; }
  /// The limit, which the process can lengthen.
  std::chrono::nanoseconds bound() const { return limit_; }
  void tell_needs(check_needs& into) const { into.notices.push_back("READY=1"); }

 private:
  static task<check_result> run(std::chrono::nanoseconds limit, check_target target);

  static std::string status_of(const notify_state& said) {
    return said.status.empty() ? "" : ", its status: " + said.status;
  }

  std::chrono::nanoseconds limit_{};
};

/// Ready when the process says READY=1.
inline notified_check notified() { return {}; }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/check/impl/notify.ipp>
#endif
