// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A bounded queue between coroutines of one strand that loses nothing, also under cancellation.
#pragma once

#include <cstddef>
#include <deque>
#include <limits>
#include <optional>
#include <utility>

#include <ovrseer/async/notifier.hpp>

namespace ovrseer {

/// Many producers, many consumers, one strand. From another thread, `asio::post` to the strand first.
template <class T>
class mailbox {
 public:
  /// `capacity` is the number of entries that wait at most.
  explicit mailbox(const executor& ex, std::size_t capacity = std::numeric_limits<std::size_t>::max())
      : readable_(ex), writable_(ex), capacity_(capacity) {}

  /// Appends unless it is full or closed; says whether it did.
  bool try_push(T value) {
    if (closed_ || entries_.size() >= capacity_) return false;
    entries_.push_back(std::move(value));
    readable_.notify_one();
    return true;
  }

  /// Appends, and waits for room first. Throws `errc::closed`.
  ///
  /// Cancellation: every type abandons; the value was then not appended.
  task<void> push(T value) {
    co_await detail::admit_all_cancellation();
    while (!closed_ && entries_.size() >= capacity_) co_await wait_turn(writable_);
    if (closed_) throw error(errc::closed, "push");
    try_push(std::move(value));
  }

  std::optional<T> try_pop() {
    if (entries_.empty()) return std::nullopt;
    std::optional<T> value(std::move(entries_.front()));
    entries_.pop_front();
    writable_.notify_one();
    return value;
  }

  /// The next entry; nothing once it is closed and empty.
  ///
  /// Cancellation: every type abandons; no entry is lost.
  task<std::optional<T>> pop() {
    co_await detail::admit_all_cancellation();
    while (entries_.empty() && !closed_) co_await wait_turn(readable_);
    co_return try_pop();
  }

  /// No more entries come; those that wait are still popped.
  void close() {
    closed_ = true;
    readable_.notify_all();
    writable_.notify_all();
  }

  std::size_t size() const noexcept { return entries_.size(); }
  bool is_closed() const noexcept { return closed_; }

 private:
  // Who was woken and then cancelled passes the wake-up on; whoever gets it for nothing waits again.
  static task<void> wait_turn(notifier& turn) {
    try {
      co_await turn.wait();
    } catch (...) {
      turn.notify_one();
      throw;
    }
  }

  std::deque<T> entries_;
  notifier readable_;
  notifier writable_;
  std::size_t capacity_;
  bool closed_ = false;
};

}  // namespace ovrseer
