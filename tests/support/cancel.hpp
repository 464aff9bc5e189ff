// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The cancellation harness: runs an operation handler by handler and cancels it at each of its suspension
// points with each type, and destroys its context there; each time nothing may be left behind.
//
// To put an operation under test, write it as a coroutine over a `stage` and name what it promises:
//
//     task<void> sleep(stage&) { co_await sleep_for(1s); }
//     TEST_CASE("sleep") { cancel_everywhere({"sleep_for", sleep}); }
#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch.hpp>
#include <leaks.hpp>
#include <run.hpp>

#include <ovrseer/process/process.hpp>

namespace ovrseer::test {

/// What a cancellation of one type does to an operation.
enum class promise {
  aborts,    ///< it is abandoned: it fails as cancelled, or its caller does at the next wait
  finishes,  ///< it comes to its end all the same and gives its result
};

/// In the order total, partial, terminal.
using promises = std::array<promise, 3>;
inline constexpr promises all_abort{promise::aborts, promise::aborts, promise::aborts};
inline constexpr promises all_finish{promise::finishes, promise::finishes, promise::finishes};

enum class time_kind { simulated, real };

/// Whether the operation comes to its end without the cancellation that is tried.
enum class progress { by_itself, when_pushed };

/// How an operation is ended: by a cancellation, or by the end of its context.
enum class ending { total, partial, terminal, destroyed };

inline const char* name_of(ending how) {
  constexpr const char* words[] = {"total", "partial", "terminal", "destroyed"};
  return words[static_cast<std::size_t>(how)];
}

/// The world of one run of an operation.
class stage {
 public:
  stage(time_kind kind, std::optional<ending> planned)
      : planned_end(planned), context_(std::make_unique<asio::io_context>()), kind_(kind) {
    if (kind == time_kind::simulated) clock_of(ex()).make_virtual({});
  }
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;
  ~stage() { destroy(); }

  asio::io_context& context() { return *context_; }
  executor ex() { return context_->get_executor(); }

  /// An object that lives as long as the stage.
  template <class T, class... Args>
  T& keep(Args&&... args) {
    auto made = std::make_shared<T>(std::forward<Args>(args)...);
    kept_.push_back(made);
    return *made;
  }

  /// A place for a process that lives until the operation has ended.
  process& keep_process() { return processes_.emplace_back(); }

  /// A witness for a coroutine frame: counted while it lives. Hold one in every body that you hand over.
  class frame {
   public:
    explicit frame(stage& at) : alive_(at.frames_) { ++*alive_; }
    frame(const frame&) = delete;
    frame& operator=(const frame&) = delete;
    ~frame() { --*alive_; }

   private:
    std::shared_ptr<int> alive_;
  };
  std::shared_ptr<const int> frames() const { return frames_; }

  /// Lets something happen at a time.
  void later(std::chrono::nanoseconds delay, std::function<void()> act) {
    asio::co_spawn(ex(), act_after(delay, std::move(act)), [](const std::exception_ptr&) {});
  }

  /// Runs one handler; false when none is left, in simulated time also when nobody sleeps, in real time when
  /// nothing happens for `patience`.
  bool step(std::chrono::milliseconds patience = hang_limit) {
    context_->restart();
    if (kind_ == time_kind::real) return context_->run_one_for(patience) != 0;
    if (context_->poll_one() != 0) return true;
    clock_service& clock = clock_of(ex());
    if (clock.next_due() == steady_time::max()) return false;
    clock.advance_to(clock.next_due());
    return step();
  }

  /// Runs until the operation has ended, and then until nothing is left; what never ends fails.
  void run_dry(const started<void>& caller) {
    bool is_dry = false;
    const steady_time begin = clock_of(ex()).now();
    for (int handlers = 0; !is_dry; ++handlers) {
      if (handlers > 1'000'000) throw std::runtime_error("the context does not run dry");
      if (!caller.is_done())
        took_ = clock_of(ex()).now() - begin;
      else
        processes_.clear();
      is_dry = !step();
    }
    if (!context_->stopped() && kind_ == time_kind::real) throw std::runtime_error("the context does not run dry");
  }

  /// Whether the operation ended without waiting any more; known in simulated time alone.
  bool ended_at_once() const { return kind_ == time_kind::real || took_ == std::chrono::nanoseconds::zero(); }

  void destroy() {
    processes_.clear();
    kept_.clear();
    context_.reset();
  }

  /// The ending that comes; nothing in the run that is left alone.
  const std::optional<ending> planned_end;
  bool is_complete = false;

 private:
  static task<void> act_after(std::chrono::nanoseconds delay, std::function<void()> act) {
    co_await sleep_for(delay);
    act();
  }

  std::shared_ptr<int> frames_ = std::make_shared<int>(0);
  std::unique_ptr<asio::io_context> context_;
  std::vector<std::shared_ptr<void>> kept_;
  std::list<process> processes_;
  time_kind kind_;
  std::chrono::nanoseconds took_{};
};

/// An operation under test.
struct cancellable {
  std::string name;
  task<void> (*run)(stage&);
  test::promises promises = all_abort;
  time_kind time = time_kind::simulated;
  /// Prepares the stage, and runs its context as far as it likes, before the operation begins.
  void (*prepare)(stage&) = nullptr;
  progress moves = progress::by_itself;
};

/// The operation, and then a wait of the caller's own: a cancelled caller ends there at the latest.
inline task<void> use_and_go_on(stage& at, task<void> operation) {
  const executor ex = co_await asio::this_coro::executor;
  co_await std::move(operation);
  at.is_complete = true;
  co_await asio::post(ex, use_task);
}

/// Where an operation was when its end came.
enum class found { under_way, idle, ended };

/// Runs `what` for `points` handlers, then ends it as said.
inline found end_at(const cancellable& what, ending how, int points) {
  const no_leaks guard;
  stage at(what.time, how);
  const std::shared_ptr<const int> frames = at.frames();
  if (what.prepare != nullptr) what.prepare(at);
  std::optional<started<void>> caller(std::in_place, at.context(), use_and_go_on(at, what.run(at)));
  bool moves = true;
  for (int point = 0; point < points && moves && !at.is_complete; ++point) {
    // Long enough for whatever comes by itself; where it was not, the end comes a little early.
    moves = what.moves == progress::by_itself ? at.step() : at.step(std::chrono::milliseconds(200));
  }
  if (!moves && what.moves == progress::by_itself) throw std::runtime_error("the operation does not end");
  const bool is_in_time = !at.is_complete;
  INFO(what.name << " ended by " << name_of(how) << " at point " << points);
  if (how == ending::destroyed) {
    at.destroy();
  } else {
    constexpr cancellation_type types[] = {cancellation_type::total, cancellation_type::partial,
                                           cancellation_type::terminal};
    if (is_in_time) caller->cancel(types[static_cast<std::size_t>(how)]);
    at.run_dry(*caller);
    REQUIRE(caller->is_done());
    const bool must_abort = points == 0 || what.promises[static_cast<std::size_t>(how)] == promise::aborts;
    if (!is_in_time)
      CHECK_FALSE(caller->has_failed());
    else if (must_abort)
      CHECK((caller->was_aborted() && at.ended_at_once()));
    else
      CHECK((at.is_complete && (!caller->has_failed() || caller->was_aborted())));
    caller.reset();
    at.destroy();
  }
  CHECK(*frames == 0);
  return !is_in_time ? found::ended : moves ? found::under_way : found::idle;
}

/// Ends `what` in every way at every point, and prints how many points there were. An operation that waits for
/// the system has more or fewer, as the system likes.
inline void cancel_everywhere(const cancellable& what) {
  static bool has_title = false;
  if (!std::exchange(has_title, true)) {
    std::printf("%-36s %8s %8s %8s %10s\n", "suspension points of", "total", "partial", "terminal", "destroyed");
  }
  std::string row;
  for (const ending how : {ending::total, ending::partial, ending::terminal, ending::destroyed}) {
    int points = 0;
    for (found last = found::under_way; last == found::under_way;) {
      last = end_at(what, how, points + 1);
      if (last != found::ended) ++points;
      REQUIRE(points < 10'000);
    }
    std::array<char, 16> number{};
    std::snprintf(number.data(), number.size(), how == ending::destroyed ? " %10d" : " %8d", points);
    row += number.data();
  }
  // Before its first handler a coroutine hears terminal alone, and is not entered then.
  CHECK(end_at(what, ending::terminal, 0) == found::under_way);
  CHECK(end_at(what, ending::destroyed, 0) == found::under_way);
  std::printf("%-36s%s\n", what.name.c_str(), row.c_str());
  std::fflush(stdout);
}

}  // namespace ovrseer::test
