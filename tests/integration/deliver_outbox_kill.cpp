// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// An outbox whose process is killed again and again while it is busy, before a receiver that fails at random: nothing that
// was accepted is lost, little comes twice, and then under the same key.
#include <ovrseer/net/curl.hpp>
#include <ovrseer/net/llhttp.hpp>
#include <ovrseer/service/webhook.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>

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

/// Says in each request when it was sent, and in which life of the sender.
class stamped_client {
 public:
  explicit stamped_client(curl_client inner) : inner_(std::move(inner)) {}
  task<http_response> exchange(http_request request) {
    request.header("X-Sent", std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
    request.header("X-Life", variable("OVRSEER_TEST_LIFE"));
    return inner_.exchange(std::move(request));
  }

 private:
  curl_client inner_;
};

task<void> accept(outbox<>& box, int first, int count) {
  for (int next = first; next < first + count; ++next) {
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
    if (!failure) return;
    std::fprintf(stderr, "%s\n", caught(failure).what().c_str());
    std::_Exit(1);
  };
  asio::co_spawn(context, box.run(to), die);
  const int count = std::atoi(variable("OVRSEER_TEST_COUNT").c_str());
  if (count == 0) box.close();  // ends when all is sent
  asio::co_spawn(context, accept(box, std::atoi(variable("OVRSEER_TEST_FIRST").c_str()), count), die);
  context.run();
}

/// What came to the receiver, which refuses a quarter of it.
struct received {
  explicit received(notifier& news) : came(news) {}

  struct taking {
    std::string key;
    std::uint64_t life = 0;
  };
  notifier& came;
  std::map<std::string, std::vector<taking>> taken;  // by the id of the report
  std::vector<std::int64_t> sent;                    // by the sender's clock, which is ours too
  std::vector<std::int64_t> arrived;
  std::int64_t longest_way = 0;
  std::uint64_t newest_life = 0;
  std::mt19937 random{42};

  task<http_response> answer(const http_request& request) {
    const auto header = [&](const char* name) { return std::string(request.headers().get(name).value_or("")); };
    sent.push_back(std::atoll(header("X-Sent").c_str()));
    arrived.push_back(std::chrono::steady_clock::now().time_since_epoch().count());
    longest_way = std::max(longest_way, arrived.back() - sent.back());
    const std::uint64_t life = std::stoull(header("X-Life"));
    newest_life = std::max(newest_life, life);
    http_response made(200);
    const auto luck = random() % 100;
    if (luck < 20) {
      made.status(500);
    } else if (luck < 25) {
      made.status(429).header("Retry-After", "0");
    } else {
      const std::string id = nlohmann::json::parse(request.body()).at("id");
      taken[id].push_back({header("Idempotency-Key"), life});
    }
    came.notify_all();
    co_return made;
  }
};

/// By how much moments come earlier than a rate allows in whatever window, at the worst.
std::chrono::nanoseconds too_early(std::vector<std::int64_t> moments, const rate_limit& allowed,
                                   std::uint32_t at_once) {
  std::sort(moments.begin(), moments.end());
  const std::int64_t interval = allowed.period.count() / allowed.count;
  std::int64_t full_at = 0;
  std::int64_t worst = 0;
  for (const std::int64_t each : moments) {
    full_at = std::max(full_at, each) + interval;
    worst = std::max(worst, full_at - each - interval * at_once);
  }
  return std::chrono::nanoseconds(worst);
}

TEST_CASE("a rate is exceeded in a window of any length and by how much is known") {
  const rate_limit ten(10, 1s);
  CHECK(too_early({0, 100'000'000, 200'000'000}, ten, 1) == 0ns);
  CHECK(too_early({0, 0, 100'000'000}, ten, 2) == 0ns);
  CHECK(too_early({0, 90'000'000}, ten, 1) == 10ms);
  CHECK(too_early({0, 0, 100'000'000, 190'000'000}, ten, 2) == 10ms);
}

TEST_CASE("an outbox that is killed while it is busy loses nothing") {
  const no_leaks nothing_left;
  const ovrseer_test::disk_folder disk;
  const bool is_long = std::getenv("OVRSEER_TEST_LONG") != nullptr;
  const int wanted = is_long ? 10'000 : 1'500;
  std::set<int> accepted;
  std::uint64_t kills = 0;
  asio::io_context context;
  notifier came(context.get_executor());
  received at(came);
  const std::uint16_t port = free_port(context);
  auto handler = [&at](const http_request& request) { return at.answer(request); };
  const std::string address = "http://127.0.0.1:" + std::to_string(port) + "/";
  std::mt19937 random(7);
  const auto is_missing = [&](int id) { return !at.taken.contains(std::to_string(id)); };
  auto scenario = [&]() -> task<void> {
    const executor ex = co_await asio::this_coro::executor;
    serving receiver(ex, server_endpoint::tcp("127.0.0.1", port), handler);
    const std::string self = "/proc/self/exe";
    int next = 0;
    bool is_empty = false;
    for (std::int64_t sending_only = 0; !is_empty;) {
      const std::uint64_t life = kills + 1;
      const int left = wanted - static_cast<int>(accepted.size());
      const int count = left <= 0 ? 0 : 1 + static_cast<int>(random() % static_cast<unsigned>(wanted / 10));
      command child(self, "the process that an outbox lives in");
      child.env("OVRSEER_TEST_OUTBOX", disk / "box").env("OVRSEER_TEST_ADDRESS", address);
      child.env("OVRSEER_TEST_FIRST", std::to_string(next)).env("OVRSEER_TEST_COUNT", std::to_string(count));
      child.env("OVRSEER_TEST_LIFE", std::to_string(life));
      process running = co_await spawn(std::move(child));
      auto lines = running.lines();
      while (count > 0 && at.newest_life < life) co_await at.came.wait();
      std::chrono::milliseconds more(random() % 300);  // any moment is as good
      // Killed also while it only sends what is left, each time later, until it comes to its end before.
      if (count == 0) more += 50ms * ++sending_only;
      co_await sleep_for(more);
      running.send(signal_number(SIGKILL), stop_scope::leader);
      for (;;) {
        const auto line = co_await lines.next();
        if (!line) break;
        const int id = std::atoi(std::string(line->text).c_str());
        if (id == 0 && line->text != "0") continue;  // the test program's own words
        accepted.insert(id);
        next = id + 1;
      }
      ++next;  // the one under way may be on the disk, and nobody was told
      const exit_status ended = co_await running.wait();
      is_empty = ended.is_success();
      ++kills;
    }
    co_await receiver.stop();
  };
  run_task(context, scenario(), is_long ? 10min : 1min);

  // What a life had delivered and a later one delivered again: it was in flight when the earlier one was killed.
  std::map<std::uint64_t, std::size_t> again;
  std::set<std::string> keys;
  std::size_t twice = 0;
  std::size_t other_keys = 0;
  for (const auto& [id, takings] : at.taken) {
    keys.insert(takings.front().key);
    for (std::size_t i = 1; i < takings.size(); ++i) {
      ++twice;
      ++again[takings[i - 1].life];
      other_keys += takings[i].key == takings[0].key ? 0 : 1;
      CHECK(takings[i].life != takings[i - 1].life);  // within one life nothing is delivered twice
    }
  }
  std::size_t most_again = 0;
  for (const auto& [life, count] : again) most_again = std::max(most_again, count);
  std::printf("%zu accepted, %llu kills, %zu requests, %zu came again, at most %zu after one kill\n", accepted.size(),
              static_cast<unsigned long long>(kills), at.sent.size(), twice, most_again);
  CHECK(kills >= (is_long ? 50U : 10U));
  CHECK(static_cast<int>(accepted.size()) >= wanted);
  CHECK(std::count_if(accepted.begin(), accepted.end(), is_missing) == 0);
  CHECK(most_again <= in_flight);
  CHECK(other_keys == 0);
  CHECK(keys.size() == at.taken.size());
  CHECK_FALSE(keys.contains(""));

  // The rate holds in every window, over kills too. Between a token and its stamp those in flight may be held up; the way
  // from there to the receiver takes at most so long.
  const std::uint32_t at_once = rate.burst + static_cast<std::uint32_t>(in_flight);
  CHECK(too_early(at.sent, rate, at_once) == 0ns);
  CHECK(too_early(at.arrived, rate, at_once) <= std::chrono::nanoseconds(at.longest_way));
}

}  // namespace t_deliver_outbox_kill
