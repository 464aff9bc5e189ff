// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The lines of a unit or a process, one after the other, as a coroutine reads them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/build.hpp>
#include <ovrseer/log/line_feed.hpp>
#include <ovrseer/process/process.hpp>

namespace ovrseer {

/// One reader of a feed; move-only. It may outlive the feed: it then comes to its end.
///
/// A line that it yields is a view into the reader and lives until its next `next` or `try_next`; `own` copies.
class line_stream {
 public:
  /// The next line; nothing at the end.
  ///
  /// Errors: `errc::overrun` for a reader that chose to fail and fell behind; at the end, once, the failure that
  /// kept the rest from being read.
  /// Cancellation: every type abandons the wait; no line is lost.
  task<std::optional<line>> next();

  /// The next line if there is one now; nothing also at the end.
  std::optional<line> try_next() { return keep_if(reader_.try_next()); }

  /// Lines that left the ring before this reader came to them.
  std::uint64_t missed() const noexcept { return reader_.missed(); }
  /// The number of the line that comes next, if none is missed.
  std::uint64_t position() const noexcept { return reader_.position(); }

 private:
  friend class line_feed;
  line_stream(broadcast<ring>::reader reader, std::shared_ptr<log_detail::feed_state> state,
              std::shared_ptr<char> waited_for)
      : reader_(std::move(reader)), state_(std::move(state)), waited_for_(std::move(waited_for)) {}

  std::optional<line> keep(const std::optional<line>& read);
  std::optional<line> keep_if(std::optional<line> read);

  broadcast<ring>::reader reader_;
  std::shared_ptr<log_detail::feed_state> state_;
  std::shared_ptr<char> waited_for_;
  std::string text_;
  std::uint64_t known_missed_ = 0;
  bool told_ = false;
};

/// The feed of a process that no supervisor looks after. The first call makes it and begins to read both streams,
/// until they end or the process has ended and its pipes are drained; the feed is closed then. The reading keeps
/// the child's record alive, also when the handle is gone. What goes wrong reaches the readers.
///
/// Lives as long as the child's record, which the handle shares.
/// Errors: `errc::no_process` for an empty handle; `errc::invalid_state` when somebody else reads the output
/// already, as `process::wait` does where nobody had asked for lines before.
OVRSEER_DECL line_feed& feed_of(process& from, const log_limits& limits = {});

/// All lines from the oldest that is kept. The process is slowed down to the pace of this reader while it lives, so
/// that none is lost; for a reader that may lag, `feed_of(p).subscribe(...)`.
inline line_stream process::lines() { return feed_of(*this).subscribe(on_overrun::wait, read_from::oldest); }

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/line_stream.ipp>
#endif
