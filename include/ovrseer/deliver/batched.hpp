// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A deliverer that gathers items and hands them on together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/async/retry.hpp>
#include <ovrseer/deliver/batch_buffer.hpp>
#include <ovrseer/deliver/batch_failed.hpp>

namespace ovrseer {

/// From 1 s doubling up to 1 min, with full jitter, without end.
inline retry_limits batch_retries() {
  retry_limits limits(backoff::exponential(std::chrono::seconds(1), std::chrono::minutes(1)).jitter(1.0));
  limits.attempts(0);
  return limits;
}

/// How a `batched` works.
template <class T>
struct batch_options {
  batch_options() = default;
  explicit batch_options(batch_limits bounds) : limits(bounds) {}

  batch_limits limits;
  /// The pauses after failures in a row; what it gives up is lost. Default: without end, so that items go for want of room
  /// alone.
  retry_limits retries = batch_retries();
  /// Hears of an item that is lost, and why: refused by the receiver, or dropped (`errc::limit_reached`).
  std::function<void(const T& item, const caught& why)> on_lost;
  /// Hears of a batch that was not delivered wholly; see `on_lost` for those of its items that are not tried again.
  std::function<void(const caught& why)> on_failure;
};

/// What became of items. With those that wait or are under way they make all.
struct batch_counts {
  std::uint64_t delivered = 0;
  std::uint64_t refused = 0;  ///< by the receiver, for good
  std::uint64_t dropped = 0;  ///< for want of room
  std::uint64_t batches = 0;  ///< calls of the inner deliverer
  std::uint64_t failed = 0;   ///< those of them that threw
};

/// Gathers items by number, bytes and age, and hands them to `D`, one batch after the other. A batch that fails is held and
/// tried again after a pause, as the receiver asks for; `judge_batch` has the rules. Order stays, but for what is
/// refused, and for single items that a receiver puts off while it takes the ones behind them.
///
/// An item counts as delivered when `deliver` returns: what becomes of it then is told to the hooks, which must not throw
/// (what they throw is dropped), and in the counts. One strand; several calls may be under way.
template <class D, class T>
  requires deliverer<D, std::vector<T>>
class batched {
 public:
  explicit batched(D inner, batch_options<T> options = {})
      : inner_(std::move(inner)), options_(std::move(options)), buffer_(options_.limits) {}

  /// Holds a copy. The call that makes a batch full delivers it; one while another is under way, or during a pause, does not.
  ///
  /// Errors: none. Cancellation: every type abandons the batch under way, which is held like one that failed.
  task<void> deliver(const T& item) {
    const executor ex = co_await asio::this_coro::executor;
    const steady_time now = clock_of(ex).now();
    lose(buffer_.add(item, now));
    if (!buffer_.is_full() || is_sending_ || now < paused_until_) co_return;
    (void)co_await send(ex);
  }

  /// When the next batch is to go out.
  std::optional<steady_time> due() const {
    const std::optional<steady_time> within = due_of(inner_);
    const std::optional<steady_time> ripe = buffer_.ripe_at();
    if (!ripe) return within;
    const steady_time own = std::max(*ripe, paused_until_);
    return within ? std::min(*within, own) : own;
  }

  /// Delivers the batches that are due by `until`. A batch that fails is tried again while its pause ends by then: with
  /// `steady_time::max()` until it is delivered or the retries give up, so that who ends must bound the call.
  ///
  /// Errors: those of `D`; the items are held.
  /// Cancellation: every type abandons the batch under way, which is held, or the pause.
  task<void> flush(steady_time until) {
    const executor ex = co_await asio::this_coro::executor;
    for (;;) {
      while (is_sending_) co_await sent_->wait();
      const std::optional<steady_time> ripe = buffer_.ripe_at();
      if (!ripe || std::max(*ripe, paused_until_) > until) break;
      if (paused_until_ > clock_of(ex).now()) {
        co_await sleep_until(paused_until_);
        continue;
      }
      const std::exception_ptr failure = co_await send(ex);
      if (failure && (paused_until_ > until || caught(failure).is_cancellation())) std::rethrow_exception(failure);
    }
    co_await flush_of(inner_, until);
  }

  const batch_counts& counts() const noexcept { return counts_; }
  void add_to(delivery_status& into) const {
    into.ends = delivery_status::counted::by_policy;
    into.delivered += counts_.delivered;
    into.retried += counts_.failed;
    into.failed += counts_.refused;
    into.dropped += counts_.dropped;
    into.waiting += buffer_.size();
    into.bytes += buffer_.bytes().count();
    into.add_since(sending_since_);
    into.add_since(buffer_.oldest());
    add_status(inner_, into);
  }
  /// Items that are held, what is under way not among them.
  std::size_t waiting() const noexcept { return buffer_.size(); }
  byte_size waiting_bytes() const noexcept { return buffer_.bytes(); }

 private:
  // Ends also where the coroutine is destroyed.
  class sending_mark {
   public:
    explicit sending_mark(batched& of) noexcept : of_(of) { of_.is_sending_ = true; }
    sending_mark(const sending_mark&) = delete;
    sending_mark& operator=(const sending_mark&) = delete;
    ~sending_mark() {
      of_.is_sending_ = false;
      of_.sending_since_.reset();
      of_.sent_->notify_all();
    }

   private:
    batched& of_;
  };

  // One batch; yields what its delivery threw.
  task<std::exception_ptr> send(executor ex) {
    if (!sent_) sent_ = std::make_unique<notifier>(ex);
    const sending_mark mark(*this);
    sending_since_ = buffer_.oldest();
    const steady_time begun = clock_of(ex).now();
    std::vector<T> batch = buffer_.take();
    std::exception_ptr failure;
    try {
      co_await inner_.deliver(batch);
    } catch (...) {
      failure = std::current_exception();
    }
    settle(std::move(batch), failure, begun, clock_of(ex).now());
    co_return failure;
  }

  void settle(std::vector<T> batch, const std::exception_ptr& failure, steady_time begun, steady_time now) {
    const batch_verdict verdict = judge_batch(failure, batch.size());
    const std::size_t delivered = batch.size() - verdict.again.size() - verdict.lost.size();
    counts_.delivered += delivered;
    ++counts_.batches;
    if (delivered != 0 || !verdict.lost.empty()) failures_ = 0;  // the receiver answers
    paused_until_ = steady_time::min();
    if (!failure) {
      buffer_.grow();
      return;
    }
    ++counts_.failed;
    const caught why(failure);
    tell_failure(why);
    for (const item_refusal& one : verdict.lost) {
      ++counts_.refused;
      const error refused(errc::rejected, "deliver", one.reason);
      tell_lost(batch[one.index], caught(std::make_exception_ptr(refused)));
    }
    std::vector<T> again;
    for (const std::size_t index : verdict.again) again.push_back(std::move(batch[index]));
    if (verdict.when == batch_verdict::next::smaller) buffer_.shrink(batch.size());
    if (verdict.when == batch_verdict::next::later) {
      if (failures_++ == 0) failing_since_ = begun;
      const failed_attempt last{failures_,  begun - failing_since_,        now - begun, why.code(),
                                why.what(), retry_later::asked_by(failure)};
      const std::optional<std::chrono::nanoseconds> pause = options_.retries.next_delay(last, now - failing_since_);
      if (!pause) {
        failures_ = 0;
        for (const T& each : again) tell_lost(each, why);
        counts_.refused += again.size();
        return;
      }
      paused_until_ = now + *pause;
    }
    lose(buffer_.put_back(std::move(again), sending_since_.value_or(begun)));
  }

  void lose(const std::vector<T>& dropped) {
    if (dropped.empty()) return;
    counts_.dropped += dropped.size();
    const error full(errc::limit_reached, "deliver", "dropped");
    const caught why(std::make_exception_ptr(full));
    for (const T& each : dropped) tell_lost(each, why);
  }
  void tell_lost(const T& item, const caught& why) const noexcept {
    if (!options_.on_lost) return;
    try {
      options_.on_lost(item, why);
    } catch (...) {  // there is nobody left to tell
    }
  }
  void tell_failure(const caught& why) const noexcept {
    if (!options_.on_failure) return;
    try {
      options_.on_failure(why);
    } catch (...) {  // there is nobody left to tell
    }
  }

  D inner_;
  batch_options<T> options_;
  batch_buffer<T> buffer_;
  batch_counts counts_;
  steady_time paused_until_ = steady_time::min();
  steady_time failing_since_{};
  std::uint32_t failures_ = 0;  // in a row, in which nothing was taken
  bool is_sending_ = false;
  std::optional<steady_time> sending_since_;  // since when the oldest item of the batch under way waits
  std::unique_ptr<notifier> sent_;            // made with the first batch; whoever waits knows that there is one
};

}  // namespace ovrseer
