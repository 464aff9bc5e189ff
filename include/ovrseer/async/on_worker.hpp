// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One thread for what must block: a policy that lives there, and calls that come back to the strand.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include <ovrseer/async/nursery.hpp>

namespace ovrseer {

/// Owns one thread and an object of type `P` that only this thread touches.
///
/// The destructor never blocks: an idle thread ends at once; one that is inside a call ends when the
/// call returns, and `P` is destroyed there.
template <class P>
class on_worker {
 public:
  /// Makes `P` on the worker's thread from copies of the arguments, before the first call runs.
  template <class... Args>
  explicit on_worker(Args... args) : shared_(std::make_shared<shared>()) {
    shared_->jobs.push_back([raw = shared_.get(), args...] { raw->policy = std::make_unique<P>(args...); });
    std::thread([keep = shared_] { keep->run(); }).detach();
  }
  on_worker(const on_worker&) = delete;
  on_worker& operator=(const on_worker&) = delete;
  ~on_worker() { shared_->stop(); }

  /// Runs `work(P&)` on the thread, after the calls before it, and yields what it returns or throws.
  ///
  /// Errors: what `work` or the constructor of `P` throws.
  /// Cancellation: every type abandons the call; the thread still finishes it, and its result is dropped.
  template <class Work>
  task<std::invoke_result_t<Work, P&>> run(Work work) {
    using value_type = std::invoke_result_t<Work, P&>;
    const executor ex = co_await asio::this_coro::executor;
    const auto done = std::make_shared<completion<value_type>>(ex);
    auto job = [raw = shared_.get(), done, work = std::move(work),
                alive = asio::make_work_guard(ex)]() mutable {
      raw->perform(*done, work);
      asio::post(alive.get_executor(), [done] {
        done->is_done = true;
        done->changed.notify_all();
      });
    };
    shared_->post(std::move(job));
    while (!done->is_done) co_await done->changed.wait();
    if (done->kept.failure) std::rethrow_exception(done->kept.failure);
    if constexpr (!std::is_void_v<value_type>) co_return std::move(*done->kept.value);
  }

  /// Calls that wait for the thread, the one that runs not counted.
  std::size_t backlog() const { return shared_->backlog(); }

 private:
  template <class T>
  struct completion {
    explicit completion(const executor& ex) : changed(ex) {}
    outcome<T> kept;
    notifier changed;
    bool is_done = false;
  };

  struct shared {
    void post(std::function<void()> job) {
      const std::lock_guard lock(mutex);
      jobs.push_back(std::move(job));
      wake.notify_one();
    }
    void stop() {
      const std::lock_guard lock(mutex);
      stopped = true;
      jobs.clear();
      wake.notify_one();
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
        const std::function<void()> job = std::move(jobs.front());
        jobs.pop_front();
        lock.unlock();
        try {
          job();
        } catch (...) {  // only the constructor of P gets here; the calls that follow report it
          construction_failure = std::current_exception();
        }
        lock.lock();
      }
      lock.unlock();
      policy.reset();
    }
    template <class T, class Work>
    void perform(completion<T>& done, Work& work) {
      try {
        if (construction_failure) std::rethrow_exception(construction_failure);
        if constexpr (std::is_void_v<T>) {
          work(*policy);
          done.kept.value.emplace();
        } else {
          done.kept.value.emplace(work(*policy));
        }
      } catch (...) {
        done.kept.failure = std::current_exception();
      }
    }

    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> jobs;
    bool stopped = false;
    std::unique_ptr<P> policy;
    std::exception_ptr construction_failure;
  };

  std::shared_ptr<shared> shared_;
};

}  // namespace ovrseer
