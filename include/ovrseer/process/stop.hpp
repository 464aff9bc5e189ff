// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Ending a process by its plan: a pure ladder of steps, and the coroutine that climbs it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <ovrseer/async/alarm.hpp>
#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/process/process.hpp>
#include <ovrseer/process/stop_plan.hpp>

namespace ovrseer {

/// Decides which step of a stop is due. Pure: tell it what time it is and what happened.
class stop_ladder {
 public:
  enum class push : std::uint8_t {
    none,
    next,   ///< the condition of the step holds, or somebody asked for the next step
    force,  ///< straight to the last step
  };

  explicit stop_ladder(const stop_plan& plan, steady_time now) : plan_(plan), step_began_(now) {}

  /// The step to carry out now, if one is due. Call again until it yields nothing.
  std::optional<std::size_t> advance(steady_time now, push pushed = push::none) {
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

  /// When the present step's grace ends.
  steady_time due() const {
    if (next_ == 0 || next_ > plan_.steps().size()) return step_began_;
    return step_began_ + plan_.steps()[next_ - 1].grace();
  }
  /// The step that was carried out last.
  std::optional<std::size_t> current() const {
    if (next_ == 0) return std::nullopt;
    return std::min(next_, plan_.steps().size()) - 1;
  }
  /// All steps have been carried out and have had their grace.
  bool is_spent() const { return next_ > plan_.steps().size(); }

 private:
  const stop_plan& plan_;
  steady_time step_began_;
  std::size_t next_ = 0;  // the step to carry out next; count + 1 when spent
};

namespace process_detail {

/// How soon to look again for the rest of a tree, whose end nobody announces.
inline std::chrono::nanoseconds next_look(std::chrono::nanoseconds last) {
  return std::min<std::chrono::nanoseconds>(last * 2, std::chrono::milliseconds(100));
}

/// One stop under way.
class stopping {
 public:
  stopping(process& target, const stop_plan& plan, const executor& ex)
      : target_(target), plan_(plan), ex_(ex), began_(clock_of(ex).now()), ladder_(plan, began_), helpers_(ex) {}

  task<stop_report> run() {
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    std::chrono::nanoseconds look = std::chrono::milliseconds(1);
    for (;;) {
      if (has_ended()) break;
      bool took_step = false;
      while (const auto step = ladder_.advance(clock_of(ex_).now(), std::exchange(push_, stop_ladder::push::none))) {
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

 private:
  notifier& changed() { return target_.shared()->changed; }

  bool has_ended() {
    if (!target_.status()) return false;
    left_ = target_.tree();
    return left_.empty();
  }

  // Who forks while it is killed leaves somebody whom the signal did not find.
  void kill_again() {
    if (!target_.status() || !ladder_.current()) return;
    const stop_step& step = plan_.steps()[*ladder_.current()];
    const auto* signal = std::get_if<signal_number>(&step.what());
    if (signal != nullptr && signal->value() == SIGKILL) target_.shared()->signal(*signal, step.scope());
  }

  void carry_out(std::size_t index) {
    const stop_step& step = plan_.steps()[index];
    helpers_.cancel(cancellation_type::terminal);
    if (const auto* signal = std::get_if<signal_number>(&step.what())) {
      const std::error_code code = target_.shared()->signal(*signal, step.scope());
      if (code) problems_.push_back(to_text(*signal) + ": " + code.message());
      // A stopped process takes no signal but SIGKILL until it goes on.
      if (signal->value() != SIGKILL) target_.shared()->signal(signal_number(SIGCONT), step.scope());
    } else {
      helpers_.start(run_command(std::get<command>(step.what()), step.grace()));
    }
    if (step.condition()) helpers_.start(await_condition(step.condition()));
  }

  task<void> run_command(command what, std::chrono::nanoseconds grace) {
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

  task<void> await_condition(stop_step::condition_type condition) {
    const attempted<void> outcome = co_await attempt(condition(target_));
    if (outcome) {
      push_ = stop_ladder::push::next;
      changed().notify_all();
    } else if (!outcome.reason().is_cancellation()) {
      problems_.push_back("stop condition: " + outcome.reason().what());
    }
  }

  stop_report finish() {
    stop_report report;
    if (!target_.status() || ladder_.is_spent()) left_ = target_.tree();
    if (left_.empty()) report.ended_by = ladder_.current();
    report.took = clock_of(ex_).now() - began_;
    report.status = target_.status();
    for (const process_info& info : left_) report.survivors.push_back({info.pid, info.name});
    report.problems = std::move(problems_);
    return report;
  }

  process& target_;
  const stop_plan& plan_;
  executor ex_;
  steady_time began_;
  stop_ladder ladder_;
  stop_ladder::push push_ = stop_ladder::push::none;
  std::vector<process_info> left_;
  std::vector<std::string> problems_;
  nursery helpers_;
};

}  // namespace process_detail

/// Ends a process and all that belongs to it, step by step; returns when nobody is left, or the last
/// step's grace has passed. Never takes longer than `plan.bound()`.
///
/// The process may have ended already: then the rest of its tree is ended. What could not be ended, or
/// not be done, is in the report.
/// Errors: `errc::no_process` for an empty handle.
/// Cancellation: total changes nothing, it stops already; partial goes to the next step, if there is one;
/// terminal to the last. The stop is finished in each case and its report returned.
inline task<stop_report> stop(process& target, stop_plan plan = stop_plan()) {
  co_await detail::admit_all_cancellation();
  const executor ex = target.get_executor();
  process_detail::stopping under_way(target, plan, ex);
  const stop_report report = co_await under_way.run();
  co_return report;
}

namespace process_detail {

/// What is left of a plan for those who want the end at once.
inline stop_plan last_step_of(const stop_plan& plan) {
  stop_plan last = stop_plan::empty();
  if (!plan.steps().empty()) last.then(plan.steps().back());
  return last;
}

// A coroutine of its own, because a body may throw before it returns a task.
template <class T>
task<void> run_body(auto& body, process& running, outcome<T>& kept) {
  co_await keep_outcome(body(running), kept);
}

template <class T>
task<T> run_with_process(command what, auto body, stop_plan plan) {
  const executor ex = co_await asio::this_coro::executor;
  process running = co_await spawn(std::move(what));
  outcome<T> kept;
  nursery inside(ex);
  inside.start(run_body(body, running, kept));
  co_await inside.join();
  if (inside.cancelled_by() == cancellation_type::terminal) plan = last_step_of(plan);
  co_await stop(running, std::move(plan));
  if (inside.failure()) std::rethrow_exception(inside.failure());
  if constexpr (!std::is_void_v<T>) co_return std::move(*kept.value);
}

}  // namespace process_detail

/// Runs `body(process&)`, which returns a task, and then always stops the process by `plan`: also when
/// the body throws, and when the operation is cancelled.
///
/// Errors: `spawn_error`; what the body throws, after the stop.
/// Cancellation: every type is passed to the body, and then the stop runs, after terminal only its last
/// step; a second cancellation acts on the stop (partial: next step, terminal: last step). See `apart`.
template <class Body>
auto with_process(command what, Body body, stop_plan plan = stop_plan()) -> decltype(body(std::declval<process&>())) {
  using value_type = typename decltype(body(std::declval<process&>()))::value_type;
  return apart(process_detail::run_with_process<value_type>(std::move(what), std::move(body), std::move(plan)));
}

}  // namespace ovrseer
