// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// An HTTP/1.1 server for small local services: our own loop on Asio, llhttp for the framing of messages.
#pragma once

#include <llhttp.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ovrseer/async/scope.hpp>
#include <ovrseer/net/detail/http_connection.hpp>
#include <ovrseer/net/server.hpp>

namespace ovrseer {

/// Turns bytes into requests, one at a time. Pure: no I/O, no clock.
///
/// We read the head ourselves and strictly, then have llhttp (8.1 to 9) read it as well: only where both
/// come to the same framing does a request exist. llhttp decodes the body. Trailers are refused.
class llhttp_request_parser {
 public:
  explicit llhttp_request_parser(const server_limits& limits)
      : limits_(limits), head_(static_cast<std::size_t>(limits.request.head.count())) {
    begin();
  }
  llhttp_request_parser(const llhttp_request_parser&) = delete;
  llhttp_request_parser& operator=(const llhttp_request_parser&) = delete;

  /// Takes bytes up to the end of the request, or the byte that refuses it; says how many. The rest belongs
  /// to the next request: feed it after `restart`.
  std::size_t feed(std::string_view bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && !is_done()) {
      const std::string_view rest = bytes.substr(taken);
      taken += phase_ == phase::head ? feed_head(rest) : feed_body(rest);
    }
    return taken;
  }
  /// Ready for the next request of the connection.
  void restart() {
    head_ = net_detail::head_reader(static_cast<std::size_t>(limits_.request.head.count()));
    parsed_ = {};
    body_.clear();
    refusal_.reset();
    begin();
  }

  bool is_started() const noexcept { return phase_ != phase::head || head_.is_started(); }
  /// A request is complete, or refused.
  bool is_done() const noexcept { return phase_ == phase::complete || refusal_.has_value(); }
  const std::optional<net_detail::http_refusal>& refusal() const noexcept { return refusal_; }
  void refuse(int status, std::string reason) { refusal_ = net_detail::http_refusal{status, std::move(reason)}; }

  /// True once for each request whose client waits for a word before it sends the body.
  bool take_expectation() noexcept { return phase_ == phase::body && std::exchange(parsed_.expects_continue, false); }
  const std::string& method() const noexcept { return parsed_.method; }
  /// Whether the client wants to go on with this connection; of a complete request.
  bool keeps_alive() const noexcept { return keeps_alive_; }
  /// The complete request; once.
  http_request take() {
    http_request request(parsed_.method, *std::move(parsed_.resource));
    request.headers(std::move(parsed_.headers)).body(std::move(body_)).limits(limits_.request);
    return request;
  }

 private:
  enum class phase : std::uint8_t { head, body, complete };

  void begin() {
    phase_ = phase::head;
    fields_ = 0;
    framing_ = 0;
    is_past_head_ = false;
    keeps_alive_ = false;
    ::llhttp_init(&parser_, HTTP_REQUEST, &settings());
    parser_.data = this;
  }

  std::size_t feed_head(std::string_view bytes) {
    const std::size_t taken = head_.feed(bytes);
    if (head_.refusal()) {
      refusal_ = head_.refusal();
    } else if (head_.is_complete()) {
      read_head();
    }
    return taken;
  }

  void read_head() {
    auto read = net_detail::head_parser(head_.text(), limits_).read();
    if (!read) {
      refusal_ = std::move(read).reason();
      return;
    }
    parsed_ = *std::move(read);
    phase_ = phase::body;
    execute(head_.text());
    if (refusal_) return;
    const bool is_chunked = (parser_.flags & F_CHUNKED) != 0;
    const bool has_body = parsed_.is_chunked || parsed_.content_length.value_or(0) != 0;
    const bool agrees = phase_ == phase::complete ? !has_body : has_body && is_chunked == parsed_.is_chunked;
    if (!agrees || fields_ != parsed_.headers.size()) refuse(400, "the framing of the request is ambiguous");
  }

  std::size_t feed_body(std::string_view bytes) {
    const std::size_t before = body_.size();
    const std::size_t taken = execute(bytes);
    framing_ += taken - (body_.size() - before);
    // Chunks of one byte, or their extensions, must not cost more than the body that they carry may.
    const std::uint64_t most = limits_.request.head.count() + 8 * std::uint64_t{body_.size()};
    if (!refusal_ && framing_ > most) refuse(413, "the chunks are too small or their extensions too long");
    return taken;
  }

  std::size_t execute(std::string_view bytes) {
    const llhttp_errno_t code = ::llhttp_execute(&parser_, bytes.data(), bytes.size());
    if (code == HPE_OK) return bytes.size();
    if (code == HPE_PAUSED) return static_cast<std::size_t>(::llhttp_get_error_pos(&parser_) - bytes.data());
    if (!refusal_) refuse(400, std::string("not HTTP: ") + ::llhttp_errno_name(code));
    return bytes.size();
  }

  static llhttp_request_parser& self(llhttp_t* parser) { return *static_cast<llhttp_request_parser*>(parser->data); }

  static int on_field_complete(llhttp_t* parser) {
    llhttp_request_parser& it = self(parser);
    ++it.fields_;
    if (!it.is_past_head_) return 0;
    it.refuse(400, "trailers are not taken");
    return -1;
  }
  static int on_headers_complete(llhttp_t* parser) {
    self(parser).is_past_head_ = true;
    parser->upgrade = 0;  // an Upgrade is an offer; we go on with HTTP/1.1
    return 0;
  }
  static int on_chunk_header(llhttp_t* parser) {
    llhttp_request_parser& it = self(parser);
    const std::uint64_t most = it.limits_.request.body.count();
    if (parser->content_length <= most && it.body_.size() + parser->content_length <= most) return 0;
    it.refuse(413, "the body is too large");
    return -1;
  }
  static int on_body(llhttp_t* parser, const char* at, std::size_t size) {
    self(parser).body_.append(at, size);
    return 0;
  }
  static int on_message_complete(llhttp_t* parser) {
    llhttp_request_parser& it = self(parser);
    it.phase_ = phase::complete;
    it.keeps_alive_ = ::llhttp_should_keep_alive(parser) != 0;
    return HPE_PAUSED;
  }

  static const llhttp_settings_t& settings() {
    static const llhttp_settings_t instance = [] {
      llhttp_settings_t made;
      ::llhttp_settings_init(&made);
      made.on_header_field_complete = on_field_complete;
      made.on_headers_complete = on_headers_complete;
      made.on_chunk_header = on_chunk_header;
      made.on_body = on_body;
      made.on_message_complete = on_message_complete;
      return made;
    }();
    return instance;
  }

  const server_limits& limits_;
  net_detail::head_reader head_;
  net_detail::request_head parsed_;
  std::string body_;
  std::optional<net_detail::http_refusal> refusal_;
  llhttp_t parser_{};
  std::size_t fields_ = 0;
  std::uint64_t framing_ = 0;
  phase phase_ = phase::head;
  bool is_past_head_ = false;
  bool keeps_alive_ = false;
};

/// An HTTP/1.1 server on a TCP address or a local socket. It answers what is malformed, too large, too slow
/// or too much itself (400, 405, 408, 413, 414, 417, 431, 501, 503, 505) and hands the rest to the handler.
///
/// No TLS, no upgrade, no streamed bodies. Its sockets are closed on exec. One strand; copies share the server.
class llhttp_server {
 public:
  /// Listens from now on: clients that connect before `serve` wait.
  ///
  /// Errors: the system's, with the step (address, socket, bind, chmod, listen) and the endpoint.
  llhttp_server(const executor& ex, const server_endpoint& where, server_limits limits = {})
      : state_(std::make_shared<net_detail::server_state>(ex, where, std::move(limits))) {}

  llhttp_server& on_error(server_error_hook hook) {
    state_->on_error = std::move(hook);
    return *this;
  }

  /// Where it listens, with the port that the system chose.
  server_endpoint endpoint() const { return state_->listening.endpoint(); }
  const server_statistics& statistics() const noexcept { return state_->statistics; }
  std::size_t open_connections() const noexcept { return state_->open; }

  /// Answers requests until it is cancelled; then it listens no more. Once.
  ///
  /// Errors: the system's where the listening socket fails for good. A shortage of descriptors or memory is
  /// reported to `on_error` ("accept") and waited out.
  /// Cancellation: `total` accepts no more, closes idle connections, and ends when the requests that have
  /// reached the handler are answered, at the latest a second after the limits `handle`, `write` and `linger`;
  /// `partial` and `terminal` close at once. All end in `asio::error::operation_aborted`.
  task<void> serve(http_handler handler) { return run(state_, std::move(handler)); }

 private:
  using connection = net_detail::http_connection<llhttp_request_parser>;

  // Beyond the limit, so many are told that there are too many; more wait in the system's queue.
  static constexpr std::size_t most_turned_away = 16;

  static task<void> run(std::shared_ptr<net_detail::server_state> state, http_handler handler) {
    state->handler = std::move(handler);
    auto body = [&server = *state](scope& children) { return accept_all(server, children); };
    co_await with_scope(body);
    detail::throw_cancelled();
  }

  static task<void> accept_all(net_detail::server_state& server, scope& children) {
    const attempted<void> ended = co_await attempt(accept_on(server, children));
    server.is_draining = true;
    server.listening.close();
    if (!ended.reason().is_cancellation()) ended.reason().rethrow();
    // Once more, for a connection that was busy when the request to end came and is idle now.
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (gentlest(state.cancelled()) == cancellation_type::total) children.cancel(cancellation_type::total);
  }

  static task<void> accept_on(net_detail::server_state& server, scope& children) {
    for (;;) {
      attempted<net_detail::accepted> next = co_await attempt(server.listening.accept());
      if (next) {
        ++server.statistics.connections;
        children.start(attend(server, *std::move(next)));
        while (server.open >= server.limits.connections + most_turned_away) co_await server.closed.wait();
      } else {
        if (!is_shortage(next.reason().code())) next.reason().rethrow();
        server.report("accept", next.reason());
        co_await sleep_for(std::chrono::milliseconds(100));
      }
    }
  }

  static bool is_shortage(const std::error_code& code) {
    return code == std::errc::too_many_files_open || code == std::errc::too_many_files_open_in_system ||
           code == std::errc::no_buffer_space || code == std::errc::not_enough_memory;
  }

  static task<void> attend(net_detail::server_state& server, net_detail::accepted client) {
    const bool is_busy = server.open >= server.limits.connections;
    connection it(server, std::move(client));
    task<void> service = it.serve(is_busy ? connection::welcome::turned_away : connection::welcome::served);
    const attempted<void> ended = co_await attempt(std::move(service));
    if (!ended && !ended.reason().is_cancellation()) server.report("connection", ended.reason());
  }

  std::shared_ptr<net_detail::server_state> state_;
};

}  // namespace ovrseer
