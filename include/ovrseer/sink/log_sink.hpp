// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where lines go: a policy that is handed a record of each.
#pragma once

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/event/log_record.hpp>

namespace ovrseer {

/// Delivers one line; see `deliverer` for what `deliver` must do.
template <class S>
concept log_sink = deliverer<S, log_record>;

/// The least that a `log_sink` is; for tests of what takes one.
using log_sink_archetype = deliverer_archetype<log_record>;
/// Keeps every line, for tests.
using recording_log_sink = recording_deliverer<log_record>;
/// Any `log_sink`, chosen at run time. Move-only.
using any_log_sink = any_deliverer<log_record>;

}  // namespace ovrseer
