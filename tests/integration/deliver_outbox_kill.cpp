// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// An outbox whose process is killed again and again while it is busy, before a receiver that fails at random: nothing that
// was accepted is lost, little comes twice, and then under the same key.
#include <ovrseer/net/curl.hpp>
#include <ovrseer/net/llhttp.hpp>
#include <ovrseer/service/webhook.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <asio/io_context.hpp>

#include <ovrseer/deliver/outbox.hpp>
#include <ovrseer/log/line_stream.hpp>
#include <ovrseer/process/process.hpp>

#include "catch.hpp"
#include "counterparty.hpp"
#include "disk_folder.hpp"
#include "http_serving.hpp"
#include "leaks.hpp"

namespace t_deliver_outbox_kill {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

constexpr std::size_t in_flight = 8;
const rate_limit rate(600, 1s, 30);

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// Says in each request when it was sent.
class stamped_client {
 public:
  explicit stamped_client(curl_client inner) : inner_(std::move(inner)) {}
  task<http_response> exchange(http_request request) {
    request.header("X-Sent", std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
    return inner_.exchange(std::move(request));
  }

 private:
  curl_client inner_;
};

task<void> accept_all(outbox<>& box, int next) {
  for (;; ++next) {
    crash_report report;
    report.id = std::to_string(next);
    report.last_lines = {std::string(static_cast<std::size_t>(next % 700), 'x')};
    co_await box.deliver(report);
    const std::string line = report.id + "\n";
    if (::write(1, line.data(), line.size()) < 0) std::_Exit(9);
  }
}

// Not a test of its own: the process that the next case starts and kills.
TEST_CASE("the process that an outbox lives in") {
  const std::string folder = variable("OVRSEER_TEST_OUTBOX");
  if (folder.empty()) return;
  asio::io_context context;
  outbox_options options(folder);
  options.in_flight = in_flight;
  options.rate = rate;
  options.retries = retry_limits(backoff::constant(1ms)).attempts(0);
  outbox<> box(context.get_executor(), options);
  http_deliverer to(webhook(variable("OVRSEER_TEST_ADDRESS")), stamped_client(curl_client(context.get_executor())));
  const auto die = [](std::exception_ptr failure) {
    if (failure) std::fprintf(stderr, "%s\n", caught(failure).what().c_str());
    std::_Exit(1);
  };
  asio::co_spawn(context, box.run(to), die);
  if (variable("OVRSEER_TEST_FIRST") != "none")
    asio::co_spawn(context, accept_all(box, std::atoi(variable("OVRSEER_TEST_FIRST").c_str())), die);
  context.run();
}

/// What came to the receiver.
struct received {
  explicit received(notifier& news) : came(news) {}
  notifier& came;
  std::map<std::string, int> taken;  // by key
  std::vector<std::int64_t> sent;
  std::mt19937 random{42};

  task<http_response> answer(const http_request& request) {
    const auto header = [&](const char* name) { return std::string(request.headers().get(name).value_or("")); };
    sent.push_back(std::atoll(header("X-Sent").c_str()));
    http_response made(200);
    const auto luck = random() % 100;
    if (luck < 20) {
      made.status(500);
    } else if (luck < 25) {
      made.status(429).header("Retry-After", "0");
    } else {
      ++taken[header("Idempotency-Key")];
      came.notify_all();
    }
    co_return made;
  }
};

TEST_CASE("an outbox that is killed while it is busy loses nothing") {
  const no_leaks nothing_left;
  const ovrseer_test::disk_folder disk;
  const int wanted = std::getenv("OVRSEER_TEST_LONG") != nullptr ? 10'000 : 1'500;
  std::set<int> accepted;
  std::uint64_t kills = 0;
  asio::io_context context;
  notifier came(context.get_executor());
  received at(came);
  const std::uint16_t port = free_port(context);
  auto handler = [&at](const http_request& request) { return at.answer(request); };
  const std::string address = "http://127.0.0.1:" + std::to_string(port) + "/";
  std::mt19937 random(7);
  auto scenario = [&]() -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    serving receiver(ex, server_endpoint::tcp("127.0.0.1", port), handler);
    const std::string self = "/proc/self/exe";
    int next = 0;
    for (bool is_done = false; !is_done;) {
      const bool is_last = static_cast<int>(accepted.size()) >= wanted;
      command child(self, "the process that an outbox lives in");
      child.env("OVRSEER_TEST_OUTBOX", disk / "box").env("OVRSEER_TEST_ADDRESS", address);
      child.env("OVRSEER_TEST_FIRST", is_last ? "none" : std::to_string(next));
      process running = co_await spawn(std::move(child));
      auto lines = running.lines();
      const steady_time until = std::chrono::steady_clock::now() + std::chrono::milliseconds(50 + random() % 400);
      while (!is_last && std::chrono::steady_clock::now() < until) {
        const auto line = co_await lines.next();
        if (!line) break;
        const int id = std::atoi(std::string(line->text).c_str());
        if (id == 0 && line->text != "0") continue;  // the test program's own words
        accepted.insert(id);
        next = id + 2;  // the one under way may be on the disk, and nobody was told
      }
      if (is_last) {
        const auto is_missing = [&](int id) { return !at.taken.contains(std::to_string(id)); };
        while (std::any_of(accepted.begin(), accepted.end(), is_missing)) co_await at.came.wait();
        is_done = true;
      }
      running.send(signal_number(SIGKILL), stop_scope::leader);
      co_await running.wait();
      ++kills;
    }
    co_await receiver.stop();
  };
  run_task(context, scenario());
  std::uint64_t twice = 0;
  for (const auto& [key, times] : at.taken) twice += static_cast<std::uint64_t>(times - 1);
  INFO(accepted.size() << " accepted, " << kills << " kills, " << twice << " came again");
  CHECK(kills > 3);
  CHECK(static_cast<int>(accepted.size()) >= wanted);
  CHECK(twice <= kills * in_flight);
  // In no second more than the rate, whichever process sent it.
  std::sort(at.sent.begin(), at.sent.end());
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last != at.sent.size(); ++last) {
    while (at.sent[last] - at.sent[first] > 1'000'000'000) ++first;
    most = std::max(most, last - first + 1);
  }
  CHECK(most <= rate.count + rate.burst);
  std::printf("%zu accepted, %llu kills, %llu came again, at most %zu in a second\n", accepted.size(),
              static_cast<unsigned long long>(kills), static_cast<unsigned long long>(twice), most);
}

}  // namespace t_deliver_outbox_kill
