// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Reporters as nobody wants them: one throws, one never completes, one blocks its thread, one hears garbage.
#pragma once

#include <chrono>
#include <latch>
#include <memory>
#include <stdexcept>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/async/on_worker.hpp>
#include <ovrseer/deliver/delivery_queue.hpp>
#include <ovrseer/deliver/http_deliverer.hpp>
#include <ovrseer/event/crash_report.hpp>
#include <ovrseer/service/slack.hpp>

namespace ovrseer::test {

/// Throws while it is told to.
struct throwing_reporter {
  std::shared_ptr<bool> fails;
  task<void> deliver(const crash_report&) {
    if (*fails) throw std::runtime_error("a mistake");
    co_return;
  }
};

struct stuck_reporter {
  template <class T>
  task<void> deliver(const T&) {
    const executor ex = co_await asio::this_coro::executor;
    notifier never(ex);
    co_await never.wait();
  }
};

/// Holds up the thread that it lives on until somebody lets go.
struct blocking_reporter {
  struct on_its_thread {};
  std::shared_ptr<std::latch> until;
  std::unique_ptr<on_worker<on_its_thread>> worker = std::make_unique<on_worker<on_its_thread>>();

  task<void> deliver(const crash_report&) {
    auto block = [until = until](on_its_thread&) { until->wait(); };
    return worker->run(std::move(block));
  }
};

/// Reports to Slack, where a page stands for an answer.
inline auto garbled_reporter() {
  scripted_http_client garbage;
  garbage.otherwise([](const http_request&) -> task<http_response> {
    http_response answer(200);
    answer.body("<html>\xFF no such page</html>", "text/html");
    co_return answer;
  });
  return http_deliverer(slack::with_token("xoxb-1", "#ops"), garbage);
}

inline delivery_queue_options<crash_report> impatient() {
  delivery_queue_options<crash_report> options;
  options.limits = delivery_limits(std::chrono::milliseconds(20));
  options.limits.patience = std::chrono::milliseconds(5);
  return options;
}

}  // namespace ovrseer::test
