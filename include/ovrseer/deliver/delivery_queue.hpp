// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What stands between a supervisor and a policy that delivers: a bounded queue, so that a policy that is slow, broken or
// stuck costs items, which are counted, and never a restart.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/async/mailbox.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/deliver/deliver_within.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// Which item goes where a queue is full: the one that comes, or the one that has waited longest.
enum class when_full : std::uint8_t { drop_newest, drop_oldest };

/// How a `delivery_queue` works.
template <class T>
struct delivery_queue_options {
  delivery_queue_options() = default;

  std::size_t capacity = 64;  ///< items that wait at most; 0 means 1
  /// Together at most so many bytes wait, as `size_of` counts them. An item that is larger alone is dropped.
  byte_size bytes{std::uint64_t{16} << 20U};
  std::function<std::size_t(const T&)> size_of;  ///< empty: bytes are not counted
  /// The first reports of a crash loop tell more than the last; of logs it is the other way round.
  when_full full = when_full::drop_newest;
  delivery_limits limits;  ///< for one delivery
  /// Hears of an item that was not delivered, and why. What it throws is ignored. May be empty.
  std::function<void(const T& item, const caught& why)> on_error;
};

/// What became of the items that were offered. Their sum and those that wait make all.
struct delivery_counts {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;   ///< the policy threw or was too slow
  std::uint64_t dropped = 0;  ///< for want of room, or because the queue was closed
};

/// Items on their way to one policy, one after the other. One strand; must outlive `run`.
///
/// Either items are offered and `run()` delivers them, or `run(reader)` delivers what a broadcast holds, whose bounded
/// history then is the queue.
template <class T>
class delivery_queue {
 public:
  using item = std::shared_ptr<const T>;

  delivery_queue(const executor& ex, any_deliverer<T> policy, delivery_queue_options<T> options = {})
      : clock_(clock_of(ex)), waiting_(ex), policy_(std::move(policy)), options_(std::move(options)) {}
  delivery_queue(const delivery_queue&) = delete;
  delivery_queue& operator=(const delivery_queue&) = delete;

  /// Takes an item and returns at once; says whether it was taken.
  bool offer(T one) { return offer(std::make_shared<const T>(std::move(one))); }
  /// The same for an item that is shared and not null.
  bool offer(const item& one) {
    const std::size_t size = size_of(*one);
    const bool may_fit = !waiting_.is_closed() && size <= options_.bytes.count();
    while (may_fit && options_.full == when_full::drop_oldest && !has_room(size)) {
      const item oldest = *waiting_.try_pop();
      offered_.pop_front();
      bytes_ -= size_of(*oldest);
      drop(*oldest);
    }
    if (!may_fit || !has_room(size)) {
      drop(*one);
      return false;
    }
    waiting_.try_push(one);
    offered_.push_back(clock_.now());
    bytes_ += size;
    return true;
  }

  /// Delivers until the queue is closed and empty, and what the policy holds back when it is due, and all of it at the end.
  /// Throws nothing but its own cancellation.
  ///
  /// Cancellation: every type is passed to the delivery under way, which counts as failed; those that wait stay, and a
  /// new `run` goes on with them.
  task<void> run() {
    auto next = [this] { return waiting_.pop(); };
    auto taken = [this](const std::optional<item>& one) {
      if (!one) return;
      bytes_ -= size_of(**one);
      since_ = offered_.front();
      offered_.pop_front();
    };
    return pump(std::move(next), std::move(taken));
  }

  /// Delivers what `reader` yields until it comes to its end; what the reader misses counts as dropped. `Reader` is the
  /// reader of a broadcast of shared items, such as `supervisor::reports()`, or has its `next`, `missed` and perhaps `behind`.
  ///
  /// Errors: those of the reader.
  /// Cancellation: every type is passed to the delivery under way, which counts as failed.
  template <class Reader>
  task<void> run(Reader reader) {
    const auto kept = std::make_shared<Reader>(std::move(reader));
    if constexpr (requires { kept->behind(); }) behind_ = [kept] { return kept->behind(); };
    auto next = [kept] { return kept->next(); };
    auto taken = [this, kept, missed = std::uint64_t{0}](const std::optional<item>& one) mutable {
      if (one) since_ = clock_.now();
      counts_.dropped += kept->missed() - std::exchange(missed, kept->missed());
    };
    return pump(std::move(next), std::move(taken));
  }

  /// No more items are taken; `run` ends when those that wait are delivered.
  void close() { waiting_.close(); }

  std::size_t waiting() const noexcept { return waiting_.size(); }
  byte_size waiting_bytes() const noexcept { return byte_size(bytes_); }
  const delivery_counts& counts() const noexcept { return counts_; }
  void add_to(delivery_status& into) const {
    add_status(policy_, into);
    if (into.ends == delivery_status::counted::by_caller) {
      into.delivered += counts_.delivered;
      into.failed += counts_.failed;
    }
    into.dropped += counts_.dropped;
    into.waiting += waiting_.size() + (behind_ ? behind_() : 0);
    into.bytes += bytes_;
    into.add_since(since_);
    if (!offered_.empty()) into.add_since(offered_.front());
  }

 private:
  // `next()` yields a task of an item, or of none at the end.
  template <class Next, class Taken>
  task<void> pump(Next next, Taken taken) {
    co_await detail::admit_all_cancellation();
    for (;;) {
      const std::optional<steady_time> due = policy_.due();
      const std::optional<std::optional<item>> came = co_await wait_until(due, next());
      if (!came) {
        co_await flush(*due);
        continue;
      }
      taken(*came);
      if (!came->has_value()) break;
      co_await deliver(***came);
    }
    co_await flush(steady_time::max());
  }

  // What the operation yields, or nothing where the time came first.
  static task<std::optional<std::optional<item>>> wait_until(std::optional<steady_time> due,
                                                             task<std::optional<item>> operation) {
    std::optional<std::optional<item>> came;
    if (!due) {
      came.emplace(co_await std::move(operation));
      co_return std::move(came);
    }
    const executor ex = co_await asio::this_coro::executor;
    const auto left = std::max<std::chrono::nanoseconds>(*due - clock_of(ex).now(), std::chrono::nanoseconds::zero());
    try {
      came.emplace(co_await with_deadline(std::move(operation), left));
    } catch (const error& failure) {
      if (failure.code() != errc::timed_out) throw;
    }
    co_return std::move(came);
  }

  // What fails is still held, and due again by its policy.
  task<void> flush(steady_time until) {
    auto operation = [this, until] { return flush_of(policy_, until); };
    const delivery_end ended = co_await end_within(operation, options_.limits);
    if (!ended.is_delivered()) ++counts_.failed;
    if (ended.was_cancelled) detail::throw_cancelled();
  }

  task<void> deliver(const T& one) {
    const delivery_end ended = co_await deliver_within(policy_, one, options_.limits);
    since_.reset();
    if (ended.is_delivered()) {
      ++counts_.delivered;
    } else {
      ++counts_.failed;
      tell(one, *ended.failure);
    }
    if (ended.was_cancelled) detail::throw_cancelled();
  }

  std::size_t size_of(const T& one) const { return options_.size_of ? options_.size_of(one) : 0; }
  bool has_room(std::size_t size) const {
    const std::size_t most = options_.capacity == 0 ? 1 : options_.capacity;
    return waiting_.size() < most && bytes_ + size <= options_.bytes.count();
  }
  void drop(const T& one) {
    ++counts_.dropped;
    const errc why = waiting_.is_closed() ? errc::closed : errc::limit_reached;
    tell(one, caught(std::make_exception_ptr(error(why, "deliver", "dropped"))));
  }

  void tell(const T& one, const caught& why) const noexcept {
    if (!options_.on_error) return;
    try {
      options_.on_error(one, why);
    } catch (...) {  // the hook is the last resort; there is nobody left to tell
    }
  }

  clock_service& clock_;
  mailbox<item> waiting_;
  std::deque<steady_time> offered_;  // when, of each that waits
  any_deliverer<T> policy_;
  delivery_queue_options<T> options_;
  delivery_counts counts_;
  std::uint64_t bytes_ = 0;                // of those that wait
  std::optional<steady_time> since_;       // since when the item under way waits
  std::function<std::uint64_t()> behind_;  // what waits for a reader; empty without one
};

}  // namespace ovrseer
