// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One bounded sequence, many readers, each at its own pace and with its own answer to falling behind.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <ovrseer/async/notifier.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer {

/// A bounded store of numbered entries: those with numbers in [begin_seq, end_seq) can be read.
template <class S>
concept sequence_store = requires(const S store, std::uint64_t seq) {
  typename S::value_type;
  { store.begin_seq() } -> std::same_as<std::uint64_t>;
  { store.end_seq() } -> std::same_as<std::uint64_t>;
  { store.read(seq) } -> std::convertible_to<typename S::value_type>;
};

/// The plain store: the last `capacity` entries.
template <class T>
class bounded_history {
 public:
  using value_type = T;

  explicit bounded_history(std::size_t capacity, std::uint64_t first_seq = 1)
      : capacity_(capacity == 0 ? 1 : capacity), begin_(first_seq) {}

  std::uint64_t begin_seq() const noexcept { return begin_; }
  std::uint64_t end_seq() const noexcept { return begin_ + entries_.size(); }
  const T& read(std::uint64_t seq) const { return entries_[static_cast<std::size_t>(seq - begin_)]; }
  /// Whether the next `push` drops the oldest entry.
  bool is_full() const noexcept { return entries_.size() == capacity_; }
  std::size_t capacity() const noexcept { return capacity_; }

  void push(T value) {
    if (is_full()) {
      entries_.pop_front();
      ++begin_;
    }
    entries_.push_back(std::move(value));
  }

 private:
  std::deque<T> entries_;
  std::size_t capacity_;
  std::uint64_t begin_;
};

/// What becomes of a reader for which the store drops an entry that it has not read.
enum class on_overrun : std::uint8_t {
  wait,         ///< the writer waits for it (as far as the writer asks `room`)
  drop_oldest,  ///< it goes on with the oldest entry that is left, and `missed` counts
  fail,         ///< its next `next` throws `errc::overrun`
};

/// Readers over a store. The writer changes the store through `store()` and then calls `published`.
///
/// One strand. Readers may outlive the broadcast's writer and are ended by `close`; the broadcast itself
/// must outlive its readers' calls, which `std::shared_ptr` sharing of the state ensures.
template <sequence_store Store>
class broadcast {
  struct state {
    state(const executor& ex, Store initial) : entries(std::move(initial)), readable(ex), writable(ex) {}
    Store entries;
    notifier readable;
    notifier writable;
    std::vector<std::uint64_t*> waiting;  // positions of the readers that chose to be waited for
    bool closed = false;
  };

 public:
  using value_type = typename Store::value_type;

  template <class... Args>
  explicit broadcast(const executor& ex, Args&&... args)
      : state_(std::make_shared<state>(ex, Store(std::forward<Args>(args)...))) {}
  broadcast(const broadcast&) = delete;
  broadcast& operator=(const broadcast&) = delete;
  ~broadcast() { close(); }

  /// One reader; move-only.
  class reader {
   public:
    reader(reader&& other) noexcept = default;
    reader& operator=(reader&& other) noexcept {
      leave();
      state_ = std::move(other.state_);
      position_ = std::move(other.position_);
      missed_ = other.missed_;
      policy_ = other.policy_;
      return *this;
    }
    ~reader() { leave(); }

    /// The next entry; nothing once the broadcast is closed and all is read.
    ///
    /// Errors: `errc::overrun` for a reader that chose to fail.
    /// Cancellation: every type abandons the wait; no entry is lost.
    task<std::optional<value_type>> next() {
      co_await detail::admit_all_cancellation();
      const std::shared_ptr<state> shared = state_;
      for (;;) {
        if (auto value = try_next()) co_return value;
        if (shared->closed) co_return std::nullopt;
        co_await shared->readable.wait();
      }
    }

    /// The next entry if there is one now.
    std::optional<value_type> try_next() {
      const Store& entries = state_->entries;
      if (*position_ < entries.begin_seq()) {
        if (policy_ == on_overrun::fail) throw error(errc::overrun, "next");
        missed_ += entries.begin_seq() - *position_;
        *position_ = entries.begin_seq();
      }
      if (*position_ == entries.end_seq()) return std::nullopt;
      std::optional<value_type> value(entries.read((*position_)++));
      if (policy_ == on_overrun::wait) state_->writable.notify_all();
      return value;
    }

    /// Entries that were dropped before this reader came to them.
    std::uint64_t missed() const noexcept { return missed_; }
    /// Entries that wait for this reader.
    std::uint64_t behind() const {
      return state_->entries.end_seq() - std::max(*position_, state_->entries.begin_seq());
    }
    /// The number of the entry that comes next.
    std::uint64_t position() const noexcept { return *position_; }

   private:
    friend class broadcast;
    reader(std::shared_ptr<state> shared, on_overrun policy, std::uint64_t from)
        : state_(std::move(shared)), position_(std::make_unique<std::uint64_t>(from)), policy_(policy) {
      if (policy_ == on_overrun::wait) state_->waiting.push_back(position_.get());
    }
    void leave() {
      if (!state_ || !position_ || policy_ != on_overrun::wait) return;
      std::erase(state_->waiting, position_.get());
      state_->writable.notify_all();
    }

    std::shared_ptr<state> state_;
    std::unique_ptr<std::uint64_t> position_;
    std::uint64_t missed_ = 0;
    on_overrun policy_;
  };

  /// A reader that begins with the next entry to come.
  reader subscribe(on_overrun policy) { return reader(state_, policy, state_->entries.end_seq()); }
  /// A reader that begins with entry `from`; entries that are gone by then count as missed.
  reader subscribe_from(std::uint64_t from, on_overrun policy) {
    return reader(state_, policy, std::min(from, state_->entries.end_seq()));
  }

  Store& store() noexcept { return state_->entries; }
  const Store& store() const noexcept { return state_->entries; }

  /// Wakes the readers after the store has changed.
  void published() { state_->readable.notify_all(); }

  /// Appends and wakes the readers; for stores with a `push`.
  template <class T>
  void push(T&& value) {
    state_->entries.push(std::forward<T>(value));
    published();
  }

  /// Whether dropping the oldest entry now would rob a reader that chose `wait`.
  bool must_wait() const noexcept {
    const std::uint64_t oldest = state_->entries.begin_seq();
    for (const std::uint64_t* position : state_->waiting) {
      if (*position <= oldest && oldest != state_->entries.end_seq()) return true;
    }
    return false;
  }

  /// Waits until no reader that chose `wait` would be robbed by dropping the oldest entry.
  ///
  /// Cancellation: every type abandons the wait.
  task<void> room() {
    co_await detail::admit_all_cancellation();
    const std::shared_ptr<state> shared = state_;
    while (must_wait() && !shared->closed) co_await shared->writable.wait();
  }

  /// Nothing more comes: readers get what is left, then the end.
  void close() {
    state_->closed = true;
    state_->readable.notify_all();
    state_->writable.notify_all();
  }
  bool is_closed() const noexcept { return state_->closed; }

 private:
  std::shared_ptr<state> state_;
};

}  // namespace ovrseer
