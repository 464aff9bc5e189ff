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
#include <ovrseer/build.hpp>
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
  std::optional<std::size_t> advance(steady_time now, push pushed = push::none);

  /// When the present step's grace ends.
  steady_time due() const;
  /// The step that was carried out last.
  std::optional<std::size_t> current() const;
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

  task<stop_report> run();

 private:
  notifier& changed() { return target_.shared()->changed; }

  bool has_ended();

  void note_late();

  /// The tree, divided as the plan says.
  struct division {
    std::vector<process_info> to_end;
    std::vector<process_info> left_alone;  ///< with their descendants
  };
  division divide();
  std::error_code signal(signal_number number, stop_scope scope);

  // Who forks while it is killed leaves somebody whom the signal did not find.
  void kill_again();

  void carry_out(std::size_t index);

  task<void> run_command(command what, std::chrono::nanoseconds grace);

  void begin_condition(std::size_t index);
  task<void> await_condition(task<void> condition, std::size_t index);

  stop_report finish();

  process& target_;
  const stop_plan& plan_;
  executor ex_;
  steady_time began_;
  stop_ladder ladder_;
  stop_ladder::push push_ = stop_ladder::push::none;
  division found_;                 // who was there when it was last looked
  std::vector<survivor> held_up_;  // each once
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
OVRSEER_DECL task<stop_report> stop(process& target, stop_plan plan = stop_plan());

namespace process_detail {

/// What is left of a plan for those who want the end at once.
OVRSEER_DECL stop_plan last_step_of(const stop_plan& plan);

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

#if OVRSEER_HEADER_ONLY
#include <ovrseer/process/impl/stop.ipp>
#endif
