// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One thread for what must block: a policy that lives there, and calls that come back to the strand.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include <ovrseer/async/nursery.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer {

namespace async_detail {

/// The side of a call that belongs to the execution context; only its thread touches it.
struct worker_call {
  explicit worker_call(const executor& ex) : changed(ex), alive(ex) {}
  notifier changed;
  asio::executor_work_guard<executor> alive;
  bool is_done = false;
};

/// The way back from a worker to an execution context. It closes when the context ends, which a thread
/// that is still inside a call must not touch any more.
class worker_gate {
 public:
  std::shared_ptr<worker_call> open(const executor& ex) {
    auto call = std::make_shared<worker_call>(ex);
    const std::lock_guard lock(mutex_);
    calls_.emplace(call.get(), call);
    return call;
  }
  void finish(const worker_call* which) {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(which);
    if (found == calls_.end()) return;
    const executor ex = found->second->alive.get_executor();
    asio::post(ex, [call = std::move(found->second)] {
      call->is_done = true;
      call->changed.notify_all();
    });
    calls_.erase(found);
  }
  void close() {
    std::map<const worker_call*, std::shared_ptr<worker_call>> abandoned;
    const std::lock_guard lock(mutex_);
    abandoned.swap(calls_);
  }

 private:
  std::mutex mutex_;
  std::map<const worker_call*, std::shared_ptr<worker_call>> calls_;
};

class worker_service : public asio::execution_context::service {
 public:
  using key_type = worker_service;
  static inline asio::execution_context::id id;

  explicit worker_service(asio::execution_context& context) : service(context) {}
  const std::shared_ptr<worker_gate>& gate() const noexcept { return gate_; }

 private:
  void shutdown() override { gate_->close(); }

  std::shared_ptr<worker_gate> gate_ = std::make_shared<worker_gate>();
};

}  // namespace async_detail

/// Owns one thread and an object of type `P` that only this thread touches.
///
/// The destructor never blocks: an idle thread ends at once; one that is inside a call ends when the
/// call returns, and `P` is destroyed there. Calls that have not begun are refused.
template <class P>
class on_worker {
 public:
  /// Makes `P` on the worker's thread from copies of the arguments, before the first call runs.
  template <class... Args>
  explicit on_worker(Args... args) : shared_(std::make_shared<shared>()) {
    shared_->jobs.push_back([raw = shared_.get(), args...](duty what) {
      if (what == duty::perform) raw->policy = std::make_unique<P>(args...);
    });
    std::thread([keep = shared_] { keep->run(); }).detach();
  }
  on_worker(const on_worker&) = delete;
  on_worker& operator=(const on_worker&) = delete;
  ~on_worker() { shared_->stop(); }

  /// Runs `work(P&)` on the thread, after the calls before it, and yields what it returns or throws.
  ///
  /// Errors: what `work` or the constructor of `P` throws; `errc::closed` where the worker is destroyed first.
  /// Cancellation: every type abandons the call; the thread still finishes it, and its result is dropped.
  template <class Work>
  task<std::invoke_result_t<Work, P&>> run(Work work) {
    using value_type = std::invoke_result_t<Work, P&>;
    co_await detail::admit_all_cancellation();
    const executor ex = co_await asio::this_coro::executor;
    const auto& service = asio::use_service<async_detail::worker_service>(asio::query(ex, asio::execution::context));
    const auto call = service.gate()->open(ex);
    const auto kept = std::make_shared<outcome<value_type>>();
    auto job = [raw = shared_.get(), gate = service.gate(), which = call.get(), result = kept,
                work = std::move(work)](duty what) mutable {
      raw->carry_out(what, work, *result);
      result = nullptr;  // before the caller knows: what it got is then its own, and ends on its thread
      gate->finish(which);
    };
    shared_->post(std::move(job));
    while (!call->is_done) co_await call->changed.wait();
    if (kept->failure) std::rethrow_exception(kept->failure);
    if constexpr (!std::is_void_v<value_type>) co_return std::move(*kept->value);
  }

  /// Destroys `P` on its thread, after the calls before; those that follow throw `errc::closed`. For when what `P` holds
  /// must be free from here on, which the destructor does not wait for.
  ///
  /// Errors and cancellation: as `run`.
  task<void> end() {
    return run([raw = shared_.get()](P&) {
      raw->policy = nullptr;
      raw->why_none = std::make_exception_ptr(error(errc::closed, "run", "the worker was ended"));
    });
  }

  /// Calls that wait for the thread, the one that runs not counted.
  std::size_t backlog() const { return shared_->backlog(); }

 private:
  enum class duty : std::uint8_t { perform, refuse };

  struct shared {
    void post(std::function<void(duty)> job) {
      const std::lock_guard lock(mutex);
      jobs.push_back(std::move(job));
      wake.notify_one();
    }
    void stop() {
      std::deque<std::function<void(duty)>> refused;
      {
        const std::lock_guard lock(mutex);
        stopped = true;
        refused.swap(jobs);
        wake.notify_one();
      }
      for (const auto& job : refused) job(duty::refuse);
    }
    std::size_t backlog() {
      const std::lock_guard lock(mutex);
      return jobs.size();
    }
    void run() {
      std::unique_lock lock(mutex);
      for (;;) {
        wake.wait(lock, [this] { return stopped || !jobs.empty(); });
        if (stopped) break;
        std::function<void(duty)> job = std::move(jobs.front());
        jobs.pop_front();
        lock.unlock();
        try {
          job(duty::perform);
        } catch (...) {  // only the constructor of P gets here; the calls that follow report it
          why_none = std::current_exception();
        }
        job = nullptr;  // not under the lock
        lock.lock();
      }
      lock.unlock();
      policy.reset();
    }
    template <class T, class Work>
    void carry_out(duty what, Work& work, outcome<T>& kept) {
      try {
        if (what == duty::refuse) throw error(errc::closed, "run", "the worker was destroyed");
        if (why_none) std::rethrow_exception(why_none);
        if constexpr (std::is_void_v<T>) {
          work(*policy);
          kept.value.emplace();
        } else {
          kept.value.emplace(work(*policy));
        }
      } catch (...) {
        kept.failure = std::current_exception();
      }
    }

    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void(duty)>> jobs;
    bool stopped = false;
    std::unique_ptr<P> policy;
    std::exception_ptr why_none;  // it could not be made, or was ended
  };

  std::shared_ptr<shared> shared_;
};

}  // namespace ovrseer
