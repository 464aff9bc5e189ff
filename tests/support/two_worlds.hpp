// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One story, told with real processes and in the simulated world: the same units, the same strikes, and the same
// order of events if the simulation is any good.
#pragma once

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/sim/simulated_world.hpp>
#include <supervised.hpp>

namespace ovrseer::test {

/// What a story may do, whichever the world is.
class world_under_test {
 public:
  world_under_test(supervisor& it, std::function<void(const unit_id&, int)> strike)
      : it_(it), strike_(std::move(strike)) {}

  supervisor& it() noexcept { return it_; }
  /// Sends a signal to the process of a unit, as somebody outside would.
  void strike(const unit_id& unit, int signal) { strike_(unit, signal); }
  /// The `nth` event of a type of a unit, from 1; waits for it.
  task<event> next(unit_id unit, event_type type, int nth = 1) { return find(it_, std::move(unit), type, nth); }

 private:
  static task<event> find(supervisor& it, unit_id unit, event_type type, int nth) {
    journal::reader reader = it.events().subscribe_from(1);
    for (;;) {
      const std::optional<journal_entry> entry = co_await reader.next();
      if (!entry) throw std::runtime_error("never came: " + unit.name + " " + std::string(to_text(type)));
      const auto* found = std::get_if<event>(&*entry);
      if (found != nullptr && found->unit == unit && found->type == type && --nth == 0) co_return *found;
    }
  }

  supervisor& it_;
  std::function<void(const unit_id&, int)> strike_;
};

/// A story: what stands in the supervisor, and what happens to it.
struct story {
  story(std::function<void(supervisor&)> what_stands, std::function<task<void>(world_under_test&)> what_happens)
      : furnish(std::move(what_stands)), happen(std::move(what_happens)) {}

  std::function<void(supervisor&)> furnish;
  std::function<task<void>(world_under_test&)> happen;
};

/// What came of a story: the changes in their order as "unit state", and the exit code. That a unit waits or rests
/// before its next start is left out: several do at the same time, in no order.
struct outcome_of_story {
  std::vector<std::string> events;
  int code = -1;

  friend bool operator==(const outcome_of_story&, const outcome_of_story&) = default;

  /// The names of the units that came to `state`, in order.
  std::vector<std::string> order_of(const std::string& state) const {
    std::vector<std::string> units;
    for (const std::string& each : events) {
      if (each.ends_with(" " + state)) units.push_back(each.substr(0, each.find(' ')));
    }
    return units;
  }
  /// The states of one unit, in order.
  std::vector<std::string> states_of(const std::string& unit) const {
    std::vector<std::string> states;
    for (const std::string& each : events) {
      if (each.starts_with(unit + " ")) states.push_back(each.substr(unit.size() + 1));
    }
    return states;
  }
};

namespace detail {

inline outcome_of_story look_back(const supervisor& it, int code) {
  outcome_of_story seen;
  seen.code = code;
  for (std::uint64_t seq = it.events().begin_seq(); seq < it.events().end_seq(); ++seq) {
    const event& each = *it.events().at(seq);
    const std::optional<unit_state> to = state_of(each.type);
    if (!to || to == unit_state::waiting || to == unit_state::backing_off || to == unit_state::running) continue;
    seen.events.push_back(each.unit.name + " " + std::string(to_text(each.type)));
  }
  return seen;
}

/// What the child of `support/child.cpp` would do with these words.
inline process_script script_of(const command& what) {
  process_script made;
  const std::vector<std::string>& words = what.arguments();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& verb = words[i];
    if (verb == "wait") return made;
    const std::string& value = words.at(++i);
    if (verb == "print")
      made.say(value);
    else if (verb == "sleep")
      made.wait(std::chrono::milliseconds(std::atoi(value.c_str())));
    else if (verb == "exit")
      made.exit(std::atoi(value.c_str()));
    else if (verb == "ignore")
      made.on(parse_signal(value).value().value(), signal_reaction::ignored());
    else
      throw std::runtime_error("no script for \"" + verb + "\"");
  }
  return made.exit(0);
}

}  // namespace detail

inline outcome_of_story tell_in_simulation(const story& what) {
  simulated_world world;
  world.os().program(std::filesystem::path(OVRSEER_TEST_CHILD).filename().string(),
                     [](const command& started, std::uint32_t) { return detail::script_of(started); });
  supervisor it(world.get_executor());
  it.on_error([](const failure_notice&) {});
  what.furnish(it);
  world_under_test under(it, [&](const unit_id& unit, int signal) {
    const std::optional<std::int32_t> pid = it.snapshot(unit).pid;
    for (const auto& each : world.os().children()) {
      if (pid && each->pid == *pid) each->signal(signal_number(signal), stop_scope::leader);
    }
  });
  std::exception_ptr failure;
  asio::co_spawn(world.context(), what.happen(under), [&](const std::exception_ptr& thrown) {
    failure = thrown;
    if (thrown) it.force_stop("the story has failed");
  });
  const int code = world.run(it.run());
  if (failure) std::rethrow_exception(failure);
  return detail::look_back(it, code);
}

inline outcome_of_story tell_with_processes(const story& what) {
  supervised stack;
  what.furnish(stack.it);
  world_under_test under(stack.it, [&](const unit_id& unit, int signal) {
    const std::optional<std::int32_t> pid = stack.it.snapshot(unit).pid;
    if (pid) ::kill(*pid, signal);
  });
  const int code = stack.run([&] { return what.happen(under); });
  return detail::look_back(stack.it, code);
}

/// A unit that says "up", is ready then, and waits for its end; it is always restarted, at once.
inline unit_spec permanent(std::string name, std::string group = {}) {
  unit_spec made = service(std::move(name));
  made.restart(restart_rules(restart_rules::when::always)
                   .delays(backoff::constant(std::chrono::nanoseconds::zero()))
                   .max_retries(0));
  made.depends_on(std::vector<dependency_edge>{}).within(std::move(group));
  return made;
}
inline unit_spec transient(std::string name, std::string group = {}) {
  unit_spec made = permanent(std::move(name), std::move(group));
  restart_rules rules = made.restart();
  return made.restart(rules.restart(restart_rules::when::on_failure));
}
inline unit_spec temporary(std::string name, std::string group = {}) {
  unit_spec made = permanent(std::move(name), std::move(group));
  restart_rules rules = made.restart();
  return made.restart(rules.restart(restart_rules::when::never));
}

}  // namespace ovrseer::test
