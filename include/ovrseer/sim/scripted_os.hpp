// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// An operating system that plays scripts: processes, ports and files that are none, in virtual time. What
// happens in it follows from the scripts and one seed alone.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/process/os.hpp>
#include <ovrseer/sim/detail/script_player.hpp>
#include <ovrseer/sim/process_script.hpp>

namespace ovrseer {

namespace sim_detail {

/// What was sent to a notify socket and not yet received.
struct notify_queue {
  explicit notify_queue(const executor& ex) : arrived(ex) {}
  std::deque<notify_datagram> waiting;
  notifier arrived;
};

/// What the processes of one scripted system share.
struct system_state {
  std::map<std::string, seen_file> files;
  std::multiset<std::uint16_t> ports;
  std::map<std::uint16_t, std::size_t> connections;                  // of whoever is outside, to ports
  std::multiset<std::uint16_t> mute_ports;                           // of those, the ports of processes that hang
  std::map<std::string, std::weak_ptr<notify_queue>> notify_queues;  // by address
  std::uint64_t last_notify_socket = 0;
  pid_t last_pid = 999;

  void release(std::uint16_t port);
  void unmute(std::uint16_t port);

  // A real sender would wait at a full queue; a scripted one goes on, and its message is lost.
  void notify(const std::string& address, pid_t sender, const std::string& text);
};

class scripted_notify_socket final : public notify_socket {
 public:
  scripted_notify_socket(const executor& ex, system_state& system);

  std::string address() const override { return address_; }
  std::optional<notify_datagram> try_receive() override;
  task<void> wait() override;

 private:
  std::string address_;
  std::shared_ptr<notify_queue> queue_;
};

/// One process of a scripted tree.
struct member {
  process_info info;
  script_player player;
  byte_size resident;
  std::vector<std::uint16_t> ports;
  bool is_gone = false;
  bool is_mute = false;
  std::chrono::milliseconds cpu_time{};
  std::uint32_t descriptors = 3;
};

class scripted_child final : public child {
 public:
  scripted_child(const executor& ex, const command& what_to_run, std::shared_ptr<const process_script> script,
                 std::shared_ptr<system_state> system);

  /// Begins to play; the coroutine keeps the child.
  void begin();

  task<std::string_view> read_output(output_stream stream) override;
  bool pending_output() override {
    return std::ranges::any_of(pipes_, [](const pipe& each) { return each.is_open && !each.bytes.empty(); });
  }

  // Nobody reads it: a script does not depend on what it is told.
  task<void> write_input(std::string) override;
  void close_input() override { is_input_closed_ = true; }

  std::error_code signal(signal_number number, stop_scope scope) override;
  std::error_code signal_member(const process_info& which, signal_number number) override;

  /// The leader ends so, at once; what it has started lives on.
  void end(const exit_status& how);
  /// The leader hangs from now on.
  void hang();
  bool is_hung() const { return members_.front().player.is_hung(); }

  std::vector<process_info> members() override;

  std::optional<process_sample> sample() override;

 private:
  struct pipe {
    std::string bytes;
    std::string served;  // what the last read yielded a view of
    bool is_open = true;
  };
  static constexpr std::size_t default_pipe_capacity = 65'536;

  static task<void> play(std::shared_ptr<scripted_child> self);

  // Plays everything that is due; yields when the next thing is.
  steady_time catch_up(steady_time now);

  // A full pipe holds up the whole script, as a blocking write does; signals still reach it.
  bool must_wait_for_room(const member& who) const;

  void carry_out(std::size_t index, const process_script::step& what_to_do, steady_time now);

  void add(process_info info, std::shared_ptr<const process_script> script, std::optional<steady_time> now = {});

  void mute(member& who);

  void bury(member& who);

  std::error_code send(signal_number number, const std::function<bool(const process_info&)>& is_meant);

  bool has_writer() const {
    return std::ranges::any_of(members_, [](const member& each) { return !each.is_gone; });
  }
  pipe& pipe_of(output_stream stream) noexcept { return pipes_[static_cast<std::size_t>(stream)]; }

  std::shared_ptr<system_state> system_;
  std::vector<member> members_;
  std::array<pipe, 2> pipes_;
  notifier poked_;    // something may be due
  notifier written_;  // there is something to read, or never will be
  bool is_input_closed_ = false;
};

}  // namespace sim_detail

/// Plays scripts in place of processes. Install it by `simulated_world`, or by `use_os`.
///
/// A command finds its script by the file name of its program, a shell line by its whole text. A program that
/// nobody has scripted cannot be started: ENOENT at the step "exec", as with a real one that is not there, unless
/// `otherwise` says what such programs play.
class scripted_os final : public os_backend {
 public:
  /// Chooses the script of each start: `nth` counts the starts of this program from 1.
  using casting = std::function<process_script(const command& what, std::uint32_t nth)>;

  explicit scripted_os(std::uint64_t seed) : system_(std::make_shared<sim_detail::system_state>()), generator_(seed) {}

  /// Every start of this program plays this script.
  void program(std::string name, process_script script);
  /// The script is chosen anew at each start.
  void program(std::string name, casting choose);

  /// Every program that has no script of its own name plays this. `nth` counts all of these together.
  void otherwise(casting choose);

  /// What its script does not foresee happens to a child of this system that lives: it ends, or it hangs.
  static void end(child& which, const exit_status& how) { static_cast<sim_detail::scripted_child&>(which).end(how); }
  static void hang(child& which) { static_cast<sim_detail::scripted_child&>(which).hang(); }
  static bool is_hung(const child& which) { return static_cast<const sim_detail::scripted_child&>(which).is_hung(); }

  /// Who answers on a port: nobody, somebody, or somebody who hangs.
  enum class listener : std::uint8_t { none, awake, hung };
  listener listener_on(std::uint16_t port) const;

  /// Somebody outside of all scripts listens on a port, or no longer.
  void open_port(std::uint16_t port) { system_->ports.insert(port); }
  void close_port(std::uint16_t port) { system_->release(port); }
  /// So many are connected to a port from outside of all scripts. Nobody is, until this says so.
  void connections(std::uint16_t port, std::size_t count) { system_->connections[port] = count; }
  void add_file(std::string path, std::filesystem::file_type type = std::filesystem::file_type::regular);
  void remove_file(const std::string& path) { system_->files.erase(path); }

  /// How often a program has been started.
  std::uint32_t starts(const std::string& name) const;
  /// All children that were ever started and are still known to somebody, in the order of their start.
  std::vector<std::shared_ptr<child>> children() const;

  // os_backend

  std::shared_ptr<child> spawn(const executor& ex, const command& what) override;

  /// Every host is this one.
  task<std::error_code> connect(std::string, std::uint16_t port) override;

  std::filesystem::file_status file_status(const std::filesystem::path& path) override;
  result<seen_file, std::error_code> look_into(const std::filesystem::path& path, std::size_t most) override;

  result<std::size_t, std::error_code> connections_at(std::uint16_t port) override;

  std::unique_ptr<notify_socket> open_notify_socket(const executor& ex) override {
    return std::make_unique<sim_detail::scripted_notify_socket>(ex, *system_);
  }

  double random() override { return std::generate_canonical<double, 53>(generator_); }

 private:
  struct program_entry {
    std::function<std::shared_ptr<const process_script>(const command&, std::uint32_t)> choose;
    std::uint32_t starts = 0;
  };

  // A shell line is what follows `sh -c`.
  static std::string name_of(const command& what);

  std::shared_ptr<sim_detail::system_state> system_;
  std::mt19937_64 generator_;
  std::map<std::string, program_entry> programs_;
  program_entry otherwise_;
  std::vector<std::weak_ptr<child>> children_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/sim/impl/scripted_os.ipp>
#endif
