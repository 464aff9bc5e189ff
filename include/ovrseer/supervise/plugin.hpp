// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Code of users that is told what a supervisor does: an object with the hooks that it likes to have, called
// from outside, so that a broken or slow one costs nobody anything but itself.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/supervise/detail/plugin_attachment.hpp>
#include <ovrseer/supervise/plugin_hooks.hpp>
#include <ovrseer/supervise/plugin_options.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

/// Keeps what it is told, for tests. Attach it as a shared pointer, or what it kept goes with it.
struct recording_plugin {
  std::vector<event> events;
  std::vector<crash_report> crashes;
  std::vector<std::pair<unit_id, owned_line>> lines;

  void on_event(const event& what) { events.push_back(what); }
  void on_crash(const crash_report& report) { crashes.push_back(report); }
  void on_line(const unit_id& unit, const line& what) { lines.emplace_back(unit, own(what)); }
};

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
