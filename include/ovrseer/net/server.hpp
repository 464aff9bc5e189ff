// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What answers requests: where it listens, whom it asks, how much it takes. The parser behind it is elsewhere.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/async/attempt.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/net/http.hpp>

namespace ovrseer {

/// Answers one request. It runs on the server's executor, several at once. What it throws becomes a 500 and
/// goes to the server's `on_error`.
///
/// Cancellation: `total` and then `terminal` when its time is over; `partial` and `terminal` where the server is
/// cut off. A server that is asked to end (`total`) lets it finish.
using http_handler = std::function<task<http_response>(http_request)>;

/// Where a server listens.
class server_endpoint {
 public:
  /// A numeric address and a port; zero lets the system choose a free one.
  static server_endpoint tcp(std::string address, std::uint16_t port);
  /// The loopback address 127.0.0.1.
  static server_endpoint loopback(std::uint16_t port = 0) { return tcp("127.0.0.1", port); }
  /// A local socket at `path`, at most 107 bytes long. The file is made with `mode`, by default for its owner
  /// alone, replaces one that nobody listens on, and is removed when the server ends.
  static server_endpoint local(std::string path, mode_t mode = 0600);

  bool is_local() const noexcept { return !path_.empty(); }
  const std::string& address() const noexcept { return address_; }
  std::uint16_t port() const noexcept { return port_; }
  const std::string& path() const noexcept { return path_; }
  mode_t mode() const noexcept { return mode_; }

  /// The URL of `path` at this endpoint, which a client takes.
  url at(std::string_view path = "/") const;
  friend bool operator==(const server_endpoint&, const server_endpoint&) = default;

 private:
  server_endpoint() = default;

  std::string address_;
  std::string path_;
  std::uint16_t port_ = 0;
  mode_t mode_ = 0600;
};

/// "127.0.0.1:8080", "[::1]:8080", "unix:/run/x.sock".
OVRSEER_DECL std::string to_text(const server_endpoint& where);

/// What a server takes before it refuses, and how long it waits.
struct server_limits {
  server_limits() = default;

  http_limits request;                                         ///< 64 KiB head (else 431), 1 MiB body (else 413)
  std::size_t target_length = 8192;                            ///< bytes of path and query (else 414)
  std::size_t header_count = 100;                              ///< headers of a request (else 431)
  std::size_t connections = 64;                                ///< open at once (else 503)
  std::size_t requests_per_connection = 1000;                  ///< then the connection is closed
  std::chrono::nanoseconds idle = std::chrono::seconds(30);    ///< for the first byte of a request; then closed
  std::chrono::nanoseconds read = std::chrono::seconds(10);    ///< for the rest of it (else 408)
  std::chrono::nanoseconds handle = std::chrono::seconds(30);  ///< for the handler (else 503, after 1 s to clean up)
  std::chrono::nanoseconds write = std::chrono::seconds(10);   ///< for the response; then closed
  std::chrono::nanoseconds linger = std::chrono::seconds(1);   ///< for the client to read a refusal
  /// Methods that reach the handler; any other is answered with 405, or 501 where nobody knows it.
  std::vector<std::string> methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
};

/// What a server has counted since it was made.
struct server_statistics {
  std::uint64_t connections = 0;  ///< accepted
  std::uint64_t busy = 0;         ///< of these, refused with 503 because there were too many
  std::uint64_t requests = 0;     ///< that reached the handler
  std::uint64_t refused = 0;      ///< requests that were malformed, too large or too slow
  std::uint64_t failed = 0;       ///< handlers that threw or took too long
};

/// Hears of what went wrong at a server: the step ("accept", "handler", "read", "write") and the failure. A
/// client that misbehaves is not a failure, but counted. Must not throw.
using server_error_hook = std::function<void(std::string_view step, const caught& why)>;

/// An object that listens from its construction on and answers requests while `serve` runs.
///
/// Cancellation of `serve`: `total` accepts no more, lets the requests that are being answered finish, and
/// closes; `partial` and `terminal` close at once. No connection is left when it has returned.
template <class S>
concept http_server = requires(S server, const S fixed, http_handler handler) {
  { server.serve(std::move(handler)) } -> std::same_as<task<void>>;
  { fixed.endpoint() } -> std::convertible_to<server_endpoint>;
};

/// The least that an `http_server` is; for tests of templates.
struct http_server_archetype {
  task<void> serve(http_handler handler);
  server_endpoint endpoint() const;
};
static_assert(http_server<http_server_archetype>);

/// Any HTTP server, chosen at run time. Copies share the server.
class any_http_server {
 public:
  template <http_server S>
    requires(!std::same_as<std::remove_cvref_t<S>, any_http_server>)
  any_http_server(S server)  // a server is an any_http_server wherever one is wanted
      : server_(std::make_shared<model<S>>(std::move(server))) {}

  task<void> serve(http_handler handler) { return keep(server_, std::move(handler)); }
  server_endpoint endpoint() const { return server_->endpoint(); }

 private:
  struct base {
    virtual ~base() = default;
    virtual task<void> serve(http_handler handler) = 0;
    virtual server_endpoint endpoint() const = 0;
  };
  template <class S>
  struct model final : base {
    explicit model(S server) : server_(std::move(server)) {}
    task<void> serve(http_handler handler) override { return server_.serve(std::move(handler)); }
    server_endpoint endpoint() const override { return server_.endpoint(); }
    S server_;
  };

  static task<void> keep(std::shared_ptr<base> server, http_handler handler);

  std::shared_ptr<base> server_;
};

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/impl/server.ipp>
#endif
