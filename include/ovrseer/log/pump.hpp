// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From the pipes of a process into a feed: at the pace of the readers that ask for it, and to the last byte of the
// process, but not for as long as some grandchild holds a pipe.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/log/line_feed.hpp>
#include <ovrseer/process/os.hpp>

namespace ovrseer {

/// What bytes are pumped from: a `process`, a `child`, or a test's own.
template <class S>
concept output_source = requires(S source, output_stream stream) {
  { source.read_output(stream) } -> std::same_as<task<std::string_view>>;
};

/// How long a pipe is read after its process has ended. The bytes of the process itself are always read; the rule
/// is about pipes that a grandchild still holds.
class drain_rule {
 public:
  drain_rule() noexcept = default;
  /// An open pipe is left when it has been silent for so long. Default 100 ms.
  drain_rule& silence(std::chrono::nanoseconds duration) noexcept;
  /// An open pipe that is never silent is left after this. Default 1 s.
  drain_rule& at_most(std::chrono::nanoseconds duration) noexcept;
  std::chrono::nanoseconds silence() const noexcept { return silence_; }
  std::chrono::nanoseconds at_most() const noexcept { return at_most_; }

 private:
  std::chrono::nanoseconds silence_ = std::chrono::milliseconds(100);
  std::chrono::nanoseconds at_most_ = std::chrono::seconds(1);
};

namespace log_detail {

/// How far one pump has come, for those who decide when it has read enough.
struct pump_progress {
  std::uint64_t bytes = 0;
  std::uint64_t most = UINT64_MAX;  // it ends when it has read more
  bool is_reading = false;          // it waits for bytes: all that it has read is in the feed
  bool has_ended = false;
};

/// Hands bytes to the feed and waits as long as its readers ask for.
OVRSEER_DECL task<void> deliver(line_feed& into, output_stream stream, std::string bytes);

template <output_source Source>
task<void> pump_stream(Source& from, line_feed& into, output_stream stream, pump_progress& progress) {
  while (progress.bytes < progress.most) {
    progress.is_reading = true;
    const std::string_view bytes = co_await from.read_output(stream);
    progress.is_reading = false;
    if (bytes.empty()) break;
    progress.bytes += bytes.size();
    const std::size_t taken = into.write_some(stream, bytes);
    if (taken == bytes.size()) continue;
    std::string rest(bytes.substr(taken));
    co_await deliver(into, stream, std::move(rest));
  }
}

/// One stream of `pump_output`: its failure goes to the readers, and does not end the other stream.
OVRSEER_DECL task<void> pump_one(child& from, line_feed& into, output_stream stream, pump_progress& progress);

/// Waits for the end of the process, and then until its pipes have nothing of it any more; ends the pumps then.
OVRSEER_DECL task<void> end_when_drained(child& from, std::array<pump_progress, 2>& pumps, nursery& children,
                                         drain_rule rule);

}  // namespace log_detail

/// Reads one stream into the feed until its end. Where a reader chose to be waited for, it pauses, and the process
/// comes to wait at its pipe.
///
/// A pipe ends when its last holder closes it, which may be a grandchild long after the process has ended: use
/// `pump_output`, or cancel. The last line is not finished by it (`line_feed::finish`).
///
/// Errors: what reading throws. `from` and `into` must outlive the call.
/// Cancellation: every type abandons; all that was read is in the feed.
template <output_source Source>
task<void> pump(Source& from, line_feed& into, output_stream stream) {
  co_await detail::admit_all_cancellation();
  log_detail::pump_progress progress;
  co_await log_detail::pump_stream(from, into, stream, progress);
}

/// Reads both streams of a process into the feed, from its start until both have ended, or until the process has
/// ended and all that it wrote has been read; `rule` says when a pipe that others hold is left. Last lines are
/// finished. A reader that is waited for and does not read delays it without bound.
///
/// Errors: none; a failure to read is kept by the feed (`line_feed::fail`), for its readers. `into` must outlive
/// the call.
/// Cancellation: every type abandons; all that was read is in the feed.
OVRSEER_DECL task<void> pump_output(std::shared_ptr<child> from, line_feed& into, drain_rule rule);

inline task<void> pump_output(std::shared_ptr<child> from, line_feed& into) {
  return pump_output(std::move(from), into, drain_rule());
}

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/log/impl/pump.ipp>
#endif
