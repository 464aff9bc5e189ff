// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Many patterns at once on lines of text: one pass that looks for what the patterns must contain, and
// the automaton of a pattern on those lines alone where its part was seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/pattern/detail/engine.hpp>
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
/// of a nanosecond a byte, whatever the patterns; a pattern that must contain nothing particular, such as
/// `^\s*$`, costs a table look-up for each byte of every line.
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
    for (std::size_t i = 0; i != groups_.size(); ++i) search_line(i, line, hits);
    search_whole(line, hits);
  }

  /// Calls `sink(line, hits)` for every line of `chunk` that ends in \n, without the \n; `line` and `hits`
  /// live until the call returns, which must not change the set. Returns the number of bytes up to and including the last \n: what
  /// stands behind it is to be given again, with what follows it.
  template <class Sink>
  std::size_t scan(std::string_view chunk, Sink&& sink) {
    lay_out();
    const std::size_t end = chunk.rfind('\n') + 1;  // npos + 1 is zero
    hits_.clear();
    std::size_t line_begin = 0;
    std::uint64_t alive = first_tables_alive();
    const auto on_newline = [&](std::size_t at) {
      const std::string_view line = chunk.substr(line_begin, at - line_begin);
      confirm(line, hits_);
      for (std::size_t i = 1; i < groups_.size(); ++i) search_line(i, line, hits_);
      search_whole(line, hits_);
      sink(line, std::as_const(hits_));
      hits_.clear();
      line_begin = at + 1;
      alive = first_tables_alive();
    };
    const pattern_detail::prefilter* const first = groups_.empty() ? nullptr : groups_.data();
    const auto on_window = [&](std::size_t at, const unsigned char* bytes) {
      const std::uint64_t found = first->windows_at(bytes) & alive;
      if (found != 0) look_at(*first, found, chunk, line_begin, at, alive, hits_);
    };
    pattern_detail::scan_text(first_tables(), chunk, end, on_newline, on_window);
    return end;
  }

 private:
  struct entry {
    pattern_view view;
    std::optional<pattern<>> owner;
    pattern_detail::factors found = {};
  };

  slot insert(entry added) {
    const pattern_detail::tree parsed = pattern_detail::parse(added.view.text(), added.view.flags());
    added.found = pattern_detail::find_factors(parsed);
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
    whole_.clear();
    for (slot i = 0; i != entries_.size(); ++i) {
      if (!entries_[i]) continue;
      if (entries_[i]->found.sequences.empty()) {
        whole_.push_back(i);
        continue;
      }
      if (!groups_.empty() && groups_.back().add(i, entries_[i]->found)) continue;
      groups_.emplace_back();
      groups_.back().add(i, entries_[i]->found);
    }
    for (pattern_detail::prefilter& group : groups_) group.finish();
    is_laid_out_ = true;
  }

  const pattern_detail::scan_tables& first_tables() const noexcept {
    static constexpr pattern_detail::scan_tables none{};
    return groups_.empty() ? none : groups_.front().tables();
  }
  std::uint64_t first_tables_alive() const noexcept { return groups_.empty() ? 0 : groups_.front().all(); }

  // The windows `found` stand at `at`. A pattern is looked at until it has matched, or until it is known
  // that its automaton must see the line; its windows are then no longer `alive` in this line.
  void look_at(const pattern_detail::prefilter& group, std::uint64_t found, std::string_view text,
               std::size_t line_begin, std::size_t at, std::uint64_t& alive, pattern_hits& hits) {
    for (; found != 0; found &= found - 1) {
      for (const auto& check : group.checks(static_cast<std::size_t>(std::countr_zero(found)))) {
        if ((group.of(check.slot) & alive) == 0 || !check.occurs(text, line_begin, at)) continue;
        alive &= ~group.of(check.slot);
        if (check.is_complete) {
          hits.insert(check.slot);
        } else {
          to_confirm_.push_back(check.slot);
        }
      }
    }
  }

  void search_line(std::size_t index, std::string_view line, pattern_hits& hits) {
    const pattern_detail::prefilter& group = groups_[index];
    std::uint64_t alive = group.all();
    const auto on_window = [&](std::size_t at, const unsigned char* bytes) {
      const std::uint64_t found = group.windows_at(bytes) & alive;
      if (found != 0) look_at(group, found, line, 0, at, alive, hits);
    };
    pattern_detail::scan_text(group.tables(), line, line.size(), [](std::size_t) {}, on_window);
    confirm(line, hits);
  }

  void confirm(std::string_view line, pattern_hits& hits) {
    for (const slot at : to_confirm_) search_one(at, line, hits);
    to_confirm_.clear();
  }
  void search_whole(std::string_view line, pattern_hits& hits) {
    for (const slot at : whole_) search_one(at, line, hits);
  }

  void search_one(slot at, std::string_view line, pattern_hits& hits) {
    const pattern_view view = entries_[at]->view;
    const pattern_detail::dfa* table = pattern_access::table(view);
    const bool matches = table != nullptr ? table->matches(line, 0)
                                          : pattern_detail::machine<>(pattern_access::program(view), line, 0).run(0);
    if (matches) hits.insert(at);
  }

  std::vector<std::optional<entry>> entries_;
  std::size_t size_ = 0;
  bool is_laid_out_ = true;
  std::vector<pattern_detail::prefilter> groups_;
  std::vector<slot> whole_;
  std::vector<slot> to_confirm_;
  pattern_hits hits_;
};

}  // namespace ovrseer
