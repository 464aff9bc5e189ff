// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A client that sends bytes as they are, for what no honest HTTP client would send.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/net/server.hpp>

#include <asio/buffer.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/write.hpp>

namespace ovrseer::test {

class raw_client {
 public:
  explicit raw_client(const executor& ex) : socket_(ex) {}

  task<void> connect(server_endpoint where) {
    asio::generic::stream_protocol::endpoint endpoint;
    if (where.is_local()) {
      endpoint = asio::local::stream_protocol::endpoint(where.path());
    } else {
      endpoint = asio::ip::tcp::endpoint(asio::ip::make_address(where.address()), where.port());
    }
    co_await socket_.async_connect(endpoint, use_task);
  }
  task<void> send(std::string bytes) {
    const asio::const_buffer all = asio::buffer(bytes);
    co_await asio::async_write(socket_, all, use_task);
  }
  /// All bytes up to the end of the connection; a reset ends it too, and is noted.
  task<std::string> read_all() {
    std::string all;
    for (bool is_open = true; is_open;) {
      const std::string more = co_await read_some();
      all += more;
      is_open = !more.empty();
    }
    co_return all;
  }
  /// Reads until `mark` has come, or the connection ends.
  task<std::string> read_until(std::string mark) {
    std::string all;
    while (all.find(mark) == std::string::npos) {
      const std::string more = co_await read_some();
      if (more.empty()) break;
      all += more;
    }
    co_return all;
  }
  task<std::string> read_some() {
    auto [code, size] = co_await socket_.async_read_some(asio::buffer(buffer_), use_task_tuple);
    was_reset_ = was_reset_ || code == asio::error::connection_reset;
    co_return std::string(buffer_.data(), size);
  }
  void end_sending() {
    asio::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  }
  void close() {
    asio::error_code ignored;
    socket_.close(ignored);
  }
  bool was_reset() const noexcept { return was_reset_; }
  int native_handle() { return socket_.native_handle(); }

 private:
  asio::generic::stream_protocol::socket socket_;
  std::array<char, 4096> buffer_{};
  bool was_reset_ = false;
};

/// Sends `bytes` on a connection of its own, ends sending, and yields all that comes back.
inline task<std::string> talk(server_endpoint where, std::string bytes) {
  const executor ex = co_await asio::this_coro::executor;
  raw_client client(ex);
  co_await client.connect(std::move(where));
  co_await client.send(std::move(bytes));
  std::string all = co_await client.read_all();
  co_return all;
}

/// The status codes of the responses in `bytes`, in order.
inline std::vector<int> statuses(std::string_view bytes) {
  std::vector<int> found;
  for (std::size_t at = bytes.find("HTTP/1.1 "); at != std::string_view::npos; at = bytes.find("HTTP/1.1 ", at + 1)) {
    const std::string code(bytes.substr(at + 9, 3));
    if (code.find_first_not_of("0123456789") == std::string::npos) found.push_back(std::stoi(code));
  }
  return found;
}

}  // namespace ovrseer::test
