// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A plugin on a supervisor: its readers, and its calls one after the other, with what they come to.
#pragma once

#include <algorithm>
#include <chrono>
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
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/supervise/plugin_hooks.hpp>
#include <ovrseer/supervise/plugin_options.hpp>
#include <ovrseer/supervise/supervisor.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer::supervise_detail {

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
concept is_crash_reporter = requires(P& other, const crash_report& report) { other.deliver(report); };

}  // namespace ovrseer::supervise_detail
