// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/sim/scripted_os.hpp>.
#pragma once

#include <utility>
#include <variant>

#include <ovrseer/async/alarm.hpp>
#include <ovrseer/sim/scripted_os.hpp>

namespace ovrseer::sim_detail {

OVRSEER_DECL void system_state::release(std::uint16_t port) {
  const auto found = ports.find(port);
  if (found != ports.end()) ports.erase(found);
}

OVRSEER_DECL void system_state::unmute(std::uint16_t port) {
  const auto found = mute_ports.find(port);
  if (found != mute_ports.end()) mute_ports.erase(found);
}

OVRSEER_DECL void system_state::notify(const std::string& address, pid_t sender, const std::string& text) {
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

OVRSEER_DECL scripted_notify_socket::scripted_notify_socket(const executor& ex, system_state& system)
    : address_("@sim-notify-" + std::to_string(++system.last_notify_socket)),
      queue_(std::make_shared<notify_queue>(ex)) {
  std::erase_if(system.notify_queues, [](const auto& each) { return each.second.expired(); });
  system.notify_queues[address_] = queue_;
}

OVRSEER_DECL std::optional<notify_datagram> scripted_notify_socket::try_receive() {
  if (queue_->waiting.empty()) return std::nullopt;
  std::optional<notify_datagram> came(std::move(queue_->waiting.front()));
  queue_->waiting.pop_front();
  return came;
}

OVRSEER_DECL task<void> scripted_notify_socket::wait() {
  co_await detail::admit_all_cancellation();
  const std::shared_ptr<notify_queue> queue = queue_;
  while (queue->waiting.empty()) co_await queue->arrived.wait();
}

OVRSEER_DECL scripted_child::scripted_child(const executor& ex, const command& what_to_run,
                                            std::shared_ptr<const process_script> script,
                                            std::shared_ptr<system_state> system)
    : child(ex, what_to_run), system_(std::move(system)), poked_(ex), written_(ex) {
  process_info leader;
  leader.name = std::filesystem::path(what.program()).filename().string();
  pid = leader.pid = ++system_->last_pid;
  leader.parent = 1;
  leader.group = leader.session = what.in_group() == command::group::inherited ? 1 : pid;
  add(std::move(leader), std::move(script));
}

OVRSEER_DECL void scripted_child::begin() {
  asio::co_spawn(changed.get_executor(), play(std::static_pointer_cast<scripted_child>(shared_from_this())),
                 [](const std::exception_ptr&) {});
}

OVRSEER_DECL task<std::string_view> scripted_child::read_output(output_stream stream) {
  co_await detail::admit_all_cancellation();
  const std::shared_ptr<child> keep = shared_from_this();
  pipe& from = pipe_of(stream);
  if (!from.is_open) co_return std::string_view();
  while (from.bytes.empty() && has_writer()) co_await written_.wait();
  from.served = std::exchange(from.bytes, {});
  poked_.notify_all();  // who waited for room goes on
  co_return std::string_view(from.served);
}

OVRSEER_DECL task<void> scripted_child::write_input(std::string) {
  if (status || is_input_closed_) throw error(errc::stdin_closed, "write", to_text(what));
  co_await asio::post(changed.get_executor(), use_task);
}

OVRSEER_DECL std::error_code scripted_child::signal(signal_number number, stop_scope scope) {
  return send(number, [this, scope](const process_info& who) {
    return who.pid == pid || scope == stop_scope::tree || (scope == stop_scope::group && who.group == pid);
  });
}

OVRSEER_DECL std::error_code scripted_child::signal_member(const process_info& which, signal_number number) {
  return send(number, [&which](const process_info& who) { return who.pid == which.pid; });
}

OVRSEER_DECL std::error_code scripted_child::send(signal_number number,
                                                  const std::function<bool(const process_info&)>& is_meant) {
  const steady_time now = clock_of(changed.get_executor()).now();
  for (member& each : members_) {
    if (!each.is_gone && is_meant(each.info)) each.player.take_signal(number.value(), now);
  }
  poked_.notify_all();
  return {};
}

OVRSEER_DECL void scripted_child::end(const exit_status& how) {
  members_.front().player.end(how);
  poked_.notify_all();
}

OVRSEER_DECL void scripted_child::hang() {
  if (members_.front().is_gone || members_.front().player.is_hung()) return;
  members_.front().player.hang();
  mute(members_.front());
}

OVRSEER_DECL std::vector<process_info> scripted_child::members() {
  std::vector<process_info> alive;
  for (const member& each : members_) {
    if (!each.is_gone) alive.push_back(each.info);
  }
  return alive;
}

OVRSEER_DECL std::optional<process_sample> scripted_child::sample() {
  if (status) return std::nullopt;
  process_sample now;
  now.cpu_time = members_.front().cpu_time;
  now.resident = members_.front().resident;
  now.threads = 1;
  now.descriptors = members_.front().descriptors;
  return now;
}

OVRSEER_DECL task<void> scripted_child::play(std::shared_ptr<scripted_child> self) {
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

OVRSEER_DECL steady_time scripted_child::catch_up(steady_time now) {
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

OVRSEER_DECL bool scripted_child::must_wait_for_room(const member& who) const {
  const int asked = what.pipe_capacity();
  const std::size_t capacity = asked > 0 ? static_cast<std::size_t>(asked) : default_pipe_capacity;
  return !who.player.status() &&
         std::ranges::any_of(pipes_, [&](const pipe& each) { return each.bytes.size() >= capacity; });
}

OVRSEER_DECL void scripted_child::carry_out(std::size_t index, const process_script::step& what_to_do,
                                            steady_time now) {
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

OVRSEER_DECL void scripted_child::add(process_info info, std::shared_ptr<const process_script> script,
                                      std::optional<steady_time> now) {
  info.state = 'S';
  info.start_time = static_cast<std::uint64_t>(info.pid);
  members_.push_back(
      {std::move(info), script_player(std::move(script), now.value_or(started)), byte_size(), {}, false, false, {}, 3});
}

OVRSEER_DECL void scripted_child::mute(member& who) {
  system_->mute_ports.insert(who.ports.begin(), who.ports.end());
  who.is_mute = true;
}

OVRSEER_DECL void scripted_child::bury(member& who) {
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

}  // namespace ovrseer::sim_detail

namespace ovrseer {

OVRSEER_DECL void scripted_os::program(std::string name, process_script script) {
  auto shared = std::make_shared<const process_script>(std::move(script));
  programs_[std::move(name)].choose = [shared](const command&, std::uint32_t) { return shared; };
}

OVRSEER_DECL void scripted_os::program(std::string name, casting choose) {
  programs_[std::move(name)].choose = [choose = std::move(choose)](const command& what, std::uint32_t nth) {
    return std::make_shared<const process_script>(choose(what, nth));
  };
}

OVRSEER_DECL void scripted_os::otherwise(casting choose) {
  otherwise_.choose = [choose = std::move(choose)](const command& what, std::uint32_t nth) {
    return std::make_shared<const process_script>(choose(what, nth));
  };
}

OVRSEER_DECL scripted_os::listener scripted_os::listener_on(std::uint16_t port) const {
  const std::size_t mute = system_->mute_ports.count(port);
  if (system_->ports.count(port) > mute) return listener::awake;
  return mute == 0 ? listener::none : listener::hung;
}

OVRSEER_DECL void scripted_os::add_file(std::string path, std::filesystem::file_type type) {
  seen_file made;
  made.type = type;
  system_->files[std::move(path)] = std::move(made);
}

OVRSEER_DECL std::uint32_t scripted_os::starts(const std::string& name) const {
  const auto found = programs_.find(name);
  return found == programs_.end() ? 0 : found->second.starts;
}

OVRSEER_DECL std::vector<std::shared_ptr<child>> scripted_os::children() const {
  std::vector<std::shared_ptr<child>> known;
  for (const std::weak_ptr<child>& each : children_) {
    if (auto kept = each.lock()) known.push_back(std::move(kept));
  }
  return known;
}

OVRSEER_DECL std::shared_ptr<child> scripted_os::spawn(const executor& ex, const command& what) {
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

OVRSEER_DECL task<std::error_code> scripted_os::connect(std::string, std::uint16_t port) {
  const executor ex = co_await asio::this_coro::executor;
  co_await asio::post(ex, use_task);
  const listener who = listener_on(port);
  if (who == listener::hung) co_await sleep_until(steady_time::max());
  std::error_code answer;
  if (who == listener::none) answer = std::error_code(ECONNREFUSED, std::generic_category());
  co_return answer;
}

OVRSEER_DECL std::filesystem::file_status scripted_os::file_status(const std::filesystem::path& path) {
  const auto found = system_->files.find(path.string());
  return std::filesystem::file_status(found == system_->files.end() ? std::filesystem::file_type::not_found
                                                                    : found->second.type);
}

OVRSEER_DECL result<seen_file, std::error_code> scripted_os::look_into(const std::filesystem::path& path,
                                                                       std::size_t most) {
  const auto found = system_->files.find(path.string());
  if (found == system_->files.end()) return failure(std::error_code(ENOENT, std::generic_category()));
  seen_file seen = found->second;
  seen.content.resize(std::min(seen.content.size(), most));
  return seen;
}

OVRSEER_DECL result<std::size_t, std::error_code> scripted_os::connections_at(std::uint16_t port) {
  const auto found = system_->connections.find(port);
  return found == system_->connections.end() ? 0 : found->second;
}

OVRSEER_DECL std::string scripted_os::name_of(const command& what) {
  if (what.is_shell()) return what.arguments().empty() ? to_text(what) : what.arguments().back();
  return std::filesystem::path(what.program()).filename().string();
}

}  // namespace ovrseer
