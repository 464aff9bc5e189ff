// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Items that are kept on disk until they are delivered, whatever happens to this process in between.
#pragma once

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
#include <vector>

#include <ovrseer/async/backoff.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/async/on_worker.hpp>
#include <ovrseer/async/retry.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/deliver/dead_letters.hpp>
#include <ovrseer/deliver/deliver_within.hpp>
#include <ovrseer/deliver/token_bucket.hpp>
#include <ovrseer/disk/durable_cursor.hpp>
#include <ovrseer/disk/segment_log.hpp>
#include <ovrseer/event/crash_report_json.hpp>
#include <ovrseer/event/incident_update.hpp>

namespace ovrseer {

/// How items are written on disk; specialized for each kind.
///
///     static std::string encode(const T&);
///     static T decode(std::string_view);  // throws for what `encode` did not write
template <class T>
struct item_codec;

template <>
struct item_codec<crash_report> {
  static std::string encode(const crash_report& report) { return to_json_text(to_json(report)); }
  static crash_report decode(std::string_view text) { return crash_report_from_json(ordered_json::parse(text)); }
};

template <>
struct item_codec<incident_update> {
  static std::string encode(const incident_update& update) { return to_json_text(to_json(update)); }
  static incident_update decode(std::string_view text) { return incident_update_from_json(ordered_json::parse(text)); }
};

/// From 1 s doubling up to 5 min, with full jitter, without end.
inline retry_limits endless_retries() {
  retry_limits limits(backoff::exponential(std::chrono::seconds(1), std::chrono::minutes(5)).jitter(1.0));
  limits.attempts(0);
  return limits;
}

/// How an `outbox` works.
struct outbox_options {
  explicit outbox_options(std::string where) : folder(std::move(where)) {}

  std::string
      folder;  ///< of the items; those that are refused for good are in its subfolder `dead`, see `dead_letters`
  std::size_t most_dead_letters = 1000;  ///< of more, the oldest are forgotten
  /// So much may wait on disk; beyond it items are refused with `errc::limit_reached`.
  byte_size bytes{std::uint64_t{256} << 20U};
  /// Deliveries at once, and so many may be repeated after a crash of this process.
  std::size_t in_flight = 8;
  /// Of one item, for failures that may pass; one that is given up is a dead letter. Default: from 1 s up to 5 min with full
  /// jitter, without a last attempt.
  retry_limits retries = endless_retries();
  /// Of all attempts together; it holds over a restart too. Nothing: as fast as they go.
  std::optional<rate_limit> rate;
  delivery_limits limits;        ///< for one delivery
  file_system* files = nullptr;  ///< null: the real ones
};

/// What became of the items of an outbox since it was opened.
struct outbox_counts {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  ///< for want of room on disk
  std::uint64_t delivered = 0;
  std::uint64_t retried = 0;  ///< attempts that failed and were followed by another
  std::uint64_t dead = 0;     ///< kept as dead letters: the receiver refuses them for good, or they cannot be decoded
  std::uint64_t unreadable = 0;  ///< records that the disk has damaged
};

namespace deliver_detail {

/// The side of an outbox that touches the disk, and so lives on its own thread.
class outbox_store {
 public:
  explicit outbox_store(const outbox_options& options);

  /// Returns how many wait when the item is on the disk. Throws `errc::limit_reached`, and as `segment_log::append`.
  std::uint64_t append(const std::string& item);

  struct record {
    std::uint64_t sequence = 0;
    std::optional<std::string> item;  // nothing where it is damaged
  };
  /// At most so many, in order.
  std::vector<record> read(std::size_t most);
  /// All up to this one are done; returns how many wait.
  std::uint64_t commit(std::uint64_t sequence);
  void bury(const dead_letter& letter);
  std::uint64_t waiting() const noexcept { return log_.next_sequence() - cursor_.committed(); }

 private:
  static segment_log_options log_options(const outbox_options& options);

  outbox_options options_;
  segment_log log_;
  durable_cursor cursor_;
  dead_letters dead_;
};

}  // namespace deliver_detail

/// Accepts items, which are then safe, and delivers them in the background: at least once, in order but for those that are
/// in flight together. One strand; must outlive `run`. The disk is waited for on a thread of its own.
///
/// An outbox is a deliverer itself: what is accepted counts as delivered for whoever is before it.
template <class T = crash_report>
class outbox {
 public:
  /// The folder is opened by the thread at the first call, which then throws what that comes to.
  outbox(const executor& ex, outbox_options options) : options_(std::move(options)), worker_(options_), arrived_(ex) {}
  outbox(const outbox&) = delete;
  outbox& operator=(const outbox&) = delete;

  /// Returns when the item is on the disk (fdatasync), from when on it will be delivered or become a dead letter.
  ///
  /// Errors: `errc::limit_reached` where too much waits; those of the disk. The item is then not accepted.
  /// Cancellation: every type abandons the call; the item may have been accepted.
  task<void> deliver(const T& item) {
    auto write = [text = item_codec<T>::encode(item)](deliver_detail::outbox_store& store) {
      return store.append(text);
    };
    std::exception_ptr failure;
    try {
      waiting_ = co_await worker_.run(std::move(write));
    } catch (const error& refused) {
      counts_.refused += refused.code() == errc::limit_reached ? 1 : 0;
      failure = std::current_exception();
    }
    if (failure) std::rethrow_exception(failure);
    const executor ex = co_await asio::this_coro::executor;
    accepted_at_.push_back(clock_of(ex).now());
    ++counts_.accepted;
    arrived_.notify_all();
  }

  /// Delivers to `policy` what waits and what comes, until it is cancelled or `close`d and empty. An item is tried until the
  /// receiver takes it or refuses it for good (`condition::fatal`); then it is a dead letter.
  ///
  /// Errors: those of the disk.
  /// Cancellation: every type is passed to the deliveries under way, whose items stay.
  template <deliverer<T> D>
  task<void> run(D& policy) {
    co_await detail::admit_all_cancellation();
    const executor ex = co_await asio::this_coro::executor;
    if (options_.rate) bucket_.emplace(token_bucket::drained(*options_.rate, clock_of(ex).now()));
    for (;;) {
      const std::uint64_t before = counts_.accepted;
      auto read = [most = std::max<std::size_t>(options_.in_flight, 1)](deliver_detail::outbox_store& store) {
        return store.read(most);
      };
      const std::vector<record> batch = co_await worker_.run(std::move(read));
      if (batch.empty()) {
        if (is_closed_ && counts_.accepted == before) co_return;
        while (counts_.accepted == before && !is_closed_) co_await arrived_.wait();
        continue;
      }
      since_ = clock_of(ex).now();
      nursery deliveries(ex);
      for (const record& each : batch) deliveries.start(deliver_one(policy, each));
      co_await deliveries.join();
      if (deliveries.was_cancelled()) detail::throw_cancelled();
      auto commit = [last = batch.back().sequence](deliver_detail::outbox_store& store) { return store.commit(last); };
      waiting_ = co_await worker_.run(std::move(commit));
      while (accepted_at_.size() > waiting_) accepted_at_.pop_front();
      since_.reset();
    }
  }

  /// `run` ends when all is delivered.
  void close() {
    is_closed_ = true;
    arrived_.notify_all();
  }

  /// Frees the folder for whoever opens it next; the destructor leaves that to its thread, which may take a moment more.
  /// What follows throws `errc::closed`.
  task<void> release() { return worker_.end(); }

  const outbox_counts& counts() const noexcept { return counts_; }
  void add_to(delivery_status& into) const {
    into.ends = delivery_status::counted::by_policy;
    into.delivered += counts_.delivered;
    into.dropped += counts_.refused;
    into.retried += counts_.retried;
    into.dead += counts_.dead;
    into.waiting += waiting_;
    into.add_since(since_);
    if (!accepted_at_.empty()) into.add_since(accepted_at_.front());
  }

 private:
  using record = deliver_detail::outbox_store::record;

  template <class D>
  task<void> deliver_one(D& policy, const record& from) {
    co_await detail::admit_all_cancellation();
    std::optional<T> item;
    std::string unfit;
    try {
      if (from.item) item.emplace(item_codec<T>::decode(*from.item));
    } catch (const std::exception& failure) {
      unfit = failure.what();
    }
    if (!item) {
      if (from.item) {
        co_await bury(from, "cannot be read: " + unfit);
      } else {
        ++counts_.unreadable;
      }
      co_return;
    }
    const executor ex = co_await asio::this_coro::executor;
    const steady_time begin = clock_of(ex).now();
    retry_limits retries = options_.retries;
    for (std::uint32_t number = 1;; ++number) {
      co_await wait_for_token();
      const delivery_end ended = co_await deliver_within(policy, *item, options_.limits);
      if (ended.was_cancelled) detail::throw_cancelled();
      if (ended.is_delivered()) {
        ++counts_.delivered;
        co_return;
      }
      // A failure without a code is a mistake of the policy: it may be better later, and the item is kept.
      const std::error_code code = ended.failure->code();
      std::optional<std::chrono::nanoseconds> delay;
      if (!code || code != condition::fatal) {
        const auto asked = retry_later::asked_by(ended.failure->exception());
        delay = retries.next_delay({number, {}, {}, code, {}, asked}, clock_of(ex).now() - begin);
      }
      if (!delay) {
        co_await bury(from, ended.failure->what());
        co_return;
      }
      ++counts_.retried;
      co_await sleep_for(*delay);
    }
  }

  task<void> bury(const record& what, std::string reason) {
    auto write = [letter = dead_letter{what.sequence, std::move(reason), *what.item}](
                     deliver_detail::outbox_store& store) { store.bury(letter); };
    co_await worker_.run(std::move(write));
    ++counts_.dead;
  }

  task<void> wait_for_token() {
    const executor ex = co_await asio::this_coro::executor;
    if (!bucket_) co_return;
    while (!bucket_->take(clock_of(ex).now())) co_await sleep_until(bucket_->ready_at());
  }

  outbox_options options_;
  on_worker<deliver_detail::outbox_store> worker_;
  notifier arrived_;
  std::optional<token_bucket> bucket_;
  outbox_counts counts_;
  std::uint64_t waiting_ = 0;            // on the disk, as it was last heard
  std::deque<steady_time> accepted_at_;  // of those that wait, but for items of an earlier life, which come first
  std::optional<steady_time> since_;     // when the items under way were read
  bool is_closed_ = false;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/deliver/impl/outbox.ipp>
#endif
