// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The hooks that a plugin may have, each a concept, and the sentences for those that are not as they must be.
#pragma once

#include <concepts>
#include <type_traits>

#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/event/journal.hpp>
#include <ovrseer/log/line.hpp>

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

// Each hook by its name. Whether a class has a member of that name, whatever its signature: beside another one it is
// ambiguous. A final class cannot be asked this way; there a member counts that is neither overloaded nor a template.

struct event_hook {
  void on_event();
  template <class C>
  static constexpr bool is_found = requires { &C::on_event; };
  template <class P>
  static constexpr bool is_right = has_on_event<P>;
};
struct transition_hook {
  void on_transition();
  template <class C>
  static constexpr bool is_found = requires { &C::on_transition; };
  template <class P>
  static constexpr bool is_right = has_on_transition<P>;
};
struct ready_hook {
  void on_ready();
  template <class C>
  static constexpr bool is_found = requires { &C::on_ready; };
  template <class P>
  static constexpr bool is_right = has_on_ready<P>;
};
struct restarted_hook {
  void on_restarted();
  template <class C>
  static constexpr bool is_found = requires { &C::on_restarted; };
  template <class P>
  static constexpr bool is_right = has_on_restarted<P>;
};
struct crash_hook {
  void on_crash();
  template <class C>
  static constexpr bool is_found = requires { &C::on_crash; };
  template <class P>
  static constexpr bool is_right = has_on_crash<P>;
};
struct flag_hook {
  void on_flag();
  template <class C>
  static constexpr bool is_found = requires { &C::on_flag; };
  template <class P>
  static constexpr bool is_right = has_on_flag<P>;
};
struct line_hook {
  void on_line();
  template <class C>
  static constexpr bool is_found = requires { &C::on_line; };
  template <class P>
  static constexpr bool is_right = has_on_line<P>;
};
struct started_hook {
  void on_started();
  template <class C>
  static constexpr bool is_found = requires { &C::on_started; };
  template <class P>
  static constexpr bool is_right = has_on_started<P>;
};
struct stopping_hook {
  void on_stopping();
  template <class C>
  static constexpr bool is_found = requires { &C::on_stopping; };
  template <class P>
  static constexpr bool is_right = has_on_stopping<P>;
};
struct stopped_hook {
  void on_stopped();
  template <class C>
  static constexpr bool is_found = requires { &C::on_stopped; };
  template <class P>
  static constexpr bool is_right = has_on_stopped<P>;
};
struct gap_hook {
  void on_gap();
  template <class C>
  static constexpr bool is_found = requires { &C::on_gap; };
  template <class P>
  static constexpr bool is_right = has_on_gap<P>;
};

template <class P, class Other>
struct beside : P, Other {};

template <class P, class Hook>
constexpr bool names() {
  if constexpr (std::is_class_v<P> && !std::is_final_v<P>)
    return !Hook::template is_found<beside<P, Hook>>;
  else
    return Hook::template is_found<P>;
}

/// Not named, or callable as it must be.
template <class P, class Hook>
inline constexpr bool is_fine = Hook::template is_right<P> || !names<P, Hook>();

template <class... Hooks>
struct hook_list {
  template <class P>
  static constexpr bool names_any = (names<P, Hooks>() || ...);
  template <class P>
  static constexpr bool are_fine = (is_fine<P, Hooks> && ...);
};
using all_hooks = hook_list<event_hook, transition_hook, ready_hook, restarted_hook, crash_hook, flag_hook, line_hook,
                            started_hook, stopping_hook, stopped_hook, gap_hook>;

/// Says in a sentence what is wrong with a plugin; nothing where it is one.
template <class P>
constexpr void explain() {
  static_assert(all_hooks::names_any<P>,
                "a plugin has at least one of the hooks on_event, on_transition, on_ready, on_restarted, on_crash, "
                "on_flag, on_line, on_started, on_stopping, on_stopped, on_gap: this object has none");
  static_assert(is_fine<P, event_hook>,
                "the plugin's on_event must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(is_fine<P, transition_hook>,
                "the plugin's on_transition must be callable with (const ovrseer::event&, const "
                "ovrseer::transition_data&) and return void or task<void>");
  static_assert(is_fine<P, ready_hook>,
                "the plugin's on_ready must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(
      is_fine<P, restarted_hook>,
      "the plugin's on_restarted must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(
      is_fine<P, crash_hook>,
      "the plugin's on_crash must be callable with (const ovrseer::crash_report&) and return void or task<void>");
  static_assert(is_fine<P, flag_hook>,
                "the plugin's on_flag must be callable with (const ovrseer::event&, const ovrseer::flag_data&) and "
                "return void or task<void>");
  static_assert(is_fine<P, line_hook>,
                "the plugin's on_line must be callable with (const ovrseer::unit_id&, const ovrseer::line&) and return "
                "void or task<void>");
  static_assert(is_fine<P, started_hook>,
                "the plugin's on_started must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(is_fine<P, stopping_hook>,
                "the plugin's on_stopping must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(is_fine<P, stopped_hook>,
                "the plugin's on_stopped must be callable with (const ovrseer::event&) and return void or task<void>");
  static_assert(
      is_fine<P, gap_hook>,
      "the plugin's on_gap must be callable with (const ovrseer::journal_gap&) and return void or task<void>");
}

}  // namespace supervise_detail

/// An object with at least one hook of the list, and none of a listed name that cannot be called as the list says.
/// Other members are its own business. What a hook may do: anything that returns soon; what blocks the thread
/// belongs on `on_worker`, what takes long into a task.
template <class P>
concept plugin = supervise_detail::all_hooks::names_any<P> && supervise_detail::all_hooks::are_fine<P>;

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

}  // namespace ovrseer
