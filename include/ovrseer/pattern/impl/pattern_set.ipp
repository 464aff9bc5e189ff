// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/pattern/pattern_set.hpp>.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include <ovrseer/pattern/detail/joint_program.hpp>
#include <ovrseer/pattern/detail/parser.hpp>
#include <ovrseer/pattern/pattern_set.hpp>
#include <ovrseer/utf8.hpp>

namespace ovrseer {

OVRSEER_DECL pattern_set::slot pattern_set::insert(entry added) {
  added.found = pattern_detail::find_factors(pattern_detail::parse(added.view.text(), added.view.flags()));
  slot free = 0;
  while (free != entries_.size() && entries_[free]) ++free;
  if (free == entries_.size()) entries_.emplace_back();
  entries_[free] = std::move(added);
  ++size_;
  is_laid_out_ = false;
  return free;
}

OVRSEER_DECL void pattern_set::remove(slot at) {
  if (!contains(at)) return;
  entries_[at].reset();
  --size_;
  is_laid_out_ = false;
}

OVRSEER_DECL void pattern_set::lay_out_anew() {
  groups_.clear();
  whole_slots_.clear();
  searched_.clear();
  deciders_.assign(entries_.size(), {});
  pattern_detail::joint_program whole;
  for (slot i = 0; i != entries_.size(); ++i) {
    if (!entries_[i]) continue;
    if (entries_[i]->found.sequences.empty()) {
      whole.add(entries_[i]->view.text(), entries_[i]->view.flags());
      whole_slots_.push_back(i);
      continue;
    }
    prepare(i);
    if (!groups_.empty() && groups_.back().add(i, entries_[i]->found)) continue;
    groups_.emplace_back();
    groups_.back().add(i, entries_[i]->found);
  }
  for (pattern_detail::prefilter& group : groups_) group.finish();
  whole_ = whole_slots_.empty() ? nullptr : std::make_unique<pattern_detail::automaton>(std::move(whole));
  has_rest_ = groups_.size() > 1 || whole_ != nullptr;
  is_laid_out_ = true;
}

OVRSEER_DECL void pattern_set::prepare(slot which) {
  entry& one = *entries_[which];
  decider& made = deciders_[which];
  made.reach = one.found.reach;
  made.is_complete = one.found.is_complete;
  if (made.is_complete) return;
  if (one.growing == nullptr) {
    made.table = pattern_access::table(one.view);
    if (made.table != nullptr) {
      if (one.pairs == nullptr) one.pairs = std::make_unique<pattern_detail::pair_table>(*made.table);
      if (!one.pairs->empty()) made.pairs = one.pairs.get();
      return;
    }
    pattern_detail::joint_program alone(one.view.text(), one.view.flags());
    one.growing = std::make_unique<pattern_detail::automaton>(std::move(alone));
  }
  made.growing = one.growing.get();
}

OVRSEER_DECL const pattern_detail::scan_tables& pattern_set::first_tables() const noexcept {
  static constexpr pattern_detail::scan_tables none{};
  return groups_.empty() ? none : groups_.front().tables();
}

// --- chunks

OVRSEER_DECL void pattern_set::enter_chunk() {
  hits_.clear();
  line_ = {0, 0, all_of_first()};
  forget_searched();
}

OVRSEER_DECL void pattern_set::read_events(const pattern_detail::scan_tables& tables, std::string_view text,
                                           std::size_t at, std::size_t size, pattern_detail::event_lists& events) {
  using namespace pattern_detail;
  events.window_count = events.newline_count = 0;
  const std::size_t count = (size + block_size - 1) / block_size;
  const auto read_copied = [&](std::size_t block) {
    std::array<unsigned char, bytes_before + block_size> copy{};
    const std::size_t begin = at + block * block_size;
    const std::size_t before = std::min(begin, bytes_before);
    const std::size_t readable = std::min(block_size, text.size() - begin);
    std::memcpy(copy.data() + bytes_before - before, text.data() + begin - before, before + readable);
    scan_->blocks(tables, copy.data() + bytes_before, block, 1, events);
  };
  std::size_t first = 0;
  if (at == 0) read_copied(first++);
  const std::size_t whole = std::min(count, (text.size() - at) / block_size);
  if (first < whole) {
    const auto* const data = reinterpret_cast<const unsigned char*>(text.data()) + at + first * block_size;
    scan_->blocks(tables, data, first, whole - first, events);
  }
  if (std::max(first, whole) < count) read_copied(whole);
  events.end_at(size);
}

OVRSEER_DECL std::size_t pattern_set::look_at_all(const pattern_detail::event_lists& events, std::size_t window,
                                                  std::size_t end, std::string_view chunk, std::size_t base) {
  for (; events.windows[window] < end; ++window) look_at(groups_.front(), chunk, base + events.windows[window], hits_);
  return window;
}

// --- lines

OVRSEER_DECL void pattern_set::match(std::string_view line, pattern_hits& hits) {
  lay_out();
  hits.clear();
  search_groups(0, line, hits);
}

OVRSEER_DECL void pattern_set::search_groups(std::size_t first, std::string_view line, pattern_hits& hits) {
  for (std::size_t i = first; i < groups_.size(); ++i) search_line(groups_[i], line, hits);
  if (whole_ == nullptr) return;
  matched_.clear();
  whole_->visit(line, matched_);
  for (const std::uint32_t one : matched_) hits.insert(whole_slots_[one]);
}

OVRSEER_DECL void pattern_set::search_line(const pattern_detail::prefilter& group, std::string_view line,
                                           pattern_hits& hits) {
  using namespace pattern_detail;
  if (line.size() > max_line) return search_long_line(group, line, hits);
  std::array<std::uint64_t, max_line / block_size> found;
  const auto* const data = reinterpret_cast<const unsigned char*>(line.data());
  if (line.empty() || !scan_->line(group.tables(), data, line.size(), found.data())) return;
  look_at_found(group, line, found.data(), hits);
}

OVRSEER_DECL void pattern_set::look_at_found(const pattern_detail::prefilter& group, std::string_view line,
                                             const std::uint64_t* found, pattern_hits& hits) {
  using pattern_detail::block_size;
  const line_state outer = enter_line(group, line);
  for (std::size_t begin = 0; begin < line.size(); begin += block_size) {
    for (std::uint64_t windows = found[begin / block_size]; windows != 0 && line_.alive != 0; windows &= windows - 1) {
      look_at(group, line, begin + static_cast<std::size_t>(std::countr_zero(windows)), hits);
    }
  }
  line_ = outer;
}

OVRSEER_DECL void pattern_set::search_long_line(const pattern_detail::prefilter& group, std::string_view line,
                                                pattern_hits& hits) {
  using pattern_detail::batch_size;
  const line_state outer = enter_line(group, line);
  pattern_detail::event_lists events;
  for (std::size_t at = 0; at < line.size() && line_.alive != 0; at += batch_size) {
    read_events(group.tables(), line, at, std::min(batch_size, line.size() - at), events);
    for (std::size_t i = 0; i != events.window_count && line_.alive != 0; ++i) {
      look_at(group, line, at + events.windows[i], hits);
    }
  }
  line_ = outer;
}

// Candidates are now looked at in this line; returns where they were before.
OVRSEER_DECL pattern_set::line_state pattern_set::enter_line(const pattern_detail::prefilter& group,
                                                             std::string_view line) {
  forget_searched();
  return std::exchange(line_, {0, line.size(), group.all()});
}

// --- candidates

OVRSEER_DECL void pattern_set::decide(const pattern_detail::prefilter& group, std::uint64_t found,
                                      std::string_view text, std::size_t at, pattern_hits& hits) {
  for (; found != 0; found &= (found - 1) & line_.alive) {
    const auto& window = group.end_of(static_cast<std::size_t>(std::countr_zero(found)));
    if (!group.has_sequence(window, text, line_.begin, at)) continue;
    const verdict known = deciders_[window.slot].is_complete ? verdict::matches : search(window, text, at);
    if (known == verdict::matches) hits.insert(window.slot);
    if (known != verdict::open) line_.alive &= ~group.of(window.slot);
  }
}

// The automaton decides about matches that may have to do with a window that ends at `at`.
OVRSEER_DECL pattern_set::verdict pattern_set::search(const pattern_detail::prefilter::window_end& window,
                                                      std::string_view text, std::size_t at) {
  constexpr std::size_t max_looks = 5;
  // Where the unit begins that a byte may be in the middle of.
  const auto unit_begin = [](std::string_view line, std::size_t offset) {
    for (std::size_t i = 0; i != 4 && i <= offset; ++i) {
      if (!is_continuation_byte(line[offset - i])) return offset - i;
    }
    return offset;
  };
  decider& owner = deciders_[window.slot];
  if (line_.end == 0) line_.end = text.find('\n', at);
  const std::string_view line = text.substr(line_.begin, line_.end - line_.begin);
  const std::size_t offset = at - line_.begin;
  if (owner.searched == 0) searched_.push_back(window.slot);
  if (owner.searched <= line_.begin) owner.looks = 0;
  // Where many candidates fail the line is read to its end, once, and from where no window leaves anything out.
  const bool is_last = ++owner.looks >= max_looks;
  const std::size_t past = is_last ? line.size() : offset;
  const std::size_t reach = is_last ? owner.reach : window.reach;
  std::size_t begin = line_.begin;
  if (offset > reach) begin += unit_begin(line, offset - reach);
  std::size_t from = begin;
  // What was searched goes on; a gap before `begin` may hold the begin of a match with a window that reaches farther.
  if (owner.searched > line_.begin && owner.searched_from <= begin && begin <= owner.searched) {
    from = owner.searched;
    begin = owner.searched_from;
  }
  from -= line_.begin;
  const auto judge = [&](auto known) {
    if (known.is_match) return verdict::matches;
    if (known.at >= line.size() && reach == owner.reach) return verdict::differs;
    owner.searched_from = begin;
    owner.searched = std::max(owner.searched, line_.begin + known.at);
    return verdict::open;
  };
  if (owner.pairs != nullptr) return judge(owner.pairs->search(line, from, past));
  return owner.table != nullptr ? judge(owner.table->search(line, from, past))
                                : judge(owner.growing->search(line, from, past));
}

OVRSEER_DECL void pattern_set::forget_searched() {
  for (const slot one : searched_) deciders_[one].searched = 0;
  searched_.clear();
}

}  // namespace ovrseer
