// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A peer that answers with bytes as they are, for what no honest HTTP server would say.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/net/server.hpp>

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/socket_base.hpp>
#include <asio/write.hpp>

namespace ovrseer::test {

/// What becomes of the connection after the answer.
enum class peer_ending { close, reset, hold };

class raw_peer {
 public:
  explicit raw_peer(const executor& ex)
      : acceptor_(ex, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)), socket_(ex) {}

  url at(std::string_view path = "/") const {
    return server_endpoint::loopback(acceptor_.local_endpoint().port()).at(path);
  }

  /// Takes one connection, reads a request, answers.
  task<void> answer_once(std::string bytes, peer_ending how = peer_ending::close) {
    co_await acceptor_.async_accept(socket_, use_task);
    std::array<char, 4096> buffer{};
    // What is not read when the socket is closed makes of the close a reset.
    std::string request;
    while (!is_whole(request)) {
      const std::size_t size = co_await socket_.async_read_some(asio::buffer(buffer), use_task);
      request.append(buffer.data(), size);
    }
    seen_ += request;
    const asio::const_buffer all = asio::buffer(bytes);
    [[maybe_unused]] const auto sent = co_await asio::async_write(socket_, all, use_task_tuple);
    if (how == peer_ending::hold) {  // until the client leaves
      [[maybe_unused]] const auto left = co_await socket_.async_read_some(asio::buffer(buffer), use_task_tuple);
    }
    if (how == peer_ending::reset) socket_.set_option(asio::socket_base::linger(true, 0));
    asio::error_code failed;
    socket_.close(failed);
  }

  /// All that the clients sent.
  const std::string& seen() const noexcept { return seen_; }

 private:
  static bool is_whole(const std::string& request) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    constexpr std::string_view length = "Content-Length: ";
    const std::size_t at = request.find(length);
    return request.size() - head - 4 >= (at < head ? std::stoul(request.substr(at + length.size())) : 0);
  }

  asio::ip::tcp::acceptor acceptor_;
  asio::ip::tcp::socket socket_;
  std::string seen_;
};

}  // namespace ovrseer::test
