// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Whether somebody accepts connections on a TCP port.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include <ovrseer/check/check.hpp>
#include <ovrseer/net/connect.hpp>
#include <ovrseer/net/url.hpp>

namespace ovrseer {

/// Ready when a TCP connection can be made; it is closed at once. One attempt: see `probing`.
///
/// It asks the port, not the process: a stranger that listens there answers as well.
class tcp_check {
 public:
  /// `host` is a name or an address without brackets.
  tcp_check(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}

  /// Cancellation: every type abandons the attempt.
  task<check_result> operator()(check_target) const { return run(host_, port_); }

  /// "TCP 127.0.0.1:5432".
  std::string describe() const { return "TCP " + host_and_port(host_, port_); }
  /// None of its own: the system gives up after minutes.
  std::chrono::nanoseconds bound() const { return {}; }
  void tell_needs(check_needs& into) const { into.ports.push_back({host_, port_}); }

 private:
  static task<check_result> run(std::string host, std::uint16_t port) {
    const std::error_code code = co_await connect_probe(host, port);
    check_result answer;
    answer.attempts = 1;
    if (code) {
      answer.outcome = check_result::verdict::not_ready;
      answer.reason = "connect " + host_and_port(host, port) + ": " + code.message();
    }
    co_return answer;
  }

  std::string host_;
  std::uint16_t port_;
};

/// Ready when `host:port` accepts a connection.
inline tcp_check tcp(std::string host, std::uint16_t port) { return {std::move(host), port}; }

}  // namespace ovrseer
