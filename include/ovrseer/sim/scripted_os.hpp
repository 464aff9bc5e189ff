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
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/async/alarm.hpp>
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
  std::multiset<std::uint16_t> mute_ports;                           // of those, the ports of processes that hang
  std::map<std::string, std::weak_ptr<notify_queue>> notify_queues;  // by address
  std::uint64_t last_notify_socket = 0;
  pid_t last_pid = 999;

  void release(std::uint16_t port) {
    const auto found = ports.find(port);
    if (found != ports.end()) ports.erase(found);
  }
  void unmute(std::uint16_t port) {
    const auto found = mute_ports.find(port);
    if (found != mute_ports.end()) mute_ports.erase(found);
  }

  // A real sender would wait at a full queue; a scripted one goes on, and its message is lost.
  void notify(const std::string& address, pid_t sender, const std::string& text) {
    constexpr std::size_t most_waiting = 512;
    const auto found = notify_queues.find(address);
    const std::shared_ptr<notify_queue> to = found == notify_queues.end() ? nullptr : found->second.lock();
    if (!to || to->waiting.size() == most_waiting) return;
    notify_datagram sent;
    sent.text = text;
    sent.sender = sender;
    to->waiting.push_back(std::move(sent));
    to->arrived.notify_all();
  }
};

class scripted_notify_socket final : public notify_socket {
 public:
  scripted_notify_socket(const executor& ex, system_state& system)
      : address_("@sim-notify-" + std::to_string(++system.last_notify_socket)),
        queue_(std::make_shared<notify_queue>(ex)) {
    std::erase_if(system.notify_queues, [](const auto& each) { return each.second.expired(); });
    system.notify_queues[address_] = queue_;
  }

  std::string address() const override { return address_; }
  std::optional<notify_datagram> try_receive() override {
    if (queue_->waiting.empty()) return std::nullopt;
    std::optional<notify_datagram> came(std::move(queue_->waiting.front()));
    queue_->waiting.pop_front();
    return came;
  }
  task<void> wait() override {
    co_await detail::admit_all_cancellation();
    const std::shared_ptr<notify_queue> queue = queue_;
    while (queue->waiting.empty()) co_await queue->arrived.wait();
  }

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
                 std::shared_ptr<system_state> system)
      : child(ex, what_to_run), system_(std::move(system)), poked_(ex), written_(ex) {
    process_info leader;
    leader.name = std::filesystem::path(what.program()).filename().string();
    pid = leader.pid = ++system_->last_pid;
    leader.parent = 1;
    leader.group = leader.session = what.in_group() == command::group::inherited ? 1 : pid;
    add(std::move(leader), std::move(script));
  }

  /// Begins to play; the coroutine keeps the child.
  void begin() {
    asio::co_spawn(changed.get_executor(), play(std::static_pointer_cast<scripted_child>(shared_from_this())),
                   [](const std::exception_ptr&) {});
  }

  task<std::string_view> read_output(output_stream stream) override {
    co_await detail::admit_all_cancellation();
    const std::shared_ptr<child> keep = shared_from_this();
    pipe& from = pipe_of(stream);
    if (!from.is_open) co_return std::string_view();
    while (from.bytes.empty() && has_writer()) co_await written_.wait();
    from.served = std::exchange(from.bytes, {});
    poked_.notify_all();  // who waited for room goes on
    co_return std::string_view(from.served);
  }
  bool pending_output() override {
    return std::ranges::any_of(pipes_, [](const pipe& each) { return each.is_open && !each.bytes.empty(); });
  }

  // Nobody reads it: a script does not depend on what it is told.
  task<void> write_input(std::string) override {
    if (status || is_input_closed_) throw error(errc::stdin_closed, "write", to_text(what));
    co_await asio::post(changed.get_executor(), use_task);
  }
  void close_input() override { is_input_closed_ = true; }

  std::error_code signal(signal_number number, stop_scope scope) override {
    const steady_time now = clock_of(changed.get_executor()).now();
    for (member& each : members_) {
      const bool is_leader = each.info.pid == pid;
      const bool is_meant =
          is_leader || scope == stop_scope::tree || (scope == stop_scope::group && each.info.group == pid);
      if (is_meant && !each.is_gone) each.player.take_signal(number.value(), now);
    }
    poked_.notify_all();
    return {};
  }

  /// The leader ends so, at once; what it has started lives on.
  void end(const exit_status& how) {
    members_.front().player.end(how);
    poked_.notify_all();
  }
  /// The leader hangs from now on.
  void hang() {
    if (members_.front().is_gone || members_.front().player.is_hung()) return;
    members_.front().player.hang();
    mute(members_.front());
  }
  bool is_hung() const { return members_.front().player.is_hung(); }

  std::vector<process_info> members() override {
    std::vector<process_info> alive;
    for (const member& each : members_) {
      if (!each.is_gone) alive.push_back(each.info);
    }
    return alive;
  }

  std::optional<process_sample> sample() override {
    if (status) return std::nullopt;
    process_sample now;
    now.cpu_time = members_.front().cpu_time;
    now.resident = members_.front().resident;
    now.threads = 1;
    now.descriptors = members_.front().descriptors;
    return now;
  }

 private:
  struct pipe {
    std::string bytes;
    std::string served;  // what the last read yielded a view of
    bool is_open = true;
  };
  static constexpr std::size_t default_pipe_capacity = 65'536;

  static task<void> play(std::shared_ptr<scripted_child> self) {
    const executor ex = co_await asio::this_coro::executor;
    clock_service& clock = clock_of(ex);
    self->pipes_[0].is_open = self->what.output().is_piped();
    self->pipes_[1].is_open = self->what.error_output().is_piped();
    for (;;) {
      const steady_time due = self->catch_up(clock.now());
      if (!self->has_writer()) break;
      const alarm wake(ex, due, self->poked_);
      co_await self->poked_.wait();
    }
  }

  // Plays everything that is due; yields when the next thing is.
  steady_time catch_up(steady_time now) {
    steady_time due = steady_time::max();
    for (std::size_t i = 0; i != members_.size(); ++i) {  // a fork adds some
      while (!members_[i].is_gone && !must_wait_for_room(members_[i])) {
        const process_script::step* const next = members_[i].player.advance(now);
        if (next == nullptr) break;
        carry_out(i, *next, now);
      }
      if (members_[i].is_gone) continue;
      if (members_[i].player.status())
        bury(members_[i]);
      else if (!must_wait_for_room(members_[i]))
        due = std::min(due, members_[i].player.due());
    }
    return due;
  }

  // A full pipe holds up the whole script, as a blocking write does; signals still reach it.
  bool must_wait_for_room(const member& who) const {
    const int asked = what.pipe_capacity();
    const std::size_t capacity = asked > 0 ? static_cast<std::size_t>(asked) : default_pipe_capacity;
    return !who.player.status() &&
           std::ranges::any_of(pipes_, [&](const pipe& each) { return each.bytes.size() >= capacity; });
  }

  void carry_out(std::size_t index, const process_script::step& what_to_do, steady_time now) {
    member& who = members_[index];
    if (const auto* write = std::get_if<process_script::write_step>(&what_to_do)) {
      const bool is_merged = std::holds_alternative<output_target::merged>(what.error_output().value());
      pipe& to = pipe_of(write->stream == output_stream::err && is_merged ? output_stream::out : write->stream);
      if (to.is_open) to.bytes += write->bytes;
      written_.notify_all();
    } else if (const auto* listen = std::get_if<process_script::listen_step>(&what_to_do)) {
      system_->ports.insert(listen->port);
      who.ports.push_back(listen->port);
    } else if (const auto* file = std::get_if<process_script::file_step>(&what_to_do)) {
      system_->files[file->path] = {std::filesystem::file_type::regular, file->content.size(),
                                    clock_of(changed.get_executor()).wall_now(), file->content};
    } else if (const auto* memory = std::get_if<process_script::memory_step>(&what_to_do)) {
      who.resident = memory->resident;
    } else if (std::holds_alternative<process_script::hang_step>(what_to_do)) {
      mute(who);
    } else if (const auto* work = std::get_if<process_script::cpu_step>(&what_to_do)) {
      who.cpu_time += work->time;
    } else if (const auto* open = std::get_if<process_script::descriptor_step>(&what_to_do)) {
      who.descriptors = open->count;
    } else if (const auto* notice = std::get_if<process_script::notify_step>(&what_to_do)) {
      const auto found = what.environment().find("NOTIFY_SOCKET");
      const bool has_socket = found != what.environment().end() && found->second;
      if (has_socket) system_->notify(*found->second, who.info.pid, notice->text);
    } else if (const auto* fork = std::get_if<process_script::fork_step>(&what_to_do)) {
      process_info made = who.info;
      made.parent = who.info.pid;
      made.pid = ++system_->last_pid;
      if (fork->where != command::group::inherited) made.group = made.pid;
      if (fork->where == command::group::session) made.session = made.pid;
      add(std::move(made), fork->child, now);
    }
  }

  void add(process_info info, std::shared_ptr<const process_script> script, std::optional<steady_time> now = {}) {
    info.state = 'S';
    info.start_time = static_cast<std::uint64_t>(info.pid);
    members_.push_back({std::move(info),
                        script_player(std::move(script), now.value_or(started)),
                        byte_size(),
                        {},
                        false,
                        false,
                        {},
                        3});
  }

  void mute(member& who) {
    system_->mute_ports.insert(who.ports.begin(), who.ports.end());
    who.is_mute = true;
  }

  void bury(member& who) {
    who.is_gone = true;
    for (const std::uint16_t port : who.ports) {
      system_->release(port);
      if (who.is_mute) system_->unmute(port);
    }
    if (who.info.pid == pid) {
      status = who.player.status();
      resource_usage used;
      used.user_time = who.cpu_time;
      status->usage(used);
      changed.notify_all();
    }
    if (!has_writer()) written_.notify_all();
  }

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
  void program(std::string name, process_script script) {
    auto shared = std::make_shared<const process_script>(std::move(script));
    programs_[std::move(name)].choose = [shared](const command&, std::uint32_t) { return shared; };
  }
  /// The script is chosen anew at each start.
  void program(std::string name, casting choose) {
    programs_[std::move(name)].choose = [choose = std::move(choose)](const command& what, std::uint32_t nth) {
      return std::make_shared<const process_script>(choose(what, nth));
    };
  }

  /// Every program that has no script of its own name plays this. `nth` counts all of these together.
  void otherwise(casting choose) {
    otherwise_.choose = [choose = std::move(choose)](const command& what, std::uint32_t nth) {
      return std::make_shared<const process_script>(choose(what, nth));
    };
  }

  /// What its script does not foresee happens to a child of this system that lives: it ends, or it hangs.
  static void end(child& which, const exit_status& how) { static_cast<sim_detail::scripted_child&>(which).end(how); }
  static void hang(child& which) { static_cast<sim_detail::scripted_child&>(which).hang(); }
  static bool is_hung(const child& which) { return static_cast<const sim_detail::scripted_child&>(which).is_hung(); }

  /// Who answers on a port: nobody, somebody, or somebody who hangs.
  enum class listener : std::uint8_t { none, awake, hung };
  listener listener_on(std::uint16_t port) const {
    const std::size_t mute = system_->mute_ports.count(port);
    if (system_->ports.count(port) > mute) return listener::awake;
    return mute == 0 ? listener::none : listener::hung;
  }

  /// Somebody outside of all scripts listens on a port, or no longer.
  void open_port(std::uint16_t port) { system_->ports.insert(port); }
  void close_port(std::uint16_t port) { system_->release(port); }
  void add_file(std::string path, std::filesystem::file_type type = std::filesystem::file_type::regular) {
    seen_file made;
    made.type = type;
    system_->files[std::move(path)] = std::move(made);
  }
  void remove_file(const std::string& path) { system_->files.erase(path); }

  /// How often a program has been started.
  std::uint32_t starts(const std::string& name) const {
    const auto found = programs_.find(name);
    return found == programs_.end() ? 0 : found->second.starts;
  }
  /// All children that were ever started and are still known to somebody, in the order of their start.
  std::vector<std::shared_ptr<child>> children() const {
    std::vector<std::shared_ptr<child>> known;
    for (const std::weak_ptr<child>& each : children_) {
      if (auto kept = each.lock()) known.push_back(std::move(kept));
    }
    return known;
  }

  // os_backend

  std::shared_ptr<child> spawn(const executor& ex, const command& what) override {
    const std::string name = name_of(what);
    const auto found = programs_.find(name);
    if (found == programs_.end() && !otherwise_.choose) {
      throw spawn_error(std::error_code(ENOENT, std::generic_category()), "exec", name + ": no script of this name");
    }
    program_entry& cast = found == programs_.end() ? otherwise_ : found->second;
    std::shared_ptr<const process_script> script = cast.choose(what, ++cast.starts);
    if (script->refusal()) throw spawn_error(script->refusal(), script->refused_step().c_str(), name);
    std::erase_if(children_, [](const std::weak_ptr<child>& each) { return each.expired(); });
    auto made = std::make_shared<sim_detail::scripted_child>(ex, what, std::move(script), system_);
    made->begin();
    children_.push_back(made);
    return made;
  }

  /// Every host is this one.
  task<std::error_code> connect(std::string, std::uint16_t port) override {
    const executor ex = co_await asio::this_coro::executor;
    co_await asio::post(ex, use_task);
    const listener who = listener_on(port);
    if (who == listener::hung) co_await sleep_until(steady_time::max());
    std::error_code answer;
    if (who == listener::none) answer = std::error_code(ECONNREFUSED, std::generic_category());
    co_return answer;
  }

  std::filesystem::file_status file_status(const std::filesystem::path& path) override {
    const auto found = system_->files.find(path.string());
    return std::filesystem::file_status(found == system_->files.end() ? std::filesystem::file_type::not_found
                                                                      : found->second.type);
  }
  result<seen_file, std::error_code> look_into(const std::filesystem::path& path, std::size_t most) override {
    const auto found = system_->files.find(path.string());
    if (found == system_->files.end()) return failure(std::error_code(ENOENT, std::generic_category()));
    seen_file seen = found->second;
    seen.content.resize(std::min(seen.content.size(), most));
    return seen;
  }

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
  static std::string name_of(const command& what) {
    if (what.is_shell()) return what.arguments().empty() ? to_text(what) : what.arguments().back();
    return std::filesystem::path(what.program()).filename().string();
  }

  std::shared_ptr<sim_detail::system_state> system_;
  std::mt19937_64 generator_;
  std::map<std::string, program_entry> programs_;
  program_entry otherwise_;
  std::vector<std::weak_ptr<child>> children_;
};

}  // namespace ovrseer
