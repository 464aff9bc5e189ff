// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Many patterns at once on lines of text: one pass that looks for what the patterns must contain, and
// the automaton of a pattern on those lines alone where its part was seen.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/automaton.hpp>
#include <ovrseer/pattern/detail/block_scan.hpp>
#include <ovrseer/pattern/detail/factor.hpp>
#include <ovrseer/pattern/detail/parser.hpp>
#include <ovrseer/pattern/detail/prefilter.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/pattern_hits.hpp>

namespace ovrseer {

/// A set of patterns that tells which of them match a line.
///
///     pattern_set set;
///     const auto errors = set.add(pattern<"error|fatal", icase>());
///     set.scan(chunk, [&](std::string_view line, const pattern_hits& hits) {
///       if (hits.contains(errors)) ++count;
///     });
///
/// A line is a subject of its own: `^` and `$` are its ends (with the flag m also the places around a
/// \r, U+2028 or U+2029 in it). It has no \n; a \r before the \n belongs to it. The number of patterns is
/// not limited; each has a slot, a small number that stays its own until it is removed and is then given
/// to the next one. Use a set from one thread at a time: it keeps scratch space.
///
/// Cost: linear in the text. Lines in which nothing is seen that a pattern must contain cost a fraction
/// of a nanosecond a byte, whatever the patterns; all those that must contain nothing particular, such as
/// `^\s*$`, cost one table look-up for each byte of every line.
class pattern_set {
 public:
  using slot = std::size_t;

  /// Adds a pattern that somebody else owns and that must outlive the set.
  slot add(pattern_view view) { return insert({view, std::nullopt}); }
  /// Adds a pattern and keeps it alive.
  slot add(const pattern<>& owned) { return insert({owned, owned}); }
  template <fixed_string Text, pattern_flags Flags>
  slot add(const pattern<Text, Flags>& known) {
    return add(pattern_view(known));
  }

  /// Removes the pattern of a slot; nothing happens when there is none.
  void remove(slot at) {
    if (at >= entries_.size() || !entries_[at]) return;
    forget_searched();
    entries_[at].reset();
    --size_;
    is_laid_out_ = false;
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  bool contains(slot at) const noexcept { return at < entries_.size() && entries_[at].has_value(); }
  /// The pattern of a slot that is taken.
  pattern_view at(slot taken) const { return entries_.at(taken).value().view; }

  /// Puts into `hits` the patterns that match `line`.
  void match(std::string_view line, pattern_hits& hits) {
    lay_out();
    hits.clear();
    search_groups(0, line, hits);
  }

  /// Calls `sink(line, hits)` for every line of `chunk` that ends in \n, without the \n; `line` and `hits`
  /// live until the call returns, which must not change the set. Returns the number of bytes up to and including the last \n: what
  /// stands behind it is to be given again, with what follows it.
  template <class Sink>
  std::size_t scan(std::string_view chunk, Sink&& sink) {
    lay_out();
    const std::size_t end = chunk.rfind('\n') + 1;  // npos + 1 is zero
    hits_.clear();
    line_ = {0, all_of_first()};
    forget_searched();
    batch at_hand;
    std::size_t line_begin = 0;
    for (std::size_t at = 0; at < end; at += batch_size) {
      read_batch(at_hand, chunk, at, end);
      auto hit = found_.cbegin();
      for (std::uint32_t i = 0; i != at_hand.newline_count; ++i) {
        const std::size_t line_end = at + at_hand.newlines[i];
        const std::string_view line(chunk.data() + line_begin, line_end - line_begin);
        for (; hit != found_.cend() && hit->line == i; ++hit) hits_.insert(hit->which);
        if (has_rest_) search_groups(1, line, hits_);
        sink(line, std::as_const(hits_));
        hits_.clear();
        line_begin = line_end + 1;
      }
      // What is found so far in the line that goes on.
      for (; hit != found_.cend(); ++hit) hits_.insert(hit->which);
    }
    return end;
  }

 private:
  friend struct pattern_set_access;

  struct entry {
    pattern_view view;
    std::optional<pattern<>> owner;
    pattern_detail::factors found = {};
    const pattern_detail::automaton* table = nullptr;              // what decides, made when the set is laid out:
    std::unique_ptr<pattern_detail::automaton> growing = nullptr;  // or this, where it would be too large to make whole
    std::size_t searched = 0;                                      // in the text at hand: up to here
    std::size_t looks = 0;                                         // and so often in a line
  };
  struct line_hit {
    std::uint32_t line;  // of the batch
    slot which;
  };
  // The line that candidates are looked at in.
  struct line_state {
    std::size_t begin = 0;
    std::uint64_t alive = 0;  // windows of patterns that are not decided yet
    std::size_t end = 0;      // once it is known
  };

  static constexpr std::size_t max_looks = 5;
  static constexpr std::size_t batch_blocks = 32;
  static constexpr std::size_t batch_size = batch_blocks * pattern_detail::block_size;
  // Scratch that is too large to keep.
  struct batch {
    std::array<pattern_detail::block_events, batch_blocks> events;
    std::array<std::uint16_t, batch_size + 2> newlines;
    std::uint32_t newline_count = 0;
  };

  slot insert(entry added) {
    added.found = pattern_detail::find_factors(pattern_detail::parse(added.view.text(), added.view.flags()));
    slot free = 0;
    while (free != entries_.size() && entries_[free]) ++free;
    if (free == entries_.size()) entries_.emplace_back();
    entries_[free] = std::move(added);
    ++size_;
    is_laid_out_ = false;
    return free;
  }

  // Deals the windows of all patterns out to prefilters, after the set has changed.
  void lay_out() {
    if (is_laid_out_) return;
    groups_.clear();
    whole_slots_.clear();
    pattern_detail::joint_program whole;
    for (slot i = 0; i != entries_.size(); ++i) {
      if (!entries_[i]) continue;
      if (entries_[i]->found.sequences.empty()) {
        whole.add(entries_[i]->view.text(), entries_[i]->view.flags());
        whole_slots_.push_back(i);
        continue;
      }
      prepare(*entries_[i]);
      if (!groups_.empty() && groups_.back().add(i, entries_[i]->found)) continue;
      groups_.emplace_back();
      groups_.back().add(i, entries_[i]->found);
    }
    for (pattern_detail::prefilter& group : groups_) group.finish();
    whole_ = whole_slots_.empty() ? nullptr : std::make_unique<pattern_detail::automaton>(std::move(whole));
    has_rest_ = groups_.size() > 1 || whole_ != nullptr;
    is_laid_out_ = true;
  }

  static void prepare(entry& one) {
    if (one.found.is_complete || one.table != nullptr || one.growing != nullptr) return;
    one.table = pattern_access::table(one.view);
    if (one.table != nullptr) return;
    pattern_detail::joint_program alone(one.view.text(), one.view.flags());
    one.growing = std::make_unique<pattern_detail::automaton>(std::move(alone));
  }

  std::uint64_t all_of_first() const noexcept { return groups_.empty() ? 0 : groups_.front().all(); }

  // --- chunks

  // Finds where lines end in `[at, at + batch_size)`, and which patterns of the first group match in which of them.
  void read_batch(batch& now, std::string_view chunk, std::size_t at, std::size_t end) {
    const std::size_t size = std::min(batch_size, end - at);
    const std::size_t blocks = read_events(now, first_tables(), chunk, at, size);
    now.newline_count = 0;
    for (std::size_t block = 0; block != blocks; ++block) note_newlines(now, block);
    found_.clear();
    if (groups_.empty()) return;
    std::uint32_t line = 0;
    for (std::size_t block = 0; block != blocks; ++block) {
      for (std::uint64_t windows = now.events[block].windows; windows != 0; windows &= windows - 1) {
        const std::size_t offset = block * pattern_detail::block_size + first_bit(windows);
        for (; line != now.newline_count && now.newlines[line] < offset; ++line) {}
        begin_line(now, line, at);
        look_at(groups_.front(), chunk, at + offset, [&](slot hit) { found_.push_back({line, hit}); });
      }
    }
    begin_line(now, now.newline_count, at);  // the next batch goes on in it
  }

  void begin_line(const batch& now, std::uint32_t line, std::size_t at) {
    if (line != 0 && at + now.newlines[line - 1] + 1 > line_.begin) {
      line_ = {at + now.newlines[line - 1] + 1, all_of_first(), line < now.newline_count ? at + now.newlines[line] : 0};
    }
  }

  const pattern_detail::scan_tables& first_tables() const noexcept {
    static constexpr pattern_detail::scan_tables none{};
    return groups_.empty() ? none : groups_.front().tables();
  }

  static std::size_t first_bit(std::uint64_t bits) noexcept { return static_cast<std::size_t>(std::countr_zero(bits)); }

  // Most blocks have one newline or none: two are written without a question.
  static void note_newlines(batch& now, std::size_t block) noexcept {
    std::uint64_t ends = now.events[block].newlines;
    const auto base = static_cast<std::uint16_t>(block * pattern_detail::block_size);
    for (int i = 0; i != 2; ++i) {
      now.newlines[now.newline_count] = static_cast<std::uint16_t>(base + first_bit(ends));
      now.newline_count += ends != 0 ? 1 : 0;
      ends &= ends - 1;
    }
    for (; ends != 0; ends &= ends - 1) {
      now.newlines[now.newline_count++] = static_cast<std::uint16_t>(base + first_bit(ends));
    }
  }

  // Fills the events of `size` bytes at `at` and returns the number of blocks.
  std::size_t read_events(batch& now, const pattern_detail::scan_tables& tables, std::string_view text, std::size_t at,
                          std::size_t size) {
    using namespace pattern_detail;
    const std::size_t count = (size + block_size - 1) / block_size;
    const auto read_copied = [&](std::size_t block) {
      std::array<unsigned char, bytes_before + block_size> copy{};
      const std::size_t begin = at + block * block_size;
      const std::size_t before = std::min(begin, bytes_before);
      const std::size_t readable = std::min(block_size, text.size() - begin);
      std::memcpy(copy.data() + bytes_before - before, text.data() + begin - before, before + readable);
      scan_->blocks(tables, copy.data() + bytes_before, 1, &now.events[block]);
    };
    std::size_t first = 0;
    if (at == 0) read_copied(first++);
    const std::size_t whole = std::min(count, (text.size() - at) / block_size);
    if (first < whole) {
      const auto* const data = reinterpret_cast<const unsigned char*>(text.data()) + at + first * block_size;
      scan_->blocks(tables, data, whole - first, &now.events[first]);
    }
    if (std::max(first, whole) < count) read_copied(whole);
    if (size % block_size != 0) {
      const std::uint64_t inside = (std::uint64_t{1} << (size % block_size)) - 1;
      now.events[count - 1].windows &= inside;
      now.events[count - 1].newlines &= inside;
    }
    return count;
  }

  // --- lines

  void search_groups(std::size_t first, std::string_view line, pattern_hits& hits) {
    const auto insert = [&](slot hit) { hits.insert(hit); };
    for (std::size_t i = first; i < groups_.size(); ++i) search_line(groups_[i], line, insert);
    if (whole_ != nullptr) whole_->visit(line, [&](std::uint32_t one) { hits.insert(whole_slots_[one]); });
  }

  template <class Insert>
  void search_line(const pattern_detail::prefilter& group, std::string_view line, Insert insert) {
    using namespace pattern_detail;
    const auto* const data = reinterpret_cast<const unsigned char*>(line.data());
    if (line.size() > max_line) return search_long_line(group, line, insert);
    std::array<std::uint64_t, max_line / block_size> found;
    if (line.empty() || !scan_->line(group.tables(), data, line.size(), found.data())) return;
    const line_state outer = enter(group, line);
    for (std::size_t begin = 0; begin < line.size(); begin += block_size) {
      look_at_all(group, line, begin, found[begin / block_size], insert);
    }
    line_ = outer;
  }

  template <class Insert>
  void search_long_line(const pattern_detail::prefilter& group, std::string_view line, Insert& insert) {
    const line_state outer = enter(group, line);
    batch at_hand;
    for (std::size_t at = 0; at < line.size() && line_.alive != 0; at += batch_size) {
      const std::size_t blocks = read_events(at_hand, group.tables(), line, at, std::min(batch_size, line.size() - at));
      for (std::size_t block = 0; block != blocks; ++block) {
        look_at_all(group, line, at + block * pattern_detail::block_size, at_hand.events[block].windows, insert);
      }
    }
    line_ = outer;
  }

  // Candidates are now looked at in this line; returns where they were before.
  line_state enter(const pattern_detail::prefilter& group, std::string_view line) {
    forget_searched();
    return std::exchange(line_, {0, group.all(), line.size()});
  }

  template <class Insert>
  void look_at_all(const pattern_detail::prefilter& group, std::string_view line, std::size_t begin,
                   std::uint64_t windows, Insert& insert) {
    for (; windows != 0 && line_.alive != 0; windows &= windows - 1) {
      look_at(group, line, begin + first_bit(windows), insert);
    }
  }

  // --- candidates

  // A window may end at `at`, in `line_`. A pattern is looked at until it is known whether it matches in this line;
  // then its windows are no longer alive.
  template <class Insert>
  void look_at(const pattern_detail::prefilter& group, std::string_view text, std::size_t at, Insert&& insert) {
    std::uint64_t found = group.windows_at(text, at) & line_.alive;
    for (; found != 0; found &= (found - 1) & line_.alive) {
      const auto& window = group.end_of(first_bit(found));
      for (const auto& check : window.checks) {
        if (!check.occurs(text, line_.begin, at)) continue;
        entry& owner = *entries_[window.slot];
        const verdict known = owner.found.is_complete ? verdict::matches : search(owner, text, at, window.slot);
        if (known == verdict::matches) insert(window.slot);
        if (known != verdict::open) line_.alive &= ~group.of(window.slot);
        break;
      }
    }
  }

  enum class verdict : std::uint8_t { open, matches, differs };

  // The automaton decides about matches that may have to do with a window that ends at `at`.
  verdict search(entry& owner, std::string_view text, std::size_t at, slot which) {
    if (line_.end == 0) line_.end = text.find('\n', at);
    const std::string_view line = text.substr(line_.begin, line_.end - line_.begin);
    const std::size_t offset = at - line_.begin;
    std::size_t from = 0;
    if (owner.searched > line_.begin) from = owner.searched - line_.begin;
    if (offset > owner.found.reach) from = std::max(from, unit_begin(line, offset - owner.found.reach));
    if (owner.searched == 0) searched_.push_back(which);
    if (owner.searched <= line_.begin) owner.looks = 0;
    // Where many candidates fail the line is read to its end, once.
    const std::size_t past = ++owner.looks < max_looks ? offset : line.size();
    const auto known =
        owner.table != nullptr ? owner.table->search(line, from, past) : owner.growing->search(line, from, past);
    if (known.is_match) return verdict::matches;
    if (known.at >= line.size()) return verdict::differs;
    owner.searched = line_.begin + known.at;
    return verdict::open;
  }

  // Where the unit begins that `at` may be in the middle of.
  static std::size_t unit_begin(std::string_view line, std::size_t at) noexcept {
    for (std::size_t i = 0; i != 4 && i <= at; ++i) {
      if ((static_cast<unsigned char>(line[at - i]) & 0xC0U) != 0x80U) return at - i;
    }
    return at;
  }

  void forget_searched() {
    for (const slot one : searched_) entries_[one]->searched = 0;
    searched_.clear();
  }

  std::vector<std::optional<entry>> entries_;
  std::size_t size_ = 0;
  bool is_laid_out_ = true;
  const pattern_detail::scan_functions* scan_ = &pattern_detail::best_scan();
  std::vector<pattern_detail::prefilter> groups_;
  std::vector<slot> whole_slots_;
  std::unique_ptr<pattern_detail::automaton> whole_;  // of all patterns that have no window
  bool has_rest_ = false;                             // beside the first group

  // Scratch.
  pattern_hits hits_;
  line_state line_;
  std::vector<slot> searched_;
  std::vector<line_hit> found_;
};

/// For tests that choose how text is read, whatever the processor.
struct pattern_set_access {
  static void scan_with(pattern_set& set, const pattern_detail::scan_functions& forms) noexcept { set.scan_ = &forms; }
};

}  // namespace ovrseer
