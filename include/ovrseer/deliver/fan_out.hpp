// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One item to several deliverers, none of which can spoil it for the others.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <list>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/deliverer.hpp>
#include <ovrseer/async/nursery.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/deliver/deliver_within.hpp>

namespace ovrseer {

/// How one of several deliverers fared.
struct delivery_outcome {
  std::string name;               ///< of the deliverer, or its position from 0
  std::optional<caught> failure;  ///< what it threw; nothing where it delivered
};

/// Some of several deliverers failed. The code is that of the first failure (`std::errc::io_error` where it has none), the
/// context names all.
class deliveries_failed : public error {
 public:
  explicit deliveries_failed(std::vector<delivery_outcome> outcomes)
      : error(code_of(outcomes), "deliver", describe(outcomes)), outcomes_(std::move(outcomes)) {}

  /// One for each deliverer, in their order.
  const std::vector<delivery_outcome>& outcomes() const noexcept { return outcomes_; }

 private:
  static std::error_code code_of(const std::vector<delivery_outcome>& outcomes);
  static std::string describe(const std::vector<delivery_outcome>& outcomes);

  std::vector<delivery_outcome> outcomes_;
};

namespace deliver_detail {

/// One operation on one of several members, whose failure is a value.
template <class Operation>
task<void> run_one(Operation operation, delivery_outcome& into) {
  std::exception_ptr failure;
  co_await call(operation, failure);
  if (failure) into.failure.emplace(failure);
}

inline std::optional<steady_time> earlier(std::optional<steady_time> a, std::optional<steady_time> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

/// Waits for the deliveries that `start(children, outcomes)` begins; throws where the caller was cancelled.
template <class Start>
task<std::vector<delivery_outcome>> run_deliveries(Start start) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  std::vector<delivery_outcome> outcomes;
  nursery children(ex);
  start(children, outcomes);
  co_await children.join();
  if (children.was_cancelled()) detail::throw_cancelled();
  co_return std::move(outcomes);
}

OVRSEER_DECL task<void> throw_if_any_failed(task<std::vector<delivery_outcome>> deliveries);

}  // namespace deliver_detail

/// Hands everything to all of `Ds` at the same time, for types chosen at compile time.
template <class... Ds>
class fan_out {
 public:
  explicit fan_out(Ds... members) : members_(std::move(members)...) {}

  /// Delivers to all and waits for all. Throws `deliveries_failed` when any has failed.
  ///
  /// Cancellation: every type is passed to all.
  template <class T>
    requires(deliverer<Ds, T> && ...)
  task<void> deliver(const T& item) {
    return deliver_detail::throw_if_any_failed(deliver_all(item));
  }

  /// As `deliver`, but failures are values: one outcome for each, in their order.
  template <class T>
    requires(deliverer<Ds, T> && ...)
  task<std::vector<delivery_outcome>> deliver_all(const T& item) {
    return for_each([&item](auto& member) { return member.deliver(item); });
  }

  std::optional<steady_time> due() const {
    std::optional<steady_time> first;
    const auto look = [&](const auto& each) { first = deliver_detail::earlier(first, due_of(each)); };
    std::apply([&](const auto&... each) { (look(each), ...); }, members_);
    return first;
  }
  /// Flushes all, then throws as `deliver`.
  task<void> flush(steady_time until) {
    const auto flush_member = [until](auto& member) { return flush_of(member, until); };
    return deliver_detail::throw_if_any_failed(for_each(flush_member));
  }

  void add_to(delivery_status& into) const {
    std::apply([&](const auto&... each) { (add_status(each, into), ...); }, members_);
  }

  template <std::size_t I>
  auto& member() noexcept {
    return std::get<I>(members_);
  }

 private:
  /// Begins what `operation` makes of each member, and waits for all.
  template <class Operation>
  task<std::vector<delivery_outcome>> for_each(Operation operation) {
    auto start = [this, operation](nursery& children, std::vector<delivery_outcome>& outcomes) {
      outcomes.resize(sizeof...(Ds));
      std::size_t next = 0;
      const auto begin = [&](auto& member) {
        delivery_outcome& outcome = outcomes[next];
        outcome.name = std::to_string(next++);
        children.start(deliver_detail::run_one([&member, operation] { return operation(member); }, outcome));
      };
      std::apply([&](auto&... each) { (begin(each), ...); }, members_);
    };
    return deliver_detail::run_deliveries(std::move(start));
  }

  std::tuple<Ds...> members_;
};

/// Hands every `T` to all of its deliverers at the same time, for deliverers chosen at run time. Move-only.
template <class T>
class deliverer_list {
 public:
  /// Adds a deliverer under a name for outcomes and messages.
  deliverer_list& add(std::string name, any_deliverer<T> policy) {
    members_.push_back({std::move(name), std::move(policy)});
    return *this;
  }
  std::size_t size() const noexcept { return members_.size(); }

  /// Delivers to all and waits for all. Throws `deliveries_failed` when any has failed.
  ///
  /// Cancellation: every type is passed to all.
  task<void> deliver(const T& item) { return deliver_detail::throw_if_any_failed(deliver_all(item)); }

  /// As `deliver`, but failures are values: one outcome for each, in their order.
  task<std::vector<delivery_outcome>> deliver_all(const T& item) {
    return for_each([&item](auto& member) { return member.deliver(item); });
  }

  std::optional<steady_time> due() const {
    std::optional<steady_time> first;
    for (const named& member : members_) first = deliver_detail::earlier(first, due_of(member.policy));
    return first;
  }
  /// Flushes all, then throws as `deliver`.
  task<void> flush(steady_time until) {
    const auto flush_member = [until](auto& member) { return flush_of(member, until); };
    return deliver_detail::throw_if_any_failed(for_each(flush_member));
  }
  void add_to(delivery_status& into) const {
    for (const named& member : members_) add_status(member.policy, into);
  }

 private:
  struct named {
    std::string name;
    any_deliverer<T> policy;
  };

  /// Begins what `operation` makes of each member, and waits for all.
  template <class Operation>
  task<std::vector<delivery_outcome>> for_each(Operation operation) {
    auto start = [this, operation](nursery& children, std::vector<delivery_outcome>& outcomes) {
      outcomes.resize(members_.size());
      auto outcome = outcomes.begin();
      for (named& member : members_) {
        outcome->name = member.name;
        const auto begin = [&policy = member.policy, operation] { return operation(policy); };
        children.start(deliver_detail::run_one(begin, *outcome++));
      }
    };
    return deliver_detail::run_deliveries(std::move(start));
  }

  std::list<named> members_;  // stays where it is when another is added while a delivery is under way
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/deliver/impl/fan_out.ipp>
#endif
