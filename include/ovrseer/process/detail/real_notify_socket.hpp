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

#include <ovrseer/build.hpp>
#include <ovrseer/process/detail/launch_plan.hpp>
#include <ovrseer/process/os.hpp>

#include <asio/posix/stream_descriptor.hpp>

namespace ovrseer::process_detail {

/// The socket has an abstract name: no file is left of it whatever happens, and a child in another folder or of
/// another user reaches it. So does every process of the network namespace, which is why the sender is told.
class real_notify_socket final : public notify_socket {
 public:
  real_notify_socket(const executor& ex, std::string name);

  std::string address() const override { return "@" + name_; }

  std::optional<notify_datagram> try_receive() override;

  task<void> wait() override;

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

  static pid_t sender_of(msghdr& message);

  static std::shared_ptr<void> descriptors_of_message(msghdr& message);

  std::string name_;
  asio::posix::stream_descriptor socket_;
};

}  // namespace ovrseer::process_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/process/detail/impl/real_notify_socket.ipp>
#endif
