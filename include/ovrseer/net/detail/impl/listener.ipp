// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/detail/listener.hpp>.
#pragma once

#include <utility>

#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ovrseer/net/detail/listener.hpp>

namespace ovrseer::net_detail {

OVRSEER_DECL listener::listener(const executor& ex, server_endpoint where) : socket_(ex), where_(std::move(where)) {
  if (where_.is_local()) {
    listen_local();
  } else {
    listen_tcp();
  }
}

OVRSEER_DECL void listener::close() {
  if (!socket_.is_open()) return;
  asio::error_code ignored;
  socket_.close(ignored);
  struct stat now{};
  if (where_.is_local() && ::lstat(where_.path().c_str(), &now) == 0 && now.st_dev == device_ && now.st_ino == inode_) {
    ::unlink(where_.path().c_str());
  }
}

OVRSEER_DECL task<accepted> listener::accept() {
  for (;;) {
    co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read, use_task);
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int fd =
        ::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) co_return adopt(fd, address);
    // The others (ECONNABORTED, EINTR, EAGAIN) concern a client that has left already.
    const bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (is_short || errno == EBADF || errno == EINVAL) fail("accept");
  }
}

OVRSEER_DECL void listener::open(int family) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  asio::error_code failed;
  socket_.assign(fd, failed);
  if (failed) {
    ::close(fd);
    fail("socket", failed.value());
  }
}

OVRSEER_DECL void listener::listen_tcp() {
  asio::error_code malformed;
  const asio::ip::address address = asio::ip::make_address(where_.address(), malformed);
  if (malformed) fail("address", EINVAL);
  asio::ip::tcp::endpoint endpoint(address, where_.port());
  open(endpoint.protocol().family());
  const int on = 1;
  ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket_.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) fail("bind");
  begin();
  socklen_t size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(socket_.native_handle(), endpoint.data(), &size) != 0) fail("getsockname");
  where_ = server_endpoint::tcp(where_.address(), endpoint.port());
}

OVRSEER_DECL void listener::listen_local() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (where_.path().size() >= sizeof address.sun_path) fail("bind", ENAMETOOLONG);
  std::memcpy(address.sun_path, where_.path().c_str(), where_.path().size() + 1);
  remove_abandoned(address);
  open(AF_UNIX);
  // Linux takes the mode of the new file from the socket, so that it is never open to others.
  if (::fchmod(socket_.native_handle(), where_.mode()) != 0) fail("chmod");
  if (::bind(socket_.native_handle(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("bind");
  struct stat made{};
  if (::lstat(where_.path().c_str(), &made) == 0) {
    device_ = made.st_dev;
    inode_ = made.st_ino;
  }
  // The umask was taken off; give back what the caller asked for.
  if (::chmod(where_.path().c_str(), where_.mode()) != 0) fail("chmod");
  begin();
}

OVRSEER_DECL void listener::remove_abandoned(const sockaddr_un& address) {
  struct stat there{};
  if (::lstat(address.sun_path, &there) != 0 || !S_ISSOCK(there.st_mode)) return;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  const int connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int code = errno;
  ::close(fd);
  if (connected != 0 && code == ECONNREFUSED) ::unlink(address.sun_path);
}

OVRSEER_DECL accepted listener::adopt(int fd, const sockaddr_storage& address) {
  accepted made{stream_socket(socket_.get_executor()), {}};
  asio::error_code failed;
  made.socket.assign(asio::generic::stream_protocol(address.ss_family, 0), fd, failed);
  if (failed) {
    ::close(fd);
    fail("accept", failed.value());
  }
  if (where_.is_local()) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    made.peer.address = "local";
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
      made.peer.user = credentials.uid;
      made.peer.process = credentials.pid;
    }
  } else {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    made.peer.address = text_of(address);
  }
  return made;
}

OVRSEER_DECL std::string listener::text_of(const sockaddr_storage& address) {
  asio::ip::tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), &address, endpoint.capacity() < sizeof address ? endpoint.capacity() : sizeof address);
  return to_text(server_endpoint::tcp(endpoint.address().to_string(), endpoint.port()));
}

}  // namespace ovrseer::net_detail
