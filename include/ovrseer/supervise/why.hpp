// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Why a unit is in its state, and why it is not ready: from the chain of causes in the journal, as data and in
// words. Looks at a supervisor from outside and changes nothing.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/event/event.hpp>
#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

/// Why a unit is as it is: its last change, what led to that, what led to that again.
struct explanation {
  unit_id unit;
  unit_state state = unit_state::created;
  std::vector<event> links;  ///< newest first; empty when nothing has happened to it yet, or none of it is kept
  bool is_complete = true;   ///< false: the beginning has left the journal
};

/// What keeps a unit from being ready.
struct obstacle {
  unit_id unit;
  unit_state state = unit_state::created;
  std::string reason;            ///< for people: "waits", "backing_off: exited with code 1 after 3.2s (…)"
  std::vector<obstacle> behind;  ///< of the units that it waits for
};

namespace supervise_detail {

OVRSEER_DECL std::string words_of(const event& entry);

/// What the last change that says more than that it goes on has to say.
OVRSEER_DECL std::string last_words_of(const journal& events, const unit_id& id);

}  // namespace supervise_detail

/// Why the unit is in its present state. Errors: `errc::unknown_unit`.
OVRSEER_DECL explanation why(const supervisor& of, const unit_id& id);

/// One sentence a line, the newest first.
OVRSEER_DECL std::string to_text(const explanation& what);

/// What keeps the unit from being ready; nothing when it is. Errors: `errc::unknown_unit`.
OVRSEER_DECL std::optional<obstacle> why_not_ready(const supervisor& of, const unit_id& id);

/// All that keeps the whole from being ready.
OVRSEER_DECL std::vector<obstacle> why_not_ready(const supervisor& of);

/// A line for the unit, and one for each that it waits for, indented.
OVRSEER_DECL std::string to_text(const obstacle& what, std::size_t depth = 0);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/supervise/impl/why.ipp>
#endif
