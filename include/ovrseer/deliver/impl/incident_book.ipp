// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/deliver/incident_book.hpp>.
#pragma once

#include <algorithm>
#include <variant>

#include <ovrseer/deliver/incident_book.hpp>

namespace ovrseer {

OVRSEER_DECL void incident_book::note(const crash_report& report) {
  incident& one = incident_of(report.unit);
  one.crash_seq = std::max(one.crash_seq, report.event_seq);
  if (report.event_seq == 0 || report.event_seq > one.standing_seq) one.well.reset();
  const bool is_open = one.told || one.crash;
  if (!is_open && rules_.opens && !rules_.opens(report)) return;
  folded_ += one.crash ? 1 : 0;
  ++one.count;
  using facts = item_facts<crash_report>;
  if (!one.crash || facts::level(report) >= facts::level(*one.crash)) one.crash.emplace(report);
}

OVRSEER_DECL void incident_book::note(const unit_standing& standing, steady_time now) {
  incident& one = incident_of(standing.unit);
  if (standing.event_seq <= one.standing_seq) return;
  one.standing_seq = standing.event_seq;
  if (standing.is == unit_standing::health::unwell) {
    one.well.reset();
  } else if (!one.well && standing.event_seq > one.crash_seq) {
    one.well.emplace(standing.time);
    one.settled_at = now + rules_.settled_after;
  }
}

OVRSEER_DECL std::optional<steady_time> incident_book::due_of(const incident& one) {
  if (!one.crash && !(one.told && one.well)) return std::nullopt;
  const bool is_news = one.crash && (!one.told || item_facts<crash_report>::level(*one.crash) > *one.told);
  steady_time at = steady_time::min();
  if (!is_news) {
    at = one.crash ? one.repeat_at : one.settled_at;
    if (one.well) at = std::min(at, one.settled_at);
  }
  return std::max({at, one.bucket.ready_at(), one.again_at});
}

OVRSEER_DECL std::vector<unit_id> incident_book::due_by(steady_time until) const {
  std::vector<std::pair<steady_time, unit_id>> found;
  for (const auto& [unit, one] : units_) {
    const std::optional<steady_time> at = due_of(one);
    if (at && *at <= until) found.emplace_back(*at, unit);
  }
  std::sort(found.begin(), found.end());
  std::vector<unit_id> made;
  for (auto& [at, unit] : found) made.push_back(std::move(unit));
  return made;
}

OVRSEER_DECL std::optional<incident_update> incident_book::next(const unit_id& unit, steady_time until) const {
  const auto found = units_.find(unit);
  if (found == units_.end()) return std::nullopt;
  const incident& one = found->second;
  const std::optional<steady_time> at = due_of(one);
  if (!at || *at > until) return std::nullopt;
  if (!one.crash) return incident_update(recovery(unit, *one.well));
  crash_report report = *one.crash;
  item_facts<crash_report>::seen(report, one.count);
  return incident_update(std::move(report));
}

OVRSEER_DECL std::optional<steady_time> incident_book::due() const {
  std::optional<steady_time> first;
  for (const auto& [unit, one] : units_) {
    const std::optional<steady_time> at = due_of(one);
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

OVRSEER_DECL void incident_book::told(const incident_update& update, steady_time now) {
  incident& one = incident_of(update.unit());
  (void)one.bucket.take(now);
  const auto* report = std::get_if<crash_report>(&update.what);
  if (report == nullptr) {
    one.told.reset();
    return;
  }
  one.told = std::max(one.told.value_or(severity::debug), item_facts<crash_report>::level(*report));
  one.repeat_at = now + rules_.repeat_after;
  one.crash.reset();
  one.count = 0;
}

OVRSEER_DECL void incident_book::failed(const incident_update& update, steady_time now) {
  incident_of(update.unit()).again_at = now + std::chrono::minutes(1);
}

OVRSEER_DECL std::size_t incident_book::waiting() const noexcept {
  std::size_t count = 0;
  for (const auto& [unit, one] : units_) count += due_of(one) ? 1 : 0;
  return count;
}

}  // namespace ovrseer
