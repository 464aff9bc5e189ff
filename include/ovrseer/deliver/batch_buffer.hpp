// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Items that wait to become batches: when a batch is due, what is in it, and what has to go for want of room. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// A kind of item that says what it counts for where batches and queues are bounded in bytes.
template <class T>
concept sized_item = requires(const T& item) {
  { size_in_bytes(item) } -> std::convertible_to<std::size_t>;
};

/// The bytes of an item; 0 where its kind does not say.
template <class T>
std::size_t item_size(const T& item) {
  if constexpr (sized_item<T>) {
    return size_in_bytes(item);
  } else {
    return 0;
  }
}

/// When items become a batch, and how many may wait.
struct batch_limits {
  batch_limits() = default;

  std::size_t items = 1000;                                ///< of one batch; 0 means 1
  byte_size bytes{std::uint64_t{5} << 20U};                ///< of one batch; an item that is larger goes alone
  std::chrono::nanoseconds age = std::chrono::seconds(1);  ///< so long an item waits for others
  /// Items and bytes that wait together. Beyond them the oldest are dropped. What is under way is not among them.
  std::size_t held_items = 100'000;
  byte_size held_bytes{std::uint64_t{64} << 20U};
};

/// The items that wait, oldest first.
template <class T>
class batch_buffer {
 public:
  explicit batch_buffer(batch_limits limits = {}) : limits_(limits), most_(std::max<std::size_t>(limits.items, 1)) {
    limits_.items = most_;
  }

  /// Takes an item and hands back those that had to go, oldest first.
  std::vector<T> add(T item, steady_time now) {
    const std::size_t size = item_size(item);
    bytes_ += size;
    waiting_.push_back({std::move(item), size, now, false});
    return drop_excess();
  }

  /// The next batch: at least one item, unless it is empty.
  std::vector<T> take() {
    std::vector<T> batch;
    std::uint64_t bytes = 0;
    while (!waiting_.empty() && batch.size() < most_) {
      entry& next = waiting_.front();
      if (!batch.empty() && bytes + next.size > limits_.bytes.count()) break;
      bytes += next.size;
      bytes_ -= next.size;
      batch.push_back(std::move(next.item));
      waiting_.pop_front();
    }
    return batch;
  }
  /// Takes items of a batch back, in their order, before all others; they have waited long enough, the oldest since `oldest`.
  /// Hands back those that had to go.
  std::vector<T> put_back(std::vector<T> items, steady_time oldest) {
    for (auto at = items.rbegin(); at != items.rend(); ++at) {
      const std::size_t size = item_size(*at);
      bytes_ += size;
      waiting_.push_front({std::move(*at), size, oldest, true});
    }
    return drop_excess();
  }

  /// From now on batches have at most half of `items`; each that succeeds lets them grow again.
  void shrink(std::size_t items) noexcept { most_ = std::max<std::size_t>(items / 2, 1); }
  void grow() noexcept { most_ = std::min(limits_.items, most_ + 1 + most_ / 8); }

  /// Whether the next batch would not grow by waiting.
  bool is_full() const noexcept { return waiting_.size() >= most_ || (bytes_ != 0 && bytes_ >= limits_.bytes.count()); }
  /// When the next batch is due, which may have passed; nothing while it is empty.
  std::optional<steady_time> ripe_at() const noexcept {
    if (waiting_.empty()) return std::nullopt;
    const entry& first = waiting_.front();
    if (first.has_waited) return steady_time::min();
    return is_full() ? first.since : first.since + limits_.age;
  }
  /// Since when the oldest item waits; nothing while it is empty.
  std::optional<steady_time> oldest() const noexcept {
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.front().since);
  }

  bool empty() const noexcept { return waiting_.empty(); }
  std::size_t size() const noexcept { return waiting_.size(); }
  byte_size bytes() const noexcept { return byte_size(bytes_); }
  /// Items of the next batch at most.
  std::size_t most() const noexcept { return most_; }

 private:
  struct entry {
    T item;
    std::size_t size;
    steady_time since;
    bool has_waited;  // long enough: it was in a batch before
  };

  std::vector<T> drop_excess() {
    std::vector<T> dropped;
    while (waiting_.size() > limits_.held_items || bytes_ > limits_.held_bytes.count()) {
      bytes_ -= waiting_.front().size;
      dropped.push_back(std::move(waiting_.front().item));
      waiting_.pop_front();
    }
    return dropped;
  }

  batch_limits limits_;
  std::size_t most_;
  std::deque<entry> waiting_;
  std::uint64_t bytes_ = 0;
};

}  // namespace ovrseer
