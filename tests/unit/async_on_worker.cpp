// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The worker: calls on a thread of its own, failures, and the ends that must not block or dangle.
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <catch.hpp>
#include <run.hpp>

#include <ovrseer/async/on_worker.hpp>

namespace t_async_on_worker {

using namespace ovrseer;
using namespace std::chrono_literals;
using test::run;
using test::started;

/// A policy that notes on which thread it lives and tells when it is gone.
class ledger {
 public:
  explicit ledger(std::string title, std::shared_ptr<std::promise<std::thread::id>> gone = nullptr)
      : title_(std::move(title)), home_(std::this_thread::get_id()), gone_(std::move(gone)) {}
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;
  ~ledger() {
    if (gone_) gone_->set_value(std::this_thread::get_id());
  }
  int add(int value) {
    if (std::this_thread::get_id() != home_) throw std::logic_error("on another thread");
    return sum_ += value;
  }
  const std::string& title() const { return title_; }
  std::thread::id home() const { return home_; }

 private:
  std::string title_;
  std::thread::id home_;
  std::shared_ptr<std::promise<std::thread::id>> gone_;
  int sum_ = 0;
};

TEST_CASE("calls run one after the other on a thread of their own and come back") {
  asio::io_context context;
  on_worker<ledger> worker("accounts");
  const auto use = [&]() -> task<void> {
    const auto title_of = [](ledger& book) { return book.title(); };
    const std::string title = co_await worker.run(title_of);
    CHECK(title == "accounts");
    for (int i = 1; i <= 100; ++i) {
      const auto add = [i](ledger& book) { return book.add(i); };
      const int sum = co_await worker.run(add);
      CHECK(sum == i * (i + 1) / 2);
    }
    const auto home_of = [](ledger& book) { return book.home(); };
    const std::thread::id home = co_await worker.run(home_of);
    CHECK(home != std::this_thread::get_id());
    const auto nothing = [](ledger& book) { book.add(0); };
    co_await worker.run(nothing);
  };
  run(context, use);
}

TEST_CASE("a result that cannot be copied comes back") {
  asio::io_context context;
  on_worker<ledger> worker("accounts");
  const auto make = [](ledger&) { return std::make_unique<int>(7); };
  const std::unique_ptr<int> made = run(context, worker.run(make));
  CHECK(*made == 7);
}

TEST_CASE("what a call throws comes back and the worker goes on") {
  asio::io_context context;
  on_worker<ledger> worker("accounts");
  const auto fail = [](ledger&) -> int { throw error(errc::corrupt, "read"); };
  CHECK_THROWS_WITH(run(context, worker.run(fail)), catchx::ContainsSubstring("corrupt"));
  const auto add = [](ledger& book) { return book.add(1); };
  CHECK(run(context, worker.run(add)) == 1);
}

struct witnessed {
  std::shared_ptr<std::thread::id> ended_on;
  explicit witnessed(std::shared_ptr<std::thread::id> where) : ended_on(std::move(where)) {}
  witnessed(const witnessed&) = default;
  ~witnessed() { *ended_on = std::this_thread::get_id(); }
};

TEST_CASE("what a call throws ends on the thread of the caller") {
  asio::io_context context;
  on_worker<ledger> worker("accounts");
  for (int i = 0; i < 200; ++i) {
    const auto where = std::make_shared<std::thread::id>();
    const auto fail = [where](ledger&) -> int { throw witnessed(where); };
    CHECK_THROWS_AS(run(context, worker.run(fail)), witnessed);
    REQUIRE(*where == std::this_thread::get_id());
  }
}

struct unmakeable {
  explicit unmakeable(int code) { throw std::runtime_error("no connection " + std::to_string(code)); }
};

TEST_CASE("what the constructor of the policy throws comes from every call") {
  asio::io_context context;
  on_worker<unmakeable> worker(7);
  const auto use = [](unmakeable&) { return 1; };
  CHECK_THROWS_WITH(run(context, worker.run(use)), "no connection 7");
  CHECK_THROWS_WITH(run(context, worker.run(use)), "no connection 7");
}

TEST_CASE("several coroutines use one worker") {
  asio::io_context context;
  on_worker<ledger> worker("accounts");
  int last = 0;
  const auto add_often = [&]() -> task<void> {
    const auto add = [](ledger& book) { return book.add(1); };
    for (int i = 0; i < 50; ++i) last = co_await worker.run(add);
  };
  for (int i = 0; i < 10; ++i) {
    asio::co_spawn(context, add_often(), [](const std::exception_ptr& failure) { CHECK_FALSE(failure); });
  }
  test::run_dry(context);
  CHECK(last == 500);
  CHECK(worker.backlog() == 0);
}

TEST_CASE("calls wait in the backlog while one blocks") {
  asio::io_context context;
  on_worker<ledger> worker("accounts");
  std::latch begun(1);
  std::latch release(1);
  const auto block = [&](ledger& book) {
    begun.count_down();
    release.wait();
    return book.add(1);
  };
  const auto add = [](ledger& book) { return book.add(1); };
  started<int> first(context, worker.run(block));
  started<int> second(context, worker.run(add));
  started<int> third(context, worker.run(add));
  test::settle(context);
  begun.wait();
  CHECK(worker.backlog() == 2);
  release.count_down();
  test::run_dry(context);
  CHECK(first.get() == 1);
  CHECK(third.get() == 3);
}

TEST_CASE("an idle worker ends with its owner and its policy dies on its own thread") {
  const auto gone = std::make_shared<std::promise<std::thread::id>>();
  std::future<std::thread::id> grave = gone->get_future();
  std::thread::id home;
  {
    asio::io_context context;
    on_worker<ledger> worker("accounts", gone);
    const auto home_of = [](ledger& book) { return book.home(); };
    home = run(context, worker.run(home_of));
  }
  REQUIRE(grave.wait_for(test::hang_limit) == std::future_status::ready);
  CHECK(grave.get() == home);
}

TEST_CASE("the destructor does not wait for a call that blocks") {
  const auto gone = std::make_shared<std::promise<std::thread::id>>();
  std::future<std::thread::id> grave = gone->get_future();
  const auto begun = std::make_shared<std::latch>(1);
  const auto release = std::make_shared<std::latch>(1);
  asio::io_context context;
  std::optional<on_worker<ledger>> worker(std::in_place, "accounts", gone);
  const auto block = [begun, release](ledger& book) {
    begun->count_down();
    release->wait();
    return book.add(1);
  };
  started<int> blocked(context, worker->run(block));
  test::settle(context);
  begun->wait();
  worker.reset();  // would hang here
  CHECK(grave.wait_for(0s) == std::future_status::timeout);
  release->count_down();
  test::run_dry(context);
  CHECK(blocked.get() == 1);  // a call that runs is finished
  CHECK(grave.wait_for(test::hang_limit) == std::future_status::ready);
}

TEST_CASE("calls that still wait when the worker dies end as closed") {
  const auto begun = std::make_shared<std::latch>(1);
  const auto release = std::make_shared<std::latch>(1);
  asio::io_context context;
  std::optional<on_worker<ledger>> worker(std::in_place, "accounts");
  const auto block = [begun, release](ledger& book) {
    begun->count_down();
    release->wait();
    return book.add(1);
  };
  started<int> blocked(context, worker->run(block));
  started<int> waiting(context, worker->run(block));
  test::settle(context);
  begun->wait();
  worker.reset();
  release->count_down();
  test::run_dry(context);
  CHECK(blocked.get() == 1);
  try {
    waiting.get();
    FAIL("it was never called");
  } catch (const error& why) {
    CHECK(why.code() == errc::closed);
  }
}

TEST_CASE("every type of cancellation abandons a call which the thread still finishes") {
  const auto type = GENERATE(cancellation_type::total, cancellation_type::partial, cancellation_type::terminal);
  asio::io_context context;
  on_worker<ledger> worker("accounts");
  std::latch begun(1);
  std::latch release(1);
  const auto block = [&](ledger& book) {
    begun.count_down();
    release.wait();
    return book.add(1);
  };
  started<int> blocked(context, worker.run(block));
  test::settle(context);
  begun.wait();
  blocked.cancel(type);
  test::settle(context);
  CHECK(blocked.was_aborted());
  release.count_down();
  test::run_dry(context);
  const auto add = [](ledger& book) { return book.add(1); };
  CHECK(run(context, worker.run(add)) == 2);
}

TEST_CASE("a worker that was ended has destroyed its object and refuses what follows") {
  asio::io_context context;
  const auto gone = std::make_shared<std::promise<std::thread::id>>();
  on_worker<ledger> worker("accounts", gone);
  const auto home_of = [](ledger& book) { return book.home(); };
  const std::thread::id home = run(context, worker.run(home_of));
  run(context, worker.end());
  auto where = gone->get_future();
  REQUIRE(where.wait_for(0s) == std::future_status::ready);
  CHECK(where.get() == home);
  const auto add = [](ledger& book) { return book.add(1); };
  CHECK_THROWS_AS(run(context, worker.run(add)), error);
  CHECK_THROWS_AS(run(context, worker.end()), error);
}

TEST_CASE("a context that is destroyed during a call is not touched by the thread any more") {
  const auto begun = std::make_shared<std::latch>(1);
  const auto release = std::make_shared<std::latch>(1);
  on_worker<ledger> worker("accounts");
  {
    asio::io_context context;
    const auto block = [begun, release](ledger& book) {
      begun->count_down();
      release->wait();
      return book.add(1);
    };
    asio::co_spawn(context, worker.run(block), [](const std::exception_ptr&, int) {});
    test::settle(context);
    begun->wait();
  }
  release->count_down();
  asio::io_context another;
  const auto add = [](ledger& book) { return book.add(1); };
  CHECK(run(another, worker.run(add)) == 2);
}

TEST_CASE("a context that is destroyed with calls in the backlog takes them along") {
  std::optional<on_worker<ledger>> worker(std::in_place, "accounts");
  const auto begun = std::make_shared<std::latch>(1);
  const auto release = std::make_shared<std::latch>(1);
  asio::io_context other;
  const auto block = [begun, release](ledger& book) {
    begun->count_down();
    release->wait();
    return book.add(1);
  };
  started<int> blocked(other, worker->run(block));
  test::settle(other);
  begun->wait();
  {
    asio::io_context context;
    const auto add = [](ledger& book) { return book.add(1); };
    for (int i = 0; i < 3; ++i) asio::co_spawn(context, worker->run(add), [](const std::exception_ptr&, int) {});
    test::settle(context);
  }
  release->count_down();
  test::run_dry(other);
  CHECK(blocked.get() == 1);
  worker.reset();
}

}  // namespace t_async_on_worker
