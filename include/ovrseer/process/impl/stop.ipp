// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/process/stop.hpp>.
#pragma once

#include <algorithm>
#include <set>

#include <ovrseer/process/stop.hpp>

namespace ovrseer {

OVRSEER_DECL std::optional<std::size_t> stop_ladder::advance(steady_time now, push pushed) {
  const std::size_t count = plan_.steps().size();
  if (next_ > count) return std::nullopt;
  const bool is_due = next_ == 0 || pushed == push::next || now >= due();
  if (pushed == push::force && next_ < count)
    next_ = count - 1;
  else if (!is_due)
    return std::nullopt;
  step_began_ = now;
  return next_ < count ? std::optional(next_++) : (++next_, std::nullopt);
}

OVRSEER_DECL steady_time stop_ladder::due() const {
  if (next_ == 0 || next_ > plan_.steps().size()) return step_began_;
  return step_began_ + plan_.steps()[next_ - 1].grace();
}

OVRSEER_DECL std::optional<std::size_t> stop_ladder::current() const {
  if (next_ == 0) return std::nullopt;
  return std::min(next_, plan_.steps().size()) - 1;
}

}  // namespace ovrseer

namespace ovrseer::process_detail {

OVRSEER_DECL task<stop_report> stopping::run() {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  std::chrono::nanoseconds look = std::chrono::milliseconds(1);
  for (;;) {
    if (has_ended()) break;
    bool took_step = false;
    for (;;) {
      const stop_ladder::push pushed = std::exchange(push_, stop_ladder::push::none);
      const std::optional<std::size_t> step = ladder_.advance(clock_of(ex_).now(), pushed);
      if (!step) break;
      if (*step != 0 && pushed != stop_ladder::push::next) note_late();
      carry_out(*step);
      took_step = true;
    }
    if (ladder_.is_spent()) break;
    if (!took_step) kill_again();
    if (took_step) look = std::chrono::milliseconds(1);
    const steady_time now = clock_of(ex_).now();
    const steady_time wake_up = target_.status() ? std::min(ladder_.due(), now + look) : ladder_.due();
    look = next_look(look);
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() == cancellation_type::none) {  // a step may have been what cancelled
      const alarm wake(ex_, wake_up, changed());
      co_await changed().wait_quietly();
    }
    const cancellation_type type = gentlest(state.cancelled());
    if (type != cancellation_type::none) co_await detail::admit_all_cancellation();
    const bool is_last = ladder_.current() && *ladder_.current() + 1 == plan_.steps().size();
    if (type == cancellation_type::partial && !is_last) push_ = stop_ladder::push::next;
    if (type == cancellation_type::terminal) push_ = stop_ladder::push::force;
  }
  helpers_.cancel(cancellation_type::terminal);
  co_await helpers_.join();
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return finish();
}

OVRSEER_DECL bool stopping::has_ended() {
  if (!target_.status()) return false;
  found_ = divide();
  return found_.to_end.empty();
}

OVRSEER_DECL void stopping::note_late() {
  for (const process_info& member : divide().to_end) {
    const auto is_known = [&member](const survivor& each) { return each.pid == member.pid; };
    if (std::ranges::none_of(held_up_, is_known)) held_up_.push_back({member.pid, member.name});
  }
}

OVRSEER_DECL stopping::division stopping::divide() {
  division parts{target_.tree(), {}};
  if (plan_.leave().empty()) return parts;
  std::set<pid_t> spared;
  const auto is_spared = [&](const process_info& member) {
    if (member.pid == target_.pid()) return false;
    if (spared.contains(member.pid) || spared.contains(member.parent)) return true;
    const std::string words = target_.shared()->command_line_of(member);
    return std::ranges::any_of(plan_.leave(), [&](const pattern<>& what) { return what.matches(words); });
  };
  for (bool grew = true; grew;) {  // a child may stand before its parent
    grew = false;
    for (const process_info& member : parts.to_end) {
      if (is_spared(member)) grew = spared.insert(member.pid).second || grew;
    }
  }
  std::erase_if(parts.to_end, [&](const process_info& member) {
    const bool is_left = spared.contains(member.pid);
    if (is_left) parts.left_alone.push_back(member);
    return is_left;
  });
  return parts;
}

OVRSEER_DECL std::error_code stopping::signal(signal_number number, stop_scope scope) {
  child& leader = *target_.shared();
  if (plan_.leave().empty() || scope == stop_scope::leader) return leader.signal(number, scope);
  std::error_code first;
  for (const process_info& member : divide().to_end) {
    const bool is_meant = scope == stop_scope::tree || member.pid == leader.pid || member.group == leader.pid;
    const std::error_code code = is_meant ? leader.signal_member(member, number) : std::error_code();
    if (!first) first = code;
  }
  return first;
}

OVRSEER_DECL void stopping::kill_again() {
  if (!target_.status() || !ladder_.current()) return;
  const stop_step& step = plan_.steps()[*ladder_.current()];
  const auto* number = std::get_if<signal_number>(&step.what());
  if (number != nullptr && number->value() == SIGKILL) signal(*number, step.scope());
}

OVRSEER_DECL void stopping::carry_out(std::size_t index) {
  const stop_step& step = plan_.steps()[index];
  helpers_.cancel(cancellation_type::terminal);
  // Asked before the action, so that nothing that follows from it is missed.
  if (step.condition().holds) begin_condition(index);
  if (const auto* number = std::get_if<signal_number>(&step.what())) {
    const std::error_code code = signal(*number, step.scope());
    if (code) problems_.push_back(to_text(*number) + ": " + code.message());
    // A stopped process takes no signal but SIGKILL until it goes on.
    if (number->value() != SIGKILL) signal(signal_number(SIGCONT), step.scope());
  } else {
    helpers_.start(run_command(std::get<command>(step.what()), step.grace()));
  }
}

OVRSEER_DECL task<void> stopping::run_command(command what, std::chrono::nanoseconds grace) {
  what.env("OVRSEER_PID", std::to_string(target_.pid()));
  what.output(output_target(output_target::discarded())).error_output(output_target(output_target::discarded()));
  attempted<process> started = co_await attempt(spawn(what));
  if (!started) {
    problems_.push_back("stop command: " + started.reason().what());
    co_return;
  }
  const attempted<exit_status> ended = co_await attempt(started->wait());
  if (!ended) {
    // Where the process has ended meanwhile, the command has done what it was for.
    if (!target_.status()) problems_.push_back("stop command: not finished within " + to_text(grace));
  } else if (!ended->is_success()) {
    problems_.push_back("stop command: " + to_text(*ended));
  }
}

OVRSEER_DECL void stopping::begin_condition(std::size_t index) {
  try {
    helpers_.start(await_condition(plan_.steps()[index].condition().holds(target_), index));
  } catch (const std::exception& failure) {
    problems_.push_back(std::string("stop condition: ") + failure.what());
  }
}

OVRSEER_DECL task<void> stopping::await_condition(task<void> condition, std::size_t index) {
  const attempted<void> outcome = co_await attempt(std::move(condition));
  if (outcome) {
    if (ladder_.current() != index) co_return;  // it took its cancellation for an end; the ladder has gone on
    push_ = stop_ladder::push::next;
    changed().notify_all();
  } else if (!outcome.reason().is_cancellation()) {
    problems_.push_back("stop condition: " + outcome.reason().what());
  }
}

OVRSEER_DECL stop_report stopping::finish() {
  stop_report report;
  if (!target_.status() || ladder_.is_spent()) found_ = divide();
  for (const process_info& info : found_.left_alone) report.left_alone.push_back({info.pid, info.name});
  if (found_.to_end.empty()) report.ended_by = ladder_.current();
  report.took = clock_of(ex_).now() - began_;
  report.status = target_.status();
  for (const process_info& info : found_.to_end) report.survivors.push_back({info.pid, info.name});
  report.held_up = std::move(held_up_);
  report.problems = std::move(problems_);
  return report;
}

}  // namespace ovrseer::process_detail

namespace ovrseer {

OVRSEER_DECL task<stop_report> stop(process& target, stop_plan plan) {
  co_await detail::admit_all_cancellation();
  const executor ex = target.get_executor();
  process_detail::stopping under_way(target, plan, ex);
  const stop_report report = co_await under_way.run();
  co_return report;
}

}  // namespace ovrseer

namespace ovrseer::process_detail {

OVRSEER_DECL stop_plan last_step_of(const stop_plan& plan) {
  stop_plan last = stop_plan::empty();
  for (const pattern<>& each : plan.leave()) last.leave(each);
  if (!plan.steps().empty()) last.then(plan.steps().back());
  return last;
}

}  // namespace ovrseer::process_detail
