// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Datagrams that leave at once or not at all: for receivers whose absence must not be felt.
#pragma once

#include <concepts>
#include <cstddef>
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

/// An object whose `send` hands one datagram to the kernel. It never blocks and never throws for what the network or the
/// peer does: an empty code says that the kernel took the datagram, any other that it did not. That a datagram was taken does
/// not mean that it arrives.
template <class S>
concept datagram_sender = requires(S sender, std::string_view datagram) {
  { sender.send(datagram) } -> std::same_as<std::error_code>;
};

/// The least that a `datagram_sender` is; for tests of templates.
struct datagram_sender_archetype {
  std::error_code send(std::string_view datagram);
};
static_assert(datagram_sender<datagram_sender_archetype>);

/// Takes every datagram and gives it to nobody.
struct null_datagram_sender {
  std::error_code send(std::string_view) noexcept { return {}; }
};

/// Keeps every datagram, for tests. While `refusal` is set, it answers with that and keeps nothing. Copies share both.
class recording_datagram_sender {
 public:
  std::error_code send(std::string_view datagram) {
    if (!kept_->refusal) kept_->datagrams.emplace_back(datagram);
    return kept_->refusal;
  }
  void refuse(std::error_code with) { kept_->refusal = with; }
  std::vector<std::string>& datagrams() noexcept { return kept_->datagrams; }

 private:
  struct state {
    std::vector<std::string> datagrams;
    std::error_code refusal;
  };
  std::shared_ptr<state> kept_ = std::make_shared<state>();
};

/// Where datagrams go: a UDP port, or a unix datagram socket.
class datagram_address {
 public:
  enum class kind : std::uint8_t { udp, local };

  /// `host` is a name or an address without brackets.
  static datagram_address udp(std::string host, std::uint16_t port);
  /// The path of a unix socket; with a leading '@' an abstract name.
  ///
  /// Errors: `std::errc::filename_too_long`, `std::errc::invalid_argument` for an empty path.
  static datagram_address local(std::string path);
  /// Reads "udp://host:port", "udp://[::1]:port" and "unix:///path".
  ///
  /// Errors: `std::errc::invalid_argument` with what is wrong, and those of `local`.
  static result<datagram_address, error> parse(std::string_view text);

  kind type() const noexcept { return type_; }
  /// The host or the path.
  const std::string& name() const noexcept { return name_; }
  std::uint16_t port() const noexcept { return port_; }
  friend bool operator==(const datagram_address&, const datagram_address&) = default;

 private:
  datagram_address(kind type, std::string name, std::uint16_t port)
      : type_(type), name_(std::move(name)), port_(port) {}

  kind type_;
  std::string name_;
  std::uint16_t port_;
};

/// As `datagram_address::parse` reads it.
OVRSEER_DECL std::string to_text(const datagram_address& address);

/// What became of the datagrams of a socket, each counted once.
struct datagram_counts {
  std::uint64_t sent = 0;         ///< taken by the kernel
  std::uint64_t full = 0;         ///< the receiver of a unix socket, or the own buffer, is full (EAGAIN)
  std::uint64_t no_buffers = 0;   ///< the kernel or the interface is short of memory (ENOBUFS, ENOMEM)
  std::uint64_t no_receiver = 0;  ///< nobody is there (ECONNREFUSED, ENOENT, unreachable)
  std::uint64_t too_large = 0;    ///< more than a datagram may have (EMSGSIZE)
  std::uint64_t unresolved = 0;   ///< the name of the host is not known, or not yet
  std::uint64_t other = 0;

  std::uint64_t lost() const noexcept { return full + no_buffers + no_receiver + too_large + unresolved + other; }
  void add(std::error_code answer) noexcept;
  friend bool operator==(const datagram_counts&, const datagram_counts&) = default;
};

/// Sends datagrams to one address through a socket that is closed on exec. Copies share it. One strand.
///
/// A unix path is looked up for each datagram, so that a receiver that was restarted is found at once. A host's name
/// is looked up without blocking, begun here; datagrams before its answer are refused with
/// `asio::error::host_not_found_try_again`. Where nobody listens at one of its addresses the next one is used, and after
/// the last the name is looked up again, at most every 30 s. On UDP the word that nobody listened to one datagram
/// comes back with the next, which is then refused in its turn.
///
/// A look-up under way keeps the context alive until the system's resolver has answered. The retries of a refused
/// datagram are the caller's.
class datagram_socket {
 public:
  /// Opens nothing yet: what fails is said by `send`.
  datagram_socket(const executor& ex, datagram_address to);

  /// Errors: those of send(2), socket(2) and connect(2), and of the look-up.
  std::error_code send(std::string_view datagram);

  const datagram_address& address() const noexcept;
  const datagram_counts& counts() const noexcept;

 private:
  class channel;

  std::shared_ptr<channel> channel_;
};
static_assert(datagram_sender<datagram_socket>);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/impl/datagram.ipp>
#endif
