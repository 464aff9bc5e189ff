// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: the plugin's on_crash must be callable with \(const ovrseer::crash_report&\) and return void or task<void>
// A hook that would never be called, beside one that would.
#include <ovrseer/supervise/plugin.hpp>

struct watcher {
  void on_event(const ovrseer::event&) {}
  void on_crash(const ovrseer::unit_id&, int) {}
};

ovrseer::task<void> use(ovrseer::supervisor& stack) { return ovrseer::attach(stack, watcher()); }
