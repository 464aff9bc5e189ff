// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A past state and the difference of two as JSON, for tools.
#pragma once

#include <ovrseer/build.hpp>
#include <ovrseer/event/json_members.hpp>
#include <ovrseer/event/replay.hpp>
#include <ovrseer/event/replay_difference.hpp>

namespace ovrseer {

/// One unit. `pid` and `last_exit` are there only where they apply; `since_seq` is the event of its last change;
/// `outdated` says that events after it are missing, `whole` that all of its life was seen.
OVRSEER_DECL ordered_json to_json(const replayed_unit& unit);

namespace event_detail {

OVRSEER_DECL ordered_json place_to_json(const replayed_stack& stack);

}  // namespace event_detail

/// The whole state. `v` is the version of the format; `missing` counts the events up to `last_seq` that were not
/// to be had; `exit_code` is there once the supervisor has stopped.
OVRSEER_DECL ordered_json to_json(const replayed_stack& stack);

/// Both places, and the units that differ with `before` and `after`, null for one that was not there, and a sentence.
OVRSEER_DECL ordered_json to_json(const replay_difference& what);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/event/impl/replay_json.ipp>
#endif
