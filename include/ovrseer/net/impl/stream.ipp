// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/net/stream.hpp>.
#pragma once

#include <array>
#include <cerrno>
#include <optional>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ovrseer/async/cancellation.hpp>
#include <ovrseer/async/notifier.hpp>
#include <ovrseer/net/detail/socket_text.hpp>
#include <ovrseer/net/stream.hpp>

#include <asio/buffer.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>

namespace ovrseer {

OVRSEER_DECL stream_address stream_address::tcp(std::string host, std::uint16_t port) {
  return stream_address(kind::tcp, std::move(host), port);
}

OVRSEER_DECL stream_address stream_address::local(std::string path) {
  return stream_address(kind::local, net_detail::checked_socket_path(std::move(path)), 0);
}

OVRSEER_DECL result<stream_address, error> stream_address::parse(std::string_view text) {
  result<net_detail::socket_text, error> read = net_detail::read_socket_text(text, "tcp://");
  if (!read) return failure(read.reason());
  return stream_address(read->port == 0 ? kind::local : kind::tcp, std::move(read->name), read->port);
}

OVRSEER_DECL std::string to_text(const stream_address& address) {
  if (address.type() == stream_address::kind::local) return "unix://" + address.name();
  return net_detail::written_socket("tcp://", address.name(), address.port());
}

namespace net_detail {

/// The answer of the system's resolver. It may come when nobody waits for it any more.
struct looked_up {
  explicit looked_up(const executor& ex) : answered(ex) {}

  notifier answered;
  bool is_answered = false;
  std::error_code failed;
  std::vector<asio::generic::stream_protocol::endpoint> found;
};

/// The same failure as a code that says whether it may pass. The receiver may not have been started yet, and names and
/// networks come and go.
inline std::error_code judged(std::error_code failed) noexcept {
  const auto is_one_of = [&](auto... codes) { return (... || (failed == codes)); };
  if (failed.category() == asio::error::get_netdb_category() ||
      failed.category() == asio::error::get_addrinfo_category()) {
    return errno_code(EHOSTUNREACH);
  }
  if (is_one_of(std::errc::no_such_file_or_directory)) return errno_code(ECONNREFUSED);
  if (is_one_of(std::errc::network_down, std::errc::network_reset)) return errno_code(ENETUNREACH);
  if (is_one_of(std::errc::not_connected)) return errno_code(ECONNRESET);
  // Ports, memory, or room in the queue of the listener.
  if (is_one_of(std::errc::no_buffer_space, std::errc::address_not_available)) return errno_code(EAGAIN);
  return failed;
}

}  // namespace net_detail

/// The one connection behind all copies.
class stream_socket::channel {
 public:
  explicit channel(stream_address to) : to_(std::move(to)) {}
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  /// What lies unread would have the kernel reset the connection, and take away what the peer has not read yet.
  ~channel() { (void)is_usable(); }

  static task<void> send(std::shared_ptr<channel> self, std::string_view bytes);

  const stream_address& address() const noexcept { return to_; }

 private:
  using endpoint = asio::generic::stream_protocol::endpoint;

  // The turn of one send. It ends the connection unless the send is whole, also where the coroutine is destroyed.
  class turn {
   public:
    explicit turn(channel& of) noexcept : of_(of) { of_.is_busy_ = true; }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() {
      if (!is_whole_) of_.socket_.reset();
      of_.is_busy_ = false;
      of_.free_->notify_all();
    }
    void end_whole() noexcept { is_whole_ = true; }

   private:
    channel& of_;
    bool is_whole_ = false;
  };

  /// Whether there is a connection that the peer has not ended, as far as can be seen.
  bool is_usable() noexcept;
  task<void> connect(executor ex);
  std::error_code open(const executor& ex, const endpoint& to);
  task<std::vector<endpoint>> endpoints(executor ex);
  task<std::vector<endpoint>> look_up(executor ex);
  task<void> write(std::string_view bytes);
  [[noreturn]] void fail(const char* step, std::error_code why) const;

  stream_address to_;
  std::optional<asio::generic::stream_protocol::socket> socket_;
  bool is_busy_ = false;
  std::unique_ptr<notifier> free_;  // made with the first send
};

OVRSEER_DECL task<void> stream_socket::channel::send(std::shared_ptr<channel> self, std::string_view bytes) {
  co_await detail::admit_all_cancellation();
  const executor ex = co_await asio::this_coro::executor;
  if (!self->free_) self->free_ = std::make_unique<notifier>(ex);
  while (self->is_busy_) co_await self->free_->wait();
  turn mine(*self);
  if (!self->is_usable()) co_await self->connect(ex);
  co_await self->write(bytes);
  mine.end_whole();
}

OVRSEER_DECL bool stream_socket::channel::is_usable() noexcept {
  if (!socket_) return false;
  std::array<char, 4096> dropped;
  // Bounded: a peer that talks without end must not hold us up.
  for (int left = 64; left != 0; --left) {
    const ssize_t size = ::recv(socket_->native_handle(), dropped.data(), dropped.size(), MSG_DONTWAIT);
    if (size == 0) return false;
    if (size < 0 && errno != EINTR) return errno == EAGAIN || errno == EWOULDBLOCK;
  }
  return true;
}

OVRSEER_DECL task<void> stream_socket::channel::connect(executor ex) {
  const std::vector<endpoint> all = co_await endpoints(ex);
  std::error_code failed = asio::error::host_not_found;
  for (const endpoint& each : all) {
    failed = open(ex, each);
    if (failed) continue;
    const auto [refused] = co_await socket_->async_connect(each, use_task_tuple);
    if (!refused) co_return;
    if (refused == asio::error::operation_aborted) detail::throw_cancelled();
    failed = refused;
  }
  fail("connect", failed);
}

OVRSEER_DECL std::error_code stream_socket::channel::open(const executor& ex, const endpoint& to) {
  // Not by Asio, whose sockets every child would inherit.
  const int fd = ::socket(to.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno_code(errno);
  if (to_.type() == stream_address::kind::tcp) {
    const auto set = [fd](int level, int option, int value) {
      (void)::setsockopt(fd, level, option, &value, sizeof value);  // what the system lacks is its own default
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
    set(IPPROTO_TCP, TCP_NODELAY, 1);  // each send is whole: nothing follows that its end could wait for
  }
  socket_.emplace(ex);
  std::error_code failed;
  socket_->assign(to.protocol(), fd, failed);
  if (failed) ::close(fd);
  return failed;
}

OVRSEER_DECL task<std::vector<stream_socket::channel::endpoint>> stream_socket::channel::endpoints(executor ex) {
  std::vector<endpoint> found;
  if (to_.type() == stream_address::kind::local) {
    const net_detail::socket_path path(to_.name());
    found.emplace_back(path.data(), path.length);
    co_return found;
  }
  std::error_code no_address;
  const asio::ip::address literal = asio::ip::make_address(to_.name(), no_address);
  if (no_address) {
    found = co_await look_up(ex);
  } else {
    found.emplace_back(asio::ip::tcp::endpoint(literal, to_.port()));
  }
  co_return found;
}

OVRSEER_DECL task<std::vector<stream_socket::channel::endpoint>> stream_socket::channel::look_up(executor ex) {
  // Awaited apart from the resolver, which does not listen to cancellation.
  const auto answer = std::make_shared<net_detail::looked_up>(ex);
  asio::ip::tcp::resolver resolver(ex);
  resolver.async_resolve(to_.name(), std::to_string(to_.port()), asio::ip::tcp::resolver::numeric_service,
                         [answer](std::error_code failed, const asio::ip::tcp::resolver::results_type& found) {
                           answer->is_answered = true;
                           answer->failed = failed;
                           for (const auto& each : found) answer->found.emplace_back(each.endpoint());
                           answer->answered.notify_all();
                         });
  while (!answer->is_answered) co_await answer->answered.wait();
  if (answer->failed) fail("resolve", answer->failed);
  co_return std::move(answer->found);
}

OVRSEER_DECL task<void> stream_socket::channel::write(std::string_view bytes) {
  // Not a composed write, which does not listen to `total`.
  while (!bytes.empty()) {
    const asio::const_buffer rest(bytes.data(), bytes.size());
    const auto [failed, size] = co_await socket_->async_write_some(rest, use_task_tuple);
    if (failed == asio::error::operation_aborted) detail::throw_cancelled();
    if (failed) fail("send", failed);
    bytes.remove_prefix(size);
  }
}

OVRSEER_DECL void stream_socket::channel::fail(const char* step, std::error_code why) const {
  // Asio's category of errno values has no conditions in older versions.
  if (why.category() == asio::error::get_system_category()) why = errno_code(why.value());
  const std::error_code code = net_detail::judged(why);
  const std::string where = to_text(to_);
  throw error(code, step, code == why ? where : where + ": " + why.message());
}

OVRSEER_DECL stream_socket::stream_socket(stream_address to) : channel_(std::make_shared<channel>(std::move(to))) {}

OVRSEER_DECL task<void> stream_socket::send(std::string_view bytes) { return channel::send(channel_, bytes); }

OVRSEER_DECL const stream_address& stream_socket::address() const noexcept { return channel_->address(); }

}  // namespace ovrseer
