// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The few lines of sockets that the programs of the demo share. Blocking, for loopback only.
#pragma once

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace demo {

inline std::uint16_t port_from(const char* variable) {
  const char* const text = std::getenv(variable);
  return static_cast<std::uint16_t>(text == nullptr ? 0 : std::atoi(text));
}

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A listening socket, or -1.
inline int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 || ::listen(fd, 64) < 0) return -1;
  return fd;
}

/// A connection, or -1.
inline int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

/// Reads until `end` has come or the peer has closed.
inline std::string read_until(int fd, const std::string& end) {
  std::string text;
  char buffer[512];
  while (text.find(end) == std::string::npos && text.size() < 65536) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n <= 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

inline void send_all(int fd, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = ::send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<std::size_t>(n);
  }
}

/// Asks the store for the next number of a counter; -1 where it cannot be reached.
inline long count(std::uint16_t store_port, const std::string& counter) {
  const int fd = connect_to(store_port);
  if (fd < 0) return -1;
  send_all(fd, "INCR " + counter + "\n");
  const std::string answer = read_until(fd, "\n");
  ::close(fd);
  return answer.empty() ? -1 : std::atol(answer.c_str());
}

/// Ends the program with code 0 on SIGTERM, as a polite server does.
inline void leave_on_sigterm() {
  std::signal(SIGTERM, [](int) { ::_exit(0); });
}

}  // namespace demo
