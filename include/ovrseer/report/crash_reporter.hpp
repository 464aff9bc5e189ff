// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Who is told of a crash: a policy that is handed a report.
#pragma once

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/event/crash_report.hpp>

namespace ovrseer {

/// Delivers one crash report; see `deliverer` for what `deliver` must do.
template <class R>
concept crash_reporter = deliverer<R, crash_report>;

/// The least that a `crash_reporter` is; for tests of what takes one.
using crash_reporter_archetype = deliverer_archetype<crash_report>;
/// Keeps every report, for tests.
using recording_reporter = recording_deliverer<crash_report>;
/// Any `crash_reporter`, chosen at run time. Move-only.
using any_crash_reporter = any_deliverer<crash_report>;

}  // namespace ovrseer
