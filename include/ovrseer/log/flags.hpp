// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The flags of one feed at work: one pass over the lines, counts that never fall, the newest matches, and a
// hook for everyone who acts on them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/log/flag.hpp>
#include <ovrseer/log/line.hpp>
#include <ovrseer/log/log_limits.hpp>
#include <ovrseer/log/ring.hpp>
#include <ovrseer/pattern/pattern_set.hpp>

namespace ovrseer {

/// A match as a hook sees it; the views live during the call.
struct flag_match {
  const flag_spec& flag;
  std::uint64_t count;  ///< matches since the flag was added, this one included
  const line& where;

  /// Whether this match is the one that reaches the target. True once in the life of a flag.
  bool is_target() const noexcept { return flag.target() == count; }
};

/// A match with its text, for queues.
struct owned_flag_match {
  owned_flag_match() = default;
  explicit owned_flag_match(const flag_match& from)
      : flag(from.flag.name()), count(from.count), target(from.flag.target()), where(from.where) {}

  std::string flag;
  std::uint64_t count = 0;
  std::optional<std::uint64_t> target;
  owned_line where;
};

/// How a flag stands.
struct flag_summary {
  std::string name;
  flag_color color = flag_color::yellow;
  std::uint64_t count = 0;
  std::optional<std::uint64_t> target;
};

namespace log_detail {

/// The newest matches of a flag: their lines, cut at a length that bounds the memory.
class kept_matches {
 public:
  explicit kept_matches(std::size_t most)
      : lines_(log_limits().ring_size(byte_size(std::max<std::size_t>(most, 1) * longest)).ring_lines(most)),
        most_(most) {}

  void add(const line& what);

  template <class Visit>
  void visit(Visit visit) const {
    for (std::uint64_t i = lines_.begin_seq(); i != lines_.end_seq(); ++i) {
      line kept = lines_.read(i);
      kept.seq = seqs_[static_cast<std::size_t>(i % most_)];
      visit(kept);
    }
  }

 private:
  static constexpr std::size_t longest = 1'024;

  ring lines_;
  std::vector<std::uint64_t> seqs_;
  std::size_t most_;
};

}  // namespace log_detail

/// The flags of one feed. Adding, removing and asking is allowed at any time, also in a hook.
///
/// Patterns see one line at a time, each piece of an over-long line by itself, and not the supervisor's own
/// remarks. Not thread-safe: one strand.
class flag_table {
 public:
  /// Called for every match, in the order of lines, before the next line is looked at. It must be quick; what it
  /// throws is counted, and does not reach the log path.
  using hook = std::function<void(const flag_match&)>;

  /// `kept` is the number of matches that each flag keeps with their text; zero keeps none.
  explicit flag_table(std::size_t kept = log_limits().kept_matches()) noexcept : kept_(kept) {}
  flag_table(const flag_table&) = delete;
  flag_table& operator=(const flag_table&) = delete;

  /// Adds a flag. One of the same name is replaced, and its count begins anew. One that is added in a hook looks at
  /// lines when the present ones are done.
  void add(flag_spec what);
  /// Removes a flag; says whether there was one.
  bool remove(std::string_view name);

  std::size_t size() const noexcept { return flags_.size(); }
  bool is_empty() const noexcept { return flags_.empty(); }
  /// The matches since the flag was added; nothing where there is no such flag.
  std::optional<std::uint64_t> count(std::string_view name) const;
  /// The description of a flag, or null.
  const flag_spec* find(std::string_view name) const;
  /// All flags in the order in which they were added.
  std::vector<flag_summary> summaries() const;
  /// The newest matches of a flag, oldest first: the lines with their numbers, cut at 1 KiB each.
  std::vector<owned_line> matches(std::string_view name) const;

  /// Calls `what` for every match from now on, after the hooks that are there.
  void on_match(hook what) { hooks_.push_back(std::make_shared<const hook>(std::move(what))); }
  /// Calls `what` for the match of a flag that reaches its target.
  void on_target(hook what);
  /// How often a hook threw.
  std::uint64_t failed_hooks() const noexcept { return failed_hooks_; }

  /// Whether a line of this text would match. Not from a hook.
  bool has_match(std::string_view text);
  /// Looks at one line. Not from a hook.
  void look_at(const line& where);

  /// Looks at all whole lines of `chunk` at once; see `pattern_set::scan`. Calls `sink(text, hits)` for each, which
  /// passes those with hits to `record`.
  template <class Sink>
  std::size_t scan(std::string_view chunk, Sink sink) {
    const scanning_mark mark(*this);
    return set_.scan(chunk, std::move(sink));
  }
  /// Counts the matches of a line that `scan` found, keeps them and calls the hooks.
  void record(const line& where, const pattern_hits& hits);

 private:
  struct entry {
    entry(flag_spec what, std::size_t most) : spec(std::move(what)), kept(most) {}
    flag_spec spec;
    log_detail::kept_matches kept;
    std::uint64_t count = 0;
    std::optional<pattern_set::slot> slot;
  };

  // While the set is scanned it must not change; what was asked for meanwhile is done at the end.
  class scanning_mark {
   public:
    explicit scanning_mark(flag_table& table) noexcept : table_(table) { ++table_.scanning_; }
    scanning_mark(const scanning_mark&) = delete;
    scanning_mark& operator=(const scanning_mark&) = delete;
    ~scanning_mark() {
      if (--table_.scanning_ == 0) table_.settle_all();
    }

   private:
    flag_table& table_;
  };

  auto position(std::string_view name) const -> std::vector<std::unique_ptr<entry>>::const_iterator {
    return std::find_if(flags_.begin(), flags_.end(), [name](const auto& flag) { return flag->spec.name() == name; });
  }
  auto position(std::string_view name) -> std::vector<std::unique_ptr<entry>>::iterator {
    return std::find_if(flags_.begin(), flags_.end(), [name](const auto& flag) { return flag->spec.name() == name; });
  }

  void settle(entry& flag);
  void settle_all();

  void tell(const flag_match& found);

  pattern_set set_;
  pattern_hits hits_;
  std::vector<std::unique_ptr<entry>> flags_;
  std::vector<entry*> by_slot_;
  std::vector<std::unique_ptr<entry>> retired_;
  std::vector<pattern_set::slot> vacated_;
  std::vector<std::shared_ptr<const hook>> hooks_;
  std::size_t kept_;
  std::uint64_t failed_hooks_ = 0;
  int scanning_ = 0;
};

/// The lines around line `seq` that the ring still has, oldest first: `window / 2` before it, itself, and as many
/// after it. Lines that come later appear when it is asked again.
OVRSEER_DECL std::vector<owned_line> lines_around(const ring& lines, std::uint64_t seq, std::size_t window);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/flags.ipp>
#endif
