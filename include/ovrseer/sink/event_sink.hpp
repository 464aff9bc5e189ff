// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where events go: a policy that is handed each of them, with the life that it belongs to.
#pragma once

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/event/record_json.hpp>

namespace ovrseer {

/// Delivers one event; see `deliverer` for what `deliver` must do.
template <class S>
concept event_sink = deliverer<S, stored_event>;

/// The least that an `event_sink` is; for tests of what takes one.
using event_sink_archetype = deliverer_archetype<stored_event>;
/// Keeps every event, for tests.
using recording_event_sink = recording_deliverer<stored_event>;
/// Any `event_sink`, chosen at run time. Move-only.
using any_event_sink = any_deliverer<stored_event>;

}  // namespace ovrseer
