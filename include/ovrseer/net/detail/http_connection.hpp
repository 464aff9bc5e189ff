// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// One connection of a server, from its first byte to its last: read, ask, write, again. Knows no parser.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/async/clock.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/async/with_deadline.hpp>
#include <ovrseer/net/detail/http_head.hpp>
#include <ovrseer/net/detail/http_text.hpp>
#include <ovrseer/net/detail/listener.hpp>

#include <asio/buffer.hpp>
#include <asio/write.hpp>

namespace ovrseer::net_detail {

/// What the connections of one server share.
struct server_state {
  server_state(const executor& ex, const server_endpoint& where, server_limits allowed)
      : listening(ex, where), limits(std::move(allowed)), closed(ex) {}

  listener listening;
  server_limits limits;
  http_handler handler;
  server_error_hook on_error;
  server_statistics statistics;
  std::size_t open = 0;
  bool is_draining = false;
  notifier closed;

  void report(std::string_view step, const caught& why) const {
    if (on_error) on_error(step, why);
  }
};

/// Runs `operation` so that `total` does not reach it, only `partial` and `terminal`: what has begun is
/// finished when the server drains. The caller's cancellation state stays so until it is reset.
template <class T>
task<T> shielded(task<T> operation) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_partial_cancellation());
  const executor ex = co_await asio::this_coro::executor;
  co_return co_await asio::co_spawn(ex, std::move(operation), use_task);
}

/// What a handler whose time is over gets to clean up.
inline constexpr std::chrono::seconds handler_patience{1};

/// The connection of one client. `Parser` turns bytes into requests: see `llhttp_request_parser`.
template <class Parser>
class http_connection {
 public:
  http_connection(server_state& server, accepted client)
      : server_(server), socket_(std::move(client.socket)), peer_(std::move(client.peer)), parser_(server.limits) {
    ++server_.open;
  }
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;
  ~http_connection() {
    --server_.open;
    server_.closed.notify_all();
  }

  enum class welcome : std::uint8_t {
    served,
    turned_away,  ///< 503, because there are too many
  };

  /// Answers until the client leaves, the limits are reached or the server drains.
  task<void> serve(welcome how) { return how == welcome::served ? converse() : turn_away(); }

 private:
  task<void> converse() {
    for (std::size_t served = 1;; ++served) {
      const reading read = co_await read_request();
      if (read == reading::over) co_return;
      if (read == reading::refused) {
        co_await refuse();
        co_return;
      }
      const bool is_head = parser_.method() == "HEAD";
      const http_response response = co_await answer();
      const auto asked = response.headers().get("Connection");
      const bool ends = server_.is_draining || !parser_.keeps_alive() ||
                        served >= server_.limits.requests_per_connection ||
                        (asked && equal_ignoring_case(*asked, "close"));
      const connection_fate fate = ends ? connection_fate::close : connection_fate::keep;
      const bool sent = co_await send(response, fate, is_head);
      if (!sent) co_return;
      if (ends) {
        co_await linger();
        co_return;
      }
      parser_.restart();
    }
  }

  task<void> turn_away() {
    ++server_.statistics.busy;
    http_response response(503);
    response.header("Retry-After", "1").body("too many connections\n", "text/plain; charset=utf-8");
    const bool sent = co_await send(response, connection_fate::close, false);
    if (sent) co_await linger();
  }

  enum class reading : std::uint8_t { complete, refused, over };

  /// Reads until the parser has a request or refuses one.
  task<reading> read_request() {
    parse();
    if (!parser_.is_started() && !parser_.is_done()) {
      const attempted<void> first = co_await attempt(with_deadline(read_some(), server_.limits.idle));
      if (!first) co_return over_because(first.reason());
      if (is_at_end_) co_return reading::over;
    }
    if (!parser_.is_done()) {
      const attempted<void> rest = co_await attempt(with_deadline(read_rest(), server_.limits.read));
      if (!rest && rest.reason().code() == errc::timed_out)
        parser_.refuse(408, "the request came too slowly");
      else if (!rest)
        co_return over_because(rest.reason());
    }
    if (parser_.refusal()) co_return reading::refused;
    if (!parser_.is_done()) ++server_.statistics.refused;  // the client left in the middle
    co_return parser_.is_done() ? reading::complete : reading::over;
  }

  /// A client that resets the connection or stays silent is no failure of ours. A cancellation goes on.
  reading over_because(const caught& why) {
    if (why.is_cancellation()) why.rethrow();
    return reading::over;
  }

  task<void> read_rest() {
    while (!parser_.is_done() && !is_at_end_) {
      if (parser_.take_expectation()) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        co_await asio::async_write(socket_, asio::buffer(go_on), use_task);
      }
      co_await read_some();
    }
  }

  task<void> read_some() {
    auto [code, size] = co_await socket_.async_read_some(asio::buffer(buffer_), use_task_tuple);
    if (code == asio::error::eof) {
      is_at_end_ = true;
      co_return;
    }
    if (code) throw std::system_error(code);
    unread_ = std::string_view(buffer_.data(), size);
    parse();
  }

  void parse() { unread_.remove_prefix(parser_.feed(unread_)); }

  /// What the handler says, or a 500, or a 503 where it took too long.
  task<http_response> answer() {
    ++server_.statistics.requests;
    http_request request = parser_.take();
    request.peer(peer_);
    attempted<http_response> said = co_await attempt(shielded(ask(std::move(request))));
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != cancellation_type::none) detail::throw_cancelled();
    if (!said && server_.is_draining && said.reason().is_cancellation()) said.reason().rethrow();
    if (said && said->status() >= 200 && said->status() <= 599) co_return *std::move(said);
    ++server_.statistics.failed;
    if (said) {
      const error unfit(errc::malformed_message, "handler", "status " + std::to_string(said->status()));
      server_.report("handler", caught(std::make_exception_ptr(unfit)));
    } else {
      server_.report("handler", said.reason());
    }
    http_response failed(!said && said.reason().code() == errc::timed_out ? 503 : 500);
    failed.body(std::string(status_phrase(failed.status())) + "\n", "text/plain; charset=utf-8");
    co_return failed;
  }

  task<http_response> ask(http_request request) {
    const std::chrono::nanoseconds limit = server_.limits.handle;
    http_response response = co_await with_deadline(server_.handler(std::move(request)), limit, handler_patience);
    co_return response;
  }

  task<void> refuse() {
    ++server_.statistics.refused;
    const http_refusal& why = *parser_.refusal();
    http_response response(why.status);
    if (why.status == 405) response.header("Allow", allowed_methods());
    response.body(why.reason + "\n", "text/plain; charset=utf-8");
    const bool is_head = parser_.method() == "HEAD";
    const bool sent = co_await send(response, connection_fate::close, is_head);
    if (sent) co_await linger();
  }

  std::string allowed_methods() const {
    std::string text;
    for (const std::string& method : server_.limits.methods) text.append(text.empty() ? "" : ", ").append(method);
    return text;
  }

  /// Writes the whole response; false where the client would not take it.
  task<bool> send(const http_response& response, connection_fate fate, bool is_head) {
    const executor ex = co_await asio::this_coro::executor;
    const std::string head = head_text(response, fate, clock_of(ex).wall_now());
    std::string_view body;
    if (!is_head && may_have_body(response.status())) body = response.body();
    const attempted<void> sent = co_await attempt(shielded(write(head, body)));
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != cancellation_type::none) detail::throw_cancelled();
    co_return sent.has_value();
  }

  task<void> write(std::string_view head, std::string_view body) {
    const std::array<asio::const_buffer, 2> both{asio::buffer(head), asio::buffer(body)};
    // A composed write does not listen to `total`: it is cut off.
    co_await with_deadline(write_all(both), server_.limits.write, std::chrono::nanoseconds::zero());
  }
  task<void> write_all(std::array<asio::const_buffer, 2> both) { co_await asio::async_write(socket_, both, use_task); }

  /// Ends our side and reads on for a while: closing with unread bytes would reset the connection and take
  /// the response away from the client.
  task<void> linger() {
    asio::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    if (ignored) co_return;
    const attempted<void> left = co_await attempt(with_deadline(drain(), server_.limits.linger));
    if (!left && left.reason().is_cancellation()) left.reason().rethrow();
  }
  task<void> drain() {
    constexpr std::size_t most = std::size_t{256} << 10U;
    for (std::size_t total = 0; total < most;) {
      total += co_await socket_.async_read_some(asio::buffer(buffer_), use_task);
    }
  }

  server_state& server_;
  stream_socket socket_;
  http_peer peer_;
  Parser parser_;
  std::array<char, 8192> buffer_{};
  std::string_view unread_;
  bool is_at_end_ = false;
};

}  // namespace ovrseer::net_detail
