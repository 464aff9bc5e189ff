// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/query.hpp>.
#pragma once

#include <utility>

#include <ovrseer/log/query.hpp>

namespace ovrseer {

OVRSEER_DECL log_query& log_query::at_least(level least) noexcept {
  least_ = least;
  return *this;
}

OVRSEER_DECL log_query& log_query::matching(pattern<> what) {
  pattern_ = std::move(what);
  return *this;
}

OVRSEER_DECL log_query& log_query::only(line_source source) noexcept {
  source_ = source;
  return *this;
}

OVRSEER_DECL log_query& log_query::from(wall_time time) noexcept {
  from_ = time;
  return *this;
}

OVRSEER_DECL log_query& log_query::until(wall_time time) noexcept {
  until_ = time;
  return *this;
}

OVRSEER_DECL log_query& log_query::from_seq(std::uint64_t seq) noexcept {
  first_seq_ = seq;
  return *this;
}

OVRSEER_DECL log_query& log_query::until_seq(std::uint64_t seq) noexcept {
  end_seq_ = seq;
  return *this;
}

OVRSEER_DECL log_query& log_query::last(std::size_t count) noexcept {
  limit_ = count;
  keeps_newest_ = true;
  return *this;
}

OVRSEER_DECL log_query& log_query::first(std::size_t count) noexcept {
  limit_ = count;
  keeps_newest_ = false;
  return *this;
}

OVRSEER_DECL log_query& log_query::order(line_order value) noexcept {
  order_ = value;
  return *this;
}

OVRSEER_DECL bool log_query::accepts(const line& candidate) const {
  if (candidate.seq < first_seq_ || candidate.seq >= end_seq_) return false;
  if (candidate.time < from_ || candidate.time >= until_) return false;
  if (source_ && candidate.source != *source_) return false;
  if (least_ != level::unknown && !is_at_least(candidate.level(), least_)) return false;
  return !pattern_ || pattern_->matches(candidate.text);
}

OVRSEER_DECL std::vector<owned_line> find_lines(const ring& lines, const log_query& query) {
  std::vector<owned_line> found;
  visit_lines(lines, query, [&found](const line& each) { found.emplace_back(each); });
  return found;
}

}  // namespace ovrseer
