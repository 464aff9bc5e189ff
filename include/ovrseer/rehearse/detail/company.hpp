// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who plays in a rehearsal: an actor for each unit, with what it must do, what it has been told to suffer, and dice
// of its own, so that a fault of one unit changes nothing for the others.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/net/http_client.hpp>
#include <ovrseer/rehearse/detail/life.hpp>
#include <ovrseer/rehearse/options.hpp>
#include <ovrseer/sim/simulated_world.hpp>
#include <ovrseer/supervise/unit_spec.hpp>

namespace ovrseer::rehearse_detail {

/// The seed of one unit's dice.
inline std::uint64_t mixed_seed(std::uint64_t seed, std::string_view name) noexcept {
  std::uint64_t mixed = 0xCBF29CE484222325U ^ (seed * 0x9E3779B97F4A7C15U);
  for (const char c : name) mixed = (mixed ^ static_cast<unsigned char>(c)) * 0x00000100000001B3U;
  return mixed;
}

class company {
 public:
  /// Takes over what every process of the world does. The world must outlive it, and both `options`.
  company(simulated_world& world, const rehearsal_options& options) : world_(world), options_(options) {
    world_.os().otherwise([this](const command& what, std::uint32_t) { return cast(what); });
    use_http(world_.context(), any_http_client(client(this)));
  }
  company(const company&) = delete;
  company& operator=(const company&) = delete;

  /// Gives a unit an actor, and yields the unit as it is rehearsed: nothing of it reaches the disk.
  unit_spec enlist(unit_spec unit, const process_behavior* told) {
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

  /// Errors: `errc::unknown_unit`.
  void suffer(const rehearsal_fault& fault) {
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

  /// The processes of a unit that live.
  std::size_t living(const unit_id& id) const {
    const std::string name = to_text(id);
    std::size_t count = 0;
    for (const auto& each : world_.os().children()) count += !each->status && unit_of(*each) == name ? 1U : 0U;
    return count;
  }
  /// What the world cannot answer for a unit, in words.
  std::vector<std::string> obstacles(const unit_id& id) const {
    const actor& who = *actors_.at(to_text(id));
    std::vector<std::string> all = who.to_do.impossible;
    for (const std::string& each : who.needs.untold) all.push_back("its check is asked as it is: " + each);
    return all;
  }

 private:
  struct actor {
    actor(std::uint64_t seed, const unit_id& id) : name(to_text(id)), unit(id), dice(mixed_seed(seed, name)) {}

    std::string name;
    unit_id unit;
    chance dice;
    process_behavior behavior;
    check_needs needs;
    duties to_do;
    std::vector<signal_number> asked_by;
    bool ends_by_itself = false;
    std::vector<rehearsal_fault> failing_starts;
    std::vector<rehearsal_fault> at_random;
    std::deque<rehearsal_fault> to_come;  // once for each life that is to end so
    std::uint32_t starts = 0;
    nanoseconds up_at{};
  };

  /// Asks the world in the place of every HTTP client.
  class client {
   public:
    explicit client(const company* whom) : whom_(whom) {}
    task<http_response> exchange(http_request request) { return answer(whom_, std::move(request)); }

   private:
    static task<http_response> answer(const company* whom, http_request request) {
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

    const company* whom_;
  };

  // The environment of a unit's process names the unit: no two commands need differ otherwise.
  static constexpr const char* marker = "OVRSEER_REHEARSED_UNIT";

  static std::string variable(const command& what, const std::string& name) {
    const auto found = what.environment().find(name);
    return found == what.environment().end() ? std::string() : found->second.value_or("");
  }
  static std::string unit_of(const child& process) { return variable(process.what, marker); }

  std::shared_ptr<child> process_of(const actor& who) const {
    for (const auto& each : world_.os().children()) {
      if (!each->status && unit_of(*each) == who.name) return each;
    }
    return nullptr;
  }

  // ---- scripts

  process_script cast(const command& what) {
    const auto found = actors_.find(variable(what, marker));
    if (found != actors_.end()) return next_life(*found->second, what);
    return side_command(what);
  }

  process_script next_life(actor& who, const command& what) {
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

  static fate decide(actor& who, nanoseconds up_after) {
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

  void strike(actor& who, rehearsal_fault fault) {
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

  /// A command of a check succeeds when the process is up; one of a stop plan asks the process to end.
  process_script side_command(const command& what) {
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
  static bool is_of_check(const actor& who, const command& what) {
    return std::ranges::any_of(who.needs.commands, [&](const command& each) {
      return each.program() == what.program() && each.arguments() == what.arguments();
    });
  }
  process_script stop_command(const std::weak_ptr<child>& whom) {
    using namespace std::chrono_literals;
    world_.at(world_.elapsed() + 10ms, [whom] {
      const std::shared_ptr<child> process = whom.lock();
      if (process && !process->status) process->signal(signal_number(SIGTERM), stop_scope::leader);
    });
    return process_script().wait(10ms).exit(0);
  }

  // ---- HTTP

  scripted_os::listener listener_at(const url& where) const {
    if (where.socket_path().empty()) return world_.os().listener_on(where.effective_port());
    const bool is_there = std::filesystem::exists(world_.os().file_status(where.socket_path()));
    return is_there ? scripted_os::listener::awake : scripted_os::listener::none;
  }

  /// What the check that asks this URL wants to hear.
  http_response response_to(const url& where) const {
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

  simulated_world& world_;
  const rehearsal_options& options_;
  std::map<std::string, std::unique_ptr<actor>> actors_;
};

}  // namespace ovrseer::rehearse_detail
