// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Which lines of a ring somebody wants to see, and in which order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <ovrseer/build.hpp>
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
  log_query& at_least(level least) noexcept;
  /// Lines in which the pattern matches.
  log_query& matching(pattern<> what);
  /// Lines of this writer alone.
  log_query& only(line_source source) noexcept;
  /// Lines read at `time` or later.
  log_query& from(wall_time time) noexcept;
  /// Lines read before `time`.
  log_query& until(wall_time time) noexcept;
  /// Lines from this number on.
  log_query& from_seq(std::uint64_t seq) noexcept;
  /// Lines up to but not including this number; with `last` it pages backwards.
  log_query& until_seq(std::uint64_t seq) noexcept;
  /// At most `count` lines, the newest of those that qualify.
  log_query& last(std::size_t count) noexcept;
  /// At most `count` lines, the oldest of those that qualify.
  log_query& first(std::size_t count) noexcept;
  /// In which order they come. Default: oldest first. It does not change which ones come.
  log_query& order(line_order value) noexcept;

  /// Whether a line qualifies, the limit aside.
  bool accepts(const line& candidate) const;

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
OVRSEER_DECL std::vector<owned_line> find_lines(const ring& lines, const log_query& query = {});

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/query.ipp>
#endif
