// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: a plugin has at least one of the hooks .*on_crash.*this object has none
// An object whose only hook is misspelt.
#include <ovrseer/supervise/plugin.hpp>

struct watcher {
  void on_chrash(const ovrseer::crash_report&) {}
};

ovrseer::task<void> use(ovrseer::supervisor& stack) { return ovrseer::attach(stack, watcher()); }
