// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/detail/datagram_channel.hpp>.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <ovrseer/net/detail/datagram_channel.hpp>

#include <asio/ip/address.hpp>

namespace ovrseer::net_detail {

OVRSEER_DECL void datagram_channel::begin() {
  if (to_.type() != datagram_address::kind::udp) return;
  std::error_code no_address;
  const asio::ip::address literal = asio::ip::make_address(to_.name(), no_address);
  is_name_ = static_cast<bool>(no_address);
  if (is_name_) {
    look_up();
  } else {
    endpoints_.emplace_back(literal, to_.port());
  }
}

OVRSEER_DECL std::error_code datagram_channel::send(std::string_view datagram) {
  const std::uint64_t absent = counts_.no_receiver;
  const std::error_code answer = hand_over(datagram);
  counts_.add(answer);
  if (counts_.no_receiver != absent) turn_to_next();
  return answer;
}

OVRSEER_DECL std::error_code datagram_channel::hand_over(std::string_view datagram) {
  if (fd_ < 0) {
    if (const std::error_code failed = open()) return failed;
  }
  // A unix path is looked up each time: the file may be that of a new receiver. UDP is connected: else the kernel does
  // not say that nobody listens.
  sockaddr_un path{};
  socklen_t length = 0;
  if (to_.type() == datagram_address::kind::local) {
    path.sun_family = AF_UNIX;
    std::memcpy(path.sun_path, to_.name().data(), to_.name().size());
    const bool is_abstract = to_.name().front() == '@';
    if (is_abstract) path.sun_path[0] = '\0';
    length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + to_.name().size() + (is_abstract ? 0 : 1));
  }
  const sockaddr* where = length == 0 ? nullptr : reinterpret_cast<const sockaddr*>(&path);
  ssize_t size = -1;
  do {
    size = ::sendto(fd_, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL, where, length);
  } while (size < 0 && errno == EINTR);
  return size < 0 ? errno_code(errno) : std::error_code();
}

OVRSEER_DECL std::error_code datagram_channel::open() {
  const bool is_udp = to_.type() == datagram_address::kind::udp;
  if (is_udp && endpoints_.empty()) {
    look_up();
    return failure_;
  }
  const int family = is_udp ? endpoints_[at_].protocol().family() : AF_UNIX;
  fd_ = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0) return errno_code(errno);
  if (is_udp && ::connect(fd_, endpoints_[at_].data(), static_cast<socklen_t>(endpoints_[at_].size())) != 0) {
    const std::error_code failed = errno_code(errno);
    close();
    return failed;
  }
  return {};
}

OVRSEER_DECL void datagram_channel::close() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

OVRSEER_DECL void datagram_channel::look_up() {
  const steady_time now = clock_of(executor_).now();
  if (is_looking_ || (looked_ && now - *looked_ < between_look_ups)) return;
  is_looking_ = true;
  looked_ = now;
  resolver_.async_resolve(
      to_.name(), std::to_string(to_.port()), asio::ip::udp::resolver::numeric_service,
      [self = weak_from_this()](std::error_code failed, const asio::ip::udp::resolver::results_type& found) {
        if (const auto channel = self.lock()) channel->learn(failed, {found.begin(), found.end()});
      });
}

OVRSEER_DECL void datagram_channel::learn(std::error_code failed, std::vector<endpoint> found) {
  is_looking_ = false;
  if (failed) {
    failure_ = failed;  // what was known before stays in use
  } else if (found != endpoints_) {
    endpoints_ = std::move(found);
    at_ = 0;
    close();
  }
}

OVRSEER_DECL void datagram_channel::turn_to_next() {
  if (to_.type() != datagram_address::kind::udp) return;
  close();  // a new socket has no error of the old one's waiting, and an own address that is up to date
  at_ = (at_ + 1) % endpoints_.size();
  if (at_ == 0 && is_name_) look_up();
}

}  // namespace ovrseer::net_detail
