// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Peers that answer with bytes as they are, for what no honest HTTP server would say: one once, one by a script.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/net/server.hpp>

#include <asio/buffer.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/socket_base.hpp>
#include <asio/write.hpp>

namespace ovrseer::test {

/// What becomes of the connection after the answer.
enum class peer_ending {
  close,
  reset,
  hold,  ///< until the client leaves
  drip,  ///< a byte now and then until the client leaves
  keep,  ///< for the next request
};

/// Whether the bytes are a request with all of its body.
inline bool is_whole_request(std::string_view bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return false;
  constexpr std::string_view length = "Content-Length: ";
  const std::size_t at = bytes.find(length);
  return bytes.size() - head - 4 >= (at < head ? std::stoul(std::string(bytes.substr(at + length.size(), 20))) : 0);
}

/// The next request of a connection as it came; what there was of it where the client left.
///
/// All of it is read: what is not when the socket is closed makes of the close a reset.
inline task<std::string> read_request(asio::ip::tcp::socket& from) {
  std::array<char, 4096> buffer{};
  std::string request;
  while (!is_whole_request(request)) {
    const auto [failed, size] = co_await from.async_read_some(asio::buffer(buffer), use_task_tuple);
    if (failed) break;
    request.append(buffer.data(), size);
  }
  co_return request;
}

/// Sends the bytes, and ends the connection as `how` has it.
inline task<void> answer_with(asio::ip::tcp::socket& to, const std::string& bytes, peer_ending how) {
  auto [failed, size] = co_await asio::async_write(to, asio::buffer(bytes), use_task_tuple);
  asio::steady_timer pause(to.get_executor());
  while (how == peer_ending::drip && !failed) {
    pause.expires_after(std::chrono::milliseconds(5));
    co_await pause.async_wait(use_task);
    std::tie(failed, size) = co_await asio::async_write(to, asio::buffer("x", 1), use_task_tuple);
  }
  if (how == peer_ending::hold) {
    std::array<char, 1> nothing{};
    [[maybe_unused]] const auto left = co_await to.async_read_some(asio::buffer(nothing), use_task_tuple);
  }
  if (how == peer_ending::keep) co_return;
  if (how == peer_ending::reset) to.set_option(asio::socket_base::linger(true, 0));
  asio::error_code ignored;
  to.close(ignored);
}

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
    const std::string request = co_await read_request(socket_);
    seen_ += request;
    co_await answer_with(socket_, bytes, how);
  }

  /// All that the clients sent.
  const std::string& seen() const noexcept { return seen_; }

 private:
  asio::ip::tcp::acceptor acceptor_;
  asio::ip::tcp::socket socket_;
  std::string seen_;
};

/// What a peer says to a request, and what becomes of the connection.
struct peer_answer {
  peer_answer(std::string text, peer_ending ends = peer_ending::close)  // bytes alone are an answer
      : bytes(std::move(text)), how(ends) {}

  std::string bytes;
  peer_ending how;
};

/// Meets each request with the next entry of its script, and with `otherwise` when that has ended, on as many connections as
/// there are. Nobody gets in before it listens. It must go before its context.
class scripted_peer {
 public:
  using behaviour = std::function<peer_answer(const std::string& request)>;

  explicit scripted_peer(const executor& ex, const asio::ip::address& at = asio::ip::address_v4::loopback())
      : acceptor_(ex) {
    const asio::ip::tcp::endpoint any_port(at, 0);
    acceptor_.open(any_port.protocol());
    acceptor_.bind(any_port);  // the port is ours, and refuses whoever comes
  }
  scripted_peer(const scripted_peer&) = delete;
  scripted_peer& operator=(const scripted_peer&) = delete;

  scripted_peer& then(behaviour one) {
    script_.push_back(std::move(one));
    return *this;
  }
  scripted_peer& otherwise(behaviour one) {
    otherwise_ = std::move(one);
    return *this;
  }
  void listen() {
    acceptor_.listen();
    asio::co_spawn(acceptor_.get_executor(), serve(), [](const std::exception_ptr&) {});
  }

  /// "127.0.0.1:4711".
  std::string authority() const {
    const asio::ip::tcp::endpoint at = acceptor_.local_endpoint();
    const std::string host = at.address().to_string();
    return (at.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(at.port());
  }
  /// Every request so far as it came, in order.
  const std::deque<std::string>& requests() const noexcept { return requests_; }
  std::size_t connections() const noexcept { return connections_; }

 private:
  task<void> serve() {
    for (;;) {
      asio::ip::tcp::socket socket(acceptor_.get_executor());
      co_await acceptor_.async_accept(socket, use_task);
      ++connections_;
      asio::co_spawn(acceptor_.get_executor(), converse(std::move(socket)), [](const std::exception_ptr&) {});
    }
  }
  task<void> converse(asio::ip::tcp::socket socket) {
    while (socket.is_open()) {
      const std::string request = co_await read_request(socket);
      if (!is_whole_request(request)) co_return;
      requests_.push_back(request);
      behaviour how = otherwise_;
      if (!script_.empty()) {
        how = std::move(script_.front());
        script_.pop_front();
      }
      const peer_answer answer = how(request);
      co_await answer_with(socket, answer.bytes, answer.how);
    }
  }

  asio::ip::tcp::acceptor acceptor_;
  std::deque<behaviour> script_;
  behaviour otherwise_ = [](const std::string&) { return peer_answer("HTTP/1.1 404 Not Found\r\n\r\n"); };
  std::deque<std::string> requests_;
  std::size_t connections_ = 0;
};

}  // namespace ovrseer::test
