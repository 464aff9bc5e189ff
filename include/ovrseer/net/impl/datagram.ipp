// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/datagram.hpp>.
#pragma once

#include <charconv>
#include <utility>

#include <sys/un.h>

#include <ovrseer/net/datagram.hpp>
#include <ovrseer/net/detail/datagram_channel.hpp>

namespace ovrseer {

OVRSEER_DECL datagram_address datagram_address::udp(std::string host, std::uint16_t port) {
  return datagram_address(kind::udp, std::move(host), port);
}

OVRSEER_DECL datagram_address datagram_address::local(std::string path) {
  if (path.empty()) throw error(std::make_error_code(std::errc::invalid_argument), "unix socket", "the path is empty");
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    throw error(std::make_error_code(std::errc::filename_too_long), "unix socket", path);
  }
  return datagram_address(kind::local, std::move(path), 0);
}

OVRSEER_DECL result<datagram_address, error> datagram_address::parse(std::string_view text) {
  constexpr std::string_view udp_scheme = "udp://";
  constexpr std::string_view unix_scheme = "unix://";
  const auto refused = [text](const std::string& why) {
    return failure(error(std::make_error_code(std::errc::invalid_argument), "\"" + std::string(text) + "\"", why));
  };
  if (text.starts_with(unix_scheme)) {
    try {
      return local(std::string(text.substr(unix_scheme.size())));
    } catch (const error& why) {
      return failure(why);
    }
  }
  if (!text.starts_with(udp_scheme)) return refused("must begin with udp:// or unix://");
  const std::string_view rest = text.substr(udp_scheme.size());
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
  return udp(std::string(host), port);
}

OVRSEER_DECL std::string to_text(const datagram_address& address) {
  if (address.type() == datagram_address::kind::local) return "unix://" + address.name();
  const bool is_v6 = address.name().find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + address.name() + "]" : address.name();
  return "udp://" + host + ":" + std::to_string(address.port());
}

OVRSEER_DECL void datagram_counts::add(std::error_code answer) noexcept {
  const auto is_one_of = [&](auto... codes) { return (... || (answer == codes)); };
  if (!answer) {
    ++sent;
  } else if (is_one_of(std::errc::resource_unavailable_try_again, std::errc::operation_would_block)) {
    ++full;
  } else if (is_one_of(std::errc::no_buffer_space, std::errc::not_enough_memory)) {
    ++no_buffers;
  } else if (is_one_of(std::errc::connection_refused, std::errc::connection_reset, std::errc::not_connected,
                       std::errc::no_such_file_or_directory, std::errc::host_unreachable,
                       std::errc::network_unreachable, std::errc::network_down, std::errc::address_not_available,
                       std::errc::address_family_not_supported)) {
    ++no_receiver;
  } else if (answer == std::errc::message_size) {
    ++too_large;
  } else if (answer.category() == asio::error::get_netdb_category() ||
             answer.category() == asio::error::get_addrinfo_category()) {
    ++unresolved;
  } else {
    ++other;
  }
}

OVRSEER_DECL datagram_socket::datagram_socket(const executor& ex, datagram_address to)
    : channel_(std::make_shared<net_detail::datagram_channel>(ex, std::move(to))) {
  channel_->begin();
}

OVRSEER_DECL std::error_code datagram_socket::send(std::string_view datagram) { return channel_->send(datagram); }

OVRSEER_DECL const datagram_address& datagram_socket::address() const noexcept { return channel_->address(); }

OVRSEER_DECL const datagram_counts& datagram_socket::counts() const noexcept { return channel_->counts(); }

}  // namespace ovrseer
