// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: nothing, this one compiles
// The control: what the plugin_* files here do wrong, done right.
#include <ovrseer/supervise/plugin.hpp>

using namespace ovrseer;

struct watcher {
  void on_crash(const crash_report&) {}
  task<void> on_event(const event&) { co_return; }
};

task<void> use(supervisor& stack) { return attach(stack, watcher()); }
task<void> use_shared(supervisor& stack) { return attach(stack, std::make_shared<watcher>()); }
