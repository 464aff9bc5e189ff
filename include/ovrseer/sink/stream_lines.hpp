// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines and events as lines of JSON over a stream, as Logstash, Vector and Fluent Bit read them from a TCP port.
#pragma once

#include <string>
#include <utility>

#include <ovrseer/asio.hpp>
#include <ovrseer/net/stream.hpp>
#include <ovrseer/sink/json_lines.hpp>

namespace ovrseer {

/// Sends text over a stream.
template <stream_sender Sender = stream_socket>
class stream_writer {
 public:
  explicit stream_writer(Sender to) : sender_(std::move(to)) {}

  /// Errors and cancellation: those of the sender. The text is sent again from its begin.
  task<void> deliver(const std::string& lines) { return sender_.send(lines); }

 private:
  Sender sender_;
};

/// Writes lines and events to a stream, one object a line and one send for a batch. A receiver may get what it has
/// already, and knows it by boot id, unit and number; and what the kernel had taken when the peer vanished is lost.
///
///     batched<stream_lines<>, log_record> sink(stream_lines<>(stream_writer(stream_socket(address))));
template <stream_sender Sender = stream_socket>
using stream_lines = json_lines<stream_writer<Sender>>;

}  // namespace ovrseer
