// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/server.hpp>.
#pragma once

#include <ovrseer/net/server.hpp>

namespace ovrseer {

OVRSEER_DECL server_endpoint server_endpoint::tcp(std::string address, std::uint16_t port) {
  server_endpoint made;
  made.address_ = std::move(address);
  made.port_ = port;
  return made;
}

OVRSEER_DECL server_endpoint server_endpoint::local(std::string path, mode_t mode) {
  server_endpoint made;
  made.path_ = std::move(path);
  made.mode_ = mode;
  return made;
}

OVRSEER_DECL url server_endpoint::at(std::string_view path) const {
  const std::string target(path);
  if (is_local()) return url("http+unix://" + percent_encoded(path_) + target);
  return url("http://" + host_and_port(address_, port_) + target);
}

OVRSEER_DECL std::string to_text(const server_endpoint& where) {
  if (where.is_local()) return "unix:" + where.path();
  return host_and_port(where.address(), where.port());
}

OVRSEER_DECL task<void> any_http_server::keep(std::shared_ptr<base> server, http_handler handler) {
  co_await server->serve(std::move(handler));
}

}  // namespace ovrseer
