// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A deliverer that never floods: what comes too fast is told later, together.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/deliver/fold.hpp>
#include <ovrseer/deliver/token_bucket.hpp>

namespace ovrseer {

/// How much a `rate_limited` lets through.
struct rate_limited_options {
  rate_limited_options() = default;

  rate_limit each{1, std::chrono::minutes(1), 5};       ///< of one key
  rate_limit critical{1, std::chrono::minutes(1), 10};  ///< of one key, what is critical: it has a bucket of its own
  rate_limit all{1, std::chrono::seconds(1), 10};       ///< of all keys together
};

/// Hands on to `D` what the rates allow, and folds the rest into a digest, which goes out as soon as they allow it. Nothing
/// is dropped: a folded item counts as delivered when `deliver` returns, and the digest fails in `flush`.
template <class D, class T = crash_report>
  requires deliverer<D, T>
class rate_limited {
 public:
  explicit rate_limited(D inner, rate_limited_options options = {})
      : inner_(std::move(inner)), options_(options), all_(options.all) {}

  /// Errors and cancellation: those of `D`.
  task<void> deliver(const T& item) {
    const executor ex = co_await asio::this_coro::executor;
    if (!take(item, clock_of(ex).now())) {
      held_.add(item);
      ++folded_;
      co_return;
    }
    co_await inner_.deliver(item);
  }

  /// When the digest may go out.
  std::optional<steady_time> due() const {
    const std::optional<steady_time> within = due_of(inner_);
    if (held_.empty()) return within;
    return within ? std::min(*within, all_.ready_at()) : all_.ready_at();
  }
  /// Delivers the digest. One that fails goes back into the next.
  task<void> flush(steady_time until) {
    if (!held_.empty() && all_.ready_at() <= until) {
      const executor ex = co_await asio::this_coro::executor;
      (void)all_.take(clock_of(ex).now());
      const T digest = held_.take();
      std::exception_ptr failure;
      try {
        co_await inner_.deliver(digest);
      } catch (...) {
        failure = std::current_exception();
        held_.add(digest);
      }
      if (failure) std::rethrow_exception(failure);
    }
    co_await flush_of(inner_, until);
  }

  void add_to(delivery_status& into) const {
    into.folded += folded_;
    into.waiting += held_.count();
    add_status(inner_, into);
  }

  /// How many items were folded so far.
  std::uint64_t folded() const noexcept { return folded_; }

 private:
  static constexpr std::size_t max_buckets = 1024;

  bool take(const T& item, steady_time now) {
    const bool is_critical = item_facts<T>::level(item) == severity::critical;
    const auto key = std::pair(item_facts<T>::key(item), is_critical);
    auto found = buckets_.find(key);
    if (found == buckets_.end()) {
      // A bucket that is full again is as good as none.
      if (buckets_.size() >= max_buckets)
        std::erase_if(buckets_, [&](const auto& one) { return one.second.is_full(now); });
      found = buckets_.emplace(key, token_bucket(is_critical ? options_.critical : options_.each)).first;
    }
    // Both or none.
    return all_.ready_at() <= now && found->second.take(now) && all_.take(now);
  }

  D inner_;
  rate_limited_options options_;
  token_bucket all_;
  std::map<std::pair<std::string, bool>, token_bucket> buckets_;
  item_fold<T> held_;
  std::uint64_t folded_ = 0;
};

}  // namespace ovrseer
