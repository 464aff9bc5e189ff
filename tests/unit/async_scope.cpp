// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The scope: children that a body starts and none of which outlives it.
#include <string>
#include <vector>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/scope.hpp>

namespace t_async_scope {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::run;
using test::started;

task<void> note_after(std::chrono::nanoseconds delay, std::string word, std::vector<std::string>& log) {
  const attempted<void> slept = co_await attempt(sleep_for(delay));
  log.push_back(slept ? word : word + " cancelled");
  if (!slept) slept.reason().rethrow();
}

task<void> fail_after(std::chrono::nanoseconds delay, const char* why) {
  co_await sleep_for(delay);
  throw std::runtime_error(why);
}

TEST_CASE("a scope ends when its body and all children have ended") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  const auto body = [&](scope& children) -> task<void> {
    children.start(note_after(3s, "slow", log));
    children.start(note_after(1s, "fast", log));
    co_await note_after(2s, "body", log);
  };
  run(context, time, with_scope(body));
  CHECK(log == std::vector<std::string>{"fast", "body", "slow"});
  CHECK(time.now() == steady_time(3s));
}

TEST_CASE("children may start children after the body has ended") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  const auto parent = [&](scope& children) -> task<void> {
    co_await note_after(1s, "child", log);
    children.start(note_after(1s, "grandchild", log));
  };
  const auto body = [&](scope& children) -> task<void> {
    children.start(parent(children));
    log.push_back("body");
    co_return;
  };
  run(context, time, with_scope(body));
  CHECK(log == std::vector<std::string>{"body", "child", "grandchild"});
}

TEST_CASE("the failure of a child cancels the body and the other children") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  const auto body = [&](scope& children) -> task<void> {
    children.start(note_after(1h, "child", log));
    children.start(fail_after(1s, "oh"));
    co_await note_after(1h, "body", log);
  };
  started<void> scoped(context, with_scope(body));
  time.run();
  CHECK_THROWS_WITH(scoped.get(), "oh");
  CHECK(log == std::vector<std::string>{"body cancelled", "child cancelled"});
  CHECK(time.now() == steady_time(1s));
}

TEST_CASE("the failure of the body cancels the children") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  const auto body = [&](scope& children) -> task<void> {
    children.start(note_after(1h, "child", log));
    co_await fail_after(1s, "oh");
  };
  started<void> scoped(context, with_scope(body));
  time.run();
  CHECK_THROWS_WITH(scoped.get(), "oh");
  CHECK(log == std::vector<std::string>{"child cancelled"});
}

TEST_CASE("a body that throws before it returns a task leaves nothing behind") {
  asio::io_context context;
  virtual_clock time(context);
  const auto body = [&](scope&) -> task<void> { throw std::runtime_error("at once"); };
  started<void> scoped(context, with_scope(body));
  time.run();
  CHECK_THROWS_WITH(scoped.get(), "at once");
}

TEST_CASE("anybody in the scope may ask everybody to end") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  const auto ender = [&](scope& children) -> task<void> {
    co_await sleep_for(1s);
    children.cancel();
  };
  const auto body = [&](scope& children) -> task<void> {
    children.start(note_after(1h, "child", log));
    children.start(ender(children));
    co_await note_after(1h, "body", log);
  };
  started<void> scoped(context, with_scope(body));
  time.run();
  CHECK(scoped.was_aborted());
  CHECK(log.size() == 2);
  CHECK(time.now() == steady_time(1s));
}

TEST_CASE("every type of cancellation from outside reaches the body and all children") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  const auto body = [&](scope& children) -> task<void> {
    children.start(note_after(1h, "child", log));
    co_await note_after(1h, "body", log);
  };
  started<void> scoped(context, with_scope(body));
  time.run_for(1s);
  scoped.cancel(type);
  time.run();
  CHECK(scoped.was_aborted());
  CHECK(log == std::vector<std::string>{"body cancelled", "child cancelled"});
  CHECK(time.now() == steady_time(1s));
}

TEST_CASE("a child that is started while the scope winds down is cut off after the patience") {
  asio::io_context context;
  virtual_clock time(context);
  std::vector<std::string> log;
  const auto late = [&](scope& children) -> task<void> {
    const attempted<void> asked = co_await attempt(sleep_for(1h));
    children.start(note_after(1h, "late", log));
  };
  const auto body = [&](scope& children) -> task<void> {
    children.start(late(children));
    co_await fail_after(1s, "oh");
  };
  started<void> scoped(context, with_scope(body));
  time.run();
  CHECK_THROWS_WITH(scoped.get(), "oh");
  CHECK(log == std::vector<std::string>{"late cancelled"});
  CHECK(time.now() == steady_time(1s) + default_patience);
}

}  // namespace t_async_scope
