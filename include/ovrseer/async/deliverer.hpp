// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What hands something over to whoever must have it: the one shape of reporters, sinks and exporters, so that what wraps
// one wraps them all.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/delivery_status.hpp>

namespace ovrseer {

namespace async_detail {
inline task<void> nothing_to_flush() { co_return; }
}  // namespace async_detail

/// Delivers one `T`, such as a crash report, wholly or not at all.
///
/// `deliver` completes when the item is where it belongs and throws when it will not get there; the exception is the
/// only word of failure, and `condition::retryable` holds for its code where a later call may succeed. The item is the
/// caller's and outlives the call. Several calls may be under way. Every cancellation type abandons the call.
template <class D, class T>
concept deliverer = requires(D& policy, const T& item) {
  { policy.deliver(item) } -> std::same_as<task<void>>;
};

/// When a policy that holds something back, such as a digest or a batch, wants `flush` to be called; nothing while it
/// holds nothing, and for policies that never do.
template <class D>
std::optional<steady_time> due_of(const D& policy) {
  if constexpr (requires {
                  { policy.due() } -> std::convertible_to<std::optional<steady_time>>;
                }) {
    return policy.due();
  } else {
    return std::nullopt;
  }
}

/// Delivers what a policy holds back and what is due by `until`; see `deliverer` for failures, after which it is still held.
/// Who runs a policy calls it at `due_of`, and before the end with `steady_time::max()`.
template <class D>
task<void> flush_of(D& policy, steady_time until) {
  if constexpr (requires {
                  { policy.flush(until) } -> std::same_as<task<void>>;
                }) {
    return policy.flush(until);
  } else {
    return async_detail::nothing_to_flush();
  }
}

/// Adds what a policy knows of its items, and those within it; nothing for policies that keep no count. A policy that wraps
/// another hands the call on.
template <class D>
void add_status(const D& policy, delivery_status& into) {
  if constexpr (requires { policy.add_to(into); }) policy.add_to(into);
}

/// What a policy and those within it know of their items.
template <class D>
delivery_status status_of(const D& policy) {
  delivery_status made;
  add_status(policy, made);
  return made;
}

/// The least that a deliverer of `T` is; for tests of what takes one.
template <class T>
struct deliverer_archetype {
  deliverer_archetype() = delete;
  deliverer_archetype(const deliverer_archetype&) = delete;
  deliverer_archetype& operator=(const deliverer_archetype&) = delete;
  task<void> deliver(const T& item);
};

/// Takes everything and gives it to nobody.
struct null_deliverer {
  template <class T>
  task<void> deliver(const T&) {
    co_return;
  }
};

/// Keeps every item, for tests.
template <class T>
struct recording_deliverer {
  std::vector<T> items;

  task<void> deliver(const T& item) {
    items.push_back(item);
    co_return;
  }
};

/// Any deliverer of `T`, chosen at run time. Move-only.
template <class T>
class any_deliverer {
 public:
  template <deliverer<T> D>
    requires(!std::same_as<D, any_deliverer>)
  any_deliverer(D policy)  // a policy is an any_deliverer wherever one is wanted
      : self_(std::make_unique<holder<D>>(std::move(policy))) {}

  task<void> deliver(const T& item) { return self_->deliver(item); }
  std::optional<steady_time> due() const { return self_->due(); }
  task<void> flush(steady_time until) { return self_->flush(until); }
  void add_to(delivery_status& into) const { self_->add_to(into); }

 private:
  struct base {
    base() = default;
    base(const base&) = delete;
    base& operator=(const base&) = delete;
    virtual ~base() = default;
    virtual task<void> deliver(const T& item) = 0;
    virtual std::optional<steady_time> due() const = 0;
    virtual task<void> flush(steady_time until) = 0;
    virtual void add_to(delivery_status& into) const = 0;
  };
  template <class D>
  struct holder final : base {
    explicit holder(D inside) : policy(std::move(inside)) {}
    task<void> deliver(const T& item) override { return policy.deliver(item); }
    std::optional<steady_time> due() const override { return due_of(policy); }
    task<void> flush(steady_time until) override { return flush_of(policy, until); }
    void add_to(delivery_status& into) const override { add_status(policy, into); }
    D policy;
  };

  std::unique_ptr<base> self_;
};

/// A deliverer that belongs to somebody else, who outlives it.
template <class D>
class borrowed {
 public:
  explicit borrowed(D& policy) noexcept : policy_(&policy) {}
  template <class T>
    requires deliverer<D, T>
  task<void> deliver(const T& item) {
    return policy_->deliver(item);
  }
  std::optional<steady_time> due() const { return due_of(*policy_); }
  task<void> flush(steady_time until) { return flush_of(*policy_, until); }
  void add_to(delivery_status& into) const { add_status(*policy_, into); }

 private:
  D* policy_;
};

}  // namespace ovrseer
