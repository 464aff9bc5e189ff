// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Many patterns at once on lines of text: one pass that looks for what the patterns must contain, and
// the automaton of a pattern on those lines alone where its part was seen.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/pattern/detail/automaton.hpp>
#include <ovrseer/pattern/detail/block_scan.hpp>
#include <ovrseer/pattern/detail/factor.hpp>
#include <ovrseer/pattern/detail/pair_table.hpp>
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
  void remove(slot at);

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  bool contains(slot at) const noexcept { return at < entries_.size() && entries_[at].has_value(); }
  /// The pattern of a slot that is taken.
  pattern_view at(slot taken) const { return entries_.at(taken).value().view; }

  /// Puts into `hits` the patterns that match `line`.
  void match(std::string_view line, pattern_hits& hits);

  /// Calls `sink(line, hits)` for every line of `chunk` that ends in \n, without the \n; `line` and `hits`
  /// live until the call returns, which must not change the set. Returns the number of bytes up to and including the last \n: what
  /// stands behind it is to be given again, with what follows it.
  template <class Sink>
  std::size_t scan(std::string_view chunk, Sink&& sink) {
    using pattern_detail::batch_size;
    lay_out();
    const std::size_t end = chunk.rfind('\n') + 1;  // npos + 1 is zero
    enter_chunk();
    pattern_detail::event_lists events;
    std::size_t line_begin = 0;
    for (std::size_t at = 0; at < end; at += batch_size) {
      read_events(first_tables(), chunk, at, std::min(batch_size, end - at), events);
      std::size_t window = 0;
      for (std::size_t i = 0; i != events.newline_count; ++i) {
        const std::uint16_t newline = events.newlines[i];
        const std::size_t line_end = at + newline;
        const std::string_view line(chunk.data() + line_begin, line_end - line_begin);
        if (events.windows[window] < newline) {
          begin_line(line_begin, line_end);
          window = look_at_all(events, window, newline, chunk, at);
        }
        if (has_rest_) search_groups(1, line, hits_);
        sink(line, std::as_const(hits_));
        hits_.clear();
        line_begin = line_end + 1;
      }
      if (window == events.window_count) continue;
      begin_line(line_begin, 0);  // it goes on in the next batch
      look_at_all(events, window, batch_size, chunk, at);
    }
    return end;
  }

 private:
  friend struct pattern_set_access;

  struct entry {
    pattern_view view;
    std::optional<pattern<>> owner;
    pattern_detail::factors found = {};
    std::unique_ptr<pattern_detail::automaton> growing = nullptr;  // where a table would be too large to make whole,
    std::unique_ptr<pattern_detail::pair_table> pairs = nullptr;   // and where it is small
  };
  // What is asked about a pattern while text is searched, of each slot.
  struct decider {
    const pattern_detail::pair_table* pairs = nullptr;  // or:
    const pattern_detail::whole_view* table = nullptr;  // or:
    pattern_detail::automaton* growing = nullptr;
    std::size_t reach = 0;  // of all windows
    bool is_complete = false;
    std::size_t searched_from = 0;  // in the text at hand
    std::size_t searched = 0;       // and up to here
    std::size_t looks = 0;          // and so often in a line
  };
  // The line that candidates are looked at in.
  struct line_state {
    std::size_t begin = 0;
    std::size_t end = 0;      // zero: not known yet
    std::uint64_t alive = 0;  // windows of patterns that are not decided yet
  };
  enum class verdict : std::uint8_t { open, matches, differs };

  slot insert(entry added);
  // Deals the windows of all patterns out to prefilters, after the set has changed.
  void lay_out() {
    if (!is_laid_out_) lay_out_anew();
  }
  void lay_out_anew();
  void prepare(slot which);
  std::uint64_t all_of_first() const noexcept { return groups_.empty() ? 0 : groups_.front().all(); }
  const pattern_detail::scan_tables& first_tables() const noexcept;

  void enter_chunk();
  void begin_line(std::size_t begin, std::size_t end) noexcept {
    if (begin != line_.begin) line_ = {begin, end, all_of_first()};
    if (end != 0) line_.end = end;
  }
  // Finds where windows of some tables may end and where lines do, in `size` bytes at `at`.
  void read_events(const pattern_detail::scan_tables& tables, std::string_view text, std::size_t at, std::size_t size,
                   pattern_detail::event_lists& events);
  // Looks at the candidates of the first group from `window` on that stand before `end`, both as the events have them.
  std::size_t look_at_all(const pattern_detail::event_lists& events, std::size_t window, std::size_t end,
                          std::string_view chunk, std::size_t base);

  void search_groups(std::size_t first, std::string_view line, pattern_hits& hits);
  void search_line(const pattern_detail::prefilter& group, std::string_view line, pattern_hits& hits);
  void search_long_line(const pattern_detail::prefilter& group, std::string_view line, pattern_hits& hits);
  // The candidates of a line, a bit for each byte.
  void look_at_found(const pattern_detail::prefilter& group, std::string_view line, const std::uint64_t* found,
                     pattern_hits& hits);
  line_state enter_line(const pattern_detail::prefilter& group, std::string_view line);

  // A window may end at `at`, in `line_`. A pattern is looked at until it is known whether it matches in this line;
  // then its windows are no longer alive.
  void look_at(const pattern_detail::prefilter& group, std::string_view text, std::size_t at, pattern_hits& hits) {
    const std::uint64_t found = group.windows_at(text, at) & line_.alive;
    if (found != 0) decide(group, found, text, at, hits);
  }
  void decide(const pattern_detail::prefilter& group, std::uint64_t found, std::string_view text, std::size_t at,
              pattern_hits& hits);
  verdict search(const pattern_detail::prefilter::window_end& window, std::string_view text, std::size_t at);
  void forget_searched();

  std::vector<std::optional<entry>> entries_;
  std::size_t size_ = 0;
  bool is_laid_out_ = true;
  const pattern_detail::scan_functions* scan_ = &pattern_detail::best_scan();
  std::vector<pattern_detail::prefilter> groups_;
  std::vector<decider> deciders_;
  std::vector<slot> whole_slots_;
  std::unique_ptr<pattern_detail::automaton> whole_;  // of all patterns that have no window
  bool has_rest_ = false;                             // beside the first group

  // Scratch.
  pattern_hits hits_;
  line_state line_;
  std::vector<slot> searched_;
  std::vector<std::uint32_t> matched_;
};

/// For tests that choose how text is read, whatever the processor.
struct pattern_set_access {
  static void scan_with(pattern_set& set, const pattern_detail::scan_functions& forms) noexcept { set.scan_ = &forms; }
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/pattern/impl/pattern_set.ipp>
#endif
