// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A deliverer that tells the same fault once, and later how often it was seen.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/deliver/fold.hpp>

namespace ovrseer {

/// How a `deduplicated` knows the same fault again.
struct deduplicated_options {
  deduplicated_options() = default;
  explicit deduplicated_options(std::chrono::nanoseconds time_to_live) : ttl(time_to_live) {}

  /// How long after a fault was told it is only counted.
  std::chrono::nanoseconds ttl = std::chrono::minutes(10);
  std::size_t capacity = 1000;  ///< faults that are known at once; beyond it, the one told longest ago is forgotten
};

/// Hands the first item of each fingerprint on to `D` and counts those that follow. When its time to live has passed, the
/// last of them goes out too and says how many it stands for; the fault is then known for as long again.
template <class D, class T = crash_report>
  requires deliverer<D, T>
class deduplicated {
 public:
  explicit deduplicated(D inner, deduplicated_options options = {}) : inner_(std::move(inner)), options_(options) {}

  /// Errors and cancellation: those of `D`. What was not delivered is not known, so that the next is tried.
  task<void> deliver(const T& item) {
    const executor ex = co_await asio::this_coro::executor;
    const steady_time now = clock_of(ex).now();
    const std::string fingerprint = item_facts<T>::fingerprint(item);
    const auto found = known_.find(fingerprint);
    if (found != known_.end() && (now < found->second.until || found->second.count != 0)) {
      ++found->second.count;
      found->second.last.emplace(item);
      ++suppressed_;
      co_return;
    }
    co_await inner_.deliver(item);
    if (known_.size() >= options_.capacity) forget_oldest();
    if (known_.size() < options_.capacity) known_.insert_or_assign(fingerprint, entry(now + options_.ttl));
  }

  /// When the first count is to be told.
  std::optional<steady_time> due() const {
    std::optional<steady_time> first = due_of(inner_);
    for (const auto& [fingerprint, one] : known_) {
      if (one.count != 0 && (!first || one.until < *first)) first = one.until;
    }
    return first;
  }
  /// Delivers the counts that are to be told by `until`. One that fails stays.
  task<void> flush(steady_time until) {
    const executor ex = co_await asio::this_coro::executor;
    std::vector<std::string> ripe;
    for (const auto& [fingerprint, one] : known_) {
      if (one.count != 0 && one.until <= until) ripe.push_back(fingerprint);
    }
    for (const std::string& fingerprint : ripe) {
      entry& one = known_.find(fingerprint)->second;  // one with a count is never forgotten
      const std::uint64_t count = one.count;
      if (count == 0) continue;
      one.until = clock_of(ex).now() + options_.ttl;  // also where this fails: it is not due again at once
      T told = *one.last;
      item_facts<T>::seen(told, count);
      co_await inner_.deliver(told);
      one.count -= count;
    }
    co_await flush_of(inner_, until);
  }

  void add_to(delivery_status& into) const {
    into.folded += suppressed_;
    add_status(inner_, into);
  }

  /// How many items were only counted so far.
  std::uint64_t suppressed() const noexcept { return suppressed_; }

 private:
  struct entry {
    explicit entry(steady_time end) : until(end) {}
    steady_time until;
    std::uint64_t count = 0;  // since it was told
    std::optional<T> last;
  };

  // Among those without a count, which would be lost.
  void forget_oldest() {
    auto oldest = known_.end();
    for (auto at = known_.begin(); at != known_.end(); ++at) {
      if (at->second.count == 0 && (oldest == known_.end() || at->second.until < oldest->second.until)) oldest = at;
    }
    if (oldest != known_.end()) known_.erase(oldest);
  }

  D inner_;
  deduplicated_options options_;
  std::map<std::string, entry> known_;
  std::uint64_t suppressed_ = 0;
};

}  // namespace ovrseer
