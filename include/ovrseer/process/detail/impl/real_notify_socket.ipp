// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/process/detail/real_notify_socket.hpp>.
#pragma once

#include <ovrseer/process/detail/real_notify_socket.hpp>

namespace ovrseer::process_detail {

OVRSEER_DECL real_notify_socket::real_notify_socket(const executor& ex, std::string name)
    : name_(std::move(name)), socket_(ex) {
  unique_fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) fail("socket");
  // Before there is a name: no message without its sender.
  const int on = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) fail("setsockopt");
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (name_.size() + 1 > sizeof where.sun_path) throw error(errno_code(ENAMETOOLONG), "bind", name_);
  std::memcpy(where.sun_path + 1, name_.data(), name_.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), length) != 0) fail("bind");
  socket_.assign(fd.get());
  fd.release();
}

OVRSEER_DECL std::optional<notify_datagram> real_notify_socket::try_receive() {
  std::array<char, longest_datagram> text;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(most_descriptors * sizeof(int))> about;
  iovec place{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = about.data();
  message.msg_controllen = about.size();
  ssize_t size = -1;
  do {
    size = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && errno == EAGAIN) return std::nullopt;
  if (size < 0) fail("recvmsg");
  notify_datagram came;
  came.descriptors = descriptors_of_message(message);  // first: whatever else fails, they are closed
  came.sender = sender_of(message);
  came.is_cut = (message.msg_flags & MSG_TRUNC) != 0;
  came.text.assign(text.data(), static_cast<std::size_t>(size));
  return came;
}

OVRSEER_DECL task<void> real_notify_socket::wait() {
  co_await detail::admit_all_cancellation();
  co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read, use_task);
}

OVRSEER_DECL pid_t real_notify_socket::sender_of(msghdr& message) {
  ucred sender{};
  visit_control(message, SCM_CREDENTIALS, [&](const unsigned char* data, std::size_t size) {
    if (size >= sizeof sender) std::memcpy(&sender, data, sizeof sender);
  });
  return sender.pid;
}

OVRSEER_DECL std::shared_ptr<void> real_notify_socket::descriptors_of_message(msghdr& message) {
  auto held = std::make_shared<std::vector<unique_fd>>();
  visit_control(message, SCM_RIGHTS, [&](const unsigned char* data, std::size_t size) {
    held->reserve(held->size() + size / sizeof(int));
    for (std::size_t at = 0; at + sizeof(int) <= size; at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, data + at, sizeof fd);
      held->emplace_back(fd);
    }
  });
  return held->empty() ? nullptr : held;
}

}  // namespace ovrseer::process_detail
