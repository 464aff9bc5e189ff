// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/detail/socket_text.hpp>.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstring>
#include <system_error>

#include <ovrseer/net/detail/socket_text.hpp>

namespace ovrseer::net_detail {

OVRSEER_DECL result<socket_text, error> read_socket_text(std::string_view text, std::string_view scheme) {
  constexpr std::string_view unix_scheme = "unix://";
  const auto refused = [text](const std::string& why) {
    return failure(error(std::make_error_code(std::errc::invalid_argument), "\"" + std::string(text) + "\"", why));
  };
  if (text.starts_with(unix_scheme)) {
    try {
      return socket_text{checked_socket_path(std::string(text.substr(unix_scheme.size()))), 0};
    } catch (const error& why) {
      return failure(why);
    }
  }
  if (!text.starts_with(scheme)) return refused("must begin with " + std::string(scheme) + " or unix://");
  const std::string_view rest = text.substr(scheme.size());
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return refused("the port is missing");
  std::string_view host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return refused("the host is missing");
  if (host.find_first_of("/[] ") != std::string_view::npos) return refused("not a host");
  const std::string_view digits = rest.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failed != std::errc() || end != digits.data() + digits.size() || port == 0) return refused("not a port");
  return socket_text{std::string(host), port};
}

OVRSEER_DECL std::string written_socket(std::string_view scheme, const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return std::string(scheme) + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

OVRSEER_DECL std::string checked_socket_path(std::string path) {
  if (path.empty()) throw error(std::make_error_code(std::errc::invalid_argument), "unix socket", "the path is empty");
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    throw error(std::make_error_code(std::errc::filename_too_long), "unix socket", path);
  }
  return path;
}

OVRSEER_DECL socket_path::socket_path(std::string_view checked) noexcept {
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, checked.data(), checked.size());
  const bool is_abstract = checked.front() == '@';
  if (is_abstract) address.sun_path[0] = '\0';
  length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + checked.size() + (is_abstract ? 0 : 1));
}

}  // namespace ovrseer::net_detail
