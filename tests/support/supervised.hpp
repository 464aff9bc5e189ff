// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A supervisor that runs beside the coroutine of a test, and questions about its journal.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <catch.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/check/log_line.hpp>
#include <ovrseer/check/within.hpp>
#include <ovrseer/supervise/supervisor.hpp>

#include "events.hpp"
#include "leaks.hpp"
#include "run.hpp"
#include "run_child.hpp"

namespace ovrseer::test {

/// Ready when the unit says `word`.
inline any_check says(const std::string& word) { return log_line(*pattern<>::compile(word)); }

/// A unit that runs the child of `support/child.cpp` with these words.
template <class... Words>
unit_spec child_unit(std::string name, Words&&... words) {
  unit_spec made(unit_id(std::move(name)), child_command(std::forward<Words>(words)...));
  made.restart(restart_rules().delays(backoff::constant(std::chrono::nanoseconds::zero())));
  return made;
}
/// A unit that says "up", is ready then, and waits for its end.
inline unit_spec service(std::string name) {
  unit_spec made = child_unit(std::move(name), "print", "up", "wait");
  made.ready_when(says("up"));
  return made;
}
inline unit_spec dependency(std::string name) {
  unit_spec made = service(std::move(name));
  made.as(role::dependency);
  return made;
}

/// One supervisor on a context of its own. At its end, when all else is gone, nothing may be left.
class supervised {
 public:
  explicit supervised(supervisor_options options = supervisor_options())
      : it(context.get_executor(), std::move(options)) {
    it.on_error([this](const failure_notice& notice) { failures.push_back(notice); });
  }

  supervised& add(unit_spec unit) {
    it.add(std::move(unit));
    return *this;
  }

  /// Runs the supervisor to its end, and beside it `story`, a function that returns `task<void>`; yields the
  /// exit code. Who tells a story must stop the supervisor, unless it ends by itself.
  template <class Story>
  int run(Story story) {
    running_ = std::make_unique<started<int>>(context, it.run());
    started<void> told(context, tell(it, story()));
    run_dry(context);
    told.get();
    return running_->get();
  }
  int run() {
    running_ = std::make_unique<started<int>>(context, it.run());
    run_dry(context);
    return running_->get();
  }
  /// Cancels `run` of the supervisor.
  void cancel(cancellation_type type) { running_->cancel(type); }

  /// The next event of a type of a unit behind event `after`; waits for it.
  task<event> next(unit_id unit, event_type type, std::uint64_t after = 0) {
    return find_next(it, std::move(unit), type, after);
  }
  /// The first line of a unit that has `word`; waits for it.
  task<std::string> line(unit_id unit, std::string word) { return find_line(it, std::move(unit), std::move(word)); }

  /// All events that are kept.
  std::vector<event> events() const { return events_of(it.events()); }
  /// Those of one unit, as types.
  std::vector<event_type> types_of(const unit_id& unit) const {
    std::vector<event_type> types;
    for (const event& each : events()) {
      if (each.unit == unit) types.push_back(each.type);
    }
    return types;
  }
  /// The names of the units in the order of their events of one type, each time anew.
  std::vector<std::string> order_of(event_type type) const {
    std::vector<std::string> order;
    for (const event& each : events()) {
      if (each.type == type) order.push_back(each.unit.name);
    }
    return order;
  }
  std::size_t count(const unit_id& unit, event_type type) const {
    const std::vector<event_type> types = types_of(unit);
    return static_cast<std::size_t>(std::ranges::count(types, type));
  }
  /// The number of the first such event; 0 where there is none.
  std::uint64_t seq_of(const unit_id& unit, event_type type) const {
    for (const event& each : events()) {
      if (each.unit == unit && each.type == type) return each.seq;
    }
    return 0;
  }
  const event& last(const unit_id& unit) const { return *it.events().last_transition_of(unit); }

  /// The crash reports so far.
  std::vector<crash_report> reports() {
    std::vector<crash_report> all;
    supervisor::report_stream::reader reader = it.reports().subscribe_from(0, on_overrun::drop_oldest);
    while (const auto each = reader.try_next()) all.push_back(**each);
    return all;
  }
  bool was_told(std::string_view operation, std::string_view words) const {
    return std::ranges::any_of(failures, [&](const failure_notice& notice) {
      return notice.operation == operation && notice.message.find(words) != std::string::npos;
    });
  }

 private:
  no_leaks nothing_left_;

 public:
  asio::io_context context;
  supervisor it;
  std::vector<failure_notice> failures;

 private:
  static task<void> tell(supervisor& it, task<void> story) {
    const attempted<void> told = co_await attempt(std::move(story));
    if (told) co_return;
    it.force_stop("the test has failed");
    told.reason().rethrow();
  }
  static task<event> find_next(supervisor& it, unit_id unit, event_type type, std::uint64_t after) {
    journal::reader reader = it.events().subscribe_from(after + 1);
    for (;;) {
      const std::optional<journal_entry> entry = co_await reader.next();
      if (!entry) throw std::runtime_error("never came: " + unit.name + " " + std::string(to_text(type)));
      const auto* found = std::get_if<event>(&*entry);
      if (found != nullptr && found->unit == unit && found->type == type) co_return *found;
    }
  }
  static task<std::string> find_line(supervisor& it, unit_id unit, std::string word) {
    line_stream lines = it.lines(unit).subscribe(on_overrun::drop_oldest, read_from::oldest);
    for (;;) {
      const std::optional<ovrseer::line> next = co_await lines.next();
      if (!next) throw std::runtime_error("never said: " + word);
      if (next->text.find(word) != std::string_view::npos) co_return std::string(next->text);
    }
  }

  std::unique_ptr<started<int>> running_;
};

}  // namespace ovrseer::test
