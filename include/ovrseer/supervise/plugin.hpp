// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Code of users that is told what a supervisor does: an object with the hooks that it likes to have, called
// from outside, so that a broken or slow one costs nobody anything but itself.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/log/line.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/supervise/supervisor.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// What a hook returns: nothing, or a task that is awaited before the next hook of the same plugin is called.
template <class R>
concept hook_result = std::same_as<R, void> || std::same_as<R, task<void>>;

// The closed list of hooks. What they are given is the caller's and outlives the call, or its task.

/// `on_event(const event&)`: every event of the journal.
template <class P>
concept has_on_event = requires(P& plugin, const event& what) {
  { plugin.on_event(what) } -> hook_result;
};
/// `on_transition(const event&, const transition_data&)`: a unit has changed its state.
template <class P>
concept has_on_transition = requires(P& plugin, const event& what, const transition_data& change) {
  { plugin.on_transition(what, change) } -> hook_result;
};
/// `on_ready(const event&)`: a unit is ready.
template <class P>
concept has_on_ready = requires(P& plugin, const event& what) {
  { plugin.on_ready(what) } -> hook_result;
};
/// `on_restarted(const event&)`: a unit begins a new incarnation, by itself or because somebody asked.
template <class P>
concept has_on_restarted = requires(P& plugin, const event& what) {
  { plugin.on_restarted(what) } -> hook_result;
};
/// `on_crash(const crash_report&)`: a crash report was made.
template <class P>
concept has_on_crash = requires(P& plugin, const crash_report& report) {
  { plugin.on_crash(report) } -> hook_result;
};
/// `on_flag(const event&, const flag_data&)`: a line has matched a flag; after the first match, once a second.
template <class P>
concept has_on_flag = requires(P& plugin, const event& what, const flag_data& match) {
  { plugin.on_flag(what, match) } -> hook_result;
};
/// `on_line(const unit_id&, const line&)`: a line of a unit; `own` keeps it beyond the call.
template <class P>
concept has_on_line = requires(P& plugin, const unit_id& unit, const line& what) {
  { plugin.on_line(unit, what) } -> hook_result;
};
/// `on_started(const event&)`: the supervisor has begun to run.
template <class P>
concept has_on_started = requires(P& plugin, const event& what) {
  { plugin.on_started(what) } -> hook_result;
};
/// `on_stopping(const event&)`: the supervisor stops everything.
template <class P>
concept has_on_stopping = requires(P& plugin, const event& what) {
  { plugin.on_stopping(what) } -> hook_result;
};
/// `on_stopped(const event&)`: everything has ended; the last event.
template <class P>
concept has_on_stopped = requires(P& plugin, const event& what) {
  { plugin.on_stopped(what) } -> hook_result;
};
/// `on_gap(const journal_gap&)`: events that this plugin came too late for.
template <class P>
concept has_on_gap = requires(P& plugin, const journal_gap& gap) {
  { plugin.on_gap(gap) } -> hook_result;
};

namespace supervise_detail {

// Whether a class has a member of a name, whatever its signature: beside another one of that name it is ambiguous.
// A final class cannot be asked this way; there a member counts that is neither overloaded nor a template.
struct other_event {
  void on_event();
};
struct other_transition {
  void on_transition();
};
struct other_ready {
  void on_ready();
};
struct other_restarted {
  void on_restarted();
};
struct other_crash {
  void on_crash();
};
struct other_flag {
  void on_flag();
};
struct other_line {
  void on_line();
};
struct other_started {
  void on_started();
};
struct other_stopping {
  void on_stopping();
};
struct other_stopped {
  void on_stopped();
};
struct other_gap {
  void on_gap();
};

template <class P, class Other>
struct beside : P, Other {};

template <class P>
concept can_be_asked = std::is_class_v<P> && !std::is_final_v<P>;

template <class P>
constexpr bool names_on_event() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_event>::on_event; };
  return requires { &P::on_event; };
}
template <class P>
constexpr bool names_on_transition() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_transition>::on_transition; };
  return requires { &P::on_transition; };
}
template <class P>
constexpr bool names_on_ready() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_ready>::on_ready; };
  return requires { &P::on_ready; };
}
template <class P>
constexpr bool names_on_restarted() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_restarted>::on_restarted; };
  return requires { &P::on_restarted; };
}
template <class P>
constexpr bool names_on_crash() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_crash>::on_crash; };
  return requires { &P::on_crash; };
}
template <class P>
constexpr bool names_on_flag() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_flag>::on_flag; };
  return requires { &P::on_flag; };
}
template <class P>
constexpr bool names_on_line() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_line>::on_line; };
  return requires { &P::on_line; };
}
template <class P>
constexpr bool names_on_started() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_started>::on_started; };
  return requires { &P::on_started; };
}
template <class P>
constexpr bool names_on_stopping() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_stopping>::on_stopping; };
  return requires { &P::on_stopping; };
}
template <class P>
constexpr bool names_on_stopped() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_stopped>::on_stopped; };
  return requires { &P::on_stopped; };
}
template <class P>
constexpr bool names_on_gap() {
  if constexpr (can_be_asked<P>) return !requires { &beside<P, other_gap>::on_gap; };
  return requires { &P::on_gap; };
}

template <class P>
constexpr bool names_any_hook() {
  return names_on_event<P>() || names_on_transition<P>() || names_on_ready<P>() || names_on_restarted<P>() ||
         names_on_crash<P>() || names_on_flag<P>() || names_on_line<P>() || names_on_started<P>() ||
         names_on_stopping<P>() || names_on_stopped<P>() || names_on_gap<P>();
}

/// Whether every hook that is named can be called as it must be.
template <class P>
constexpr bool has_right_hooks() {
  return (has_on_event<P> || !names_on_event<P>()) && (has_on_transition<P> || !names_on_transition<P>()) &&
         (has_on_ready<P> || !names_on_ready<P>()) && (has_on_restarted<P> || !names_on_restarted<P>()) &&
         (has_on_crash<P> || !names_on_crash<P>()) && (has_on_flag<P> || !names_on_flag<P>()) &&
         (has_on_line<P> || !names_on_line<P>()) && (has_on_started<P> || !names_on_started<P>()) &&
         (has_on_stopping<P> || !names_on_stopping<P>()) && (has_on_stopped<P> || !names_on_stopped<P>()) &&
         (has_on_gap<P> || !names_on_gap<P>());
}

/// Says in a sentence what is wrong with a plugin; nothing where it is one.
template <class P>
constexpr void explain() {
  static_assert(names_any_hook<P>(),
                "a plugin has at least one of the hooks on_event, on_transition, on_ready, on_restarted, on_crash, "
                "on_flag, on_line, on_started, on_stopping, on_stopped, on_gap: this object has none");
  static_assert(has_on_event<P> || !names_on_event<P>(),
                "the plugin's on_event must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(has_on_transition<P> || !names_on_transition<P>(),
                "the plugin's on_transition must be callable with (const ovrseer::event&, const "
                "ovrseer::transition_data&) and return void or task<void>");
  static_assert(has_on_ready<P> || !names_on_ready<P>(),
                "the plugin's on_ready must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(
      has_on_restarted<P> || !names_on_restarted<P>(),
      "the plugin's on_restarted must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(has_on_crash<P> || !names_on_crash<P>(),
                "the plugin's on_crash must be callable with (const ovrseer::crash_report&) and return void or "
                "task<void>");
  static_assert(has_on_flag<P> || !names_on_flag<P>(),
                "the plugin's on_flag must be callable with (const ovrseer::event&, const ovrseer::flag_data&) and "
                "return void or task<void>");
  static_assert(has_on_line<P> || !names_on_line<P>(),
                "the plugin's on_line must be callable with (const ovrseer::unit_id&, const ovrseer::line&) and return "
                "void or task<void>");
  static_assert(has_on_started<P> || !names_on_started<P>(),
                "the plugin's on_started must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(has_on_stopping<P> || !names_on_stopping<P>(),
                "the plugin's on_stopping must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(has_on_stopped<P> || !names_on_stopped<P>(),
                "the plugin's on_stopped must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(
      has_on_gap<P> || !names_on_gap<P>(),
      "the plugin's on_gap must be callable with (const ovrseer::journal_gap&) and return void or task<void>");
}

}  // namespace supervise_detail

/// An object with at least one hook of the list, and none of a listed name that cannot be called as the list says.
/// Other members are its own business. What a hook may do: anything that returns soon; what blocks the thread
/// belongs on `on_worker`, what takes long into a task.
template <class P>
concept plugin = supervise_detail::names_any_hook<P>() && supervise_detail::has_right_hooks<P>();

/// The least that a `plugin` is; for tests of what takes one.
struct plugin_archetype {
  plugin_archetype() = delete;
  plugin_archetype(const plugin_archetype&) = delete;
  plugin_archetype& operator=(const plugin_archetype&) = delete;
  void on_event(const event& what);
};

/// Is told everything and does nothing.
struct null_plugin {
  void on_event(const event&) noexcept {}
};

/// Keeps what it is told, for tests. Attach it as a shared pointer, or what it kept goes with it.
struct recording_plugin {
  std::vector<event> events;
  std::vector<crash_report> crashes;
  std::vector<std::pair<unit_id, owned_line>> lines;

  void on_event(const event& what) { events.push_back(what); }
  void on_crash(const crash_report& report) { crashes.push_back(report); }
  void on_line(const unit_id& unit, const line& what) { lines.emplace_back(unit, own(what)); }
};

/// What became of all that a plugin was to be told.
struct plugin_counts {
  std::uint64_t called = 0;         ///< hooks that came to their end
  std::uint64_t failed = 0;         ///< hooks that threw, or whose task was too slow
  std::uint64_t missed_events = 0;  ///< the plugin came too late for them; so for the next two
  std::uint64_t missed_reports = 0;
  std::uint64_t missed_lines = 0;
};

/// How a plugin is called. All setters return the options, so that they chain.
class plugin_options {
 public:
  /// Stands in messages of failures. Default "plugin".
  plugin_options& name(std::string words) {
    name_ = std::move(words);
    return *this;
  }
  /// Where it begins: with what is kept of the past, or with what comes. Default `read_from::oldest`.
  plugin_options& from(read_from where) {
    from_ = where;
    return *this;
  }
  /// For one task of a hook, which is cancelled then and counts as failed. Zero means no limit. Default 30 s.
  plugin_options& limit(std::chrono::nanoseconds duration) {
    limit_ = duration;
    return *this;
  }
  /// How long a task past its limit may take to end before it is cut off. Default 1 s.
  plugin_options& patience(std::chrono::nanoseconds duration) {
    patience_ = duration;
    return *this;
  }
  /// Where to count, while it runs. Default nowhere.
  plugin_options& count_in(std::shared_ptr<plugin_counts> counts) {
    counts_ = std::move(counts);
    return *this;
  }

  const std::string& name() const noexcept { return name_; }
  read_from from() const noexcept { return from_; }
  std::chrono::nanoseconds limit() const noexcept { return limit_; }
  std::chrono::nanoseconds patience() const noexcept { return patience_; }
  const std::shared_ptr<plugin_counts>& count_in() const noexcept { return counts_; }

 private:
  std::string name_ = "plugin";
  read_from from_ = read_from::oldest;
  std::chrono::nanoseconds limit_ = std::chrono::seconds(30);
  std::chrono::nanoseconds patience_ = std::chrono::seconds(1);
  std::shared_ptr<plugin_counts> counts_;
};

namespace supervise_detail {

/// What all plugins have alike: their turns, their failures and their losses.
class caller {
 public:
  caller(supervisor& of, plugin_options options)
      : of_(of), options_(std::move(options)), counts_(options_.count_in()), free_(of.get_executor()) {
    if (!counts_) counts_ = std::make_shared<plugin_counts>();
  }
  caller(const caller&) = delete;
  caller& operator=(const caller&) = delete;

  /// Calls one hook, alone. `hook()` returns nothing or a task.
  template <class Hook>
  task<void> call(const char* name, const unit_id& unit, Hook& hook) {
    co_await take_turn();
    std::exception_ptr failure;
    bool is_late = false;
    bool is_cancelled = false;
    if constexpr (std::is_void_v<std::invoke_result_t<Hook&>>) {
      try {
        hook();
      } catch (...) {
        failure = std::current_exception();
      }
    } else {
      nursery work(of_.get_executor());
      work.start(await_hook(hook, failure));
      if (options_.limit() > std::chrono::nanoseconds::zero()) {
        is_late = co_await work.join_within(options_.limit(), options_.patience());
      } else {
        co_await work.join();
      }
      is_cancelled = work.was_cancelled();
    }
    note(name, unit, failure, is_late && !is_cancelled);
    pass_turn();
    if (is_cancelled) detail::throw_cancelled();
    // Its backlog must not keep everybody else from running.
    if (waiting_ != 0 || ++in_row_ % most_in_row == 0) co_await asio::post(of_.get_executor(), use_task);
  }

  /// Counts what a reader came too late for.
  void lose(std::uint64_t plugin_counts::* where, std::uint64_t count, const char* what) {
    if (count == 0) return;
    (*counts_).*where += count;
    tell(what, {}, severity::warning, std::to_string(count) + " missed, because it was busy");
  }

 private:
  static constexpr unsigned most_in_row = 16;

  template <class Hook>
  static task<void> await_hook(Hook& hook, std::exception_ptr& failure) {
    try {
      co_await hook();
    } catch (...) {
      failure = std::current_exception();
    }
  }

  // No guard object: where the context ends, this may be gone before the coroutine that waits here.
  task<void> take_turn() {
    ++waiting_;
    try {
      while (is_busy_) co_await free_.wait();
    } catch (...) {
      --waiting_;
      throw;
    }
    --waiting_;
    is_busy_ = true;
  }
  void pass_turn() {
    is_busy_ = false;
    free_.notify_all();
  }

  void note(const char* hook, const unit_id& unit, const std::exception_ptr& failure, bool is_late) {
    if (!failure) {
      ++counts_->called;
      return;
    }
    ++counts_->failed;
    const caught why(failure);
    const bool has_run_out = is_late && why.is_cancellation();
    tell(hook, unit, severity::error, has_run_out ? "not finished within " + to_text(options_.limit()) : why.what());
  }

  // The first at once, then one a second of each kind: a plugin that throws at every line must not flood who listens.
  void tell(const char* what, const unit_id& unit, severity level, const std::string& message) {
    const steady_time now = clock_of(of_.get_executor()).now();
    unheard& last = told_[what];
    if (last.is_known && now - last.at < std::chrono::seconds(1)) {
      ++last.count;
      return;
    }
    const std::string others = last.count == 0 ? "" : " (and " + std::to_string(last.count) + " more before)";
    last = unheard{now, 0, true};
    of_.report_failure({options_.name(), unit, level, std::string(what) + ": " + message + others});
  }

  struct unheard {
    steady_time at{};
    std::uint64_t count = 0;
    bool is_known = false;
  };

  supervisor& of_;
  plugin_options options_;
  std::shared_ptr<plugin_counts> counts_;
  std::map<std::string_view, unheard> told_;  // by the names of hooks and of what is missed
  notifier free_;
  std::size_t waiting_ = 0;
  unsigned in_row_ = 0;
  bool is_busy_ = false;
};

/// One plugin on a supervisor: a reader of the journal, one of the reports, and one of the lines of each unit.
template <class P>
class attachment {
 public:
  attachment(supervisor& of, std::shared_ptr<P> hooks, plugin_options options)
      : of_(of),
        hooks_(std::move(hooks)),
        lines_from_(options.from()),
        events_(of.events().subscribe_from(is_from_oldest() ? 1 : of.events().end_seq())),
        reports_(is_from_oldest() ? of.reports().subscribe_from(1, on_overrun::drop_oldest)
                                  : of.reports().subscribe(on_overrun::drop_oldest)),
        known_until_(of.events().end_seq()),
        caller_(of, std::move(options)),
        readers_(of.get_executor()) {
    if constexpr (has_on_line<P>) find_lines();
  }

  task<void> run() {
    readers_.start(read_events());
    if constexpr (has_on_crash<P>) readers_.start(read_reports());
    start_found();
    co_await readers_.join();
    if (readers_.was_cancelled()) detail::throw_cancelled();
    if (readers_.failure()) std::rethrow_exception(readers_.failure());
  }

 private:
  struct found_lines {
    unit_id unit;
    line_stream lines;
    const line_feed* feed;
  };

  bool is_from_oldest() const noexcept { return lines_from_ == read_from::oldest; }

  task<void> read_events() {
    for (;;) {
      const std::optional<journal_entry> entry = co_await events_.next();
      if (!entry) co_return;
      if (const auto* gap = std::get_if<journal_gap>(&*entry)) {
        co_await pass_gap(*gap);
      } else {
        co_await pass_event(std::get<event>(*entry));
      }
    }
  }

  task<void> pass_gap(const journal_gap& gap) {
    caller_.lose(&plugin_counts::missed_events, gap.count, "events");
    if constexpr (has_on_line<P>) {
      find_lines();  // of those that were added unheard
      start_found();
    }
    if constexpr (has_on_gap<P>) {
      const unit_id nobody;
      auto hook = [&] { return hooks_->on_gap(gap); };
      co_await caller_.call("on_gap", nobody, hook);
    }
  }

  task<void> pass_event(const event& what) {
    if constexpr (has_on_line<P>) {
      if (what.type == event_type::unit_added && what.seq >= known_until_) {
        find_lines_of(what.unit);
        start_found();
      }
    }
    if constexpr (has_on_event<P>) {
      auto hook = [&] { return hooks_->on_event(what); };
      co_await caller_.call("on_event", what.unit, hook);
    }
    if constexpr (has_on_transition<P>) {
      if (const auto* change = state_of(what.type) ? std::get_if<transition_data>(&what.data) : nullptr) {
        auto hook = [&] { return hooks_->on_transition(what, *change); };
        co_await caller_.call("on_transition", what.unit, hook);
      }
    }
    if constexpr (has_on_ready<P>) {
      if (what.type == event_type::ready) {
        auto hook = [&] { return hooks_->on_ready(what); };
        co_await caller_.call("on_ready", what.unit, hook);
      }
    }
    if constexpr (has_on_restarted<P>) {
      if (what.type == event_type::restarted) {
        auto hook = [&] { return hooks_->on_restarted(what); };
        co_await caller_.call("on_restarted", what.unit, hook);
      }
    }
    if constexpr (has_on_flag<P>) {
      const auto* match = what.type == event_type::flag_matched ? std::get_if<flag_data>(&what.data) : nullptr;
      if (match != nullptr) {
        auto hook = [&] { return hooks_->on_flag(what, *match); };
        co_await caller_.call("on_flag", what.unit, hook);
      }
    }
    if constexpr (has_on_started<P>) {
      if (what.type == event_type::supervisor_started) {
        auto hook = [&] { return hooks_->on_started(what); };
        co_await caller_.call("on_started", what.unit, hook);
      }
    }
    if constexpr (has_on_stopping<P>) {
      if (what.type == event_type::supervisor_stopping) {
        auto hook = [&] { return hooks_->on_stopping(what); };
        co_await caller_.call("on_stopping", what.unit, hook);
      }
    }
    if constexpr (has_on_stopped<P>) {
      if (what.type == event_type::supervisor_stopped) {
        auto hook = [&] { return hooks_->on_stopped(what); };
        co_await caller_.call("on_stopped", what.unit, hook);
      }
    }
  }

  task<void> read_reports() {
    std::uint64_t missed = 0;
    for (;;) {
      const auto report = co_await reports_.next();
      caller_.lose(&plugin_counts::missed_reports, reports_.missed() - std::exchange(missed, reports_.missed()),
                   "reports");
      if (!report) co_return;
      auto hook = [&] { return hooks_->on_crash(**report); };
      co_await caller_.call("on_crash", (*report)->unit, hook);
    }
  }

  // Lines: the units that there are, then those whose addition the journal tells, and after a gap whoever is new.

  void find_lines() {
    known_until_ = of_.events().end_seq();
    for (const unit_id& unit : of_.units()) {
      if (followed_.find(&of_.lines(unit)) == followed_.end()) find_lines_of(unit);
    }
  }
  void find_lines_of(const unit_id& unit) {
    line_feed* feed = nullptr;
    try {
      feed = &of_.lines(unit);
    } catch (const std::system_error&) {
      return;  // removed meanwhile
    }
    ++followed_[feed];
    found_.push_back({unit, feed->subscribe(on_overrun::drop_oldest, lines_from_), feed});
  }
  void start_found() {
    for (found_lines& each : found_) {
      readers_.start(read_lines(std::move(each.unit), std::move(each.lines), each.feed));
    }
    found_.clear();
    lines_from_ = read_from::oldest;  // whoever comes later is followed from its beginning
  }

  task<void> read_lines(unit_id unit, line_stream lines, const line_feed* feed) {
    if constexpr (has_on_line<P>) {
      std::uint64_t missed = 0;
      for (;;) {
        const attempted<std::optional<line>> next = co_await attempt(lines.next());
        if (!next && next.reason().is_cancellation()) next.reason().rethrow();
        caller_.lose(&plugin_counts::missed_lines, lines.missed() - std::exchange(missed, lines.missed()), "lines");
        if (!next || !*next) break;  // the end, also where the rest could not be read
        auto hook = [&] { return hooks_->on_line(unit, **next); };
        co_await caller_.call("on_line", unit, hook);
      }
    }
    if (--followed_[feed] == 0) followed_.erase(feed);
  }

  supervisor& of_;
  std::shared_ptr<P> hooks_;
  read_from lines_from_;
  journal::reader events_;
  supervisor::report_stream::reader reports_;
  std::uint64_t known_until_;  // units of additions before this event are followed
  std::map<const line_feed*, int> followed_;
  std::vector<found_lines> found_;
  caller caller_;
  nursery readers_;
};

template <class P>
task<void> run_plugin(std::unique_ptr<attachment<P>> attached) {
  co_await detail::admit_all_cancellation();
  co_await attached->run();
}

template <class P>
task<void> attach_hooks(supervisor& of, std::shared_ptr<P> hooks, plugin_options options) {
  explain<P>();
  if constexpr (plugin<P>) {
    return run_plugin(std::make_unique<attachment<P>>(of, std::move(hooks), std::move(options)));
  } else {
    return task<void>();
  }
}

/// What another `attach` takes.
template <class P>
concept is_crash_reporter = requires(P& other, const crash_report& report) { other.report(report); };

}  // namespace supervise_detail

/// Tells a plugin what the supervisor does, from the beginning that its journal, its reports and its lines still
/// have, or from now on, until the supervisor has ended and the last hook has been called. Run it beside
/// `supervisor::run`; `of` must outlive it.
///
/// Hooks are called one after the other, never inline from the supervisor: a journal, a report stream and rings that
/// hold only so much are read for it. Events come in their order, reports and lines each in theirs; between the three
/// there is none. A slow plugin loses what the bounds drive out, which is counted; nobody waits for it. A hook that
/// throws is counted and told to the supervisor's error handler, at most once a second, and is called again.
///
/// `hooks` is moved in. Errors: none. A hook of the list with another signature does not compile, and neither does an
/// object without any hook.
/// Cancellation: every type is passed to the hook under way and ends it; what was not told yet is not told.
/// Cost: a copy of each event, and an entry in the reader's list of each unit where there is `on_line`.
template <class P>
  requires(!supervise_detail::is_crash_reporter<P>)
task<void> attach(supervisor& of, P hooks, plugin_options options = plugin_options()) {
  return supervise_detail::attach_hooks<P>(of, std::make_shared<P>(std::move(hooks)), std::move(options));
}
/// The same for an object that somebody else looks at as well; not null.
template <class P>
task<void> attach(supervisor& of, std::shared_ptr<P> hooks, plugin_options options = plugin_options()) {
  return supervise_detail::attach_hooks<P>(of, std::move(hooks), std::move(options));
}

}  // namespace ovrseer
