// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the addresses of datagrams and of streams have in common: how they are written, and the path of a unix socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer::net_detail {

/// One of both: a host, without brackets, with a port; or the path of a unix socket, whose port is 0.
struct socket_text {
  std::string name;
  std::uint16_t port = 0;
};

/// Reads `scheme` followed by "host:port" or "[::1]:port", and "unix:///path". `scheme` ends with "://".
///
/// Errors: `std::errc::invalid_argument` with what is wrong, and those of `checked_socket_path`.
OVRSEER_DECL result<socket_text, error> read_socket_text(std::string_view text, std::string_view scheme);

/// As `read_socket_text` reads it.
OVRSEER_DECL std::string written_socket(std::string_view scheme, const std::string& host, std::uint16_t port);

/// The path, if it is one for a unix socket.
/// Errors: `std::errc::filename_too_long`, `std::errc::invalid_argument` for an empty path.
OVRSEER_DECL std::string checked_socket_path(std::string path);

/// The path of a unix socket as the kernel takes it; with a leading '@' it is an abstract name.
struct socket_path {
  explicit socket_path(std::string_view checked) noexcept;
  const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&address); }

  sockaddr_un address{};
  socklen_t length = 0;
};

}  // namespace ovrseer::net_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/detail/impl/socket_text.ipp>
#endif
