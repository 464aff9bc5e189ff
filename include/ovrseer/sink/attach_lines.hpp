// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A log sink on a supervisor: reads the lines of all its units from outside, through a bounded queue.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/deliver/delivery_queue.hpp>
#include <ovrseer/deliver/token_bucket.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/process/redactor_for.hpp>
#include <ovrseer/redact/line_redactor.hpp>
#include <ovrseer/sink/log_sink.hpp>
#include <ovrseer/supervise/supervisor.hpp>

namespace ovrseer {

/// How lines are read and queued.
struct line_sink_options {
  line_sink_options();

  /// Default: 10,000 lines and 16 MiB, of which the oldest go first.
  delivery_queue_options<log_record> queue;
  /// What is hidden in lines, and so in what flags capture, beside the secrets that a unit's command is given. Nothing: lines
  /// go out as they are kept.
  std::optional<redactor> redact = redactor();
  read_from from = read_from::oldest;  ///< of units that are there already; of later ones every line is read
};

namespace sink_detail {

/// Counts what is lost and tells of it at most once a minute.
class loss_teller {
 public:
  explicit loss_teller(supervisor& of) : of_(of), clock_(clock_of(of.get_executor())) {}

  void add(std::uint64_t count, const std::string& why);
  void tell();

 private:
  supervisor& of_;
  clock_service& clock_;
  token_bucket rate_{rate_limit(1, std::chrono::minutes(1))};
  std::uint64_t lost_ = 0;
  std::uint64_t told_ = 0;
  std::string why_;
};

/// The lines of all units on their way to one sink. Made at once, so that what is read begins there.
class line_attachment {
 public:
  line_attachment(supervisor& of, any_log_sink sink, line_sink_options options);

  task<void> run();

 private:
  struct source {
    unit_id unit;
    const line_feed* feed;
    line_stream lines;
    flag_stream matches;
    std::optional<owned_flag_match> match;  // the next one that is not told yet
    std::array<std::optional<line_redactor>, 2> masks;
  };

  static delivery_queue_options<log_record> telling(delivery_queue_options<log_record> options, loss_teller& losses);
  void find(const unit_id& unit, read_from where);
  void find_all(read_from where);
  void start_found();

  task<void> read_all();
  task<void> read_events();
  task<void> read(std::unique_ptr<source> from);
  log_record record_of(source& from, const line& next);
  void add_flags(source& from, log_record& to);

  supervisor& of_;
  std::optional<redactor> redact_;
  loss_teller losses_;
  delivery_queue<log_record> queue_;
  journal::reader events_;
  std::set<const line_feed*> followed_;
  std::vector<std::unique_ptr<source>> found_;
  nursery readers_;
};

OVRSEER_DECL task<void> run_kept(std::shared_ptr<line_attachment> attached);

}  // namespace sink_detail

/// Delivers the lines of all units of `of` to `sink`, of those added later too, until the supervisor has ended and the
/// last line is delivered, with the flags that they matched. Units never wait for it: what neither the ring of a unit nor
/// the queue can hold is lost, and counted. Losses go to the supervisor's error handler, once a minute at most; those of the
/// queue to the hook that the options name, if they do. Run it beside `supervisor::run`; the supervisor must outlive it.
///
/// A sink that holds lines back, such as a batch, gets `options.queue.limits` to deliver them at the end.
///
/// Lines come in their order within a unit. Captures are what a flag's pattern finds in the line as it is sent. Of more than
/// 256 matches in what is read of a unit at once, the lines of the oldest come without their flags.
///
/// Cancellation: total and partial are passed to the delivery under way, terminal cuts it off; lines that still wait are
/// lost.
inline task<void> attach_lines(supervisor& of, any_log_sink sink, line_sink_options options = line_sink_options()) {
  return sink_detail::run_kept(std::make_shared<sink_detail::line_attachment>(of, std::move(sink), std::move(options)));
}

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/sink/impl/attach_lines.ipp>
#endif
