// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The other end of a datagram socket, for tests: what came, one by one.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace ovrseer::test {

class datagram_receiver {
 public:
  /// On a free port of the loopback, or on the one named.
  static datagram_receiver udp(std::uint16_t port = 0) {
    datagram_receiver made(AF_INET);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    where.sin_port = htons(port);
    made.bind(reinterpret_cast<const sockaddr*>(&where), sizeof where);
    socklen_t length = sizeof where;
    ::getsockname(made.fd_, reinterpret_cast<sockaddr*>(&where), &length);
    made.port_ = ntohs(where.sin_port);
    return made;
  }
  /// On a path; with a leading '@' an abstract name. What lay there goes.
  static datagram_receiver local(const std::string& path) {
    datagram_receiver made(AF_UNIX);
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    if (path.size() >= sizeof where.sun_path) throw std::runtime_error("the path is too long");
    std::memcpy(where.sun_path, path.data(), path.size());
    std::size_t length = offsetof(sockaddr_un, sun_path) + path.size();
    if (path.front() == '@') {
      where.sun_path[0] = '\0';
    } else {
      std::filesystem::remove(path);
      ++length;
    }
    made.bind(reinterpret_cast<const sockaddr*>(&where), static_cast<socklen_t>(length));
    return made;
  }
  datagram_receiver(datagram_receiver&& other) noexcept : fd_(other.fd_), port_(other.port_) { other.fd_ = -1; }
  datagram_receiver& operator=(datagram_receiver&&) = delete;
  ~datagram_receiver() {
    if (fd_ >= 0) ::close(fd_);
  }

  std::uint16_t port() const { return port_; }
  /// What lies there now. On the loopback a datagram lies there when `send` has returned.
  std::optional<std::string> take() {
    std::array<char, 65536> text;
    const ssize_t size = ::recv(fd_, text.data(), text.size(), MSG_DONTWAIT);
    if (size < 0) return std::nullopt;
    return std::string(text.data(), static_cast<std::size_t>(size));
  }

 private:
  explicit datagram_receiver(int family) : fd_(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  void bind(const sockaddr* where, socklen_t length) {
    if (::bind(fd_, where, length) != 0) throw std::runtime_error(std::string("bind: ") + std::strerror(errno));
  }

  int fd_;
  std::uint16_t port_ = 0;
};

}  // namespace ovrseer::test
