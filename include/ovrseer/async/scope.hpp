// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A place for concurrent children that none of them outlives.
#pragma once

#include <utility>

#include <ovrseer/async/nursery.hpp>

namespace ovrseer {

/// Starts children that end with it. Only `with_scope` makes one.
class scope {
 public:
  /// Starts a child now. Its failure cancels the body and all other children, and ends the scope with it.
  void start(task<void> child) { children_.start(std::move(child)); }

  /// Asks everybody in the scope, the body included, to end.
  void cancel(cancellation_type type = cancellation_type::total) { children_.cancel(type); }

  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;

 private:
  template <class Body>
  friend task<void> with_scope(Body body);

  explicit scope(const executor& ex) : children_(ex) {}

  template <class Body>
  static task<void> run(Body body) {
    const executor ex = co_await asio::this_coro::executor;
    scope children(ex);
    children.start(body(children));
    co_await children.join();
  }

  task<void> join() {
    for (std::size_t done = 0; children_.running() != 0 && !children_.failure(); done = children_.finished()) {
      co_await children_.wait_finished(done + 1);
    }
    co_await children_.wind_down();
    if (children_.failure()) std::rethrow_exception(children_.failure());
  }

  nursery children_;
};

/// Runs `body(scope&)`, a function that returns `task<void>`, then waits until every child that it
/// started has ended.
///
/// Errors: the first failure of the body or of a child, after all others were cancelled (`total`, then
/// `terminal` after `default_patience`) and have ended.
/// Cancellation: every type is passed to the body and to all children; the first failure comes back;
/// see `apart`.
template <class Body>
task<void> with_scope(Body body) {
  return apart(scope::run(std::move(body)));
}

}  // namespace ovrseer
