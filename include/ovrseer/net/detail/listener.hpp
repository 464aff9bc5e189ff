// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A listening socket, TCP or local, that no child inherits, and the file of a local one.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <string>

#include <ovrseer/asio.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/net/server.hpp>

#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/posix/stream_descriptor.hpp>

namespace ovrseer::net_detail {

/// A connected socket of either family.
using stream_socket = asio::generic::stream_protocol::socket;

/// An accepted connection.
struct accepted {
  stream_socket socket;
  http_peer peer;
};

class listener {
 public:
  /// Binds and listens. Errors: the system's, with the step (socket, bind, listen) and the endpoint;
  /// `std::errc::invalid_argument` for an address that is not numeric or a path that is too long.
  listener(const executor& ex, server_endpoint where);
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
  ~listener() { close(); }

  /// With the port that the system chose.
  const server_endpoint& endpoint() const noexcept { return where_; }

  /// Ends listening and removes the file of a local socket, if it is still ours.
  void close();

  /// The next connection.
  ///
  /// Errors: the system's, with the step "accept".
  /// Cancellation: every type abandons the wait.
  task<accepted> accept();

 private:
  [[noreturn]] void fail(const char* step, int code = errno) const {
    throw error(errno_code(code), step, to_text(where_));
  }

  void open(int family);

  void listen_tcp();

  void listen_local();

  /// Removes the file of a server that died without doing so itself: a socket on which nobody listens.
  void remove_abandoned(const sockaddr_un& address);

  void begin() {
    if (::listen(socket_.native_handle(), SOMAXCONN) != 0) fail("listen");
  }

  accepted adopt(int fd, const sockaddr_storage& address);

  static std::string text_of(const sockaddr_storage& address);

  asio::posix::stream_descriptor socket_;
  server_endpoint where_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace ovrseer::net_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/detail/impl/listener.ipp>
#endif
