// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which lines of a ring somebody wants to see, and in which order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <ovrseer/log/line.hpp>
#include <ovrseer/log/ring.hpp>
#include <ovrseer/pattern/pattern.hpp>

namespace ovrseer {

enum class line_order : std::uint8_t { oldest_first, newest_first };

/// Describes a selection of lines. All setters return the query, so that they chain.
///
///     find_lines(ring, log_query().at_least(level::warning).last(20))
///
/// Without any setter: all lines, oldest first.
class log_query {
 public:
  /// Lines of this level or graver; lines that state none count as info.
  log_query& at_least(level least) noexcept {
    least_ = least;
    return *this;
  }
  /// Lines in which the pattern matches.
  log_query& matching(pattern<> what) {
    pattern_ = std::move(what);
    return *this;
  }
  /// Lines of this writer alone.
  log_query& only(line_source source) noexcept {
    source_ = source;
    return *this;
  }
  /// Lines read at `time` or later.
  log_query& from(wall_time time) noexcept {
    from_ = time;
    return *this;
  }
  /// Lines read before `time`.
  log_query& until(wall_time time) noexcept {
    until_ = time;
    return *this;
  }
  /// Lines from this number on.
  log_query& from_seq(std::uint64_t seq) noexcept {
    first_seq_ = seq;
    return *this;
  }
  /// Lines up to but not including this number; with `last` it pages backwards.
  log_query& until_seq(std::uint64_t seq) noexcept {
    end_seq_ = seq;
    return *this;
  }
  /// At most `count` lines, the newest of those that qualify.
  log_query& last(std::size_t count) noexcept {
    limit_ = count;
    keeps_newest_ = true;
    return *this;
  }
  /// At most `count` lines, the oldest of those that qualify.
  log_query& first(std::size_t count) noexcept {
    limit_ = count;
    keeps_newest_ = false;
    return *this;
  }
  /// In which order they come. Default: oldest first. It does not change which ones come.
  log_query& order(line_order value) noexcept {
    order_ = value;
    return *this;
  }

  /// Whether a line qualifies, the limit aside.
  bool accepts(const line& candidate) const {
    if (candidate.seq < first_seq_ || candidate.seq >= end_seq_) return false;
    if (candidate.time < from_ || candidate.time >= until_) return false;
    if (source_ && candidate.source != *source_) return false;
    if (least_ != level::unknown && !is_at_least(candidate.level(), least_)) return false;
    return !pattern_ || pattern_->matches(candidate.text);
  }

 private:
  template <class Visit>
  friend void visit_lines(const ring& lines, const log_query& query, Visit visit);

  std::optional<pattern<>> pattern_;
  wall_time from_ = wall_time::min();
  wall_time until_ = wall_time::max();
  std::uint64_t first_seq_ = 0;
  std::uint64_t end_seq_ = std::numeric_limits<std::uint64_t>::max();
  std::size_t limit_ = std::numeric_limits<std::size_t>::max();
  std::optional<line_source> source_;
  level least_ = level::unknown;
  line_order order_ = line_order::oldest_first;
  bool keeps_newest_ = true;
};

/// Calls `visit(const line&)` for each line that the query selects. The ring must not change meanwhile.
template <class Visit>
void visit_lines(const ring& lines, const log_query& query, Visit visit) {
  const std::uint64_t first = std::max(lines.begin_seq(), query.first_seq_);
  const std::uint64_t end = std::min(lines.end_seq(), query.end_seq_);
  const bool goes_back = query.limit_ == std::numeric_limits<std::size_t>::max()
                             ? query.order_ == line_order::newest_first
                             : query.keeps_newest_;
  const bool is_reversed = goes_back != (query.order_ == line_order::newest_first);
  std::vector<std::uint64_t> chosen;
  std::size_t left = query.limit_;
  for (std::uint64_t i = 0; first + i < end && left != 0; ++i) {
    const line candidate = lines.read(goes_back ? end - 1 - i : first + i);
    if (!query.accepts(candidate)) continue;
    --left;
    if (is_reversed)
      chosen.push_back(candidate.seq);
    else
      visit(candidate);
  }
  for (auto seq = chosen.rbegin(); seq != chosen.rend(); ++seq) visit(lines.read(*seq));
}

/// Copies of the lines that the query selects.
inline std::vector<owned_line> find_lines(const ring& lines, const log_query& query = {}) {
  std::vector<owned_line> found;
  visit_lines(lines, query, [&found](const line& each) { found.emplace_back(each); });
  return found;
}

}  // namespace ovrseer
