// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// expect: the plugin's on_line must be callable with \(const ovrseer::unit_id&, const ovrseer::line&\) and return
// A hook whose answer nobody would hear, of a plugin that somebody shares.
#include <ovrseer/supervise/plugin.hpp>

struct watcher {
  bool on_line(const ovrseer::unit_id&, const ovrseer::line&) { return true; }
};

ovrseer::task<void> use(ovrseer::supervisor& stack) { return ovrseer::attach(stack, std::make_shared<watcher>()); }
