// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/rehearse/detail/company.hpp>.
#pragma once

#include <ovrseer/pattern/example.hpp>
#include <ovrseer/rehearse/detail/company.hpp>

namespace ovrseer::rehearse_detail {

OVRSEER_DECL std::uint64_t mixed_seed(std::uint64_t seed, std::string_view name) noexcept {
  std::uint64_t mixed = 0xCBF29CE484222325U ^ (seed * 0x9E3779B97F4A7C15U);
  for (const char c : name) mixed = (mixed ^ static_cast<unsigned char>(c)) * 0x00000100000001B3U;
  return mixed;
}

OVRSEER_DECL company::company(simulated_world& world, const rehearsal_options& options)
    : world_(world), options_(options) {
  world_.os().otherwise([this](const command& what, std::uint32_t) { return cast(what); });
  use_http(world_.context(), any_http_client(client(this)));
}

OVRSEER_DECL unit_spec company::enlist(unit_spec unit, const process_behavior* told) {
  auto made = std::make_unique<actor>(options_.seed, unit.id());
  if (told != nullptr) made->behavior = *told;
  unit.ready_when().tell_needs(made->needs);
  for (const health_watch& each : unit.watches()) each.check().tell_needs(made->needs);
  made->to_do = duties_of(made->needs);
  made->ends_by_itself = unit.of_kind() == unit_spec::kind::one_shot || unit.role() == role::cleanup;
  for (const stop_step& step : unit.stop_by().steps()) {
    const auto* signal = std::get_if<signal_number>(&step.what());
    if (signal != nullptr && signal->value() != SIGKILL) made->asked_by.push_back(*signal);
  }
  unit.what().env(marker, to_text(unit.id()));
  unit.log_file(std::nullopt);
  actors_[to_text(unit.id())] = std::move(made);
  return unit;
}

OVRSEER_DECL void company::suffer(const rehearsal_fault& fault) {
  const auto found = actors_.find(to_text(fault.unit));
  if (found == actors_.end()) throw error(errc::unknown_unit, "rehearse", to_text(fault));
  actor& who = *found->second;
  if (fault.what == rehearsal_fault::kind::fail_start) {
    who.failing_starts.push_back(fault);
  } else if (fault.when == rehearsal_fault::rhythm::random) {
    who.at_random.push_back(fault);
  } else {
    world_.at(fault.time, [this, &who, fault] { strike(who, fault); });
  }
}

OVRSEER_DECL std::size_t company::living(const unit_id& id) const {
  const std::string name = to_text(id);
  std::size_t count = 0;
  for (const auto& each : world_.os().children()) count += !each->status && unit_of(*each) == name ? 1U : 0U;
  return count;
}

OVRSEER_DECL std::vector<std::string> company::obstacles(const unit_id& id) const {
  const actor& who = *actors_.at(to_text(id));
  std::vector<std::string> all = who.to_do.impossible;
  for (const std::string& each : who.needs.untold) all.push_back("its check is asked as it is: " + each);
  return all;
}

OVRSEER_DECL task<http_response> company::client::answer(const company* whom, http_request request) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  co_await asio::post(ex, use_task);
  const scripted_os::listener who = whom->listener_at(request.target());
  if (who == scripted_os::listener::hung) co_await sleep_until(steady_time::max());
  if (who == scripted_os::listener::none) {
    throw error(errno_code(ECONNREFUSED), "connect", request.target().authority());
  }
  co_return whom->response_to(request.target());
}

OVRSEER_DECL std::string company::variable(const command& what, const std::string& name) {
  const auto found = what.environment().find(name);
  return found == what.environment().end() ? std::string() : found->second.value_or("");
}

OVRSEER_DECL std::shared_ptr<child> company::process_of(const actor& who) const {
  for (const auto& each : world_.os().children()) {
    if (!each->status && unit_of(*each) == who.name) return each;
  }
  return nullptr;
}

OVRSEER_DECL process_script company::cast(const command& what) {
  const auto found = actors_.find(variable(what, marker));
  if (found != actors_.end()) return next_life(*found->second, what);
  return side_command(what);
}

OVRSEER_DECL process_script company::next_life(actor& who, const command& what) {
  ++who.starts;
  for (rehearsal_fault& fault : who.failing_starts) {
    if (fault.times == 0 || world_.elapsed() < fault.time) continue;
    --fault.times;
    return process_script().cannot_start(std::make_error_code(std::errc::no_such_file_or_directory));
  }
  // Thrown at each start, used or not, so that what is told of a unit leaves its later dice alone.
  const nanoseconds usual = who.dice.around(std::chrono::seconds(1), 0.2);
  const fate decided = decide(who, who.behavior.start_time.value_or(usual));
  who.up_at = world_.elapsed() + decided.up_after;
  const auto own = options_.scripts.find(who.unit);
  if (own != options_.scripts.end()) return own->second(what, who.starts);
  return life_of(who.behavior, who.to_do, decided, who.asked_by);
}

OVRSEER_DECL fate company::decide(actor& who, nanoseconds up_after) {
  constexpr nanoseconds a_second = std::chrono::seconds(1);
  fate made;
  made.up_after = up_after;
  made.ends_after = who.behavior.runs_for;
  made.ends_with = exit_status::exited(who.behavior.exit_code);
  if (!made.ends_after && who.ends_by_itself)
    made.ends_after = who.to_do.empty() ? a_second : std::max(a_second, up_after);
  const auto crash = [&made](nanoseconds after, const exit_status& how) {
    if (made.ends_after && *made.ends_after <= after) return;
    made.ends_after = after;
    made.ends_with = how;
  };
  const auto hang = [&made](nanoseconds after) {
    made.hangs_after = std::min(made.hangs_after.value_or(after), after);
  };
  if (const auto& own = who.behavior.crash) {
    crash(own->when == simulated_crash::rhythm::random ? who.dice.until_next(own->time) : own->time, own->how);
  }
  for (const rehearsal_fault& fault : who.at_random) {
    const nanoseconds after = who.dice.until_next(fault.time);
    if (fault.what == rehearsal_fault::kind::hang)
      hang(after);
    else
      crash(after, fault.how);
  }
  if (who.to_come.empty()) return made;
  rehearsal_fault& next = who.to_come.front();
  if (next.what == rehearsal_fault::kind::hang)
    hang(up_after + a_second);
  else
    crash(up_after + a_second, next.how);
  if (--next.times == 0) who.to_come.pop_front();
  return made;
}

OVRSEER_DECL void company::strike(actor& who, rehearsal_fault fault) {
  const std::shared_ptr<child> process = process_of(who);
  if (process) {
    if (fault.what == rehearsal_fault::kind::hang)
      scripted_os::hang(*process);
    else
      scripted_os::end(*process, fault.how);
    --fault.times;
  }
  if (fault.times != 0) who.to_come.push_back(fault);
}

OVRSEER_DECL process_script company::side_command(const command& what) {
  using namespace std::chrono_literals;
  const std::string pid = variable(what, "OVRSEER_PID");
  for (const auto& each : world_.os().children()) {
    if (std::to_string(each->pid) != pid) continue;
    const auto found = actors_.find(unit_of(*each));
    if (found == actors_.end()) break;
    const actor& who = *found->second;
    if (!is_of_check(who, what)) return stop_command(each);
    if (scripted_os::is_hung(*each)) return process_script().hang();
    return process_script().wait(1ms).exit(!each->status && world_.elapsed() >= who.up_at ? 0 : 1);
  }
  return process_script().wait(1ms).exit(0);
}

OVRSEER_DECL bool company::is_of_check(const actor& who, const command& what) {
  return std::ranges::any_of(who.needs.commands, [&](const command& each) {
    return each.program() == what.program() && each.arguments() == what.arguments();
  });
}

OVRSEER_DECL process_script company::stop_command(const std::weak_ptr<child>& whom) {
  using namespace std::chrono_literals;
  world_.at(world_.elapsed() + 10ms, [whom] {
    const std::shared_ptr<child> process = whom.lock();
    if (process && !process->status) process->signal(signal_number(SIGTERM), stop_scope::leader);
  });
  return process_script().wait(10ms).exit(0);
}

OVRSEER_DECL scripted_os::listener company::listener_at(const url& where) const {
  if (where.socket_path().empty()) return world_.os().listener_on(where.effective_port());
  const bool is_there = std::filesystem::exists(world_.os().file_status(where.socket_path()));
  return is_there ? scripted_os::listener::awake : scripted_os::listener::none;
}

OVRSEER_DECL http_response company::response_to(const url& where) const {
  for (const auto& [name, who] : actors_) {
    for (const check_needs::http_answer& wanted : who->needs.answers) {
      if (!(wanted.target == where)) continue;
      const bool takes_200 = wanted.first_status <= 200 && 200 <= wanted.last_status;
      http_response made(takes_200 ? 200 : wanted.first_status);
      if (wanted.body) made.body(example_of(*wanted.body).value_or(""));
      return made;
    }
  }
  return http_response(200);
}

}  // namespace ovrseer::rehearse_detail
