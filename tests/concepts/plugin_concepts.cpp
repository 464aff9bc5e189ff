// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What is a plugin, and what only looks like one.
#include <memory>
#include <string>

#include <ovrseer/supervise/plugin.hpp>

namespace t_plugin_concepts {

using namespace ovrseer;

static_assert(plugin<plugin_archetype>);
static_assert(plugin<null_plugin>);
static_assert(plugin<recording_plugin>);

struct every_hook {
  void on_event(const event&);
  void on_transition(const event&, const transition_data&);
  task<void> on_ready(const event&);
  void on_restarted(const event&) const;
  task<void> on_crash(const crash_report&);
  void on_flag(const event&, const flag_data&) noexcept;
  void on_line(const unit_id&, const line&);
  static void on_started(const event&);
  virtual void on_stopping(const event&) = 0;
  void on_stopped(event);
  void on_gap(journal_gap);
  virtual ~every_hook() = default;
};
static_assert(plugin<every_hook>);
static_assert(has_on_event<every_hook> && has_on_transition<every_hook> && has_on_ready<every_hook>);
static_assert(has_on_restarted<every_hook> && has_on_crash<every_hook> && has_on_flag<every_hook>);
static_assert(has_on_line<every_hook> && has_on_started<every_hook> && has_on_stopping<every_hook>);
static_assert(has_on_stopped<every_hook> && has_on_gap<every_hook>);

struct one_hook {
  int on_other_things(int);
  void on_line(const unit_id&, const line&);
  std::string name;
};
static_assert(plugin<one_hook>);
static_assert(has_on_line<one_hook>);
static_assert(!has_on_event<one_hook> && !has_on_crash<one_hook> && !has_on_gap<one_hook>);

struct final_one final {
  void on_event(const event&);
};
struct derived : one_hook {};
struct generic {
  template <class What>
  void on_event(const What&);
};
struct overloaded {
  void on_event(int);
  void on_event(const event&);
};
struct callable_member {
  struct function {
    void operator()(const event&);
  };
  function on_event;
};
static_assert(plugin<final_one>);
static_assert(plugin<derived>);
static_assert(plugin<generic>);
static_assert(plugin<overloaded>);
static_assert(plugin<callable_member>);

// No hook at all.
struct empty {};
struct misspelt {
  void on_evnt(const event&);
};
struct final_empty final {};
static_assert(!plugin<empty>);
static_assert(!plugin<misspelt>);
static_assert(!plugin<final_empty>);
static_assert(!plugin<int>);
static_assert(!plugin<void (*)(const event&)>);
static_assert(!plugin<std::shared_ptr<one_hook>>);  // `attach` looks into it

// A hook of the list that cannot be called as it must be; another one that can does not help.
struct wants_to_change {
  void on_event(event&);
};
struct wants_more {
  void on_crash(const crash_report&, int);
  void on_event(const event&);
};
struct wants_nothing {
  void on_started();
};
struct returns_a_value {
  bool on_ready(const event&);
};
struct returns_a_value_later {
  task<bool> on_ready(const event&);
};
struct wrong_argument {
  void on_line(const unit_id&, const std::string&);
};
class hides_it {
  void on_event(const event&);
};
struct overloaded_wrongly {
  void on_flag(int);
  void on_flag(const event&);
};
struct is_no_function {
  int on_stopped = 0;
};
struct final_wrong final {
  void on_gap();
};
struct only_const_gap {
  void on_gap(const event&);
};
struct wrong_transition {
  void on_transition(const event&);
};
struct wrong_stopping {
  void on_stopping(const std::string&);
};
struct wrong_restarted {
  int on_restarted(const event&);
};
static_assert(!plugin<wants_to_change>);
static_assert(!plugin<wants_more>);
static_assert(!plugin<wants_nothing>);
static_assert(!plugin<returns_a_value>);
static_assert(!plugin<returns_a_value_later>);
static_assert(!plugin<wrong_argument>);
static_assert(!plugin<hides_it>);
static_assert(!plugin<overloaded_wrongly>);
static_assert(!plugin<is_no_function>);
static_assert(!plugin<final_wrong>);
static_assert(!plugin<only_const_gap>);
static_assert(!plugin<wrong_transition>);
static_assert(!plugin<wrong_stopping>);
static_assert(!plugin<wrong_restarted>);

}  // namespace t_plugin_concepts
