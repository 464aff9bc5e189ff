// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the documentation of OTP's supervisors promises, as stories of units and strikes; each can be told in the
// simulated world and with real processes.
#pragma once

#include <chrono>
#include <csignal>
#include <map>
#include <string>
#include <utility>

#include <two_worlds.hpp>

namespace ovrseer::test {

/// Three permanent children a, b, c in a group "web"; b is killed, and the stack stopped when it is up again.
inline story three_and_a_kill(strategy how) {
  return story(
      [how](supervisor& it) {
        it.add(group_spec("web").by(how).start_order(group_spec::order::declared));
        for (const char* name : {"a", "b", "c"}) it.add(permanent(name, "web"));
      },
      [](world_under_test& world) -> task<void> {
        co_await world.next("c", event_type::ready);
        world.strike("b", SIGKILL);
        co_await world.next("b", event_type::ready, 2);
        const bool is_ready = co_await world.it().wait_ready();
        world.it().request_stop(is_ready ? "enough" : "not ready");
      });
}

/// One child of a restart type ends with a code; then what is there is stopped.
inline story one_ends(unit_spec child, event_type last, int nth) {
  return story(
      [child](supervisor& it) {
        it.add(permanent("keeper"));
        it.add(child);
      },
      [last, nth](world_under_test& world) -> task<void> {
        co_await world.next("child", last, nth);
        co_await world.next("keeper", event_type::ready);
        world.it().request_stop("enough");
      });
}

inline unit_spec ends_with(unit_spec made, const char* code) {
  unit_spec child(made.id(), child_command("print", "up", "sleep", "50", "exit", code));
  child.ready_when(says("up")).restart(made.restart()).within(made.group());
  return child.depends_on(std::vector<dependency_edge>{});
}

/// A group that allows two restarts in a minute is struck three times.
inline story too_intense() {
  return story(
      [](supervisor& it) {
        it.add(group_spec("web").intensity(2, std::chrono::minutes(1)).start_order(group_spec::order::declared));
        for (const char* name : {"a", "b"}) it.add(permanent(name, "web"));
      },
      [](world_under_test& world) -> task<void> {
        co_await world.next("b", event_type::ready);
        for (int nth = 2; nth <= 3; ++nth) {
          world.strike("a", SIGKILL);
          co_await world.next("a", event_type::ready, nth);
        }
        world.strike("a", SIGKILL);
      });
}

/// An inner group gives up twice: its outer group restarts it once, and gives up then.
inline story escalation() {
  return story(
      [](supervisor& it) {
        using enum group_spec::order;
        it.add(group_spec("shop").intensity(1, std::chrono::minutes(1)).start_order(declared));
        it.add(permanent("db", "shop"));
        it.add(group_spec("web").within("shop").intensity(1, std::chrono::minutes(1)).start_order(declared));
        for (const char* name : {"a", "b"}) it.add(permanent(name, "web"));
      },
      [](world_under_test& world) -> task<void> {
        co_await world.next("b", event_type::ready);
        world.strike("a", SIGKILL);
        co_await world.next("a", event_type::ready, 2);
        world.strike("a", SIGKILL);  // the inner group has had enough, the outer one restarts it
        co_await world.next("b", event_type::ready, 2);
        world.strike("b", SIGKILL);
        co_await world.next("b", event_type::ready, 3);
        world.strike("b", SIGKILL);  // and now the outer one has had enough as well
      });
}

/// The end of a significant child ends its group, and with it the root.
inline story significant_child(group_spec::shutdown when) {
  return story(
      [when](supervisor& it) {
        it.add(group_spec::root().auto_shutdown(when).start_order(group_spec::order::declared));
        it.add(permanent("keeper"));
        it.add(temporary("first").significant());
        it.add(temporary("second").significant());
      },
      [when](world_under_test& world) -> task<void> {
        co_await world.next("second", event_type::ready);
        world.strike("first", SIGTERM);
        if (when == group_spec::shutdown::any_significant) co_return;
        co_await world.next("first", event_type::failed);
        world.strike("second", SIGTERM);
      });
}

/// A temporary child among permanent ones that are all restarted.
inline story temporary_bystander() {
  return story(
      [](supervisor& it) {
        it.add(group_spec("web").by(strategy::one_for_all()).start_order(group_spec::order::declared));
        it.add(permanent("a", "web"));
        it.add(permanent("b", "web"));
        it.add(temporary("guest", "web"));
      },
      [](world_under_test& world) -> task<void> {
        co_await world.next("guest", event_type::ready);
        world.strike("a", SIGKILL);
        co_await world.next("b", event_type::ready, 2);
        world.it().request_stop("enough");
      });
}

}  // namespace ovrseer::test
