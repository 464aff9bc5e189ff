// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Servers of others, and strict stand-ins for services that cannot be installed: each starts on a free port of the loopback
// and ends with its test.
#pragma once

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include <asio/ip/tcp.hpp>

#include <ovrseer/check/probe.hpp>
#include <ovrseer/check/ready.hpp>
#include <ovrseer/check/tcp.hpp>
#include <ovrseer/process/process.hpp>

#include "http_run.hpp"

namespace ovrseer::test {

/// A stand-in by the name of its file.
inline std::string counterparty(const std::string& file) {
  const char* named = std::getenv("OVRSEER_TEST_COUNTERPARTIES");
  const std::filesystem::path folder = named != nullptr
                                           ? std::filesystem::path(named)
                                           : std::filesystem::path(OVRSEER_SOURCE_DIR) / "../shared/counterparties";
  return (folder / file).string();
}
inline bool has_program(const std::string& name) {
  return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

/// Skips the case where a stand-in that node runs is not here.
#define NEEDS_STAND_IN(file)                                                                              \
  if (!ovrseer::test::has_program("node") || !std::filesystem::exists(ovrseer::test::counterparty(file))) \
  SKIP("needs node and " << ovrseer::test::counterparty(file))

/// A port that was free a moment ago.
inline std::uint16_t free_port(asio::io_context& context) {
  const asio::ip::tcp::acceptor probe(context, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  return probe.local_endpoint().port();
}

/// Another server, from its start to its end.
class peer {
 public:
  peer(asio::io_context& context, command what, std::uint16_t at) : context_(context), port_(at) {
    child_ = run_task(context_, spawn(std::move(what)));
    answer_ = run_task(
        context_,
        ready(child_,
              probing(tcp("127.0.0.1", port_),
                      probe_timing().interval(std::chrono::milliseconds(20)).deadline(std::chrono::seconds(20)))));
  }
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;
  ~peer() {
    child_.send(signal_number(SIGKILL), stop_scope::group);
    run_task(context_, child_.wait());
  }
  const check_result& readiness() const { return answer_; }
  std::uint16_t port() const { return port_; }

 private:
  asio::io_context& context_;
  process child_;
  check_result answer_;
  std::uint16_t port_;
};

}  // namespace ovrseer::test
