// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Bytes to a receiver that reads a stream, over a connection that is made where there is none.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/error.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

/// An object whose `send` completes once the kernel has taken all bytes, and throws where it did not. That they were taken
/// does not mean that they arrive.
///
/// The bytes are the caller's and outlive the call. Where it fails, a part of them may have been sent; what is sent next
/// begins a new connection, so that a receiver never sees the begin of one send joined to another. What carries
/// lines is therefore sent again from its begin: a receiver may see lines twice, and half a line at most at the end of a
/// connection. `condition::retryable` holds for the code where a later call may succeed. Several calls may be under way.
/// Cancellation: every type abandons the call.
template <class S>
concept stream_sender = requires(S sender, std::string_view bytes) {
  { sender.send(bytes) } -> std::same_as<task<void>>;
};

/// The least that a `stream_sender` is; for tests of templates.
struct stream_sender_archetype {
  task<void> send(std::string_view bytes);
};
static_assert(stream_sender<stream_sender_archetype>);

/// Takes all bytes and gives them to nobody.
struct null_stream_sender {
  task<void> send(std::string_view) { co_return; }
};

/// Keeps the bytes of each send, for tests. While `refusal` is set, it throws that and keeps nothing. Copies share both.
class recording_stream_sender {
 public:
  task<void> send(std::string_view bytes) { return keep(kept_, bytes); }
  void refuse(std::error_code with) { kept_->refusal = with; }
  std::vector<std::string>& sent() noexcept { return kept_->sent; }

 private:
  struct state {
    std::vector<std::string> sent;
    std::error_code refusal;
  };
  static task<void> keep(std::shared_ptr<state> kept, std::string_view bytes) {
    if (kept->refusal) throw error(kept->refusal, "send");
    kept->sent.emplace_back(bytes);
    co_return;
  }

  std::shared_ptr<state> kept_ = std::make_shared<state>();
};
static_assert(stream_sender<recording_stream_sender>);

/// Where a stream goes: a TCP port, or a unix stream socket.
class stream_address {
 public:
  enum class kind : std::uint8_t { tcp, local };

  /// `host` is a name or an address without brackets.
  static stream_address tcp(std::string host, std::uint16_t port);
  /// The path of a unix socket; with a leading '@' an abstract name.
  ///
  /// Errors: `std::errc::filename_too_long`, `std::errc::invalid_argument` for an empty path.
  static stream_address local(std::string path);
  /// Reads "tcp://host:port", "tcp://[::1]:port" and "unix:///path".
  ///
  /// Errors: `std::errc::invalid_argument` with what is wrong, and those of `local`.
  static result<stream_address, error> parse(std::string_view text);

  kind type() const noexcept { return type_; }
  /// The host or the path.
  const std::string& name() const noexcept { return name_; }
  std::uint16_t port() const noexcept { return port_; }
  friend bool operator==(const stream_address&, const stream_address&) = default;

 private:
  stream_address(kind type, std::string name, std::uint16_t port) : type_(type), name_(std::move(name)), port_(port) {}

  kind type_;
  std::string name_;
  std::uint16_t port_;
};

/// As `stream_address::parse` reads it.
OVRSEER_DECL std::string to_text(const stream_address& address);

/// Sends bytes to one address over a connection that is closed on exec. Copies share it. One strand.
///
/// The first send connects; the name of a host is looked up without blocking, and its addresses are tried in turn. The
/// connection is kept, and the first send after one that failed makes a new one. Sends go one after the other. Before each,
/// what the peer has said is read and dropped, and where it has ended its side a new connection is made: else the bytes
/// would go to nobody. A peer that ends its side as the bytes come is not seen in time; they are lost.
///
/// A TCP peer that has vanished, or has taken nothing for a minute, is given up with ETIMEDOUT, also while the
/// connection rests or is being made. A peer on a unix path may take its time; `with_deadline` bounds a send.
class stream_socket {
 public:
  /// Connects to nobody yet.
  explicit stream_socket(stream_address to);

  /// Errors, each with the step and the address: at "resolve" EHOSTUNREACH for a name that has no address now; at
  /// "connect" those of socket(2) and connect(2), where nobody at a unix path, or no file, is ECONNREFUSED; at "send"
  /// those of send(2). Those of a peer or a network that may be back later are retryable. All end the connection.
  /// Cancellation: every type abandons the call and ends the connection, for what was sent is not known. A look-up goes
  /// on in the system's resolver, and keeps the context alive until that has answered.
  task<void> send(std::string_view bytes);

  const stream_address& address() const noexcept;

 private:
  class channel;

  std::shared_ptr<channel> channel_;
};
static_assert(stream_sender<stream_socket>);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/impl/stream.ipp>
#endif
