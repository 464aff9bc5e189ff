// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The real end of a notify socket: a datagram socket that tells who sent what, as unix(7) describes it.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <ovrseer/process/detail/launch_plan.hpp>
#include <ovrseer/process/os.hpp>

#include <asio/posix/stream_descriptor.hpp>

namespace ovrseer::process_detail {

/// The socket has an abstract name: no file is left of it whatever happens, and a child in another folder or of
/// another user reaches it. So does every process of the network namespace, which is why the sender is told.
class real_notify_socket final : public notify_socket {
 public:
  real_notify_socket(const executor& ex, std::string name) : name_(std::move(name)), socket_(ex) {
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

  std::string address() const override { return "@" + name_; }

  std::optional<notify_datagram> try_receive() override {
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

  task<void> wait() override {
    co_await detail::admit_all_cancellation();
    co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read, use_task);
  }

 private:
  // What one message of the protocol may have at most (PIPE_BUF), and what the kernel sends with one (SCM_MAX_FD).
  static constexpr std::size_t longest_datagram = 4096;
  static constexpr std::size_t most_descriptors = 253;

  [[noreturn]] void fail(const char* step) const { throw error(errno_code(errno), step, "notify socket " + name_); }

  template <class Visit>
  static void visit_control(msghdr& message, int type, Visit visit) {
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
      if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == type) {
        visit(CMSG_DATA(each), each->cmsg_len - CMSG_LEN(0));
      }
    }
  }

  static pid_t sender_of(msghdr& message) {
    ucred sender{};
    visit_control(message, SCM_CREDENTIALS, [&](const unsigned char* data, std::size_t size) {
      if (size >= sizeof sender) std::memcpy(&sender, data, sizeof sender);
    });
    return sender.pid;
  }

  static std::shared_ptr<void> descriptors_of_message(msghdr& message) {
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

  std::string name_;
  asio::posix::stream_descriptor socket_;
};

}  // namespace ovrseer::process_detail
