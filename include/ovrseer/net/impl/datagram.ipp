// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/datagram.hpp>.
#pragma once

#include <cerrno>
#include <chrono>
#include <optional>

#include <sys/socket.h>
#include <unistd.h>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/net/datagram.hpp>
#include <ovrseer/net/detail/socket_text.hpp>

#include <asio/ip/address.hpp>
#include <asio/ip/udp.hpp>

namespace ovrseer {

OVRSEER_DECL datagram_address datagram_address::udp(std::string host, std::uint16_t port) {
  return datagram_address(kind::udp, std::move(host), port);
}

OVRSEER_DECL datagram_address datagram_address::local(std::string path) {
  return datagram_address(kind::local, net_detail::checked_socket_path(std::move(path)), 0);
}

OVRSEER_DECL result<datagram_address, error> datagram_address::parse(std::string_view text) {
  result<net_detail::socket_text, error> read = net_detail::read_socket_text(text, "udp://");
  if (!read) return failure(read.reason());
  return datagram_address(read->port == 0 ? kind::local : kind::udp, std::move(read->name), read->port);
}

OVRSEER_DECL std::string to_text(const datagram_address& address) {
  if (address.type() == datagram_address::kind::local) return "unix://" + address.name();
  return net_detail::written_socket("udp://", address.name(), address.port());
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

/// The one socket behind all copies, and what is known of the way to its receiver.
class datagram_socket::channel : public std::enable_shared_from_this<channel> {
 public:
  channel(const executor& ex, datagram_address to)
      : executor_(ex), to_(std::move(to)), resolver_(ex), failure_(asio::error::host_not_found_try_again) {}
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  ~channel() { close(); }

  /// Finds the addresses of the host, or begins to. Once, after the construction.
  void begin();
  std::error_code send(std::string_view datagram);

  const datagram_address& address() const noexcept { return to_; }
  const datagram_counts& counts() const noexcept { return counts_; }

 private:
  using endpoint = asio::ip::udp::endpoint;
  static constexpr std::chrono::seconds between_look_ups{30};

  std::error_code hand_over(std::string_view datagram);
  std::error_code open();
  void close() noexcept;
  void look_up();
  void learn(std::error_code failed, std::vector<endpoint> found);
  void turn_to_next();

  executor executor_;
  datagram_address to_;
  asio::ip::udp::resolver resolver_;
  datagram_counts counts_;
  int fd_ = -1;
  std::vector<endpoint> endpoints_;
  std::size_t at_ = 0;
  std::error_code failure_;  // why there are no endpoints
  bool is_name_ = false;
  bool is_looking_ = false;
  std::optional<steady_time> looked_;
};

OVRSEER_DECL void datagram_socket::channel::begin() {
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

OVRSEER_DECL std::error_code datagram_socket::channel::send(std::string_view datagram) {
  const std::uint64_t failed = counts_.no_receiver + counts_.other;
  const std::error_code answer = hand_over(datagram);
  counts_.add(answer);
  if (counts_.no_receiver + counts_.other != failed) turn_to_next();
  return answer;
}

OVRSEER_DECL std::error_code datagram_socket::channel::hand_over(std::string_view datagram) {
  if (fd_ < 0) {
    if (const std::error_code failed = open()) return failed;
  }
  // A unix path is looked up each time: the file may be that of a new receiver. UDP is connected: else the kernel does
  // not say that nobody listens.
  std::optional<net_detail::socket_path> path;
  if (to_.type() == datagram_address::kind::local) path.emplace(to_.name());
  const sockaddr* where = path ? path->data() : nullptr;
  const socklen_t length = path ? path->length : 0;
  ssize_t size = -1;
  do {
    size = ::sendto(fd_, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL, where, length);
  } while (size < 0 && errno == EINTR);
  return size < 0 ? errno_code(errno) : std::error_code();
}

OVRSEER_DECL std::error_code datagram_socket::channel::open() {
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

OVRSEER_DECL void datagram_socket::channel::close() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

OVRSEER_DECL void datagram_socket::channel::look_up() {
  const steady_time now = clock_of(executor_).now();
  if (is_looking_ || (looked_ && now - *looked_ < between_look_ups)) return;
  is_looking_ = true;
  looked_ = now;
  resolver_.async_resolve(
      to_.name(), std::to_string(to_.port()), asio::ip::udp::resolver::numeric_service,
      [self = weak_from_this()](std::error_code failed, const asio::ip::udp::resolver::results_type& found) {
        if (const auto alive = self.lock()) alive->learn(failed, {found.begin(), found.end()});
      });
}

OVRSEER_DECL void datagram_socket::channel::learn(std::error_code failed, std::vector<endpoint> found) {
  is_looking_ = false;
  if (failed) {
    failure_ = failed;  // what was known before stays in use
  } else if (found != endpoints_) {
    endpoints_ = std::move(found);
    at_ = 0;
    close();
  }
}

OVRSEER_DECL void datagram_socket::channel::turn_to_next() {
  if (endpoints_.empty()) return;  // a unix path, or a name that is not known
  close();  // a new socket has no error of the old one's waiting, and an own address that is up to date
  at_ = (at_ + 1) % endpoints_.size();
  if (at_ == 0 && is_name_) look_up();
}

OVRSEER_DECL datagram_socket::datagram_socket(const executor& ex, datagram_address to)
    : channel_(std::make_shared<channel>(ex, std::move(to))) {
  channel_->begin();
}

OVRSEER_DECL std::error_code datagram_socket::send(std::string_view datagram) { return channel_->send(datagram); }

OVRSEER_DECL const datagram_address& datagram_socket::address() const noexcept { return channel_->address(); }

OVRSEER_DECL const datagram_counts& datagram_socket::counts() const noexcept { return channel_->counts(); }

}  // namespace ovrseer
