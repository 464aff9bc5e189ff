// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a process of the simulated world lives: a description of what it does, one thing after the other,
// and of how it takes signals. Plain data; a scripted operating system plays it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/process/exit_status.hpp>
#include <ovrseer/process/os.hpp>
#include <ovrseer/process/signal.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// What a scripted process does when a signal reaches it.
class signal_reaction {
 public:
  /// The signal changes nothing.
  static signal_reaction ignored() { return {}; }
  /// It ends with a code, `after` so long: the time that it needs to put things in order.
  static signal_reaction exits(int code, std::chrono::nanoseconds after = {}) {
    signal_reaction made;
    made.end_ = exit_status::exited(code);
    made.after_ = after;
    return made;
  }

  bool is_ignored() const noexcept { return !end_; }
  const std::optional<exit_status>& end() const noexcept { return end_; }
  std::chrono::nanoseconds after() const noexcept { return after_; }

 private:
  std::optional<exit_status> end_;
  std::chrono::nanoseconds after_{};
};

/// Describes a scripted process. All calls return the script, so that they chain:
///
///     process_script().wait(2s).say("listening on 5432").listen(5432).on(SIGTERM, signal_reaction::exits(0, 300ms))
///
/// A script that does not say how it ends goes on for ever. What no reaction is given for does what the system
/// does by default: most signals kill, SIGSTOP and its like pause, SIGCONT goes on; nothing helps against SIGKILL.
class process_script {
 public:
  struct pause_step {
    std::chrono::nanoseconds duration;
  };
  struct write_step {
    output_stream stream;
    std::string bytes;
  };
  struct listen_step {
    std::uint16_t port;
  };
  struct file_step {
    std::string path;
    std::string content;
  };
  struct memory_step {
    byte_size resident;
  };
  struct cpu_step {
    std::chrono::milliseconds time;
  };
  struct descriptor_step {
    std::uint32_t count;
  };
  struct notify_step {
    std::string text;
  };
  struct fork_step {
    std::shared_ptr<const process_script> child;
    command::group where;
  };
  struct hang_step {};
  struct end_step {
    exit_status status;
  };
  using step = std::variant<pause_step, write_step, listen_step, file_step, memory_step, cpu_step, descriptor_step,
                            notify_step, fork_step, hang_step, end_step>;
  /// Yields one step after the other; nothing at the end. Each process plays a copy of its own.
  using step_source = std::function<std::optional<step>()>;

  /// Does nothing for a while.
  process_script& wait(std::chrono::nanoseconds duration) { return add(pause_step{duration}); }
  /// Writes a line. A process whose pipe is full waits until somebody reads.
  process_script& say(const std::string& line, output_stream stream = output_stream::out) {
    return write(line + "\n", stream);
  }
  /// Writes bytes as they are.
  process_script& write(std::string bytes, output_stream stream = output_stream::out) {
    return add(write_step{stream, std::move(bytes)});
  }
  /// Listens on a port until it ends, for whoever connects.
  process_script& listen(std::uint16_t port) { return add(listen_step{port}); }
  /// Makes a file, or writes it anew; it stays.
  process_script& make_file(std::string path, std::string content = {}) {
    return add(file_step{std::move(path), std::move(content)});
  }
  /// Uses so much memory from now on.
  process_script& use_memory(byte_size resident) { return add(memory_step{resident}); }
  /// Has used so much more time of a processor. That takes no time by itself: `wait` does.
  process_script& use_cpu(std::chrono::milliseconds time) { return add(cpu_step{time}); }
  /// Has so many open descriptors from now on; it begins with three.
  process_script& use_descriptors(std::uint32_t count) { return add(descriptor_step{count}); }
  /// Sends a message by the notify protocol, such as "READY=1", to the socket that its environment names; where it
  /// names none, nothing happens.
  process_script& notify(std::string text) { return add(notify_step{std::move(text)}); }
  /// Starts a child of its own, in its group or in one (or a session) of the child's own. It shares the output.
  process_script& fork(process_script child, command::group where = command::group::inherited) {
    return add(fork_step{std::make_shared<const process_script>(std::move(child)), where});
  }
  /// Does nothing any more and takes no signal but SIGKILL. Whoever connects to its ports waits in vain.
  process_script& hang() { return add(hang_step{}); }
  process_script& exit(int code) { return add(end_step{exit_status::exited(code)}); }
  process_script& die(int signal) { return add(end_step{exit_status::signaled(signal_number(signal))}); }
  /// The system kills it for want of memory.
  process_script& run_out_of_memory() { return add(end_step{exit_status::out_of_memory()}); }
  /// Begins anew with the first step when the last one is done; there must be one that waits or ends.
  process_script& repeat() {
    repeats_ = true;
    return *this;
  }
  /// What comes after the last step, made as it is played: for lives that are too long to be written down. There
  /// must be some among these steps that wait.
  process_script& go_on(step_source more) {
    more_ = std::move(more);
    return *this;
  }
  /// How it takes a signal, SIGKILL and SIGSTOP excepted.
  process_script& on(int signal, signal_reaction reaction) {
    reactions_.insert_or_assign(signal, std::move(reaction));
    return *this;
  }
  /// It cannot be started at all: `failing_step` and `code` are what `spawn_error` has.
  process_script& cannot_start(std::error_code code, std::string failing_step = "exec") {
    refusal_ = code;
    refused_step_ = std::move(failing_step);
    return *this;
  }

  const std::vector<step>& steps() const noexcept { return steps_; }
  bool repeats() const noexcept { return repeats_; }
  const step_source& more() const noexcept { return more_; }
  /// The reaction to a signal, or null where there is none.
  const signal_reaction* reaction(int signal) const {
    const auto found = reactions_.find(signal);
    return found == reactions_.end() ? nullptr : &found->second;
  }
  const std::error_code& refusal() const noexcept { return refusal_; }
  const std::string& refused_step() const noexcept { return refused_step_; }

 private:
  process_script& add(step what) {
    steps_.push_back(std::move(what));
    return *this;
  }

  std::vector<step> steps_;
  step_source more_;
  bool repeats_ = false;
  std::map<int, signal_reaction> reactions_;
  std::error_code refusal_;
  std::string refused_step_;
};

}  // namespace ovrseer
