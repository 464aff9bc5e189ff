// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The log path of one unit over all its incarnations: bytes come in, lines are numbered, flagged, kept, written
// to a file and handed to readers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/async/broadcast.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/fwd.hpp>
#include <ovrseer/log/flags.hpp>
#include <ovrseer/log/line.hpp>
#include <ovrseer/log/line_splitter.hpp>
#include <ovrseer/log/log_file.hpp>
#include <ovrseer/log/log_limits.hpp>
#include <ovrseer/log/ring.hpp>
#include <ovrseer/redact/line_redactor.hpp>
#include <ovrseer/redact/redactor.hpp>

namespace ovrseer {

/// What went through a feed, and what did not stay.
struct log_counters {
  std::uint64_t lines = 0;        ///< of the process, each piece of an over-long one by itself
  std::uint64_t own_lines = 0;    ///< remarks of the supervisor
  std::uint64_t bytes = 0;        ///< as read, line ends included
  std::uint64_t split_lines = 0;  ///< lines that were longer than the cap
  std::uint64_t missed = 0;       ///< lines that a reader came too late for, over all readers
  std::uint64_t evicted = 0;      ///< lines that left the ring, read or not
  std::uint64_t below_level = 0;  ///< lines that were not kept, for their level is below the least of the limits
};

/// Where a reader begins.
enum class read_from : std::uint8_t {
  next,    ///< with the next line to come
  oldest,  ///< with the oldest line that the ring has
};

/// A stream of matches; awaitable like the lines.
using flag_stream = broadcast<bounded_history<owned_flag_match>>::reader;

namespace log_detail {

/// What a feed and its readers share, and the readers keep when the feed is gone.
struct feed_state {
  std::uint64_t missed = 0;
  std::exception_ptr failure;
};

}  // namespace log_detail

/// The lines of one unit.
///
/// Bytes are written synchronously, as they are read from the pipe; lines then go, in this order, through the
/// redactor (if any), to the ring, to the log file (if any) and to the flags, and readers are woken once for all
/// of them. Lines below the least level of the limits end before the ring. Nothing is lost silently: what leaves the ring before a reader has come to it counts as missed by that
/// reader. A hook of a flag may `append`, and change flags; nothing else. Not thread-safe: one strand.
class line_feed {
 public:
  explicit line_feed(const executor& ex, const log_limits& limits = {});
  line_feed(const line_feed&) = delete;
  line_feed& operator=(const line_feed&) = delete;

  // --- for who writes -------------------------------------------------------------------------------------

  /// Takes bytes of a stream, in any portions. Never waits: readers that chose to be waited for miss what they
  /// have not read in time.
  void write(output_stream stream, std::string_view bytes) { take(stream, bytes, patience::none); }

  /// Takes as many bytes from the front as can be taken without robbing a reader that chose to be waited for, and
  /// returns their number. Await `room` before trying the rest.
  [[nodiscard]] std::size_t write_some(output_stream stream, std::string_view bytes) {
    return take(stream, bytes, has_waiting_readers() ? patience::readers : patience::none);
  }

  /// Waits until the readers that chose to be waited for have made room.
  ///
  /// Cancellation: every type abandons the wait.
  task<void> room() { return lines_.room(); }

  /// Says that a stream has ended: its last line needs no newline. The next bytes begin a new line, as those of the
  /// next incarnation do.
  void finish(output_stream stream);

  /// Adds remarks of the supervisor, one for each line of `text`. Not matched against flags, and not redacted: what
  /// a secret may be in must be masked before.
  void append(std::string_view text, level severity = level::info);

  /// Keeps why the lines could not be read: readers get what there is, and then this failure. The first one counts.
  void fail(std::exception_ptr why) {
    if (!state_->failure) state_->failure = std::move(why);
  }
  const std::exception_ptr& failure() const noexcept { return state_->failure; }

  /// No more lines come, from nobody: unfinished lines are delivered, and readers come to their end.
  void close();
  bool is_closed() const noexcept { return lines_.is_closed(); }

  // --- for who reads --------------------------------------------------------------------------------------

  /// A reader of its own pace; include <ovrseer/log/line_stream.hpp>. With `on_overrun::wait` whoever pumps waits
  /// for it, so that it gets every line and a slow one slows the process down.
  line_stream subscribe(on_overrun policy = on_overrun::drop_oldest, read_from where = read_from::next);

  /// The lines that are kept; see `find_lines`.
  const ring& lines() const noexcept { return lines_.store(); }
  flag_table& flags() noexcept { return flags_; }
  const flag_table& flags() const noexcept { return flags_; }
  /// The lines around a match, as many as its flag asks for; see `lines_around`.
  std::vector<owned_line> context_of(std::string_view flag, std::uint64_t seq) const;

  /// All matches of all flags from now on, the newest 256 of those not yet read. A reader that falls behind more
  /// than that counts or fails, as it chose; none is waited for.
  flag_stream matches(on_overrun policy = on_overrun::drop_oldest) {
    return stream_of(matches_, policy, match_kind::all);
  }
  /// The matches that reach a target.
  flag_stream targets(on_overrun policy = on_overrun::drop_oldest) {
    return stream_of(targets_, policy, match_kind::targets);
  }

  log_counters counters() const noexcept;

  /// Lines below it are not kept; see `log_limits::minimum_level`.
  level minimum_level() const noexcept { return least_; }
  using line_hook = std::function<void(const line&)>;
  /// Calls `what` with every line that is not kept, as long as the result lives: for who waits for a line whatever its
  /// level. Such a line has no number of its own, but that of the next one that is kept. The hook must be quick, must
  /// not throw, and must not touch the feed.
  [[nodiscard]] std::shared_ptr<const line_hook> see_below(line_hook what);

  // --- settings -------------------------------------------------------------------------------------------

  /// Writes the lines to a file as well, from now on.
  void write_to(std::unique_ptr<log_file> file) noexcept { file_ = std::move(file); }
  void write_to(log_file_spec spec) {
    write_to(std::make_unique<log_file>(std::move(spec), [&clock = clock_] { return clock.wall_now(); }));
  }
  /// The log file, or null.
  log_file* file() noexcept { return file_.get(); }
  const log_file* file() const noexcept { return file_.get(); }

  /// Every line of the process is redacted before anybody sees it; each stream by itself, so that a key over many
  /// lines is hidden in all of them, and so is a secret across the cut of an over-long line. Off by default: reports
  /// redact when they are made, and whoever reads the lines live may want them as they are.
  void redact_with(const redactor& rules) {
    for (stream_state& at : streams_) at.masks = std::make_unique<line_redactor>(rules);
  }

  executor get_executor() { return executor_; }

 private:
  friend class line_stream;

  enum class patience : std::uint8_t { none, readers };
  enum class match_kind : std::uint8_t { all, targets };
  using match_broadcast = broadcast<bounded_history<owned_flag_match>>;

  struct stream_state {
    explicit stream_state(const log_limits& limits) : splitter(static_cast<std::size_t>(limits.line_cap().count())) {}
    line_splitter splitter;
    std::unique_ptr<line_redactor> masks;
    level of_long_line = level::unknown;  // of the first piece, for all pieces
    bool ends_with_cr = false;            // it has lines that end in CRLF, so likely more of them
  };

  stream_state& state_of(output_stream stream) noexcept { return streams_[static_cast<std::size_t>(stream)]; }
  bool has_waiting_readers() const noexcept { return waiting_.use_count() > 1; }

  line stamped(line_source source);
  void begin() {
    if (depth_++ == 0) now_ = clock_.wall_now();
  }
  void end() {
    if (--depth_ == 0) publish();
  }
  void publish();

  std::size_t take(output_stream stream, std::string_view bytes, patience waits_for);

  // The way of single lines: what is held of the last read, over-long lines, CRLF, masked lines, waiting readers.
  bool take_one(output_stream stream, std::string_view& rest);

  // The quick way, for whole lines in the bytes at hand: one pass that finds their ends and their flags.
  bool may_scan(output_stream stream) noexcept;
  struct scan_result {
    std::size_t bytes = 0;    // whole lines that were taken
    bool is_complete = true;  // all that there were
  };
  scan_result scan(output_stream stream, std::string_view bytes);

  void keep_split(stream_state& at, output_stream stream);

  // Gives the line its number.
  void keep(line& next);

  bool is_below_level(const line& next) const noexcept;
  // Counts the line and shows it to those who see what is not kept.
  void pass_over(line& next);

  // Drops lines that all waiting readers have read, until the longest line to come has room.
  bool make_room(output_stream stream, std::size_t rest);

  flag_stream stream_of(std::shared_ptr<match_broadcast>& matches, on_overrun policy, match_kind kind);

  executor executor_;
  clock_service& clock_;
  std::array<stream_state, 2> streams_;
  std::shared_ptr<log_detail::feed_state> state_;
  std::shared_ptr<char> waiting_;  // shared with the readers that are waited for, which is how they are counted
  broadcast<ring> lines_;
  flag_table flags_;
  std::unique_ptr<log_file> file_;
  std::shared_ptr<match_broadcast> matches_;
  std::shared_ptr<match_broadcast> targets_;
  log_counters counters_;
  level least_;
  std::vector<std::weak_ptr<const line_hook>> below_;
  wall_time now_{};
  int depth_ = 0;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/line_feed.ipp>
#endif
