// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The one socket behind all copies of a datagram socket, and what is known of the way to its receiver.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/async/clock.hpp>
#include <ovrseer/build.hpp>
#include <ovrseer/net/datagram.hpp>

#include <asio/ip/udp.hpp>

namespace ovrseer::net_detail {

class datagram_channel : public std::enable_shared_from_this<datagram_channel> {
 public:
  datagram_channel(const executor& ex, datagram_address to)
      : executor_(ex), to_(std::move(to)), resolver_(ex), failure_(asio::error::host_not_found_try_again) {}
  datagram_channel(const datagram_channel&) = delete;
  datagram_channel& operator=(const datagram_channel&) = delete;
  ~datagram_channel() { close(); }

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

}  // namespace ovrseer::net_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/net/detail/impl/datagram_channel.ipp>
#endif
