// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where something listens or is reached, as people write it: "127.0.0.1:8080", "[::1]:8080", "unix:/run/x.sock".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ovrseer/build.hpp>
#include <ovrseer/config/values.hpp>
#include <ovrseer/net/server.hpp>

namespace ovrseer {

/// A TCP host and port, or the path of a local socket.
struct peer_address {
  std::string host;         ///< a name or an address, IPv6 without brackets; empty for a local socket
  std::uint16_t port = 0;   ///< zero for a local socket
  std::string socket_path;  ///< empty for TCP

  bool is_local() const noexcept { return !socket_path.empty(); }
  friend bool operator==(const peer_address&, const peer_address&) = default;
};

/// As `parse_peer_address` reads it.
OVRSEER_DECL std::string to_text(const peer_address& where);

/// "host:port", "[ipv6]:port", "unix:/path"; a bare port is on 127.0.0.1. Port 0 only where `least_port` is 0.
OVRSEER_DECL parsed<peer_address> parse_peer_address(std::string_view text, std::uint16_t least_port = 1);

/// Where a server is to listen: a numeric address (or localhost) and a port, where 0 lets the system choose;
/// or the path of a local socket.
OVRSEER_DECL parsed<server_endpoint> parse_listen_address(std::string_view text);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/impl/address.ipp>
#endif
