// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/supervise/why.hpp>.
#pragma once

#include <ovrseer/supervise/why.hpp>

namespace ovrseer::supervise_detail {

OVRSEER_DECL std::string words_of(const event& entry) {
  const std::string subject = entry.unit.name.empty() ? "the supervisor" : to_text(entry.unit);
  std::string text;
  switch (entry.type) {
    case event_type::supervisor_started: text = "the supervisor started"; break;
    case event_type::supervisor_stopping: text = "the supervisor began to stop"; break;
    default: text = subject + " came to be " + std::string(to_text(entry.type)); break;
  }
  text += " at " + to_iso8601(entry.time);
  const cause* const why = cause_of(entry);
  const std::string reason = why == nullptr ? std::string() : to_text(*why);
  return reason.empty() ? text : text + ": " + reason;
}

OVRSEER_DECL std::string last_words_of(const journal& events, const unit_id& id) {
  const event* last = events.last_transition_of(id);
  while (last != nullptr && last->unit == id) {
    const cause* const why = cause_of(*last);
    if (why != nullptr && !why->what.empty()) return to_text(*why);
    last = events.at(last->cause_seq);
  }
  return {};
}

}  // namespace ovrseer::supervise_detail

namespace ovrseer {

OVRSEER_DECL explanation why(const supervisor& of, const unit_id& id) {
  explanation made;
  made.unit = id;
  made.state = of.state(id);
  const event* const last = of.events().last_transition_of(id);
  if (last == nullptr) {
    made.is_complete = made.state == unit_state::created;
    return made;
  }
  made.links = of.events().chain(last->seq);
  made.is_complete = made.links.back().cause_seq == 0;
  return made;
}

OVRSEER_DECL std::string to_text(const explanation& what) {
  std::string text;
  if (what.links.empty()) {
    text = to_text(what.unit) + " is " + std::string(to_text(what.state));
    return text + (what.is_complete ? ": nothing has happened to it" : " because of something that is no longer kept");
  }
  for (const event& link : what.links) {
    text += (text.empty() ? "" : "\n  because ") + supervise_detail::words_of(link);
  }
  return what.is_complete ? text : text + "\n  because of something that is no longer kept";
}

OVRSEER_DECL std::optional<obstacle> why_not_ready(const supervisor& of, const unit_id& id) {
  obstacle made;
  made.unit = id;
  made.state = of.state(id);
  const std::vector<unit_id> unready = of.not_ready();
  if (std::ranges::find(unready, id) == unready.end()) return std::nullopt;
  const unit_spec& spec = of.spec(id);
  const std::string last = supervise_detail::last_words_of(of.events(), id);
  switch (made.state) {
    case unit_state::created: made.reason = "has not been started"; break;
    case unit_state::waiting:
      made.reason = "waits";
      for (const dependency_edge& edge : of.pending_edges(id)) {
        std::optional<obstacle> behind = why_not_ready(of, edge.on);
        // It may be ready, and another condition is waited for.
        if (!behind) behind = obstacle{edge.on, of.state(edge.on), "is not what is waited for", {}};
        made.behind.push_back(*std::move(behind));
      }
      break;
    case unit_state::starting: made.reason = "is being started"; break;
    case unit_state::running:
      made.reason = spec.ready_when() ? "its ready check has not passed yet: " + spec.ready_when().describe()
                                      : "has not completed yet";
      break;
    default:
      made.reason = to_text(made.state);
      if (last.starts_with(made.reason + ":"))
        made.reason = last;  // which says so itself
      else if (!last.empty())
        made.reason += ": " + last;
      break;
  }
  return made;
}

OVRSEER_DECL std::vector<obstacle> why_not_ready(const supervisor& of) {
  std::vector<obstacle> all;
  for (const unit_id& id : of.not_ready()) {
    if (std::optional<obstacle> one = why_not_ready(of, id)) all.push_back(*std::move(one));
  }
  return all;
}

OVRSEER_DECL std::string to_text(const obstacle& what, std::size_t depth) {
  std::string text = std::string(depth * 2, ' ') + to_text(what.unit) + ": " + what.reason;
  if (!what.behind.empty()) text += " for";
  for (const obstacle& each : what.behind) text += "\n" + to_text(each, depth + 1);
  return text;
}

}  // namespace ovrseer
