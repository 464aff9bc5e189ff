// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The TCP check, against real ports and a scripted operating system.
#include <ovrseer/check/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <asio/ip/tcp.hpp>

#include "catch.hpp"
#include "check_scripts.hpp"
#include "http_run.hpp"

namespace t_check_tcp {

using namespace ovrseer;
using namespace ovrseer::test;
using namespace std::chrono_literals;

/// Says of one port alone that somebody listens, after a second; cannot do anything else.
class one_port : public os_backend {
 public:
  std::shared_ptr<child> spawn(const executor&, const command&) override { throw error(errc::no_process, "spawn"); }
  task<std::error_code> connect(std::string host, std::uint16_t port) override {
    co_await sleep_for(1s);
    std::error_code code;
    if (host != "db" || port != 5432) code = std::make_error_code(std::errc::connection_refused);
    co_return code;
  }
  std::filesystem::file_status file_status(const std::filesystem::path&) override { return {}; }
  double random() override { return 0; }
};

check_result ask_scripted(tcp_check check, std::chrono::nanoseconds& took) {
  asio::io_context context;
  virtual_clock clock(context);
  use_os(context, std::make_unique<one_port>());
  check_result answer;
  asio::co_spawn(context, check(check_target{}),
                 [&](const std::exception_ptr&, check_result said) { answer = std::move(said); });
  clock.run();
  took = clock.now().time_since_epoch();
  return answer;
}

TEST_CASE("the operating system of the context is asked") {
  std::chrono::nanoseconds took{};
  CHECK(ask_scripted(tcp("db", 5432), took).is_ready());
  CHECK(took == 1s);
  const check_result refused = ask_scripted(tcp("db", 1), took);
  CHECK_FALSE(refused.is_ready());
  CHECK(refused.reason == "connect db:1: Connection refused");
}

TEST_CASE("a port that somebody listens on is ready") {
  const std::size_t before = open_descriptors();
  {
    asio::io_context context;
    asio::ip::tcp::acceptor acceptor(context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const std::uint16_t port = acceptor.local_endpoint().port();
    CHECK(run_task(context, tcp("127.0.0.1", port)(check_target{})).is_ready());
    CHECK(run_task(context, tcp("localhost", port)(check_target{})).is_ready());
    acceptor.close();
    const check_result refused = run_task(context, tcp("127.0.0.1", port)(check_target{}));
    CHECK_FALSE(refused.is_ready());
    CHECK(refused.reason == "connect 127.0.0.1:" + std::to_string(port) + ": Connection refused");
    CHECK(refused.attempts == 1);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("an address and localhost are asked without a thread that looks up names") {
  const auto threads = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}); };
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const std::uint16_t port = acceptor.local_endpoint().port();
  const auto before = threads();
  CHECK(run_task(context, tcp("127.0.0.1", port)(check_target{})).is_ready());
  CHECK(run_task(context, tcp("localhost", port)(check_target{})).is_ready());
  CHECK(threads() == before);
}

TEST_CASE("a TCP check describes itself") {
  CHECK(any_check(tcp("db", 5432)).describe() == "TCP db:5432");
  CHECK(any_check(tcp("::1", 80)).describe() == "TCP [::1]:80");
  CHECK(any_check(tcp("db", 5432)).bound() == 0s);
}

}  // namespace t_check_tcp
