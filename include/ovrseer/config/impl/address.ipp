// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/config/address.hpp>.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include <arpa/inet.h>

#include <ovrseer/config/address.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

OVRSEER_DECL std::string to_text(const peer_address& where) {
  if (where.is_local()) return "unix:" + where.socket_path;
  const bool is_ipv6 = where.host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + where.host + "]" : where.host) + ":" + std::to_string(where.port);
}

OVRSEER_DECL parsed<peer_address> parse_peer_address(std::string_view text, std::uint16_t least_port) {
  constexpr std::size_t longest_path = 107;
  const auto refuse = [](std::string cure, std::size_t offset) {
    return failure(value_error{"an address such as 127.0.0.1:8080 or unix:/run/x.sock", std::move(cure), offset});
  };
  peer_address made;
  if (text.starts_with("unix:")) {
    made.socket_path = text.substr(5);
    if (made.socket_path.starts_with("//")) return refuse("write unix: and the path, without //", 5);
    if (!made.socket_path.starts_with('/')) return refuse("the path of a socket begins with /", 5);
    if (made.socket_path.size() > longest_path) return refuse("the path of a socket has at most 107 bytes", 5);
    return made;
  }
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    return refuse("write host:port without " + std::string(text.substr(0, scheme + 3)), 0);
  }
  std::size_t colon = text.rfind(':');
  std::string_view host = "127.0.0.1";
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return refuse("close the address with ]", 0);
    if (close + 1 >= text.size() || text[close + 1] != ':') return refuse("put :port after the ]", close + 1);
    colon = close + 1;
    host = text.substr(1, close - 1);
    std::array<unsigned char, 16> bytes{};
    if (::inet_pton(AF_INET6, std::string(host).c_str(), bytes.data()) != 1) {
      return refuse("an IPv6 address stands in brackets, and nothing else", 1);
    }
  } else if (colon != std::string_view::npos) {
    host = text.substr(0, colon);
    if (host.find(':') != std::string_view::npos) return refuse("write an IPv6 address in brackets: [::1]:8080", 0);
    if (host.empty() || host == "*") {
      const std::string port(text.substr(colon));
      return refuse("write 127.0.0.1" + port + " for this machine alone, or 0.0.0.0" + port + " for all addresses", 0);
    }
  }
  if (host.find_first_of(" \t/@?#[]") != std::string_view::npos) return refuse("", 0);
  const std::string_view digits = colon == std::string_view::npos ? text : text.substr(colon + 1);
  const std::size_t offset = text.size() - digits.size();
  unsigned port = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (code == std::errc::invalid_argument || end != digits.data() + digits.size()) {
    if (text.starts_with('/')) return refuse("write unix:" + std::string(text), 0);
    return refuse(colon == std::string_view::npos ? "put :port after it" : "", offset);
  }
  if (code != std::errc() || port < least_port || port > 65535) {
    return refuse("a port is a number from " + std::to_string(least_port) + " to 65535", offset);
  };
  made.host = host;
  made.port = static_cast<std::uint16_t>(port);
  return made;
}

OVRSEER_DECL parsed<server_endpoint> parse_listen_address(std::string_view text) {
  const parsed<peer_address> read = parse_peer_address(text, 0);
  if (!read) return failure(read.reason());
  if (read->is_local()) return server_endpoint::local(read->socket_path);
  const std::string host = read->host == "localhost" ? "127.0.0.1" : read->host;
  std::array<unsigned char, 16> bytes{};
  if (::inet_pton(AF_INET, host.c_str(), bytes.data()) != 1 && ::inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) {
    return failure(value_error{"an address to listen at such as 127.0.0.1:8080 or unix:/run/x.sock",
                               "an address of this machine is written in digits", 0});
  }
  return server_endpoint::tcp(host, read->port);
}

}  // namespace ovrseer
